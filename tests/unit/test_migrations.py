"""The schema grows by steps: all or nothing, once, and never by an older program on a newer file."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from sqlite_utils import Migrations
from store_samples import a_filled_store

from vfrac_core.errors import StoreError, StoreUnavailableError
from vfrac_core.store import AnnotationStore, connection, verify
from vfrac_core.store.connection import StoreFile, connect
from vfrac_core.store.migrations import MIGRATIONS, m001_initial, migrate

ROOT = Path(__file__).parents[2]


def with_next_step(step) -> Migrations:
    """The program of tomorrow: today's steps and one more."""
    migrations = Migrations("vfrac")
    for known in MIGRATIONS._migrations:
        migrations(name=known.name)(known.fn)
    migrations(name="m900_tomorrow")(step)
    return migrations


def add_column(database) -> None:
    database.execute("ALTER TABLE studies ADD COLUMN note TEXT")


def fail_midway(database) -> None:
    add_column(database)
    raise RuntimeError("a step that breaks")


@pytest.fixture
def file(tmp_path):
    """A store in its oldest shape, with rows in it."""
    oldest = Migrations("vfrac")
    oldest(name="m001_initial")(m001_initial)
    migrate(StoreFile(tmp_path / "vfrac.sqlite3"), oldest)
    a_filled_store(tmp_path)[0].close()
    file = StoreFile(tmp_path / "vfrac.sqlite3")
    yield file
    file.close()


def columns(file) -> list[str]:
    return file.read(lambda database: [column.name for column in database["studies"].columns])


def test_the_oldest_shape_keeps_its_rows(file, tmp_path):
    migrate(file, with_next_step(add_column))
    assert columns(file)[-1] == "note"
    assert file.read(lambda database: database["events"].count) == 7
    assert all("schema" in problem for problem in verify(tmp_path).problems)  # the rows are sound, the shape is tomorrow's


def test_a_step_that_breaks_leaves_everything_as_it_was(file):
    with pytest.raises(RuntimeError):
        migrate(file, with_next_step(fail_midway))
    assert "note" not in columns(file)
    migrate(file, with_next_step(add_column))
    assert "note" in columns(file)


def test_a_newer_file_is_refused_and_left_alone(file, tmp_path):
    migrate(file, with_next_step(add_column))
    file.close()
    before = (tmp_path / "vfrac.sqlite3").read_bytes()
    with pytest.raises(StoreError, match="written by a newer vfrac"):
        AnnotationStore(tmp_path)
    assert (tmp_path / "vfrac.sqlite3").read_bytes() == before


def test_a_second_start_changes_nothing(tmp_path):
    a_filled_store(tmp_path)[0].close()
    before = (tmp_path / "vfrac.sqlite3").read_bytes()
    AnnotationStore(tmp_path).close()
    assert (tmp_path / "vfrac.sqlite3").read_bytes() == before


STARTER = """
import sys
from pathlib import Path
from vfrac_core.store import AnnotationStore
print("ready", flush=True)
for line in sys.stdin:
    AnnotationStore(Path(line.strip())).close()
    print("open", flush=True)
"""


def test_four_programs_may_start_at_once(tmp_path):
    starters = [
        subprocess.Popen([sys.executable, "-c", STARTER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT)
        for _ in range(4)
    ]
    try:
        assert [starter.stdout.readline() for starter in starters] == ["ready\n"] * 4
        for number in range(4):
            for starter in starters:
                starter.stdin.write(f"{tmp_path / str(number)}\n")
                starter.stdin.flush()
            assert [starter.stdout.readline() for starter in starters] == ["open\n"] * 4
            with connect(tmp_path / str(number) / "vfrac.sqlite3") as database:
                assert len(MIGRATIONS.applied(database)) == len(MIGRATIONS._migrations)
    finally:
        for starter in starters:
            starter.communicate()


def test_a_file_that_is_busy_for_a_moment_is_opened_all_the_same(tmp_path, monkeypatch):
    """The change of the journal mode may be refused at once, whatever the time-out: seen with four starts on a full machine."""
    busy = connection.sqlite3.OperationalError("database is locked")
    busy.sqlite_errorname = "SQLITE_BUSY"
    refusals = [busy] * 5
    change = connection._set_journal_mode

    def set_journal_mode(database, mode):
        if refusals and database is not None and mode == "delete":
            raise refusals.pop()
        return change(database, mode)

    monkeypatch.setattr(connection, "_set_journal_mode", set_journal_mode)
    assert StoreFile(tmp_path / "vfrac.sqlite3", version=(3, 40, 1)).journal_mode == "delete"
    assert refusals == []
    refusals = [busy] * 1000
    with pytest.raises(StoreUnavailableError, match="busy"):
        StoreFile(tmp_path / "other.sqlite3", version=(3, 40, 1), timeout_s=0.2)
