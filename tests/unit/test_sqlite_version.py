"""WAL only on a SQLite without the WAL-reset race, and only where it works."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sqlite_utils.utils import sqlite3
from store_samples import a_filled_store, draft

from vfrac_core.store import connection
from vfrac_core.store.connection import StoreFile, connect, wal_is_safe, wal_works_in

PACKAGE = Path(__file__).parents[2] / "vfrac_core"


# Fixed in 3.51.3, 3.50.7 and 3.44.6: https://sqlite.org/wal.html#walresetbug
@pytest.mark.parametrize(
    ("version", "safe"),
    [
        ((3, 40, 1), False),  # Debian 12
        ((3, 44, 5), False),
        ((3, 44, 6), True),
        ((3, 45, 0), False),
        ((3, 46, 1), False),
        ((3, 50, 6), False),
        ((3, 50, 7), True),
        ((3, 51, 0), False),
        ((3, 51, 2), False),
        ((3, 51, 3), True),
        ((3, 53, 4), True),
        ((4, 0, 0), True),
    ],
)
def test_only_fixed_versions_are_safe(version, safe):
    assert wal_is_safe(version) is safe


def test_the_mode_of_this_machine_follows_from_its_version(tmp_path):
    file = StoreFile(tmp_path / "a.sqlite3")
    assert file.journal_mode == ("wal" if wal_is_safe(sqlite3.sqlite_version_info) and wal_works_in(tmp_path) else "delete")
    file.close()


def test_an_affected_version_takes_a_file_out_of_wal(tmp_path):
    path = tmp_path / "vfrac.sqlite3"
    with connect(path) as database:
        database.conn.execute("PRAGMA journal_mode=WAL")
        database.conn.execute("CREATE TABLE kept (x)")
    file = StoreFile(path, version=(3, 40, 1))
    assert file.journal_mode == "delete"
    with connect(path) as database:
        assert database.conn.execute("PRAGMA journal_mode").fetchone() == ("delete",)
        assert database["kept"].exists()
    file.close()


def test_a_folder_where_wal_does_not_work_gets_a_rollback_journal(tmp_path, monkeypatch):
    monkeypatch.setattr(connection, "wal_works_in", lambda folder: False)
    store, reader = a_filled_store(tmp_path)
    with store:
        assert store.file.journal_mode == "delete"
        draft(store, reader, "works")


def test_the_probe_leaves_nothing_behind(tmp_path):
    wal_works_in(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_every_connection_has_the_rules(tmp_path):
    with connect(tmp_path / "a.sqlite3") as database:
        answers = {name: database.conn.execute(f"PRAGMA {name}").fetchone()[0] for name in RULES}
    assert answers == RULES


RULES = {"foreign_keys": 1, "synchronous": 2, "recursive_triggers": 1, "busy_timeout": 10_000}


def test_nobody_takes_the_sqlite_of_python_itself():
    importing = re.compile(r"^\s*(import sqlite3|from sqlite3)", re.MULTILINE)
    assert [path for path in PACKAGE.rglob("*.py") if importing.search(path.read_text(encoding="utf-8"))] == []
