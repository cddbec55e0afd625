"""Somebody edits the file by hand: the triggers are in the way, and ``verify`` shows what went past them."""

from __future__ import annotations

import hashlib
import json

import numpy as np
import pytest
from sqlite_utils.utils import sqlite3
from store_samples import a_filled_store

from vfrac_core.errors import StoreError
from vfrac_core.store import verify
from vfrac_core.store.connection import connect

COLUMNS = "seq, save_id, kind, at, case_id, reader_id, study_id, repeat_index, phase, payload, hash"


@pytest.fixture
def home(tmp_path):
    a_filled_store(tmp_path)[0].close()
    return tmp_path


def edit(home, *statements: str, guarded: bool = False) -> None:
    """As with the sqlite3 shell: no foreign keys, no recursive triggers, and the guards put aside."""
    connection = sqlite3.connect(home / "vfrac.sqlite3", isolation_level=None)
    guards = connection.execute("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'").fetchall()
    if not guarded:
        for name, _ in guards:
            connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    if not guarded:
        for _, sql in guards:
            connection.execute(sql)
    connection.close()


def only_problem(home, expect: str | None = None) -> str:
    problems = verify(home, expect).problems
    assert len(problems) == 1, problems
    return problems[0]


def test_an_untouched_store_is_well_and_says_how_it_runs(home):
    report = verify(home)
    assert report.ok
    assert (report.events, report.cases, report.sqlite_version) == (7, 1, sqlite3.sqlite_version)
    assert report.journal_mode in ("wal", "delete")


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE events SET at = '' WHERE seq = 3", "append-only"),
        ("DELETE FROM events WHERE seq = 7", "append-only"),
        (f"INSERT OR REPLACE INTO events SELECT {COLUMNS} FROM events WHERE seq = 3", "without a gap"),
        (f"INSERT OR REPLACE INTO events SELECT 8, {COLUMNS[5:]} FROM events WHERE seq = 3", "append-only"),
        (f"INSERT INTO events SELECT 9, 'new', {COLUMNS[14:]} FROM events WHERE seq = 3", "without a gap"),
        (f"INSERT INTO events SELECT NULL, 'new', {COLUMNS[14:]} FROM events WHERE seq = 3", "NOT NULL|without a gap"),
        ("UPDATE cases SET sex = 'F'", "never change"),
        ("DELETE FROM cases", "never deleted"),
        ("DELETE FROM readers", "never deleted"),
        ("UPDATE readers SET token_sha256 = NULL", "only the name"),
    ],
)
def test_our_own_connection_cannot_change_what_was_written(home, statement, words):
    with connect(home / "vfrac.sqlite3") as database, pytest.raises(sqlite3.IntegrityError, match=words):
        database.conn.execute(statement)
    assert verify(home).ok


def test_an_answer_to_a_case_that_is_not_there_cannot_go_in(home):
    statement = f"INSERT INTO events SELECT 8, 'new', kind, at, 'orphan', {COLUMNS[32:]} FROM events WHERE seq = 3"
    with connect(home / "vfrac.sqlite3") as database, pytest.raises(sqlite3.IntegrityError, match="FOREIGN KEY"):
        database.conn.execute(statement)


def test_an_edited_event_is_named(home):
    edit(home, "UPDATE events SET payload = replace(payload, 'benign', 'malignant') WHERE seq = 4")
    assert only_problem(home).startswith("event #4 was changed")


def test_an_edited_event_with_its_hash_made_anew_shows_in_the_next_one(home):
    names = COLUMNS.split(", ")
    with connect(home / "vfrac.sqlite3") as database:
        rows = [dict(zip(names, row, strict=True)) for row in database.conn.execute(f"SELECT {COLUMNS} FROM events ORDER BY seq")]
    before, edited = rows[2], rows[3] | {"payload": rows[3]["payload"].replace("benign", "malignant")}
    edited["hash"] = hash_as_documented(before["hash"], edited)
    edit(home, f"UPDATE events SET payload = '{edited['payload']}', hash = '{edited['hash']}' WHERE seq = 4")
    assert only_problem(home).startswith("event #5 was changed after it was written, or the one before it was")


def test_the_hash_is_the_one_that_the_data_dictionary_describes(home):
    names = COLUMNS.split(", ")
    previous = "0" * 64
    with connect(home / "vfrac.sqlite3") as database:
        for row in database.conn.execute(f"SELECT {COLUMNS} FROM events ORDER BY seq").fetchall():
            event = dict(zip(names, row, strict=True))
            previous = hash_as_documented(previous, event)
            assert event["hash"] == previous


def hash_as_documented(previous: str, event: dict) -> str:
    columns = {name: value for name, value in event.items() if name != "hash"}
    text = json.dumps(columns, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256((previous + text).encode()).hexdigest()


def test_an_event_taken_out_of_the_middle_is_named(home):
    edit(home, "DELETE FROM events WHERE seq = 5")
    assert verify(home).problems[0] == "event #6 follows #4: events in between are gone"


def test_swapped_events_are_named(home):
    edit(
        home,
        "UPDATE events SET seq = -1 WHERE seq = 4",
        "UPDATE events SET seq = 4 WHERE seq = 5",
        "UPDATE events SET seq = 5 WHERE seq = -1",
    )
    assert "event #4 was changed" in " ".join(verify(home).problems)


def test_replace_by_a_bare_connection_slips_past_the_triggers_and_not_past_verify(home):
    edit(home, f"INSERT OR REPLACE INTO events SELECT 8, {COLUMNS[5:]} FROM events WHERE seq = 3", guarded=True)
    assert "event #4 follows #2: events in between are gone" in verify(home).problems


def test_a_cut_tail_shows_against_an_anchor_only(home):
    anchor = verify(home).anchor
    edit(home, "DELETE FROM events WHERE seq > 5")
    assert verify(home).ok
    assert only_problem(home, str(anchor)) == "event #7 was there once and is gone: the log was cut, it ends at #5"


def test_another_history_under_the_same_number_shows_against_an_anchor(home):
    assert "rewritten" in only_problem(home, "7:0000")
    assert verify(home, f"7:{verify(home).anchor.hash[:4]}").ok


@pytest.mark.parametrize("text", ["", "7", "x:ab", "7:", "7:xyz", "9f3c:7:1"])
def test_an_anchor_that_is_none_is_refused(home, text):
    with pytest.raises(StoreError, match="1041:9f3c"):
        verify(home, text)


def test_edited_rows_of_cases_and_readers_are_named(home):
    edit(home, "UPDATE cases SET sha256 = replace(sha256, '0', '1')", "UPDATE readers SET years_experience = 30")
    problems = verify(home).problems
    assert "case1 in cases is not what the log says" in problems
    assert any(problem.endswith("in readers is not what the log says") for problem in problems)


def test_a_case_that_was_taken_out_is_named(home):
    edit(home, "DELETE FROM cases")
    problems = verify(home).problems
    assert "case1 is gone from cases" in problems
    assert any("refers to a row of cases that is gone" in problem for problem in problems)


def test_a_dropped_trigger_is_named(home):
    edit(home, "DROP TRIGGER events_no_update", guarded=True)
    assert only_problem(home) == "the schema's events_no_update is missing, foreign or was changed"


def test_changed_pixels_are_named(home):
    path = home / "volumes" / "case1" / "stack.npy"
    stack = np.load(path)
    stack[0, 0, 0] += 1
    np.save(path, stack)
    assert only_problem(home) == "the pixels of case case1 are missing or were changed"


def test_a_damaged_file_is_a_sentence_not_a_traceback(home):
    path = home / "vfrac.sqlite3"
    path.write_bytes(path.read_bytes()[:4096] + b"\xa5" * 20_000)
    assert any("damaged" in problem for problem in verify(home).problems)


def test_a_home_without_a_store_is_said(tmp_path):
    with pytest.raises(StoreError, match=r"no store in the data home; expected the file vfrac\.sqlite3"):
        verify(tmp_path)
