"""How the store's file is opened, read and written: journal mode, locks, and what a failed save says.

The measurements behind every rule here are in docs/decisions.md, "The store's file".
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final, Literal, TypeVar

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from vfrac_core.errors import StoreUnavailableError

JournalMode = Literal["wal", "delete"]
Result = TypeVar("Result")

BUSY_TIMEOUT_S: Final = 10.0
PAUSE_S: Final = 0.05

# All writes of this process queue here: SQLite's own back-off is not fair, a save waited 17 s without this lock.
_WRITE_LOCK = threading.Lock()


def connect(path: Path, *, timeout_s: float = BUSY_TIMEOUT_S, any_thread: bool = False) -> Database:
    """A connection with the rules that SQLite does not set by itself. It is bound to its thread unless told otherwise.

    ``autocommit`` is left alone: sqlite-utils needs the classic transaction control on Python 3.12 and later.
    """
    connection = sqlite3.connect(path, timeout=timeout_s, isolation_level=None, check_same_thread=not any_thread)
    connection.execute("PRAGMA foreign_keys=ON")  # off by default, orphans would go in
    connection.execute("PRAGMA synchronous=FULL")  # an acknowledged save survives a power cut
    database = Database(connection, execute_plugins=False)
    connection.execute("PRAGMA recursive_triggers=ON")  # else REPLACE deletes a row behind the triggers' back
    return database


def wal_is_safe(version: tuple[int, int, int]) -> bool:
    """Whether this SQLite has the fix of the WAL-reset race (3.51.3, 3.50.7, 3.44.6; sqlite.org/wal.html).

    Before it, a checkpoint of one connection that overlaps a write of another can lose an acknowledged commit.
    """
    return version >= (3, 51, 3) or (3, 50, 7) <= version < (3, 51, 0) or (3, 44, 6) <= version < (3, 45, 0)


def wal_works_in(folder: Path) -> bool:
    """Try it with a throw-away file: on network drives SQLite may answer "wal" and fail at the first write."""
    with tempfile.TemporaryDirectory(dir=folder, prefix=".probe-", ignore_cleanup_errors=True) as probe:
        path = Path(probe) / "probe.sqlite3"
        try:
            with connect(path, timeout_s=1.0) as writer, connect(path, timeout_s=1.0) as reader:
                if _set_journal_mode(writer, "wal") != "wal":
                    return False
                writer.conn.execute("CREATE TABLE probe (seen INTEGER)")
                writer.conn.execute("INSERT INTO probe VALUES (1)")
                return bool(reader.conn.execute("SELECT seen FROM probe").fetchone() == (1,))
        except sqlite3.Error:
            return False


class StoreFile:
    """One SQLite file. Each operation has its own connection; one more is kept open so that the WAL lives on."""

    def __init__(
        self,
        path: Path,
        *,
        timeout_s: float = BUSY_TIMEOUT_S,
        version: tuple[int, int, int] = sqlite3.sqlite_version_info,
    ) -> None:
        self.path = path
        self._timeout_s = timeout_s
        with explained("the store could not be opened"):
            path.parent.mkdir(parents=True, exist_ok=True)
            safe = wal_is_safe(version) and wal_works_in(path.parent)
            self._keeper = connect(path, timeout_s=timeout_s, any_thread=True)
            self.journal_mode = _until_free(lambda: _set_journal_mode(self._keeper, "wal" if safe else "delete"), timeout_s)
            self._keeper.conn.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # only a read attaches the WAL

    def read(self, work: Callable[[Database], Result]) -> Result:
        """Run ``work`` on one snapshot of the file."""
        with explained("the store could not be read"):
            return _twice_if_busy(lambda: self._transaction("BEGIN", work))

    def write(self, work: Callable[[Database], Result]) -> Result:
        """Run ``work`` in one transaction that is on the disk when this returns. It may run twice if the file is busy.

        BEGIN IMMEDIATE takes the write lock before anything is read: a transaction that reads first and writes later
        is refused at once when somebody else wrote in between, without waiting.
        """
        with explained("not saved"), _WRITE_LOCK:
            return _twice_if_busy(lambda: self._transaction("BEGIN IMMEDIATE", work))

    def close(self) -> None:
        """Bring the WAL into the file, as far as nobody is reading it, and let go of it."""
        with _WRITE_LOCK:
            with suppress(sqlite3.Error):  # only tidying up: the next start reads the WAL
                self._keeper.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            self._keeper.close()

    def _transaction(self, begin: str, work: Callable[[Database], Result]) -> Result:
        with connect(self.path, timeout_s=self._timeout_s) as database:
            database.conn.execute(begin)
            try:
                result = work(database)
                database.conn.execute("COMMIT")
            except BaseException:
                database.rollback()  # does nothing where a full disk has ended the transaction already
                raise
            return result


def _set_journal_mode(database: Database, mode: JournalMode) -> JournalMode:
    (answer,) = database.conn.execute(f"PRAGMA journal_mode={mode}").fetchone()
    return "wal" if answer == "wal" else "delete"


def _twice_if_busy(work: Callable[[], Result]) -> Result:
    try:
        return work()
    except sqlite3.OperationalError as error:
        if not is_busy(error):
            raise
    return work()


def _until_free(work: Callable[[], Result], timeout_s: float) -> Result:
    """The change of the journal mode does not wait for its lock as other statements do: several programs that start at once
    would refuse each other."""
    until = time.monotonic() + timeout_s
    while True:
        try:
            return work()
        except sqlite3.OperationalError as error:
            if not is_busy(error) or time.monotonic() > until:
                raise
        time.sleep(PAUSE_S)


@contextmanager
def explained(failed: str) -> Iterator[None]:
    """Turn what SQLite says into one line. ``from None``: its text may quote what was being saved."""
    try:
        yield
    except sqlite3.Error as error:
        raise StoreUnavailableError(_explain(failed, error)) from None


def _explain(failed: str, error: Any) -> str:
    name = getattr(error, "sqlite_errorname", None) or ""
    if is_busy(error):
        return f"{failed}, trying again" if failed == "not saved" else f"{failed}: it is busy; try again"
    if name == "SQLITE_FULL" or name.startswith("SQLITE_IOERR"):
        return f"{failed}: the disk is full; free some space and save again, everything entered is still here"
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return f"{failed}: the store's file is damaged; run `python -m vfrac_core verify` and restore the last backup"
    if name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return f"{failed}: the program may not write to the data home; check its owner and rights"
    raise error  # a broken rule of the schema is a bug of ours, not the reader's


def is_busy(error: Any) -> bool:
    """Whether another connection held the file for longer than the timeout."""
    return (getattr(error, "sqlite_errorname", None) or "").startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
