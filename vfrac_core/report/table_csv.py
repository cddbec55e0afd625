"""A table as CSV: a line for each number, unrounded, with everything that belongs to it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Final

from vfrac_core.report.table import Cell, Row, Table
from vfrac_core.signs import SAFETY

COLUMNS: Final = (
    "table", "row", "column", "value", "low", "high", "n", "method", "shown", "paper_value", "paper_shown", "difference",
    "safety",
)  # fmt: skip
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")  # what a spreadsheet would calculate


def csv_text(table: Table) -> str:
    """UTF-8, commas, one header. An empty ``value`` has its reason in ``shown``."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in table.rows:
        writer.writerows(_lines(table, row))
    return out.getvalue()


def _lines(table: Table, row: Row) -> Iterator[list[str]]:
    for column, cell in zip(table.columns, row.cells, strict=True):
        if cell.text or cell.paper:
            yield [_harmless(text) for text in (table.title, row.name, column, *_numbers(cell), SAFETY)]


def _numbers(cell: Cell) -> tuple[str, ...]:
    figure, paper = cell.figure, cell.paper
    own = (
        ("", "", "", "", "")
        if figure is None
        else (*map(_exact, (figure.value, figure.low, figure.high)), str(figure.n), figure.method)
    )
    return (*own, cell.text, _exact(paper.value if paper else None), paper.text if paper else "", cell.differs)


def _exact(value: float | None) -> str:
    return "" if value is None else repr(float(value))


def _harmless(text: str) -> str:
    """Words are never formulas; numbers keep their sign."""
    if text.startswith(FORMULA) and not _is_number(text):
        return f"'{text}"
    return text


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
