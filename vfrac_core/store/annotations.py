"""The store of one data home: cases, readers and everything that readers did. Nothing is ever overwritten."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from sqlite_utils import Database

from vfrac_core.errors import StoreError
from vfrac_core.store import answers, chain, registry
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
    Reader,
    Reading,
    Receipt,
    WorklistItem,
    clean_text,
    utc_now,
)
from vfrac_core.store.rows import (
    AnswerKey,
    annotation_from_row,
    case_from_row,
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
        reader = registry.reader_for(token, display_name, years_experience)
        return self.file.write(lambda database: registry.register(database, reader, registry.token_sha256(token), self.clock()))

    def reader_of_token(self, token: str) -> Reader | None:
        """Who holds this secret; None for nobody."""
        rows = self._select("SELECT * FROM readers WHERE token_sha256 = ?", registry.token_sha256(token))
        return reader_from_row(rows[0]) if rows else None

    def readers(self) -> list[Reader]:
        """All readers and the reference standard, in the order in which they came."""
        return [reader_from_row(row) for row in self._select("SELECT * FROM readers ORDER BY rowid")]

    # Cases

    def add_case(self, case: CaseRecord) -> bool:
        """Write a case's row, after its pixels are in place. False, and nothing written, if the case is there already."""
        return self.file.write(lambda database: registry.add_case(database, case, self.clock()))

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
        answer_visible: bool = False,
        started_at: datetime | None = None,
        study_id: str = ANNOTATE,
        repeat_index: int = 0,
        phase: Phase = "unaided",
    ) -> Receipt:
        """Keep an unfinished reading. AlreadySubmittedError once the answer was submitted."""
        key = AnswerKey(case_id, reader_id, study_id, repeat_index, phase)
        return self._save_answer("draft", save_id, key, reading, _circumstances(ai_visible, answer_visible, started_at))

    def submit(
        self,
        save_id: str,
        *,
        case_id: str,
        reader_id: str,
        reading: Reading,
        ai_visible: bool,
        answer_visible: bool = False,
        started_at: datetime | None = None,
        study_id: str = ANNOTATE,
        repeat_index: int = 0,
        phase: Phase = "unaided",
    ) -> Receipt:
        """Submit and lock. StoreError names what is missing; AlreadySubmittedError says when it was submitted before."""
        answers.check_complete(reading)
        key = AnswerKey(case_id, reader_id, study_id, repeat_index, phase)
        return self._save_answer("submit", save_id, key, reading, _circumstances(ai_visible, answer_visible, started_at))

    def correct(
        self,
        save_id: str,
        *,
        case_id: str,
        reader_id: str,
        reading: Reading,
        ai_visible: bool,
        answer_visible: bool = False,
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
        circumstances = _circumstances(ai_visible, answer_visible, started_at)
        return self._save_answer("correct", save_id, key, reading, circumstances | {"reason": reason})

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

    def worklist(self, reader_id: str, study_id: str = ANNOTATE) -> list[WorklistItem]:
        """Every case, how far this reader is, and the reader's flag. By case id, a keyed hash: the import may tell the truth."""
        rows = self._select(
            """SELECT cases.case_id, CASE WHEN submitted_at IS NOT NULL THEN 'submitted' WHEN seq > 0 THEN 'draft' ELSE 'todo' END
               AS progress, coalesce(json_extract(payload, '$.flagged'), 0) AS flagged FROM cases LEFT JOIN
               (SELECT * FROM answers WHERE reader_id = ? AND study_id = ? AND repeat_index = 0 AND phase = 'unaided') AS own
               ON own.case_id = cases.case_id ORDER BY cases.case_id""",
            reader_id,
            study_id,
        )
        return [WorklistItem(row["case_id"], row["progress"], bool(row["flagged"])) for row in rows]

    def set_reference(self, case_id: str, reading: Reading, *, reason: str = "the reference standard was set anew") -> Receipt:
        """The truth of a case, as an answer of the reader ``reference``. A confidence is not asked for, nor a box; nor a
        diagnosis, which a cohort made to teach the signs alone does not have.

        Set again, it is a correction with ``reason``; the same content again writes nothing.
        """
        answers.check_complete(reading, without=("confidence", "box", "vertebral level", "diagnosis"))
        key = AnswerKey(case_id, REFERENCE, REFERENCE, 0, "unaided")
        return self.file.write(lambda database: self._set_reference(database, key, reading, reason))

    def _set_reference(self, database: Database, key: AnswerKey, reading: Reading, reason: str) -> Receipt:
        registry.register(database, Reader(REFERENCE, "Reference standard", 0.0, "reference"), None, self.clock())
        answers.check_inside(answers.check_known(database, key), reading)
        payload = reading_to_payload(reading) | _circumstances(False, False, None)
        now = answers.current(database, key)
        if now is not None and now.reading == reading:
            return answers.receipt(database, now.seq)
        kind, why = ("submit", {}) if now is None else ("correct", {"reason": reason})
        event = _answer_event(kind, chain.own_save_id(database, kind), key, payload | why)
        return chain.append(database, event, self.clock())

    # The log

    def head(self) -> Anchor:
        """(seq, hash) of the last event: write it down elsewhere, and ``verify`` can tell that nothing is missing."""
        return self.file.read(chain.head)

    def _save_answer(
        self, kind: str, save_id: str, key: AnswerKey, reading: Reading, circumstances: Mapping[str, Any]
    ) -> Receipt:
        event = _answer_event(kind, save_id, key, {**reading_to_payload(reading), **circumstances})
        return self._write_answer(event, lambda database: answers.check_savable(database, kind, key, reading))

    def _write_answer(self, event: NewEvent, check: Callable[[Database], object]) -> Receipt:
        answers.check_save_id(event.save_id)
        receipt = self.file.write(lambda database: self._append_once(database, event, check))
        log.info("%s %d:%s", receipt.kind, receipt.seq, receipt.hash)
        return receipt

    def _append_once(self, database: Database, event: NewEvent, check: Callable[[Database], object]) -> Receipt:
        known = answers.first_receipt(database, event)
        if known is not None:
            return known
        check(database)
        return chain.append(database, event, self.clock())

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


def _circumstances(ai_visible: bool, answer_visible: bool, started_at: datetime | None) -> dict[str, Any]:
    started = {} if started_at is None else {"started_at": time_to_text(started_at)}
    return {"ai_visible": ai_visible, "answer_visible": answer_visible, **started}
