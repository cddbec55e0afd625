"""ROC AUC of patients, or of slices that belong to patients: rank sum, interval over patients."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64
from scipy.optimize import brentq
from scipy.stats import rankdata

from vfrac_core.evaluation.arrays import Folds, Patients, PerDraw, Scores, Truth, Weights, check_finite
from vfrac_core.evaluation.bootstrap import (
    DRAWS,
    FEWEST_FOR_BOOTSTRAP,
    TOO_FEW,
    fewest_patients,
    percentile_interval,
    percentile_method,
)
from vfrac_core.evaluation.figure import Ends, Figure, Z, not_defined, without_interval


@dataclass(frozen=True, slots=True)
class RocCurve:
    """Points of the curve from (0, 0) to (1, 1), a threshold each (the first is infinite)."""

    false_positive_rate: Float64[np.ndarray, " point"]
    sensitivity: Float64[np.ndarray, " point"]
    threshold: Float64[np.ndarray, " point"]


@dataclass(frozen=True, slots=True)
class FoldAucs:
    """AUC fold by fold; ``sd`` is over folds. A fold with one class has none and is counted in ``left_out``."""

    values: tuple[float, ...]
    mean: float | None
    sd: float | None
    left_out: int


def auc(scores: Scores, truth: Truth, patients: Patients, *, draws: int = DRAWS, seed: int) -> Figure:
    """The chance that a malignant unit scores higher than a benign one, ties counted half.

    The interval: percentiles over draws of patients within class; Newcombe's where a class has fewer than 10 patients, or where
    the draws have no width (the classes are fully separated, or all scores are equal). Not defined with one class. VfracError
    for a score that is missing, a negative seed or fewer than 100 draws.
    """
    check_finite(scores, "a score")
    if truth.all() or not truth.any():
        return not_defined(_one_class(truth), truth.size)
    value = rank_auc(scores, truth)
    if fewest_patients(truth, patients) >= FEWEST_FOR_BOOTSTRAP:
        ends = percentile_interval(lambda weights: weighted_auc(scores, truth, weights), truth, patients, draws=draws, seed=seed)
        if ends.low < ends.high:
            return Figure(value, ends.low, ends.high, truth.size, percentile_method(draws, seed))
    malignant, benign = (len(set(patients[which].tolist())) for which in (truth, ~truth))
    ends = newcombe(value, malignant, benign)
    return Figure(value, ends.low, ends.high, truth.size, f"Newcombe's method 5 for {malignant} and {benign} patients")


def auc_difference(first: Scores, second: Scores, truth: Truth, patients: Patients, *, draws: int = DRAWS, seed: int) -> Figure:
    """AUC of ``first`` minus that of ``second`` on the same units, from the same draws. Not defined with one class; no interval
    where a class has fewer than 10 patients."""
    check_finite(first, "a score")
    check_finite(second, "a score")
    if truth.all() or not truth.any():
        return not_defined(_one_class(truth), truth.size)

    def difference(weights: Weights) -> PerDraw:
        return weighted_auc(first, truth, weights) - weighted_auc(second, truth, weights)

    value = rank_auc(first, truth) - rank_auc(second, truth)
    if fewest_patients(truth, patients) < FEWEST_FOR_BOOTSTRAP:
        return without_interval(value, truth.size, TOO_FEW)
    ends = percentile_interval(difference, truth, patients, draws=draws, seed=seed)
    return Figure(value, ends.low, ends.high, truth.size, percentile_method(draws, seed))


def auc_by_fold(scores: Scores, truth: Truth, folds: Folds) -> FoldAucs:
    """AUC within each fold, to stand beside the pooled one: scores of two folds come from two networks."""
    check_finite(scores, "a score")
    tests = [folds == fold for fold in np.unique(folds)]
    values = tuple(rank_auc(scores[test], truth[test]) for test in tests if truth[test].any() and not truth[test].all())
    mean = float(np.mean(values)) if values else None
    sd = float(np.std(values, ddof=1)) if len(values) > 1 else None
    return FoldAucs(values, mean, sd, len(tests) - len(values))


def roc_curve(scores: Scores, truth: Truth) -> RocCurve | None:
    """The corners of the curve; None with one class."""
    from sklearn.metrics import roc_curve as corners

    check_finite(scores, "a score")
    if truth.all() or not truth.any():
        return None
    return RocCurve(*(np.asarray(column, dtype=float) for column in corners(truth, scores)))


def rank_auc(scores: Scores, truth: Truth) -> float:
    """AUC from the sum of the malignant units' ranks, tied ranks averaged (Mann and Whitney). Both classes must be there."""
    malignant = int(truth.sum())
    benign = truth.size - malignant
    above = rankdata(scores)[truth].sum() - malignant * (malignant + 1) / 2
    return float(above / (malignant * benign))


def weighted_auc(scores: Scores, truth: Truth, weights: Weights) -> PerDraw:
    """The same where unit i counts ``weights[:, i]`` times, for all draws at once. Each draw must hold both classes."""
    order = np.argsort(scores, kind="stable")
    ties = np.flatnonzero(np.concatenate([[True], np.diff(scores[order]) > 0]))
    malignant = np.add.reduceat(np.where(truth[order], weights[:, order], 0.0), ties, axis=1)
    benign = np.add.reduceat(np.where(truth[order], 0.0, weights[:, order]), ties, axis=1)
    below = np.cumsum(benign, axis=1) - benign / 2
    return (malignant * below).sum(axis=1) / (malignant.sum(axis=1) * benign.sum(axis=1))


def newcombe(value: float, malignant: int, benign: int) -> Ends:
    """Newcombe's method 5 for an AUC of so many patients (Stat Med 2006;25:559): all values that lie within 1.96 of their own
    standard deviations of ``value``, by Hanley and McNeil's variance with both sample sizes at their mean. Has width at 0 and 1.
    """
    size = (malignant + benign) / 2 - 1

    def distance(theta: float) -> float:
        spread = theta * (1 - theta) * (1 + size * (1 - theta) / (2 - theta) + size * theta / (1 + theta))
        return abs(value - theta) - Z * math.sqrt(spread / (malignant * benign))

    edge = 1e-12
    inside = min(max(value, 1e-9), 1 - 1e-9)
    low = float(brentq(distance, edge, inside)) if distance(edge) > 0 else 0.0
    high = float(brentq(distance, inside, 1 - edge)) if distance(1 - edge) > 0 else 1.0
    return Ends(low, high)


def _one_class(truth: Truth) -> str:
    return "only one class: all are positive" if truth.any() else "only one class: none is positive"
