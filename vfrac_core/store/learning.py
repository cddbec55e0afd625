"""What trainings leave behind. Rows are only ever added, each save with an event.

The event holds the digest of the rows, so the log's chain covers them and ``verify`` finds a row that was changed, added or lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from sqlite_utils import Database

from vfrac_core.errors import StoreError
from vfrac_core.store import chain
from vfrac_core.store.annotations import AnnotationStore
from vfrac_core.store.chain import NewEvent, canonical_json
from vfrac_core.store.learning_records import DataVersion, OutOfFold
from vfrac_core.store.learning_rows import (
    FOLDS,
    OUT_OF_FOLD,
    PATIENT,
    VERSION,
    answer_from_row,
    answer_row,
    boxes_of,
    cases_of,
    digest,
    told_rows,
    version_case_row,
    version_from_row,
)
from vfrac_core.store.rows import insert, select, time_to_text


def note_patient(store: AnnotationStore, case_id: str, patient_key: str) -> None:
    """Keep the keyed hash of a case's patient; the same again writes nothing.

    StoreError for an unknown case, or for another patient than was told before: folds may already have been made by it.
    """

    def write(database: Database) -> None:
        if not select(database, "SELECT 1 FROM cases WHERE case_id = ?", case_id):
            raise StoreError("not saved: the store has no such case")
        known = select(database, "SELECT patient_key FROM case_patients WHERE case_id = ?", case_id)
        if known and known[0]["patient_key"] != patient_key:
            raise StoreError("not saved: this case was said to be another patient's before; correct the table of patients")
        if known:
            return
        insert(database, "case_patients", {"case_id": case_id, "patient_key": patient_key})
        _tell(store, database, PATIENT, {"patient_key": patient_key}, case_id)

    store.file.write(write)


def save_data_version(store: AnnotationStore, version: DataVersion) -> None:
    """Keep a data version; the same set again writes nothing, whenever it was read."""

    def write(database: Database) -> None:
        if select(database, "SELECT 1 FROM data_versions WHERE sha256 = ?", version.sha256):
            return
        row = {
            "sha256": version.sha256,
            "created_at": time_to_text(store.clock()),
            "log_seq": version.anchor.seq,
            "log_hash": version.anchor.hash,
            "kind": version.kind,
            "choice": canonical_json(dict(version.choice)),
            "counts": canonical_json(dict(version.counts)),
        }
        insert(database, "data_versions", row)
        for case in version.cases:
            insert(database, "data_version_cases", version_case_row(version.sha256, case))
        _tell_rows(store, database, VERSION, {"data_sha256": version.sha256}, {"row": row})

    store.file.write(write)


def save_folds(store: AnnotationStore, data_sha256: str, fold_of: Mapping[str, int]) -> str:
    """Keep in which fold each case (by its id) is tested, from 0; gives the name of the division, the same for the same one.

    StoreError unless they are exactly the cases of a data version that is kept, with a patient in one fold only.
    """
    fold_set = hashlib.sha256(canonical_json([data_sha256, sorted(fold_of.items())]).encode()).hexdigest()

    def write(database: Database) -> None:
        cases = cases_of(database, data_sha256)
        if cases.keys() != fold_of.keys():
            raise StoreError("not saved: the folds do not have exactly the cases of the data version; save that first")
        if len({(cases[case_id]["patient"], fold) for case_id, fold in fold_of.items()}) != len(_patients(cases)):
            raise StoreError("not saved: a patient lies in two folds; make the folds by patient")
        if select(database, "SELECT 1 FROM folds WHERE fold_set = ?", fold_set):
            return
        for case_id, fold in sorted(fold_of.items()):
            insert(database, "folds", {"fold_set": fold_set, "data_sha256": data_sha256, "case_id": case_id, "fold": int(fold)})
        _tell_rows(store, database, FOLDS, {"fold_set": fold_set}, {"data_sha256": data_sha256})

    store.file.write(write)
    return fold_set


def save_out_of_fold(
    store: AnnotationStore, weights_name: str, data_sha256: str, folds: int, answers: Sequence[OutOfFold]
) -> None:
    """Keep what the ``folds`` networks of one cross-validation said of the slices that they had not seen, all at once.

    ``weights_name`` is ``WeightsInfo.name`` of the weights that are shown later. The same answers again write nothing. StoreError
    for other ones under the same name, for a slice that the data version does not have, or a patient in two folds.
    """
    rows = [answer_row(weights_name, data_sha256, folds, one) for one in answers]
    key = {"weights": weights_name, "data_sha256": data_sha256}

    def write(database: Database) -> None:
        _check_answers(cases_of(database, data_sha256), answers)
        if known := told_rows(database, OUT_OF_FOLD, key):
            if digest(known) != digest(sorted(rows, key=lambda row: (row["case_id"], row["slice_index"]))):
                raise StoreError("not saved: weights of this name have other out-of-fold answers; give the weights another name")
            return
        for row in rows:
            insert(database, "out_of_fold", row)
        _tell_rows(store, database, OUT_OF_FOLD, key, {})

    if rows:
        store.file.write(write)


def data_versions(store: AnnotationStore) -> list[DataVersion]:
    """All of them, in the order in which they were saved."""

    def read(database: Database) -> list[DataVersion]:
        rows = select(database, "SELECT * FROM data_versions ORDER BY rowid")
        return [version_from_row(row, cases_of(database, row["sha256"])) for row in rows]

    return store.file.read(read)


def data_version(store: AnnotationStore, sha256: str) -> DataVersion:
    """One of them; StoreError if it is not there."""
    found = [version for version in data_versions(store) if version.sha256 == sha256]
    if not found:
        raise StoreError("the store has no such data version; assemble it from the readings, or restore the backup that has it")
    return found[0]


def folds_of(store: AnnotationStore, fold_set: str) -> dict[str, int]:
    """Case id to fold; empty if there is no such division."""
    rows = store.file.read(lambda database: select(database, "SELECT * FROM folds WHERE fold_set = ? ORDER BY case_id", fold_set))
    return {row["case_id"]: row["fold"] for row in rows}


def out_of_fold(store: AnnotationStore, weights_name: str, data_sha256: str) -> list[OutOfFold]:
    """What is kept, by case and slice."""
    key = {"weights": weights_name, "data_sha256": data_sha256}
    return [answer_from_row(row) for row in store.file.read(lambda database: told_rows(database, OUT_OF_FOLD, key))]


def _tell_rows(store: AnnotationStore, database: Database, kind: str, key: Mapping[str, str], more: Mapping[str, object]) -> None:
    rows = told_rows(database, kind, key)
    _tell(store, database, kind, {"key": dict(key), "rows": len(rows), "rows_sha256": digest(rows), **more}, None)


def _tell(store: AnnotationStore, database: Database, kind: str, payload: Mapping[str, Any], case_id: str | None) -> None:
    event = NewEvent(chain.own_save_id(database, kind), kind, payload, case_id=case_id)
    chain.append(database, event, store.clock())


def _patients(cases: Mapping[str, Mapping[str, Any]]) -> set[str]:
    return {row["patient"] for row in cases.values()}


def _check_answers(cases: Mapping[str, Mapping[str, Any]], answers: Sequence[OutOfFold]) -> None:
    if any(one.case_id not in cases or one.slice_index not in boxes_of(cases[one.case_id]) for one in answers):
        raise StoreError("not saved: an out-of-fold answer is for a slice that the data version does not have; save that first")
    where = {(cases[one.case_id]["patient"], one.fold) for one in answers}
    if len(where) != len({patient for patient, _ in where}):
        raise StoreError("not saved: a patient was tested in two folds; make the folds by patient")
