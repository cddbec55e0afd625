"""The door of a route: body limit, thread lane, and errors turned into one line with the right status."""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import anyio
from starlette.requests import Request
from starlette.responses import Response

from vfrac_core.errors import AlreadySubmittedError, NotAllowedError, StoreError, VfracError
from vfrac_core.ui.services import Services

log = logging.getLogger(__name__)

MAX_BODY_BYTES: Final = 256 * 1024
BUG: Final = "something went wrong on the server; it has been logged, and nothing that was saved is lost"
NO_STORE: Final = {"Cache-Control": "private, no-store"}  # answers must not be left in a shared browser's cache


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as far as a handler needs it."""

    case_id: str
    path: Mapping[str, Any]
    query: Mapping[str, str]
    ticket: str
    reader_token: str | None
    body: bytes
    etag: str | None


class Lane:
    """How many handlers of a kind may run at once. The limiter belongs to the running event loop: made at first use."""

    def __init__(self, width: int) -> None:
        self._width = width

    @cached_property
    def limiter(self) -> anyio.CapacityLimiter:
        return anyio.CapacityLimiter(self._width)


Handler = Callable[[Services, Call], Response]


def door(services: Services, handler: Handler, lane: Lane) -> Callable[[Request], Awaitable[Response]]:
    """Wrap a plain function into an endpoint that runs in a thread of its lane."""

    async def endpoint(request: Request) -> Response:
        try:
            call = await _call(request)
            return await anyio.to_thread.run_sync(handler, services, call, limiter=lane.limiter)
        except VfracError as refused:
            return refusal(str(refused), _status(refused))
        except Exception:
            log.exception("a route failed")
            return refusal(BUG, 500)

    return endpoint


def answer(content: object, status: int = 200) -> Response:
    """JSON that no cache keeps."""
    return Response(json.dumps(content, allow_nan=False), status, NO_STORE, "application/json")


def refusal(message: str, status: int, **more: object) -> Response:
    """The one line that the reader sees."""
    return answer({"error": message, **more}, status)


async def _call(request: Request) -> Call:
    return Call(
        case_id=request.path_params.get("case", ""),
        path=request.path_params,
        query=request.query_params,
        ticket=request.headers.get("x-vfrac-ticket", ""),
        reader_token=request.headers.get("x-vfrac-reader"),
        body=await _body(request),
        etag=request.headers.get("if-none-match"),
    )


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MAX_BODY_BYTES:
            raise VfracError("the request is larger than 256 kB; shorten the comment and try again")
    return bytes(body)


def _status(error: VfracError) -> int:
    if isinstance(error, NotAllowedError):
        return 403
    if isinstance(error, AlreadySubmittedError):
        return 409
    return 503 if isinstance(error, StoreError) else 400
