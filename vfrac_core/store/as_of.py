"""The readings as they stood at one place of the log. Events are only ever added, so any earlier state can be read again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sqlite_utils import Database

from vfrac_core.errors import StoreError
from vfrac_core.store.annotations import AnnotationStore
from vfrac_core.store.chain import head
from vfrac_core.store.learning_rows import PATIENT
from vfrac_core.store.records import Anchor, Annotation, CaseRecord
from vfrac_core.store.rows import annotation_from_row, case_from_row, select


@dataclass(frozen=True, slots=True)
class ReadingsAsOf:
    """All answers at ``anchor`` in the order of their submissions, drafts behind them; the years of experience of each reader,
    the patient's key of each case that has one, and the cases, by id."""

    anchor: Anchor
    annotations: tuple[Annotation, ...]
    years: Mapping[str, float]
    patients: Mapping[str, str]
    cases: Mapping[str, CaseRecord]


def readings_as_of(store: AnnotationStore, anchor: Anchor | None = None) -> ReadingsAsOf:
    """One moment: now, unless ``anchor`` names an earlier end of the log. StoreError if the log never ended so."""
    return store.file.read(lambda database: _read(database, anchor or head(database)))


def _read(database: Database, anchor: Anchor) -> ReadingsAsOf:
    _check(database, anchor)
    rows = select(database, _answers_sql(database), anchor.seq)
    told = select(
        database,
        f"""SELECT case_id, reader_id, payload FROM events WHERE seq <= ?
            AND kind IN ('reader_registered', 'reader_changed', '{PATIENT}') ORDER BY seq""",
        anchor.seq,
    )
    payloads = [(row["reader_id"], row["case_id"], json.loads(row["payload"])) for row in told]
    known = "SELECT * FROM cases WHERE case_id IN (SELECT case_id FROM events WHERE kind = 'case_added' AND seq <= ?)"
    return ReadingsAsOf(
        anchor=anchor,
        annotations=tuple(annotation_from_row(row) for row in rows),
        years={reader: payload["years_experience"] for reader, _, payload in payloads if reader},
        patients={case: payload["patient_key"] for _, case, payload in payloads if case},
        cases={row["case_id"]: case_from_row(row) for row in select(database, known, anchor.seq)},
    )


def _check(database: Database, anchor: Anchor) -> None:
    if anchor.seq == 0:
        return
    row = database.conn.execute("SELECT hash FROM events WHERE seq = ?", [anchor.seq]).fetchone()
    if row is None or row[0] != anchor.hash:
        raise StoreError(f"the log has no event #{anchor.seq} with the hash that was written down; restore a backup that has it")


def _answers_sql(database: Database) -> str:
    """The view ``answers``, over the events up to a number: a common table of that name takes the place of the table's own."""
    (sql,) = database.conn.execute("SELECT sql FROM sqlite_schema WHERE name = 'answers'").fetchone()
    _, _, tables = sql.partition("\nWITH ")
    return f"WITH events AS (SELECT * FROM main.events WHERE seq <= ?), {tables}\nORDER BY submit_seq NULLS LAST, first_seq"
