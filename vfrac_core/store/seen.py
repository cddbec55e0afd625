"""Which cases some weights have seen, and what was said of them by networks that had not."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlite_utils import Database

from vfrac_core.store.annotations import AnnotationStore
from vfrac_core.store.learning_records import SeenInTraining
from vfrac_core.store.learning_rows import answer_from_row, boxes_of
from vfrac_core.store.rows import select
from vfrac_core.types import WeightsInfo


def training_of(store: AnnotationStore, case_id: str, weights: WeightsInfo) -> SeenInTraining | None:
    """What is known if these weights learned from the case, or from another one of its patient; None if they did not.

    By the data versions that the weights themselves name, so weights under another file name are known too. Weights of a single
    fold count as having seen the whole data version. A case of two versions (weights that were trained further) has no
    out-of-fold answer: the networks of the second cross-validation began with weights that had seen it.
    """
    return store.file.read(lambda database: _training_of(database, case_id, weights))


def _training_of(database: Database, case_id: str, weights: WeightsInfo) -> SeenInTraining | None:
    versions = dict.fromkeys(weights.data_sha256.split())
    found = {sha256: row for sha256 in versions if (row := _learned(database, case_id, sha256)) is not None}
    if not found:
        return None
    data_sha256, known = found.popitem()
    rows = [] if found else _out_of_fold(database, weights.name, data_sha256, known["case_id"])
    itself = known["case_id"] == case_id
    return SeenInTraining(
        data_sha256=data_sha256,
        fold=rows[0]["fold"] if rows else None,
        folds=rows[0]["folds"] if rows else 0,
        answers={row["slice_index"]: answer_from_row(row) for row in rows} if itself else {},
        boxes=boxes_of(known) if itself else {},
    )


def _learned(database: Database, case_id: str, data_sha256: str) -> dict[str, Any] | None:
    """The case's row in the data version, else that of another case of its patient."""
    rows = select(
        database,
        """SELECT * FROM data_version_cases WHERE data_sha256 = ? AND (case_id = ? OR patient =
           (SELECT patient_key FROM case_patients WHERE case_id = ?)) ORDER BY case_id <> ? LIMIT 1""",
        *(data_sha256, case_id, case_id, case_id),
    )
    return rows[0] if rows else None


def _out_of_fold(database: Database, weights_name: str, data_sha256: str, case_id: str) -> list[Mapping[str, Any]]:
    where = "weights = ? AND data_sha256 = ? AND case_id = ? ORDER BY slice_index"
    return [*select(database, f"SELECT * FROM out_of_fold WHERE {where}", weights_name, data_sha256, case_id)]
