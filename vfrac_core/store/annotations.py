"""The store of one data home: cases, readers and everything that readers did. Nothing is ever overwritten."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from vfrac_core.store.records import (
    ANNOTATE,
    Anchor,
    Annotation,
    CaseRecord,
    Phase,
    Progress,
    Reader,
    Reading,
    Receipt,
    utc_now,
)


class AnnotationStore:
    """``<home>/vfrac.sqlite3``. Safe to use from several threads and processes of one machine."""

    def __init__(self, home: Path, *, clock: Callable[[], datetime] = utc_now) -> None:
        self.home = home
        self.clock = clock

    def register_reader(self, token: str, display_name: str, years_experience: float) -> Reader:
        raise NotImplementedError

    def reader_of_token(self, token: str) -> Reader | None:
        raise NotImplementedError

    def readers(self) -> list[Reader]:
        raise NotImplementedError

    def add_case(self, case: CaseRecord) -> bool:
        raise NotImplementedError

    def case(self, case_id: str) -> CaseRecord | None:
        raise NotImplementedError

    def cases(self) -> list[CaseRecord]:
        raise NotImplementedError

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
        raise NotImplementedError

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
        raise NotImplementedError

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
        raise NotImplementedError

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
        raise NotImplementedError

    def annotation(
        self, case_id: str, reader_id: str, study_id: str = ANNOTATE, *, repeat_index: int = 0, phase: Phase = "unaided"
    ) -> Annotation | None:
        raise NotImplementedError

    def annotations(self, study_id: str | None = None) -> list[Annotation]:
        raise NotImplementedError

    def worklist(self, reader_id: str, study_id: str = ANNOTATE) -> list[tuple[str, Progress]]:
        raise NotImplementedError

    def set_reference(self, case_id: str, reading: Reading, *, reason: str = "the reference standard was set anew") -> Receipt:
        raise NotImplementedError

    def head(self) -> Anchor:
        raise NotImplementedError
