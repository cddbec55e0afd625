"""Is everything there, and as it was written? Reads only; needs nothing but the data home."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlite_utils import Database
from sqlite_utils.utils import sqlite3

from vfrac_core.errors import StoreError
from vfrac_core.store import chain
from vfrac_core.store.annotations import FILE_NAME
from vfrac_core.store.connection import connect, is_busy
from vfrac_core.store.migrations import MIGRATIONS
from vfrac_core.store.records import Anchor
from vfrac_core.store.rows import select
from vfrac_core.store.verify_learning import learning_problems
from vfrac_core.store.volumes import VolumeLibrary, pixel_sha256


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """What was found. ``problems`` is one sentence each, without any reader's text; empty means that all is well."""

    problems: tuple[str, ...]
    anchor: Anchor
    events: int
    cases: int
    journal_mode: str
    sqlite_version: str

    @property
    def ok(self) -> bool:
        return not self.problems


def verify(home: Path, expect: str | None = None) -> VerifyReport:
    """Check the chain of the log, foreign keys, the file itself, its triggers, and every volume's checksum.

    ``expect`` is an anchor that was written down, "1041:9f3c" (a receipt, an export, a backup's name): with it a log
    whose tail was cut, or that was rewritten as a whole, is found too. StoreError if there is no store.
    """
    path = existing_store(home)
    wanted = None if expect is None else _parse_anchor(expect)
    try:
        with connect(path) as database:
            database.conn.execute("BEGIN")
            return _verify(database, VolumeLibrary(home), wanted)
    except sqlite3.DatabaseError as error:
        if is_busy(error):
            raise StoreError("the store could not be checked: it is busy; try again") from None
        problem = "the store's file is damaged and cannot be read; restore the last backup"
        return VerifyReport((problem,), Anchor(0, chain.GENESIS), 0, 0, "unknown", sqlite3.sqlite_version)


def existing_store(home: Path) -> Path:
    """The store's file; StoreError if there is none, for those who must not make one."""
    path = home / FILE_NAME
    if not os.path.isfile(path):
        raise StoreError(f"there is no store in the data home; expected the file {FILE_NAME}")
    return path


def _verify(database: Database, volumes: VolumeLibrary, wanted: Anchor | None) -> VerifyReport:
    cases = select(database, "SELECT case_id, sha256 FROM cases ORDER BY rowid")
    problems = (
        *_file_problems(database),
        *_schema_problems(database),
        *chain.breaks(database),
        *_anchor_problems(database, wanted),
        *_row_problems(database),
        *learning_problems(database),
        *_volume_problems(cases, volumes),
    )
    return VerifyReport(
        problems=problems,
        anchor=chain.head(database),
        events=database.conn.execute("SELECT count(*) FROM events").fetchone()[0],
        cases=len(cases),
        journal_mode=database.conn.execute("PRAGMA journal_mode").fetchone()[0],
        sqlite_version=sqlite3.sqlite_version,
    )


def _parse_anchor(text: str) -> Anchor:
    seq, _, digits = text.partition(":")
    if not (seq.isdecimal() and digits and set(digits) <= set("0123456789abcdef")):
        raise StoreError('the expected end of the log is not readable; give number and hash, for example "1041:9f3c"')
    return Anchor(int(seq), digits)


def _file_problems(database: Database) -> Iterator[str]:
    answers = [row[0] for row in database.conn.execute("PRAGMA integrity_check")]
    if answers != ["ok"]:
        yield f"the store's file is damaged in {len(answers)} places; restore the last backup"
    for table, rowid, parent, _ in database.conn.execute("PRAGMA foreign_key_check"):
        yield f"row {rowid} of {table} refers to a row of {parent} that is gone"


def _schema_problems(database: Database) -> Iterator[str]:
    """Compare with a fresh schema: somebody who drops a trigger to edit rows may forget to put it back."""
    query = "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE '\\_%' ESCAPE '\\'"
    with connect(Path(":memory:")) as fresh:
        MIGRATIONS.apply(fresh)
        expected = dict(fresh.conn.execute(query).fetchall())
    found = dict(database.conn.execute(query).fetchall())
    for name in sorted(expected.keys() | found.keys()):
        if expected.get(name) != found.get(name):
            yield f"the schema's {name} is missing, foreign or was changed"


def _anchor_problems(database: Database, wanted: Anchor | None) -> Iterator[str]:
    if wanted is None:
        return
    row = database.conn.execute("SELECT hash FROM events WHERE seq = ?", [wanted.seq]).fetchone()
    if row is None:
        yield f"event #{wanted.seq} was there once and is gone: the log was cut, it ends at #{chain.head(database).seq}"
    elif not row[0].startswith(wanted.hash):
        yield f"event #{wanted.seq} is not the one that was written down: the log was rewritten"


def _row_problems(database: Database) -> Iterator[str]:
    """Cases and readers against the events that told of them."""
    told: dict[tuple[str, str], dict[str, Any]] = {}
    kinds = "('case_added', 'reader_registered', 'reader_changed')"
    for row in select(database, f"SELECT case_id, reader_id, payload FROM events WHERE kind IN {kinds} ORDER BY seq"):
        table = "cases" if row["case_id"] else "readers"
        told[table, row["case_id"] or row["reader_id"]] = json.loads(row["payload"])
    for table, key in (("cases", "case_id"), ("readers", "reader_id")):
        for row in select(database, f"SELECT * FROM {table}"):
            event = told.pop((table, row[key]), None)
            if event is None or any(row[name] != value for name, value in event.items()):
                yield f"{row[key]} in {table} is not what the log says"
    yield from (f"{key} is gone from {table}" for table, key in told)


def _volume_problems(cases: list[dict[str, Any]], volumes: VolumeLibrary) -> Iterator[str]:
    for case in cases:
        if not volumes.checksum_ok(case["case_id"]):
            yield f"the pixels of case {case['case_id']} are missing or were changed"
        elif pixel_sha256(volumes.stack(case["case_id"]).hu) != case["sha256"]:
            yield f"the pixels of case {case['case_id']} are not those that were imported"
