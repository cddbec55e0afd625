"""The rows of Table 1: who is in the two classes, and the tests that the paper used.

Pearson's chi-square *without* Yates' correction and Welch's t test: only they give the paper's p values (Yates and Student do
not). Where an expected count is below 5 Fisher's exact test takes over, and the row says so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from jaxtyping import Float64
from scipy.stats import chi2_contingency, fisher_exact, ttest_ind_from_stats
from scipy.stats.contingency import expected_freq

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.figure import Figure
from vfrac_core.evaluation.proportions import wilson
from vfrac_core.types import Diagnosis

FEWEST_EXPECTED: Final = 5.0

Test = Literal["Pearson chi-square", "Fisher exact", "Welch t", "none"]
PerCase = Float64[np.ndarray, " case"]


@dataclass(frozen=True, slots=True)
class PresenceRow:
    """How often something is present in each class. ``expected``: malignant present, absent, benign present, absent.

    ``statistic`` is None for Fisher's test; it and ``p`` are where nothing can be tested (``test`` is "none").
    """

    name: str
    malignant: Figure
    benign: Figure
    expected: tuple[float, float, float, float]
    test: Test
    statistic: float | None
    p: float | None


@dataclass(frozen=True, slots=True)
class Moments:
    """Mean and standard deviation (n − 1) of ``n`` patients."""

    mean: float
    sd: float
    n: int


@dataclass(frozen=True, slots=True)
class MeanRow:
    """A number such as the age, in each class. ``p`` is None where a class has fewer than two patients or nothing varies."""

    name: str
    malignant: Moments
    benign: Moments
    test: Test
    statistic: float | None
    df: float | None
    p: float | None


def presence_row(name: str, present: Mapping[Diagnosis, int], patients: Mapping[Diagnosis, int]) -> PresenceRow:
    """``present`` of ``patients`` in each class. Patients with a missing value belong in neither."""
    table = np.array([[present[d], patients[d] - present[d]] for d in ("malignant", "benign")])
    assert table.min() >= 0, "more patients with it than patients"
    shares = {d: wilson(present[d], patients[d]) for d in ("malignant", "benign")}
    expected = expected_freq(table) if table.sum() else np.zeros((2, 2))
    test, statistic, p = _tested(table, expected)
    cells = (float(expected[0, 0]), float(expected[0, 1]), float(expected[1, 0]), float(expected[1, 1]))
    return PresenceRow(name, shares["malignant"], shares["benign"], cells, test, statistic, p)


def _tested(table: np.ndarray, expected: np.ndarray) -> tuple[Test, float | None, float | None]:
    if expected.min() == 0:  # a class is empty, or all patients are alike
        return "none", None, None
    if expected.min() < FEWEST_EXPECTED:
        return "Fisher exact", None, float(fisher_exact(table).pvalue)
    found = chi2_contingency(table, correction=False)
    return "Pearson chi-square", float(found.statistic), float(found.pvalue)


def moments(values: PerCase) -> Moments:
    """Of raw values, missing ones (NaN) left out. VfracError where nothing is left."""
    known = values[~np.isnan(values)]
    if known.size == 0:
        raise VfracError("no value in a class; expected at least one: leave the row out")
    return Moments(float(known.mean()), float(known.std(ddof=1)) if known.size > 1 else 0.0, known.size)


def mean_row(name: str, malignant: Moments, benign: Moments) -> MeanRow:
    """Welch's t test from means, standard deviations and numbers: the same as from raw values."""
    if min(malignant.n, benign.n) < 2 or malignant.sd == benign.sd == 0:
        return MeanRow(name, malignant, benign, "none", None, None, None)
    found = ttest_ind_from_stats(malignant.mean, malignant.sd, malignant.n, benign.mean, benign.sd, benign.n, equal_var=False)
    return MeanRow(name, malignant, benign, "Welch t", float(found.statistic), _welch_df(malignant, benign), float(found.pvalue))


def _welch_df(first: Moments, second: Moments) -> float:
    """Welch and Satterthwaite."""
    one, other = first.sd**2 / first.n, second.sd**2 / second.n
    return (one + other) ** 2 / (one**2 / (first.n - 1) + other**2 / (second.n - 1))


def p_text(p: float | None) -> str:
    """Three decimals, "<0.001" below, "–" where there is no p."""
    if p is None or math.isnan(p):
        return "–"
    return "<0.001" if p < 0.001 else f"{p:.3f}"
