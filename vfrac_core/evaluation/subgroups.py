"""The same figures by sex, age and level, with n and Wilson's interval. No p values: no study here is large enough for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.arrays import Called, Patients, Truth
from vfrac_core.evaluation.confusion import confusion_by_patient
from vfrac_core.evaluation.figure import Figure

UNKNOWN: Final = "unknown"
AGE_GROUPS: Final = ("< 50", "50–70", "> 70")


@dataclass(frozen=True, slots=True)
class Grouping:
    """``groups``: one a case, None where it is not known. ``order``: which come first; others follow by the alphabet."""

    variable: str
    groups: tuple[str | None, ...]
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Subgroup:
    """One row: "age", "50–70". ``n`` cases."""

    variable: str
    group: str
    n: int
    sensitivity: Figure
    specificity: Figure
    accuracy: Figure
    balanced_accuracy: Figure


def by_group(grouping: Grouping, called: Called, truth: Truth, patients: Patients) -> tuple[Subgroup, ...]:
    """A row for each group that occurs, "unknown" last. VfracError where there are not as many groups as cases."""
    if len(grouping.groups) != truth.size:
        raise VfracError(
            f"{len(grouping.groups)} values of {grouping.variable} for {truth.size} cases; expected one a case: unknown is None"
        )
    names = np.array([group or UNKNOWN for group in grouping.groups], dtype=str)
    rows = []
    for name in _ordered(set(names.tolist()), grouping.order):
        inside = names == name
        found = confusion_by_patient(called[inside], truth[inside], patients[inside])
        figures = (found.sensitivity, found.specificity, found.accuracy, found.balanced_accuracy)
        rows.append(Subgroup(grouping.variable, name, int(inside.sum()), *figures))
    return tuple(rows)


def age_group(age_years: float | int | str | None) -> str:
    """ "< 50", "50–70" (both included), "> 70" or "unknown". "90+" is what de-identification leaves of 90 and more."""
    if isinstance(age_years, str):
        age_years = _number(age_years.rstrip("+"))
    if age_years is None or np.isnan(age_years):
        return UNKNOWN
    return AGE_GROUPS[int(age_years >= 50) + int(age_years > 70)]


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _ordered(found: set[str], order: Sequence[str]) -> list[str]:
    places = {name: place for place, name in enumerate(order)}
    return sorted(found, key=lambda name: (name == UNKNOWN, places.get(name, len(places)), name))
