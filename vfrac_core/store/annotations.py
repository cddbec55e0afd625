"""The store of one data home: cases, readers and everything that readers did. Nothing is ever overwritten."""

from __future__ import annotations

import hashlib
import logging
import math
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlite_utils import Database

from vfrac_core.errors import StoreError
from vfrac_core.store import answers, chain
from vfrac_core.store.chain import NewEvent
from vfrac_core.store.connection import StoreFile
from vfrac_core.store.migrations import migrate
from vfrac_core.store.records import (
    ANNOTATE,
    REFERENCE,
    Anchor,
    Annotation,
    CaseRecord,
    Phase,
    Progress,
    Reader,
    Reading,
    Receipt,
    clean_text,
    utc_now,
)
from vfrac_core.store.rows import (
    AnswerKey,
    annotation_from_row,
    case_from_row,
    case_to_row,
    insert,
    reader_from_row,
    reading_to_payload,
    select,
    time_to_text,
)

FILE_NAME: Final = "vfrac.sqlite3"
MAX_NAME: Final = 80  # characters

log = logging.getLogger(__name__)


class AnnotationStore:
    """``<home>/vfrac.sqlite3``. Safe to use from several threads, and from several programs on one machine.

    Every method that saves returns when the save is on the disk, or raises StoreError ("not saved: …") with nothing
    written. ``save_id`` is made by the client; the same one again gives the first receipt. Times come from ``clock``
    (UTC) and are only told, never sorted by.
    """

    def __init__(self, home: Path, *, clock: Callable[[], datetime] = utc_now) -> None:
        """Open the store, make it if there is none, bring it to this program's schema. StoreError if a newer one wrote it."""
        self.home = home
        self.clock = clock
        self.file = StoreFile(home / FILE_NAME)
        try:
            migrate(self.file)
        except BaseException:
            self.file.close()
            raise

    def __enter__(self) -> AnnotationStore:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Put everything into the one file and let go of it."""
        self.file.close()

    # Readers

    def register_reader(self, token: str, display_name: str, years_experience: float | int) -> Reader:
        """The reader who holds ``token``, the random secret of a browser, of which only the SHA-256 is kept.

        The same token with another name or other years changes the reader, which is an event. The same name with
        another token is another reader. ``years_experience``: years of experience with spine CT.
        """
        name = _checked_name(display_name)
        if not token:
            raise StoreError("not saved: the browser sent no secret; reload the page")
        if not (math.isfinite(years_experience) and 0 <= years_experience <= 80):
            raise StoreError("not saved: the years of experience lie outside 0 to 80")
        reader = Reader(_reader_id(token), name, float(years_experience))
        return self.file.write(lambda database: self._register(database, reader, _token_sha256(token)))

    def _register(self, database: Database, reader: Reader, token_sha256: str | None) -> Reader:
        known = select(database, "SELECT * FROM readers WHERE reader_id = ?", reader.reader_id)
        if known and reader_from_row(known[0]) == reader:
            return reader
        told = {"display_name": reader.display_name, "years_experience": reader.years_experience}
        if known:
            database.conn.execute(
                "UPDATE readers SET display_name = :display_name, years_experience = :years_experience WHERE reader_id = :id",
                told | {"id": reader.reader_id},
            )
        else:
            row = {"reader_id": reader.reader_id, **told, "kind": reader.kind, "token_sha256": token_sha256}
            insert(database, "readers", row)
        kind = "reader_changed" if known else "reader_registered"
        self._append_own(database, kind, told | {"kind": reader.kind}, reader_id=reader.reader_id)
        return reader

    def reader_of_token(self, token: str) -> Reader | None:
        """Who holds this secret; None for nobody."""
        rows = self._select("SELECT * FROM readers WHERE token_sha256 = ?", _token_sha256(token))
        return reader_from_row(rows[0]) if rows else None

    def readers(self) -> list[Reader]:
        """All readers and the reference standard, in the order in which they came."""
        return [reader_from_row(row) for row in self._select("SELECT * FROM readers ORDER BY rowid")]

    # Cases

    def add_case(self, case: CaseRecord) -> bool:
        """Write a case's row, after its pixels are in place. False, and nothing written, if the case is there already."""
        return self.file.write(lambda database: self._add_case(database, case_to_row(case)))

    def _add_case(self, database: Database, row: Mapping[str, Any]) -> bool:
        if select(database, "SELECT 1 FROM cases WHERE case_id = ?", row["case_id"]):
            return False
        insert(database, "cases", row)
        self._append_own(database, "case_added", row, case_id=row["case_id"])
        return True

    def case(self, case_id: str) -> CaseRecord | None:
        """One case, or None."""
        rows = self._select("SELECT * FROM cases WHERE case_id = ?", case_id)
        return case_from_row(rows[0]) if rows else None

    def cases(self) -> list[CaseRecord]:
        """All cases in the order of their import. Not for blinded readers: use ``worklist``."""
        return [case_from_row(row) for row in self._select("SELECT * FROM cases ORDER BY rowid")]

    # Answers

    def save_draft(
        self,
        save_id: str,
        *,
        case_id: str,
        reader_id: str,
        reading: Reading,
        ai_visible: bool,
        started_at: datetime | None = None,
        study_id: str = ANNOTATE,
        repeat_index: int = 0,
        phase: Phase = "unaided",
    ) -> Receipt:
        """Keep an unfinished reading. AlreadySubmittedError once the answer was submitted."""
        key = AnswerKey(case_id, reader_id, study_id, repeat_index, phase)
        return self._save_answer("draft", save_id, key, reading, _circumstances(ai_visible, started_at))

    def submit(
        self,
        save_id: str,
        *,
        case_id: str,
        reader_id: str,
        reading: Reading,
        ai_visible: bool,
        started_at: datetime | None = None,
        study_id: str = ANNOTATE,
        repeat_index: int = 0,
        phase: Phase = "unaided",
    ) -> Receipt:
        """Submit and lock. StoreError names what is missing; AlreadySubmittedError says when it was submitted before."""
        answers.check_complete(reading)
        key = AnswerKey(case_id, reader_id, study_id, repeat_index, phase)
        return self._save_answer("submit", save_id, key, reading, _circumstances(ai_visible, started_at))

    def correct(
        self,
        save_id: str,
        *,
        case_id: str,
        reader_id: str,
        reading: Reading,
        ai_visible: bool,
        reason: str,
        started_at: datetime | None = None,
        study_id: str = ANNOTATE,
        repeat_index: int = 0,
        phase: Phase = "unaided",
    ) -> Receipt:
        """Change a submitted answer, with the reason in the reader's words. The first answer stays in the log."""
        answers.check_complete(reading)
        reason = clean_text(reason)
        if not reason:
            raise StoreError("not saved: a correction needs its reason; say in a few words what was wrong")
        key = AnswerKey(case_id, reader_id, study_id, repeat_index, phase)
        return self._save_answer("correct", save_id, key, reading, _circumstances(ai_visible, started_at) | {"reason": reason})

    def show_ai(
        self,
        save_id: str,
        *,
        case_id: str,
        reader_id: str,
        weights_sha256: str,
        study_id: str = ANNOTATE,
        repeat_index: int = 0,
        phase: Phase = "unaided",
    ) -> Receipt:
        """Note that the reader is shown the AI, and which, before it is shown.

        From here on ``ai_visible`` is true for this answer whatever later drafts say (decision 7). Shown after the
        submission it counts for a correction only.
        """
        key = AnswerKey(case_id, reader_id, study_id, repeat_index, phase)
        event = _answer_event("ai_shown", save_id, key, {"weights_sha256": weights_sha256})
        return self._write_answer(event, lambda database: answers.check_known(database, key))

    def annotation(
        self, case_id: str, reader_id: str, study_id: str = ANNOTATE, *, repeat_index: int = 0, phase: Phase = "unaided"
    ) -> Annotation | None:
        """One answer as it stands now; None if nothing was saved."""
        key = AnswerKey(case_id, reader_id, study_id, repeat_index, phase)
        return self.file.read(lambda database: answers.current(database, key))

    def annotations(self, study_id: str | None = None) -> list[Annotation]:
        """All answers of a study, or of all studies: drafts, submitted ones, and the reference standard's."""
        where, values = ("", ()) if study_id is None else ("WHERE study_id = ?", (study_id,))
        order = "ORDER BY study_id, case_id, reader_id, repeat_index, phase"
        return [annotation_from_row(row) for row in self._select(f"SELECT * FROM answers {where} {order}", *values)]

    def worklist(self, reader_id: str, study_id: str = ANNOTATE) -> list[tuple[str, Progress]]:
        """Every case with how far this reader is. Ordered by case id, a keyed hash: the import's order may tell the truth."""
        rows = self._select(
            """SELECT cases.case_id, CASE WHEN submitted_at IS NOT NULL THEN 'submitted' WHEN seq > 0 THEN 'draft' ELSE 'todo' END
               AS progress FROM cases LEFT JOIN
               (SELECT * FROM answers WHERE reader_id = ? AND study_id = ? AND repeat_index = 0 AND phase = 'unaided') AS own
               ON own.case_id = cases.case_id ORDER BY cases.case_id""",
            reader_id,
            study_id,
        )
        return [(row["case_id"], row["progress"]) for row in rows]

    def set_reference(self, case_id: str, reading: Reading, *, reason: str = "the reference standard was set anew") -> Receipt:
        """The truth of a case, as an answer of the reader ``reference``. A confidence is not asked for, nor a box.

        Set again, it is a correction with ``reason``; the same content again writes nothing.
        """
        answers.check_complete(reading, without=("confidence", "box", "vertebral level"))
        key = AnswerKey(case_id, REFERENCE, REFERENCE, 0, "unaided")
        return self.file.write(lambda database: self._set_reference(database, key, reading, reason))

    def _set_reference(self, database: Database, key: AnswerKey, reading: Reading, reason: str) -> Receipt:
        self._register(database, Reader(REFERENCE, "Reference standard", 0.0, "reference"), None)
        answers.check_inside(answers.check_known(database, key), reading)
        payload = reading_to_payload(reading) | _circumstances(ai_visible=False, started_at=None)
        now = answers.current(database, key)
        if now is not None and now.reading == reading:
            return answers.receipt(database, now.seq)
        kind, why = ("submit", {}) if now is None else ("correct", {"reason": reason})
        event = _answer_event(kind, f"@{kind}:{chain.head(database).seq + 1}", key, payload | why)
        return chain.append(database, event, self.clock())

    # The log

    def head(self) -> Anchor:
        """(seq, hash) of the last event: write it down elsewhere, and ``verify`` can tell that nothing is missing."""
        return self.file.read(chain.head)

    def _save_answer(
        self, kind: str, save_id: str, key: AnswerKey, reading: Reading, circumstances: Mapping[str, Any]
    ) -> Receipt:
        event = _answer_event(kind, save_id, key, {**reading_to_payload(reading), **circumstances})

        def check(database: Database) -> None:
            answers.check_inside(answers.check_known(database, key), reading)
            state = answers.check_submitted if kind == "correct" else answers.check_open
            state(answers.current(database, key))

        return self._write_answer(event, check)

    def _write_answer(self, event: NewEvent, check: Callable[[Database], object]) -> Receipt:
        answers.check_save_id(event.save_id)

        def save(database: Database) -> Receipt:
            known = answers.first_receipt(database, event)
            if known is not None:
                return known
            check(database)
            return chain.append(database, event, self.clock())

        receipt = self.file.write(save)
        log.info("%s %d:%s", receipt.kind, receipt.seq, receipt.hash)
        return receipt

    def _append_own(
        self,
        database: Database,
        kind: str,
        payload: Mapping[str, Any],
        *,
        case_id: str | None = None,
        reader_id: str | None = None,
    ) -> None:
        save_id = f"@{kind}:{chain.head(database).seq + 1}"
        event = NewEvent(save_id=save_id, kind=kind, payload=payload, case_id=case_id, reader_id=reader_id)
        chain.append(database, event, self.clock())

    def _select(self, sql: str, *values: object) -> list[dict[str, Any]]:
        return self.file.read(lambda database: select(database, sql, *values))


def _answer_event(kind: str, save_id: str, key: AnswerKey, payload: Mapping[str, Any]) -> NewEvent:
    return NewEvent(
        save_id=save_id,
        kind=kind,
        payload=payload,
        case_id=key.case_id,
        reader_id=key.reader_id,
        study_id=key.study_id,
        repeat_index=key.repeat_index,
        phase=key.phase,
    )


def _circumstances(ai_visible: bool, started_at: datetime | None) -> dict[str, Any]:
    started = {} if started_at is None else {"started_at": time_to_text(started_at)}
    return {"ai_visible": ai_visible, **started}


def _checked_name(display_name: str) -> str:
    name = " ".join(clean_text(display_name).split())
    if not 0 < len(name) <= MAX_NAME:
        raise StoreError(f"not saved: the reader's name is empty or too long; give 1 to {MAX_NAME} characters")
    return name


def _token_sha256(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _reader_id(token: str) -> str:
    """A code that follows from the secret but, being a hash under another name, is of no use to guess it or its SHA-256."""
    return "R" + hashlib.sha256(b"reader id " + token.encode()).hexdigest()[:8]
