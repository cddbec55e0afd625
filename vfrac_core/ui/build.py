"""The whole app: pages, routes and the API, from one set of services."""

from __future__ import annotations

import gradio as gr
from starlette.middleware import Middleware

from vfrac_core.errors import SettingsError
from vfrac_core.ui.api import add_api
from vfrac_core.ui.closed_uploads import ClosedUploads
from vfrac_core.ui.pages.annotate import build_annotate
from vfrac_core.ui.pages.explore import build_explore
from vfrac_core.ui.pages.library import build_library
from vfrac_core.ui.pages.training import build_training
from vfrac_core.ui.routes import routes
from vfrac_core.ui.services import Services
from vfrac_core.ui.theme import CSS, theme

UPLOAD_CACHE_S = 3600


def build(services: Services) -> gr.Blocks:
    """The pages. Launch them with ``launch``."""
    with gr.Blocks(title="vfrac", delete_cache=(UPLOAD_CACHE_S, UPLOAD_CACHE_S)) as demo:
        build_explore()
        add_api(services)
    with demo.route("Annotate", "/annotate"):
        build_annotate()
    with demo.route("Library", "/library") as library:
        build_library(services, library)
    with demo.route("Training", "/training") as training:
        build_training(services, training)
    return demo


def launch(demo: gr.Blocks, services: Services) -> str:
    """Serve in the background, with every door that Gradio opens by default and we do not need closed. Returns the address.

    No run history (it would keep answers in the browser), no share link, no dashboard, no OpenAPI page, no
    server-side rendering (needs its own Node), no exception texts in the browser. SettingsError if the port is taken.
    """
    try:
        return _launch(demo, services)
    except OSError:
        host, port = services.settings.host, services.settings.port
        raise SettingsError(
            f"port {port} of {host} cannot be opened, it may be taken; stop the other program, or choose another: "
            f"GRADIO_SERVER_PORT={port + 1}"
        ) from None


def _launch(demo: gr.Blocks, services: Services) -> str:
    _, address, _ = demo.launch(
        server_name=services.settings.host,
        server_port=services.settings.port,
        share=False,
        ssr_mode=False,
        run_history=False,
        enable_monitoring=False,
        show_error=False,
        footer_links=[],
        quiet=True,
        prevent_thread_lock=True,
        max_file_size=services.settings.limits.upload_bytes,
        blocked_paths=[str(services.settings.data_home.resolve())],
        theme=theme(),
        css=CSS,
        app_kwargs={
            "routes": routes(services),
            "middleware": [Middleware(ClosedUploads)] if services.settings.public else [],
            "openapi_url": None,
            "docs_url": None,
            "redoc_url": None,
        },
    )
    return address
