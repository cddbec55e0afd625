"""On a public server nobody uploads: Gradio's upload route exists whether or not a page shows it."""

from __future__ import annotations

from typing import Final

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send

UPLOAD: Final = "/gradio_api/upload"


class ClosedUploads:
    """Answer 403 before a byte of the file is read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"].rstrip("/").endswith(UPLOAD):
            await PlainTextResponse("uploads are closed on a public server", 403)(scope, receive, send)
            return
        await self._app(scope, receive, send)
