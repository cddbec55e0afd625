"""The app inside a page of another site, as a Hugging Face Space shows it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, cast

from desk import Desk
from playwright.sync_api import Frame, Page

SANDBOX = (
    "allow-downloads allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-same-origin allow-scripts "
    "allow-storage-access-by-user-activation"
)
TALL_PX = 3000  # of what lies under the frame: the outer page can scroll


@contextmanager
def outer_page(address: str, width: int = 760, height: int = 1000) -> Iterator[str]:
    """Serve a page with a text field and the app in a frame. Its host is another site than the app's."""
    html = f"""<!doctype html><html lang="en"><title>outer</title><body style="margin: 0">
      <input id="outer" aria-label="outer"><br>
      <iframe src="{address}" sandbox="{SANDBOX}" style="width: {width}px; height: {height}px; border: 0"></iframe>
      <div style="height: {TALL_PX}px"></div>"""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/" else 204)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(html.encode() if self.path == "/" else b"")

        def log_message(self, *_: object) -> None:
            """Nothing: the tests' own output is enough."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://localhost:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()


class FramedPage:
    """A frame with its page's mouse and keyboard: all that a Desk asks of a page."""

    def __init__(self, page: Page) -> None:
        self.outer, self.mouse, self.keyboard = page, page.mouse, page.keyboard

    @property
    def frame(self) -> Frame:
        return self.outer.frames[1]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.frame, name)


def framed_desk(page: Page, outer_url: str) -> Desk:
    """Open the outer page; the desk in its frame, ready."""
    page.goto(outer_url)
    return desk_in_frame(page)


def desk_in_frame(page: Page) -> Desk:
    """The desk in the frame of the open page, when it is ready."""
    desk = Desk(cast(Page, FramedPage(page)))
    desk.page.wait_for_selector("#ct-viewer[data-state=ready][data-slice]", timeout=60_000)
    return desk
