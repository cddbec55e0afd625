"""Tickets: a signed note that its holder may load one case's pixels and ask for predictions in one mode.

They need no cookie, so they work inside a Space's iframe and for visitors without a name. A ticket opens a door; what
lies behind it is still decided by ``vfrac_core.study.access`` at every request.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from itsdangerous import BadSignature, URLSafeTimedSerializer

from vfrac_core.errors import NotAllowedError
from vfrac_core.study.access import Mode

LIFETIME_S: Final = 12 * 3600
EXPIRED: Final = "this page has been open too long or belongs to another case; it fetches a new ticket by itself"


@dataclass(frozen=True, slots=True)
class Ticket:
    """What was signed: which case, in which mode, for which reader (None: a visitor without a name)."""

    case_id: str
    mode: Mode
    reader_id: str | None


def issue_ticket(secret: bytes, ticket: Ticket) -> str:
    """Sign a ticket; it fits into a request header."""
    return _serializer(secret).dumps([ticket.case_id, ticket.mode, ticket.reader_id])


def check_ticket(secret: bytes, text: str, case_id: str) -> Ticket:
    """The ticket, if it was signed here, is not older than 12 hours and is for this case; else NotAllowedError."""
    try:
        signed_case, mode, reader_id = _serializer(secret).loads(text, max_age=LIFETIME_S)
    except BadSignature:
        raise NotAllowedError(EXPIRED) from None
    if signed_case != case_id:
        raise NotAllowedError(EXPIRED)
    return Ticket(case_id=signed_case, mode=mode, reader_id=reader_id)


def _serializer(secret: bytes) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret, salt="vfrac ticket")
