"""Who is more often right on the *same* cases: McNemar's exact test for two, Cochran's Q for more.

Never the chi-square form of McNemar: without discordant cases it gives p = 0 or nothing, where the exact one gives 1.
Test sensitivity on malignant and specificity on benign cases apart; the overall accuracy mixes them in the sample's proportion.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool
from scipy.stats import binomtest

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.figure import Figure, Z, not_defined

Right = Bool[np.ndarray, " case"]


@dataclass(frozen=True, slots=True)
class McNemar:
    """``difference``: the share right of the first minus that of the second. Its interval is Bonett's and Price's
    (J Educ Behav Stat 2012;37:479). ``p`` is exact, two-sided."""

    only_first: int
    only_second: int
    difference: Figure
    p: float
    test: str = "exact McNemar"


@dataclass(frozen=True, slots=True)
class Margin:
    """How many of ``n`` cases two were right on, when it is not known on which."""

    first_right: int
    second_right: int
    n: int


@dataclass(frozen=True, slots=True)
class PRange:
    """The least and the largest p that any pairing of the cases could give."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CochranQ:
    """``statistic`` is None where no case divided the readers; p is then 1."""

    statistic: float | None
    df: int
    p: float
    cases: int
    test: str = "Cochran's Q"


def mcnemar(first_right: Right, second_right: Right) -> McNemar:
    """Two readers, a reader and the network, or the same reader without and with it."""
    first, second = int((first_right & ~second_right).sum()), int((~first_right & second_right).sum())
    return McNemar(first, second, _difference(first, second, first_right.size), exact_p(first, second))


def exact_p(only_first: int, only_second: int) -> float:
    """Of so many cases that only one of the two had right; 1 where there is none."""
    discordant = only_first + only_second
    return float(binomtest(only_first, discordant, 0.5).pvalue) if discordant else 1.0


def mcnemar_from_margins(margins: Sequence[Margin]) -> PRange:
    """Every pairing that the printed counts allow, for a paper that gives no paired data. One margin for each class: pairings are
    within class, and their discordant cases add up.
    """
    fewest = [abs(m.first_right - m.second_right) for m in margins]
    most = [min(m.first_right, m.n - m.second_right) + min(m.second_right, m.n - m.first_right) for m in margins]
    lead = sum(m.first_right - m.second_right for m in margins)
    discordant = range(sum(fewest), sum(most) + 1, 2)
    found = [exact_p((total + lead) // 2, (total - lead) // 2) for total in discordant]
    return PRange(min(found), max(found))


def cochran_q(right: Bool[np.ndarray, "case reader"]) -> CochranQ:
    """More than two readers or arms on the same cases. VfracError for fewer than two."""
    from statsmodels.stats.contingency_tables import cochrans_q

    cases, readers = right.shape
    if readers < 2:
        raise VfracError(f"{readers} reader; expected at least 2: there is nothing to compare")
    if (right.all(axis=1) | ~right.any(axis=1)).all():
        return CochranQ(None, readers - 1, 1.0, cases)
    found = cochrans_q(right.astype(int))
    return CochranQ(float(found.statistic), readers - 1, float(found.pvalue), cases)


def _difference(first: int, second: int, n: int) -> Figure:
    if n == 0:
        return not_defined("no case was judged by both")
    one, other = (first + 1) / (n + 2), (second + 1) / (n + 2)
    half = Z * math.sqrt((one + other - (one - other) ** 2) / (n + 2))
    middle, value = one - other, (first - second) / n
    return Figure(value, max(-1.0, middle - half), min(1.0, middle + half), n, "Bonett and Price")
