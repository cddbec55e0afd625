"""Data versions, folds and out-of-fold answers against the events that told of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Final

from sqlite_utils import Database

from vfrac_core.store.chain import canonical_json
from vfrac_core.store.learning_rows import PATIENT, TOLD, VERSION, digest, told_rows
from vfrac_core.store.rows import select

_EVENTS: Final = "SELECT kind, case_id, payload FROM events WHERE kind IN (?, ?, ?, ?) ORDER BY seq"


def learning_problems(database: Database) -> Iterator[str]:
    """For ``verify``: rows against the events that told of them. Each sentence names no reader and no value.

    Nothing is looked for in a store of an older schema, which has no such tables.
    """
    if not database["data_versions"].exists():
        return
    told: dict[str, set[str]] = {kind: set() for kind in TOLD}
    patients: dict[str, str] = {}
    for event in select(database, _EVENTS, PATIENT, *TOLD):
        payload = json.loads(event["payload"])
        if event["kind"] == PATIENT:
            patients[event["case_id"]] = payload["patient_key"]
            continue
        told[event["kind"]].add(canonical_json(payload["key"]))
        if digest(told_rows(database, event["kind"], payload["key"])) != payload["rows_sha256"]:
            yield f"{TOLD[event['kind']][0]} is not what the log says"
        if event["kind"] == VERSION and select(
            database, "SELECT * FROM data_versions WHERE sha256 = ?", payload["key"]["data_sha256"]
        ) != [payload["row"]]:
            yield "data_versions is not what the log says"
    if {row["case_id"]: row["patient_key"] for row in select(database, "SELECT * FROM case_patients")} != patients:
        yield "case_patients is not what the log says"
    for kind, keys in told.items():
        table, names, _ = TOLD[kind]
        found = {canonical_json(row) for row in select(database, f"SELECT DISTINCT {', '.join(names)} FROM {table}")}
        if found - keys:
            yield f"{table} has rows that the log does not know"
    if database["data_versions"].count != len(told[VERSION]):
        yield "data_versions has rows that the log does not know"
