"""Starts the app; also the entry point of the Hugging Face Space."""

import logging
import os
import sys

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")  # read when gradio is imported

from vfrac_core.errors import VfracError
from vfrac_core.settings import Settings
from vfrac_core.ui.build import build, launch
from vfrac_core.ui.services import open_services

log = logging.getLogger("vfrac")


def main() -> None:
    """What the user did wrong is one line; a bug keeps its traceback."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)  # Gradio asks itself whether it is up
    try:
        run(Settings.from_environment(os.environ))
    except VfracError as refused:
        log.error(refused)
        sys.exit(2)


def run(settings: Settings) -> None:
    """Until Ctrl+C."""
    services = open_services(settings)
    demo = build(services)
    try:
        log.info("open %s in a browser; stop with Ctrl+C", launch(demo, services))
        demo.block_thread()
    finally:
        services.close()


if __name__ == "__main__":
    main()
