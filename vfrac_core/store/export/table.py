"""The view ``annotations`` as CSV and as JSON, column for column."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping
from typing import Any, Final

from vfrac_core.signs import SAFETY, SIGNS_VERSION
from vfrac_core.store.export.snapshot import Snapshot
from vfrac_core.store.records import CaseRecord

FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")


def csv_text(snapshot: Snapshot) -> str:
    """One line per answer. The safety line and the log's end stand in every line: comment lines would break readers of CSV."""
    stamp = {"log_seq": snapshot.anchor.seq, "log_hash": snapshot.anchor.hash, "safety": SAFETY}
    out = io.StringIO()
    writer = csv.DictWriter(out, (*snapshot.columns, *stamp), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows({name: guard_formula(value) for name, value in (dict(row) | stamp).items()} for row in snapshot.rows)
    return out.getvalue()


def guard_formula(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula gets a leading apostrophe."""
    return f"'{value}" if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def json_text(snapshot: Snapshot) -> str:
    """The same rows, and the geometry of their cases."""
    document = {
        "safety": SAFETY,
        "log": {"seq": snapshot.anchor.seq, "hash": snapshot.anchor.hash},
        "signs_version": SIGNS_VERSION,
        "cases": [_case(case) for case in snapshot.cases.values()],
        "annotations": [dict(row) | _parsed(row) for row in snapshot.rows],
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def _parsed(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: json.loads(row[name]) if row[name] else None for name in ("marked_slices", "slice_boxes", "heights")}


def _case(case: CaseRecord) -> dict[str, Any]:
    return {
        "case_id": case.case_id,
        "synthetic": case.info.synthetic,
        "slices": case.slices,
        "rows": case.rows,
        "columns": case.columns,
        "spacing_mm": list(case.spacing_mm),
    }
