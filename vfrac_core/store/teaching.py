"""What teaching cases add to the log: the arrows of their answers, and who was shown an answer.

The rest of an answer is the case's reference standard. An answer that was shown is known by case and reader, whatever the study:
from then on every answer of that reader to that case has ``answer_visible``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Final

from sqlite_utils import Database

from vfrac_core.errors import StoreError
from vfrac_core.store import answers, chain
from vfrac_core.store.annotations import AnnotationStore
from vfrac_core.store.chain import NewEvent
from vfrac_core.store.records import Receipt
from vfrac_core.store.rows import select
from vfrac_core.types import Arrow

ARROWS: Final = "arrows_set"
SHOWN: Final = "answer_shown"


def add_arrows(store: AnnotationStore, case_id: str, arrows: Sequence[Arrow]) -> None:
    """Keep the arrows of a teaching case; the same ones again write nothing."""

    def write(database: Database) -> None:
        _check(database, "cases", "case", case_id)
        if _arrows(database, case_id) == tuple(arrows):
            return
        payload = {"arrows": [asdict(arrow) for arrow in arrows]}
        event = NewEvent(chain.own_save_id(database, ARROWS), ARROWS, payload, case_id=case_id)
        chain.append(database, event, store.clock())

    store.file.write(write)


def arrows_of(store: AnnotationStore, case_id: str) -> tuple[Arrow, ...] | None:
    """The arrows of a case; None if it is no teaching case."""
    return store.file.read(lambda database: _arrows(database, case_id))


def note_answer_shown(store: AnnotationStore, case_id: str, reader_id: str) -> Receipt:
    """Note, before it is shown, that a reader is shown the answer of a case. Noted once: again gives the first receipt."""

    def write(database: Database) -> Receipt:
        _check(database, "cases", "case", case_id)
        _check(database, "readers", "reader", reader_id)
        known = _shown(database, case_id, reader_id)
        if known is not None:
            return answers.receipt(database, known)
        event = NewEvent(chain.own_save_id(database, SHOWN), SHOWN, {}, case_id=case_id, reader_id=reader_id)
        return chain.append(database, event, store.clock())

    return store.file.write(write)


def answer_was_shown(store: AnnotationStore, case_id: str, reader_id: str) -> bool:
    """Whether this reader was shown the answer of this case."""
    return store.file.read(lambda database: _shown(database, case_id, reader_id)) is not None


def _arrows(database: Database, case_id: str) -> tuple[Arrow, ...] | None:
    rows = select(
        database, "SELECT payload FROM events WHERE case_id = ? AND kind = ? ORDER BY seq DESC LIMIT 1", case_id, ARROWS
    )
    return tuple(Arrow(**arrow) for arrow in json.loads(rows[0]["payload"])["arrows"]) if rows else None


def _shown(database: Database, case_id: str, reader_id: str) -> int | None:
    rows = select(
        database, "SELECT seq FROM events WHERE case_id = ? AND reader_id = ? AND kind = ? LIMIT 1", case_id, reader_id, SHOWN
    )
    return rows[0]["seq"] if rows else None


def _check(database: Database, table: str, what: str, key: str) -> None:
    if not select(database, f"SELECT 1 FROM {table} WHERE {what}_id = ?", key):
        raise StoreError(f"not saved: the store has no such {what}")
