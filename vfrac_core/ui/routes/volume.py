"""Pixels: immutable chunks of eight slices, gzip of int16. Sent once; scrolling and windowing never ask again."""

from __future__ import annotations

from collections.abc import Callable

from starlette.responses import Response

from vfrac_core.errors import NotAllowedError
from vfrac_core.study.access import NOT_AVAILABLE
from vfrac_core.ui.routes.door import Call
from vfrac_core.ui.services import Services
from vfrac_core.ui.tickets import check_ticket


def chunk(services: Services, call: Call) -> Response:
    """One chunk of the sagittal stack. The version in the URL is a keyed hash of the pixels: the answer can be kept for ever."""
    check_ticket(services.secret, call.ticket, call.case_id)
    version = services.library.version(services.library.record(call.case_id))
    return _immutable(call, version, services.library.chunk)


def axial_chunk(services: Services, call: Call) -> Response:
    """One chunk of the second volume. Nothing asks for it before the reader opens the axial and coronal view."""
    check_ticket(services.secret, call.ticket, call.case_id)
    version = services.library.axial_version(services.library.record(call.case_id))
    return _immutable(call, version, services.library.axial_chunk)


def _immutable(call: Call, version: str, pixels: Callable[[str, int], bytes]) -> Response:
    if call.path["version"] != version:
        raise NotAllowedError(NOT_AVAILABLE)
    headers = {"ETag": f'"{version}-{call.path["index"]}"', "Cache-Control": "private, max-age=31536000, immutable"}
    if call.etag == headers["ETag"]:
        return Response(status_code=304, headers=headers)
    body = pixels(call.case_id, call.path["index"])
    return Response(body, headers={**headers, "Content-Encoding": "gzip"}, media_type="application/octet-stream")
