"""The log is a chain: each event's hash covers the event and the hash before it, so an edit inside shows.

A chain cannot show that its tail was cut, or that all of it was rewritten: for that an ``Anchor`` (the last seq and hash)
goes into each receipt, export and backup, and ``verify`` compares.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from sqlite_utils import Database

from vfrac_core.store.records import Anchor, Receipt

GENESIS: Final = "0" * 64  # the "hash before" of event 1
COLUMNS: Final = ("seq", "save_id", "kind", "at", "case_id", "reader_id", "study_id", "repeat_index", "phase", "payload")


@dataclass(frozen=True, slots=True)
class NewEvent:
    """What is to be written to the log; its number, time and hash are given by the log."""

    save_id: str
    kind: str
    payload: Mapping[str, Any]
    case_id: str | None = None
    reader_id: str | None = None
    study_id: str | None = None
    repeat_index: int | None = None
    phase: str | None = None


def canonical_json(value: object) -> str:
    """One text per value: keys sorted, no blanks, no NaN."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def event_hash(previous_hash: str, row: Mapping[str, object]) -> str:
    """SHA-256 of the previous hash (hex) followed by the canonical JSON of the row's columns except ``hash``."""
    text = previous_hash + canonical_json({name: row[name] for name in COLUMNS})
    return hashlib.sha256(text.encode()).hexdigest()


def head(database: Database) -> Anchor:
    """The last event's number and hash; 0 and 64 zeros for an empty log."""
    row = database.conn.execute("SELECT seq, hash FROM events ORDER BY seq DESC LIMIT 1").fetchone()
    return Anchor(*row) if row else Anchor(0, GENESIS)


def own_save_id(database: Database, kind: str) -> str:
    """For an event that no client asked for. The @ keeps it apart from the clients' ids."""
    return f"@{kind}:{head(database).seq + 1}"


def append(database: Database, event: NewEvent, at: datetime) -> Receipt:
    """Write one event behind the last one. To be called inside a write transaction."""
    last = head(database)
    row: dict[str, Any] = {
        "seq": last.seq + 1,
        "save_id": event.save_id,
        "kind": event.kind,
        "at": at.astimezone(UTC).isoformat(timespec="milliseconds"),
        "case_id": event.case_id,
        "reader_id": event.reader_id,
        "study_id": event.study_id,
        "repeat_index": event.repeat_index,
        "phase": event.phase,
        "payload": canonical_json(event.payload),
    }
    row["hash"] = event_hash(last.hash, row)
    names = ", ".join(row)
    database.conn.execute(f"INSERT INTO events ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))
    return Receipt(seq=row["seq"], hash=row["hash"], at=datetime.fromisoformat(row["at"]), kind=event.kind)


def breaks(database: Database) -> Iterator[str]:
    """One sentence per event that does not fit the event before it or its own hash."""
    previous = Anchor(0, GENESIS)
    for values in database.conn.execute(f"SELECT {', '.join(COLUMNS)}, hash FROM events ORDER BY seq"):
        *columns, stored_hash = values
        row = dict(zip(COLUMNS, columns, strict=True))
        if row["seq"] != previous.seq + 1:
            yield f"event #{row['seq']} follows #{previous.seq}: events in between are gone"
        if event_hash(previous.hash, row) != stored_hash:
            yield f"event #{row['seq']} was changed after it was written, or the one before it was"
        previous = Anchor(row["seq"], stored_hash)
