"""The door of a route: body limit, thread lane, and errors turned into one line with the right status."""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import anyio
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from vfrac_core.errors import (
    AlreadySubmittedError,
    IncompleteReadingError,
    NotAllowedError,
    StoreUnavailableError,
    VfracError,
)
from vfrac_core.ui.bugs import BUG, log_bug
from vfrac_core.ui.services import Services

MAX_BODY_BYTES: Final = 256 * 1024
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
        except ClientDisconnect:
            return Response(status_code=400)  # nobody is there to read it
        except IncompleteReadingError as refused:
            return answer({"error": str(refused), "missing": list(refused.missing)}, 400)
        except VfracError as refused:
            return answer({"error": str(refused)}, _status(refused))
        except Exception as bug:  # noqa: BLE001 - any bug: a neutral sentence for the user, the place for the log
            log_bug("a route failed", bug)
            return answer({"error": BUG}, 500)

    return endpoint


def answer(content: object, status: int = 200) -> Response:
    """JSON that no cache keeps."""
    return Response(json.dumps(content, allow_nan=False), status, NO_STORE, "application/json")


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
    return 503 if isinstance(error, StoreUnavailableError) else 400  # 503: the browser tries again
