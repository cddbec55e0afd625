"""The rules of an answer: what may be saved when. Each function runs inside the transaction that saves."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlite_utils import Database

from vfrac_core.errors import AlreadySubmittedError, InvalidRoiError, StoreError
from vfrac_core.store.chain import NewEvent
from vfrac_core.store.records import Annotation, Reading, Receipt
from vfrac_core.store.rows import AnswerKey, annotation_from_row, select


def check_save_id(save_id: str) -> None:
    """Save ids are made by the client; those that begin with @ are the store's own."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_.:-]{0,63}", save_id):
        raise StoreError("not saved: the save id is not usable; expected up to 64 letters, digits and . : _ -")


def current(database: Database, key: AnswerKey) -> Annotation | None:
    """The answer as it stands now."""
    rows = select(
        database,
        "SELECT * FROM answers WHERE case_id = ? AND reader_id = ? AND study_id = ? AND repeat_index = ? AND phase = ?",
        key.case_id,
        key.reader_id,
        key.study_id,
        key.repeat_index,
        key.phase,
    )
    return annotation_from_row(rows[0]) if rows else None


def first_receipt(database: Database, event: NewEvent) -> Receipt | None:
    """The receipt of a save that arrives a second time: the answer to the first one got lost on its way back."""
    rows = select(database, "SELECT * FROM events WHERE save_id = ?", event.save_id)
    if not rows:
        return None
    (row,) = rows
    same = ("kind", "case_id", "reader_id", "study_id", "repeat_index", "phase")
    if any(row[name] != getattr(event, name) for name in same):
        raise StoreError("not saved: this save id belongs to another save; reload the page")
    return receipt(database, row["seq"])


def receipt(database: Database, seq: int) -> Receipt:
    """The receipt of an event that is in the log."""
    (row,) = select(database, "SELECT * FROM events WHERE seq = ?", seq)
    return Receipt(seq=row["seq"], hash=row["hash"], at=datetime.fromisoformat(row["at"]), kind=row["kind"])


def check_savable(database: Database, kind: str, key: AnswerKey, reading: Reading) -> None:
    """Refuse what the log must not take: unknown things, places outside the stack, a save that comes too late or early."""
    check_inside(check_known(database, key), reading)
    now = current(database, key)
    if kind == "correct":
        check_submitted(now)
    else:
        check_open(now)


def check_known(database: Database, key: AnswerKey) -> dict[str, Any]:
    """The case's row; refuse an answer that refers to something the store does not have."""
    cases = select(database, "SELECT * FROM cases WHERE case_id = ?", key.case_id)
    for rows, what in (
        (cases, "case"),
        (select(database, "SELECT 1 FROM readers WHERE reader_id = ?", key.reader_id), "reader"),
        (select(database, "SELECT 1 FROM studies WHERE study_id = ?", key.study_id), "study"),
    ):
        if not rows:
            raise StoreError(f"not saved: the store has no such {what}")
    return cases[0]


def check_inside(case: dict[str, Any], reading: Reading) -> None:
    """Refuse a slice or a box that the stack does not have."""
    named = [*reading.marked_slices, *reading.slice_boxes]
    named += [] if reading.slice_index is None else [reading.slice_index]
    named += [] if reading.heights is None else [reading.heights.slice_index]
    if any(index >= case["slices"] for index in named):
        raise InvalidRoiError(f"not saved: a slice lies outside the stack; it has the slices 0 to {case['slices'] - 1}")
    boxes = [box for box in (reading.box, *reading.slice_boxes.values()) if box is not None]
    if any(box.row_min < 0 or box.col_min < 0 or box.row_max > case["rows"] or box.col_max > case["columns"] for box in boxes):
        raise InvalidRoiError(f"not saved: the box lies outside the slice of {case['rows']} rows and {case['columns']} columns")


def check_open(answer: Annotation | None) -> None:
    """A submitted answer is locked: what comes later is a correction."""
    if answer is not None and answer.submitted_at is not None:
        when = f"{answer.submitted_at:%H:%M} UTC on {answer.submitted_at:%Y-%m-%d}"
        raise AlreadySubmittedError(f"already submitted at {when}; change it with a correction and its reason")


def check_submitted(answer: Annotation | None) -> None:
    """Only what was submitted can be corrected."""
    if answer is None or answer.submitted_at is None:
        raise StoreError("not saved: there is nothing to correct yet; submit the reading first")


def check_complete(reading: Reading, without: tuple[str, ...] = ()) -> None:
    """Refuse a reading with gaps and name them."""
    missing = [name for name in reading.missing() if name not in without]
    if missing:
        raise StoreError(f"not submitted: still missing {', '.join(missing)}")
