"""A finished cross-validation of a tiny network on noise, and what its report is made of."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path

from training_fixtures import QUICK, TINY, some_cases

from vfrac_core.report.people import Person
from vfrac_core.report.source import Source, source_of_run
from vfrac_core.training.cross_validate import Job
from vfrac_core.training.run import Run, cross_validate

DATA = some_cases(24)
CONFIG = replace(QUICK, initial="random", epochs=1)
PEOPLE = {case.case: Person(40.0 + number, ("male", "female")[number % 3 == 0], "L1") for number, case in enumerate(DATA.cases)}


def finished_run(out: Path) -> Path:
    run = Run(Job(DATA, None, 0, CONFIG, out, shape=TINY), "cohort folder", lambda: datetime(2026, 1, 2, tzinfo=UTC))
    assert cross_validate(run) is not None
    return out


def source(run: Path, **others: object) -> Source:
    return source_of_run(run, DATA, **{"people": PEOPLE, "shape": TINY, "draws": 100, **others})


def rows(file: Path) -> list[dict[str, str]]:
    with file.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


def cell(file: Path, row: str, column: str) -> Mapping[str, str]:
    """The one line of a table's CSV."""
    (found,) = [one for one in rows(file) if one["row"] == row and one["column"] == column]
    return found


class Page(HTMLParser):
    """Tags with their attributes, and the text of captions."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.titles: list[str] = []
        self._inside: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._inside.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self._inside and self._inside.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._inside[-2:] == ["figcaption", "strong"]:
            self.titles.append(data)
