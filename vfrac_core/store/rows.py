"""Between records and what lies in the tables: each pair of functions is a round trip."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

import numpy as np
from sqlite_utils import Database

from vfrac_core.signs import SIGNS_VERSION
from vfrac_core.store.chain import canonical_json
from vfrac_core.store.records import Annotation, BodyHeights, CaseRecord, Phase, Reader, Reading
from vfrac_core.types import PixelBox, SeriesInfo, SpacingMm

Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AnswerKey:
    """What makes an answer one answer."""

    case_id: str
    reader_id: str
    study_id: str
    repeat_index: int
    phase: Phase


def select(database: Database, sql: str, *values: object) -> list[dict[str, Any]]:
    """The rows of a query, each by the names of its columns."""
    cursor = database.conn.execute(sql, values)
    names = [column[0] for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in cursor]


def insert(database: Database, table: str, row: Row) -> None:
    """Plain INSERT: never REPLACE, never upsert."""
    names = ", ".join(row)
    database.conn.execute(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(row))})", list(row.values()))


def time_to_text(moment: datetime) -> str:
    """UTC, ISO 8601, to the millisecond."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def case_to_row(case: CaseRecord) -> dict[str, Any]:
    info = case.info
    return {
        "case_id": case.case_id,
        "slices": case.slices,
        "rows": case.rows,
        "columns": case.columns,
        "spacing_slice_mm": float(case.spacing_mm.slice),
        "spacing_row_mm": float(case.spacing_mm.row),
        "spacing_column_mm": float(case.spacing_mm.column),
        "affine": canonical_json([float(value) for value in case.affine.ravel()]),
        "sha256": case.sha256,
        "plane": info.plane,
        "synthetic": int(info.synthetic),
        "lossy": int(info.lossy),
        "window_center_hu": info.window_center_hu,
        "window_width_hu": info.window_width_hu,
        "sex": info.sex,
        "age_years": info.age_years,
        "kvp": info.kvp,
        "slice_thickness_mm": info.slice_thickness_mm,
        "kernel": info.kernel,
        "manufacturer": info.manufacturer,
        "model": info.model,
        "notes": canonical_json(list(info.notes)),
        "imported_at": time_to_text(case.imported_at),
    }


def case_from_row(row: Row) -> CaseRecord:
    return CaseRecord(
        case_id=row["case_id"],
        info=_info_from_row(row),
        slices=row["slices"],
        rows=row["rows"],
        columns=row["columns"],
        spacing_mm=SpacingMm(row["spacing_slice_mm"], row["spacing_row_mm"], row["spacing_column_mm"]),
        affine=np.array(json.loads(row["affine"]), dtype=np.float64).reshape(4, 4),
        sha256=row["sha256"],
        imported_at=datetime.fromisoformat(row["imported_at"]),
    )


def _info_from_row(row: Row) -> SeriesInfo:
    same = ("window_center_hu", "window_width_hu", "sex", "age_years", "kvp", "slice_thickness_mm", "kernel")
    return SeriesInfo(
        plane=row["plane"],
        synthetic=bool(row["synthetic"]),
        lossy=bool(row["lossy"]),
        manufacturer=row["manufacturer"],
        model=row["model"],
        notes=tuple(json.loads(row["notes"])),
        **{name: row[name] for name in same},
    )


def reader_from_row(row: Row) -> Reader:
    return Reader(row["reader_id"], row["display_name"], row["years_experience"], row["kind"])


def reading_to_payload(reading: Reading) -> dict[str, Any]:
    """The reading as the log keeps it; ``signs_version`` says which wording of the signs the reader saw."""
    return {
        "vertebral_level": reading.vertebral_level,
        "slice_index": reading.slice_index,
        "box": list(reading.box.as_tuple()) if reading.box else None,
        "marked_slices": list(reading.marked_slices),
        "signs": dict(reading.signs),
        "signs_version": SIGNS_VERSION,
        "diagnosis": reading.diagnosis,
        "confidence": reading.confidence,
        "comment": reading.comment,
        **_only_where_used(reading),
    }


BODIES: Final = ("worst", "above", "below")


def _only_where_used(reading: Reading) -> dict[str, Any]:
    """What most readings do not have stands in the log only where it is, so that older and newer payloads look alike."""
    heights = reading.heights
    boxes = {str(index): list(box.as_tuple()) for index, box in reading.slice_boxes.items()}
    return {
        **({"slice_boxes": boxes} if boxes else {}),
        **({"heights": heights_to_json(heights)} if heights else {}),
        **({"flagged": True} if reading.flagged else {}),
    }


def heights_to_json(heights: BodyHeights) -> dict[str, Any]:
    """Slice and points, bodies that were not measured left out."""
    bodies = {"worst": heights.worst, "above": heights.above, "below": heights.below}
    points = {name: [list(point) for point in body] for name, body in bodies.items() if body is not None}
    return {"slice_index": heights.slice_index, **points}


def heights_from_json(kept: Row | None) -> BodyHeights | None:
    """The inverse."""
    if not kept:
        return None
    bodies = {name: tuple((float(row), float(column)) for row, column in kept[name]) for name in BODIES if name in kept}
    return BodyHeights(kept["slice_index"], **bodies)


def reading_from_payload(payload: Row) -> Reading:
    """The inverse; an empty payload is an empty reading."""
    box = payload.get("box")
    return Reading(
        vertebral_level=payload.get("vertebral_level"),
        slice_index=payload.get("slice_index"),
        box=PixelBox(*box) if box else None,
        marked_slices=tuple(payload.get("marked_slices", ())),
        signs=payload.get("signs", {}),
        diagnosis=payload.get("diagnosis"),
        confidence=payload.get("confidence"),
        comment=payload.get("comment", ""),
        slice_boxes={int(index): PixelBox(*box) for index, box in payload.get("slice_boxes", {}).items()},
        heights=heights_from_json(payload.get("heights")),
        flagged=bool(payload.get("flagged", False)),
    )


def annotation_from_row(row: Row) -> Annotation:
    """From a row of the view ``answers``."""
    payload = json.loads(row["payload"])
    submitted_at, saved_at = row["submitted_at"], row["saved_at"]
    return Annotation(
        case_id=row["case_id"],
        reader_id=row["reader_id"],
        study_id=row["study_id"],
        repeat_index=row["repeat_index"],
        phase=row["phase"],
        reading=reading_from_payload(payload),
        ai_visible=bool(row["ai_visible"]),
        answer_visible=bool(row["answer_visible"]),
        signs_version=payload.get("signs_version", SIGNS_VERSION),
        started_at=datetime.fromisoformat(row["started_at"]),
        submitted_at=datetime.fromisoformat(submitted_at) if submitted_at else None,
        corrected=bool(row["corrected"]),
        seq=row["seq"],
        saved_at=datetime.fromisoformat(saved_at) if saved_at else None,
    )
