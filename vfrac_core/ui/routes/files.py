"""The viewer's own JavaScript and CSS, from a white list, cacheable for ever because the version is in the URL."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from vfrac_core.ui.viewer.component import viewer_files

MEDIA = {".js": "text/javascript", ".css": "text/css"}
IMMUTABLE = {"Cache-Control": "public, max-age=31536000, immutable"}


async def viewer_file(request: Request) -> Response:
    """Modules import one another by relative names, so all of them come under one version."""
    files = viewer_files()
    path = files.paths.get(request.path_params["name"])
    if path is None or request.path_params["version"] != files.version:
        return Response(status_code=404)
    return Response(path.read_bytes(), media_type=MEDIA[path.suffix], headers=IMMUTABLE)
