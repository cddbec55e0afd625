"""What trainings leave in the store: kept once, never changed, in the chain; and who has seen what."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from learning_samples import a_library, all_read, cross_validated, weights_of
from sqlite_utils import Migrations
from sqlite_utils.utils import sqlite3
from store_samples import a_filled_store

from vfrac_core.errors import StoreError
from vfrac_core.store import (
    AnnotationStore,
    OutOfFold,
    backup,
    data_version,
    data_versions,
    folds_of,
    note_patient,
    out_of_fold,
    save_data_version,
    save_folds,
    save_out_of_fold,
    training_of,
    verify,
)
from vfrac_core.store.connection import StoreFile, connect
from vfrac_core.store.learning_schema import NAMES
from vfrac_core.store.migrations import MIGRATIONS, migrate

KEY = "0123456789ab"
FORGED = f"data_sha256, case_id, slice_index, fold, folds, 9{', NULL' * 6}"


@pytest.fixture
def library(tmp_path: Path):
    library = a_library(tmp_path / "home")
    yield library
    library.store.close()


@pytest.fixture
def found(library):
    note_patient(library.store, "case2", KEY)
    found = all_read(library)
    cross_validated(library, found)
    return found


def test_all_of_it_comes_back_and_the_log_covers_it(library, found) -> None:
    store, sha256 = library.store, found.version.sha256
    assert data_versions(store) == [found.version]
    with pytest.raises(StoreError, match="no such data version"):
        data_version(store, "f" * 64)
    fold_of = {f"case{number}": number % 2 for number in range(4)}
    assert folds_of(store, save_folds(store, sha256, fold_of)) == fold_of
    kept = out_of_fold(store, "ours", sha256)
    assert kept[0] == OutOfFold("case0", 3, 0, -0.5)
    assert len(kept) == 12
    assert verify(store.home).problems == ()


def test_the_same_again_writes_nothing_and_other_answers_under_the_name_are_refused(library, found) -> None:
    before = library.store.head()
    cross_validated(library, found)
    assert library.store.head() == before
    other = [replace(one, logit=one.logit + 1) for one in out_of_fold(library.store, "ours", found.version.sha256)]
    with pytest.raises(StoreError, match="other out-of-fold answers"):
        save_out_of_fold(library.store, "ours", found.version.sha256, 2, other)
    save_out_of_fold(library.store, "others", found.version.sha256, 2, other)
    assert verify(library.store.home).ok


def test_signs_and_a_minus_zero_come_back(library, found) -> None:
    rows = [OutOfFold("case0", 3, 1, -0.0, (-0.0, 1.5, 2.0, 3.0, 1e-300, 0.1))]
    save_out_of_fold(library.store, "signs", found.version.sha256, 2, rows)
    assert out_of_fold(library.store, "signs", found.version.sha256) == rows
    assert verify(library.store.home).ok


@pytest.mark.parametrize(
    ("answers", "words"),
    [
        ([OutOfFold("case0", 8, 0, 1.0)], "for a slice that the data version does not have"),
        ([OutOfFold("nobody", 3, 0, 1.0)], "for a slice that the data version does not have"),
        ([OutOfFold("case0", 3, 0, 1.0), OutOfFold("case0", 4, 1, 1.0)], "tested in two folds"),
    ],
)
def test_answers_that_cannot_be_are_refused(library, found, answers, words) -> None:
    with pytest.raises(StoreError, match=words):
        save_out_of_fold(library.store, "other", found.version.sha256, 2, answers)


def test_numbers_that_are_none_are_refused() -> None:
    for wrong in ({"logit": float("nan")}, {"logit": 0.0, "signs": (0.0, float("inf"), 0.0, 0.0, 0.0, 0.0)}):
        with pytest.raises(StoreError, match="not a number"):
            OutOfFold("case0", 3, 0, **wrong)


def test_folds_are_of_exactly_the_cases_and_by_patient(library) -> None:
    for case_id in ("case0", "case1"):
        note_patient(library.store, case_id, KEY)
    found = all_read(library)
    with pytest.raises(StoreError, match="exactly the cases"):
        save_folds(library.store, found.version.sha256, {"case0": 0})
    save_data_version(library.store, found.version)
    with pytest.raises(StoreError, match="a patient lies in two folds"):
        save_folds(library.store, found.version.sha256, {f"case{number}": number % 2 for number in range(4)})
    save_folds(library.store, found.version.sha256, {"case0": 0, "case1": 0, "case2": 1, "case3": 1})


class TestSeen:
    def test_a_case_of_the_data_version_with_its_fold_and_answers(self, library, found) -> None:
        seen = training_of(library.store, "case3", weights_of(found.version.sha256))
        assert seen is not None
        assert (seen.fold, seen.folds, sorted(seen.answers)) == (1, 2, [3, 4, 5])
        assert seen.boxes == found.version.cases[3].boxes

    def test_weights_that_were_renamed_have_seen_it_too(self, library, found) -> None:
        seen = training_of(library.store, "case3", weights_of(found.version.sha256, name="renamed"))
        assert seen is not None
        assert (seen.fold, seen.answers) == (None, {})

    @pytest.mark.parametrize("data_sha256", ["", "f" * 64, "none"])
    def test_other_weights_have_not(self, library, found, data_sha256) -> None:
        assert training_of(library.store, "case3", weights_of(data_sha256)) is None

    def test_another_case_of_a_patient_who_was_learned_from_is_seen(self, library, found, tmp_path) -> None:
        a_library(library.store.home, cases=6, store=library.store)
        note_patient(library.store, "case4", KEY)
        note_patient(library.store, "case5", "ba9876543210")
        weights = weights_of(found.version.sha256)
        seen = training_of(library.store, "case4", weights)
        assert seen is not None
        assert (seen.fold, seen.answers, seen.boxes) == (0, {}, {})
        assert training_of(library.store, "case5", weights) is None

    def test_weights_trained_further_have_seen_both_sets_and_no_answer_of_theirs_counts(self, library, found) -> None:
        again = replace(found.version, sha256="e" * 64)
        save_data_version(library.store, again)
        save_out_of_fold(library.store, "ours", "e" * 64, 2, [OutOfFold("case0", 3, 0, 1.0)])
        for order in (f"{found.version.sha256} {'e' * 64}", f"{'e' * 64} {found.version.sha256}"):
            seen = training_of(library.store, "case0", weights_of(order))
            assert seen is not None
            assert (seen.fold, seen.answers) == (None, {})


class TestNothingChanges:
    @pytest.mark.parametrize("table", NAMES)
    def test_rows_are_not_updated_deleted_or_replaced(self, library, found, table) -> None:
        with connect(library.store.file.path) as database:
            for statement in (
                f"UPDATE {table} SET rowid = rowid",
                f"DELETE FROM {table}",
                f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}",
            ):
                with pytest.raises(sqlite3.IntegrityError, match=f"{table} is append-only"):
                    database.conn.execute(statement)

    @pytest.mark.parametrize(
        ("statement", "table"),
        [
            ("UPDATE out_of_fold SET logit = 9 WHERE case_id = 'case0' AND slice_index = 3", "out_of_fold"),
            ("DELETE FROM out_of_fold WHERE case_id = 'case0'", "out_of_fold"),
            (f"INSERT INTO out_of_fold SELECT 'forged', {FORGED} FROM out_of_fold", "out_of_fold"),
            ("UPDATE folds SET fold = 1 - fold", "folds"),
            ("UPDATE data_version_cases SET malignant = 1", "data_version_cases"),
            ("UPDATE data_versions SET counts = '{}'", "data_versions"),
            ("UPDATE case_patients SET patient_key = 'ffffffffffff'", "case_patients"),
            ("DELETE FROM case_patients", "case_patients"),
        ],
    )
    def test_verify_sees_what_went_past_the_triggers(self, library, found, statement, table) -> None:
        connection = sqlite3.connect(library.store.file.path, isolation_level=None)
        guards = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        for _, sql in guards:
            connection.execute(sql)
        connection.close()
        problems = verify(library.store.home).problems
        assert problems
        assert all(problem.startswith(table) for problem in problems)

    def test_a_backup_has_all_of_it(self, library, found, tmp_path) -> None:
        (tmp_path / "copy").mkdir()
        backup(library.store, tmp_path / "copy" / "vfrac.sqlite3")
        with AnnotationStore(tmp_path / "copy") as copy:
            assert data_versions(copy) == [found.version]
            assert len(out_of_fold(copy, "ours", found.version.sha256)) == 12


def test_a_store_of_the_step_before_is_brought_up_and_keeps_its_rows(tmp_path: Path) -> None:
    before = Migrations("vfrac")
    for step in MIGRATIONS._migrations[:4]:
        before(name=step.name)(step.fn)
    file = StoreFile(tmp_path / "vfrac.sqlite3")
    migrate(file, before)
    file.close()
    assert not set(NAMES) & tables(tmp_path)
    assert any("data_versions" in problem for problem in verify(tmp_path).problems)  # an older schema is told, not a crash
    store, _ = a_filled_store(tmp_path)
    store.close()
    assert verify(tmp_path).ok
    assert set(NAMES) < tables(tmp_path)


def tables(home: Path) -> set[str]:
    with connect(home / "vfrac.sqlite3") as database:
        return {*database.table_names()}
