"""Between the records of trainings and their rows, and the digest by which the log's chain covers the rows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from sqlite_utils import Database

from vfrac_core.paper import SIGNS
from vfrac_core.store.chain import canonical_json
from vfrac_core.store.learning_records import DataVersion, OutOfFold, VersionCase
from vfrac_core.store.records import Anchor
from vfrac_core.store.rows import select
from vfrac_core.types import PixelBox

PATIENT: Final = "patient_told"
VERSION: Final = "data_version_saved"
FOLDS: Final = "folds_saved"
OUT_OF_FOLD: Final = "out_of_fold_saved"

# Of each kind of event: the table, and the columns that name the rows that it tells of. Their order is that of the primary key.
TOLD: Final = {
    VERSION: ("data_version_cases", ("data_sha256",), "case_id"),
    FOLDS: ("folds", ("fold_set",), "case_id"),
    OUT_OF_FOLD: ("out_of_fold", ("weights", "data_sha256"), "case_id, slice_index"),
}


def told_rows(database: Database, kind: str, key: Mapping[str, str]) -> list[dict[str, Any]]:
    """The rows of which an event of this kind and key tells, in the order of their primary key."""
    table, names, order = TOLD[kind]
    where = " AND ".join(f"{name} = ?" for name in names)
    return select(database, f"SELECT * FROM {table} WHERE {where} ORDER BY {order}", *(key[name] for name in names))


def digest(rows: Iterable[Mapping[str, Any]]) -> str:
    return hashlib.sha256(canonical_json([dict(row) for row in rows]).encode()).hexdigest()


def cases_of(database: Database, data_sha256: str) -> dict[str, dict[str, Any]]:
    """Rows of a data version, by case id."""
    rows = select(database, "SELECT * FROM data_version_cases WHERE data_sha256 = ? ORDER BY case_id", data_sha256)
    return {row["case_id"]: row for row in rows}


def version_case_row(data_sha256: str, case: VersionCase) -> dict[str, Any]:
    return {
        "data_sha256": data_sha256,
        "case_id": case.case_id,
        "patient": case.patient,
        "malignant": None if case.malignant is None else int(case.malignant),
        "label": case.label,
        "boxes": canonical_json({str(index): list(box.as_tuple()) for index, box in case.boxes.items()}),
    }


def boxes_of(row: Mapping[str, Any]) -> dict[int, PixelBox]:
    return {int(index): PixelBox(*box) for index, box in json.loads(row["boxes"]).items()}


def version_from_row(row: Mapping[str, Any], cases: Mapping[str, Mapping[str, Any]]) -> DataVersion:
    return DataVersion(
        sha256=row["sha256"],
        anchor=Anchor(row["log_seq"], row["log_hash"]),
        kind=row["kind"],
        choice=json.loads(row["choice"]),
        counts=json.loads(row["counts"]),
        cases=tuple(version_case_from_row(one) for one in cases.values()),
    )


def version_case_from_row(row: Mapping[str, Any]) -> VersionCase:
    malignant = None if row["malignant"] is None else bool(row["malignant"])
    return VersionCase(row["case_id"], row["patient"], malignant, row["label"], boxes_of(row))


def answer_row(weights_name: str, data_sha256: str, folds: int, one: OutOfFold) -> dict[str, Any]:
    """``+ 0.0``: SQLite keeps no minus zero, and the digest would see the difference."""
    signs = (None,) * len(SIGNS) if one.signs is None else tuple(float(logit) + 0.0 for logit in one.signs)
    return {
        "weights": weights_name,
        "data_sha256": data_sha256,
        "case_id": one.case_id,
        "slice_index": one.slice_index,
        "fold": one.fold,
        "folds": folds,
        "logit": float(one.logit) + 0.0,
        **dict(zip(SIGNS, signs, strict=True)),
    }


def answer_from_row(row: Mapping[str, Any]) -> OutOfFold:
    signs = None if row[SIGNS[0]] is None else tuple(row[name] for name in SIGNS)
    return OutOfFold(row["case_id"], row["slice_index"], row["fold"], row["logit"], signs)
