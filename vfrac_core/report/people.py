"""Age, sex and level of a cohort's cases, from its truth.csv. No network learns them; the report describes the cohort by them."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.subgroups import AGE_GROUPS, Grouping, age_group
from vfrac_core.signs import LEVELS

SEXES: Final[Mapping[str, str]] = {"m": "male", "male": "male", "f": "female", "female": "female"}
OLDEST: Final = 130.0  # years


@dataclass(frozen=True, slots=True)
class Person:
    """``age_years`` is NaN, ``sex`` and ``level`` are None where they are not known. "90+" years counts as 90."""

    age_years: float = math.nan
    sex: str | None = None
    level: str | None = None


def read_people(truth: Path) -> dict[str, Person]:
    """By the case's name, from the columns ``age_years``, ``sex`` and ``vertebral_level``; a column that is missing is not known.

    VfracError for a file that cannot be read; it quotes no value.
    """
    try:
        with truth.open(encoding="utf-8-sig", newline="") as file:
            return {row["case"].strip(): _person(row) for row in csv.DictReader(file)}
    except (OSError, UnicodeDecodeError, csv.Error, KeyError, AttributeError):
        raise VfracError("the truth table cannot be read; give a CSV file with commas and a column case, in UTF-8") from None


def groupings(people: Sequence[Person]) -> tuple[Grouping, ...]:
    """Sex, age and level, in the order of the spine; without those that nobody has."""
    found = (
        Grouping("sex", tuple(one.sex for one in people), ("female", "male")),
        Grouping("age", tuple(None if math.isnan(one.age_years) else age_group(one.age_years) for one in people), AGE_GROUPS),
        Grouping("level", tuple(one.level for one in people), LEVELS),
    )
    return tuple(one for one in found if any(group is not None for group in one.groups))


def _person(row: Mapping[str, str | None]) -> Person:
    level = (row.get("vertebral_level") or "").strip()
    return Person(
        age_years=_age(row.get("age_years") or ""),
        sex=SEXES.get((row.get("sex") or "").strip().lower()),
        level=level if level in LEVELS else None,
    )


def _age(text: str) -> float:
    try:
        years = float(text.strip().rstrip("+"))
    except ValueError:
        return math.nan
    return years if 0 <= years <= OLDEST else math.nan
