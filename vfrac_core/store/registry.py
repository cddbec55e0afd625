"""Cases and readers: their rows, and the events that tell of them. Each function runs inside the transaction that saves."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from sqlite_utils import Database

from vfrac_core.errors import StoreError
from vfrac_core.store import chain
from vfrac_core.store.chain import NewEvent
from vfrac_core.store.records import CaseRecord, Reader, clean_text
from vfrac_core.store.rows import case_to_row, insert, reader_from_row, select

MAX_NAME: Final = 80  # characters
MAX_YEARS: Final = 70


def reader_for(token: str, display_name: str, years_experience: float | int) -> Reader:
    """The reader who holds ``token``; StoreError if the name or the years cannot be.

    The reader's code follows from the secret but, being a hash of something else, is of no use to guess its SHA-256.
    """
    name = " ".join(clean_text(display_name).split())
    if not 0 < len(name) <= MAX_NAME:
        raise StoreError(f"not saved: the reader's name is empty or too long; give 1 to {MAX_NAME} characters")
    if not token:
        raise StoreError("not saved: the browser sent no secret; reload the page")
    if not (math.isfinite(years_experience) and 0 <= years_experience <= MAX_YEARS):
        raise StoreError(f"not saved: the years of experience lie outside 0 to {MAX_YEARS}")
    code = hashlib.sha256(b"reader id " + token.encode()).hexdigest()[:8]
    return Reader(f"R{code}", name, float(years_experience))


def token_sha256(token: str) -> str:
    """All that is kept of a reader's secret."""
    return hashlib.sha256(token.encode()).hexdigest()


def register(database: Database, reader: Reader, token_hash: str | None, at: datetime) -> Reader:
    """Write a new reader, or the new name and years of a known one; nothing if they are the same."""
    known = select(database, "SELECT * FROM readers WHERE reader_id = ?", reader.reader_id)
    if known and reader_from_row(known[0]) == reader:
        return reader
    told = {"display_name": reader.display_name, "years_experience": reader.years_experience}
    if known:
        database.conn.execute(
            "UPDATE readers SET display_name = ?, years_experience = ? WHERE reader_id = ?", [*told.values(), reader.reader_id]
        )
    else:
        insert(database, "readers", {"reader_id": reader.reader_id, **told, "kind": reader.kind, "token_sha256": token_hash})
    kind = "reader_changed" if known else "reader_registered"
    _tell(database, kind, told | {"kind": reader.kind}, at, reader_id=reader.reader_id)
    return reader


def add_case(database: Database, case: CaseRecord, at: datetime) -> bool:
    """Write a case; False, and nothing written, if it is there."""
    if select(database, "SELECT 1 FROM cases WHERE case_id = ?", case.case_id):
        return False
    row = case_to_row(case)
    insert(database, "cases", row)
    _tell(database, "case_added", row, at, case_id=case.case_id)
    return True


def _tell(
    database: Database,
    kind: str,
    payload: Mapping[str, Any],
    at: datetime,
    *,
    case_id: str | None = None,
    reader_id: str | None = None,
) -> None:
    save_id = chain.own_save_id(database, kind)
    chain.append(database, NewEvent(save_id=save_id, kind=kind, payload=payload, case_id=case_id, reader_id=reader_id), at)
