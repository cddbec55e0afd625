"""Everything an export needs, read at one moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlite_utils import Database

from vfrac_core.store.annotations import AnnotationStore
from vfrac_core.store.chain import head
from vfrac_core.store.records import Anchor, Annotation, CaseRecord
from vfrac_core.store.rows import annotation_from_row, case_from_row, select

_ORDER = "ORDER BY study_id, case_id, reader_id, repeat_index, phase"


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The answers twice, as records and as rows of the view ``annotations``, in one order. A row also has its
    ``signs_version`` and its ``state``: draft, submitted, or corrected after its submission.
    """

    annotations: tuple[Annotation, ...]
    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Any], ...]
    cases: Mapping[str, CaseRecord]
    reader_names: tuple[str, ...]
    anchor: Anchor

    def submitted_boxes(self) -> list[Annotation]:
        """The answers that can be learned from: submitted, with a box."""
        return [one for one in self.annotations if one.submitted_at is not None and one.reading.box is not None]


def _state(annotation: Annotation) -> str:
    if annotation.submitted_at is None:
        return "draft"
    return "corrected" if annotation.corrected else "submitted"


def take_snapshot(store: AnnotationStore, study_id: str | None = None) -> Snapshot:
    """Read the answers of one study, or of all, in one transaction."""
    return store.file.read(lambda database: _read(database, study_id))


def _read(database: Database, study_id: str | None) -> Snapshot:
    where, values = ("", ()) if study_id is None else ("WHERE study_id = ?", (study_id,))
    answers = select(database, f"SELECT * FROM answers {where} {_ORDER}", *values)
    rows = select(database, f"SELECT * FROM annotations {where} {_ORDER}", *values)
    annotations = tuple(annotation_from_row(row) for row in answers)
    cases = [case_from_row(row) for row in select(database, "SELECT * FROM cases")]
    return Snapshot(
        annotations=annotations,
        columns=(*(column.name for column in database["annotations"].columns), "signs_version", "state"),
        rows=tuple(
            row | {"signs_version": one.signs_version, "state": _state(one)} for row, one in zip(rows, annotations, strict=True)
        ),
        cases={case.case_id: case for case in cases},
        reader_names=tuple(
            row["display_name"] for row in select(database, "SELECT display_name FROM readers WHERE kind = 'reader'")
        ),
        anchor=head(database),
    )
