"""How far two or more readers, or a reader and the network, say the same, whatever the truth is.

Kappa never stands alone: where nearly all cases are of one kind, 96 % agreement is a kappa of 0.31. So the agreement, those on
yes and on no, and PABAK (kappa as if both were equally frequent) are part of the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from jaxtyping import Bool, Int64

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.bootstrap import DRAWS, check_settings
from vfrac_core.evaluation.figure import LEVEL, Figure, not_defined, without_interval
from vfrac_core.evaluation.proportions import wilson

Answers = Bool[np.ndarray, " case"]
Grades = Int64[np.ndarray, " case"]
Ratings = Int64[np.ndarray, "case reader"]

MISSING: Final = -1  # a rating that was not given
GRADES: Final = (1, 2, 3, 4, 5)  # confidence


@dataclass(frozen=True, slots=True)
class Agreement:
    """Two who answered yes or no to the same cases. ``on_yes`` = 2·both yes / (yes of one + yes of the other)."""

    kappa: Figure
    agreement: Figure
    on_yes: Figure
    on_no: Figure
    pabak: Figure


@dataclass(frozen=True, slots=True)
class FleissAgreement:
    """Several readers. Only cases that all have read are in it; ``left_out`` says how many were not."""

    kappa: Figure
    cases: int
    left_out: int


def agreement(first: Answers, second: Answers) -> Agreement:
    """Cohen's kappa and what has to stand beside it."""
    table = _table(first.astype(np.int64), second.astype(np.int64), (0, 1))
    no, yes, split = int(table[0, 0]), int(table[1, 1]), int(table[0, 1] + table[1, 0])
    share = wilson(no + yes, first.size)
    return Agreement(_kappa(table), share, _specific(yes, split, "yes"), _specific(no, split, "no"), _pabak(share))


def weighted_kappa(
    first: Grades, second: Grades, weights: Literal["linear", "quadratic"] = "linear", grades: Sequence[int] = GRADES
) -> Figure:
    """Kappa of grades, where near misses count less. All ``grades`` are kept, used or not: without an unused one the distances
    of the others would change. VfracError for a grade that is none of them.
    """
    for answers in (first, second):
        unknown = set(answers.tolist()) - set(grades)
        if unknown:
            raise VfracError(
                f"the grade {min(unknown)}; expected one of {', '.join(map(str, grades))}: correct it or leave it out"
            )
    return _kappa(_table(first, second, tuple(grades)), weights)


def fleiss(ratings: Ratings, *, draws: int = DRAWS, seed: int) -> FleissAgreement:
    """Fleiss' kappa of any number of readers; ratings are 0, 1, 2 …, and -1 where there is none. Interval by draws of cases.

    VfracError for fewer than two readers, a negative seed or fewer than 100 draws.
    """
    from statsmodels.stats.inter_rater import aggregate_raters, fleiss_kappa

    check_settings(draws, seed)
    if ratings.shape[1] < 2:
        raise VfracError(f"{ratings.shape[1]} reader; expected at least 2: agreement needs somebody to agree with")
    complete = ratings[(ratings != MISSING).all(axis=1)]
    n, left_out = len(complete), len(ratings) - len(complete)
    if n == 0:
        return FleissAgreement(not_defined("no case was read by all"), 0, left_out)
    counts, _ = aggregate_raters(complete)
    if counts.shape[1] == 1:
        return FleissAgreement(not_defined("all answers are equal, agreement 100 %", n), n, left_out)
    value = float(fleiss_kappa(counts))
    found = _fleiss_draws(counts.astype(float), draws, seed)
    if found.size < 0.95 * draws:  # most draws hold one answer only
        return FleissAgreement(without_interval(value, n, "nearly all answers are equal"), n, left_out)
    low, high = (float(end) for end in np.quantile(found, [0.5 - LEVEL / 2, 0.5 + LEVEL / 2]))
    method = f"percentile bootstrap of cases, {draws} draws, seed {seed}; these {ratings.shape[1]} readers"
    return FleissAgreement(Figure(value, low, high, n, method), n, left_out)


def _fleiss_draws(counts: np.ndarray, draws: int, seed: int) -> np.ndarray:
    """Fleiss' kappa of each draw of cases; draws in which all answers are equal have none and are left out."""
    n, readers = len(counts), counts[0].sum()
    weights = np.random.default_rng(seed).multinomial(n, np.full(n, 1 / n), size=draws)
    alike = weights @ ((counts**2).sum(axis=1) - readers) / (readers * (readers - 1)) / n
    by_chance = ((weights @ counts / (n * readers)) ** 2).sum(axis=1)
    some = by_chance < 1
    return (alike[some] - by_chance[some]) / (1 - by_chance[some])


def _table(first: Grades, second: Grades, grades: tuple[int, ...]) -> Int64[np.ndarray, "first second"]:
    place = {grade: index for index, grade in enumerate(grades)}
    table = np.zeros((len(grades), len(grades)), dtype=np.int64)
    for one, other in zip(first.tolist(), second.tolist(), strict=True):
        table[place[one], place[other]] += 1
    return table


def _kappa(table: Int64[np.ndarray, "first second"], weights: Literal["linear", "quadratic"] | None = None) -> Figure:
    """Cohen's, with Fleiss', Cohen's and Everitt's interval (Psychol Bull 1969;72:323) clipped to -1 … 1."""
    from statsmodels.stats.inter_rater import cohens_kappa

    n = int(table.sum())
    if n == 0:
        return not_defined("no case was read by both")
    if n in np.diagonal(table):
        return not_defined("all answers are equal, agreement 100 %", n)
    with np.errstate(divide="ignore", invalid="ignore"):  # of variances that are 0; they are caught below
        found = cohens_kappa(table, wt=weights)
    if not found.var_kappa > 1e-12:
        return without_interval(float(found.kappa), n, "the asymptotic one has no width here")
    low, high = max(-1.0, float(found.kappa_low)), min(1.0, float(found.kappa_upp))
    return Figure(float(found.kappa), low, high, n, "asymptotic, clipped to -1 … 1")


def _specific(both: int, split: int, answer: str) -> Figure:
    if both + split == 0:
        return not_defined(f"nobody said {answer}")
    return without_interval(2 * both / (2 * both + split), both + split, "read it beside the agreement")


def _pabak(share: Figure) -> Figure:
    if share.value is None or share.low is None or share.high is None:
        return not_defined("no case was read by both")
    return Figure(2 * share.value - 1, 2 * share.low - 1, 2 * share.high - 1, share.n, "from Wilson's for the agreement")
