"""Is a probability of 0.8 right in eight of ten? Brier score, log loss, and the line of calibration. Of scores that the fitted
network never saw (out-of-fold), or it is no calibration at all.

Logits and probabilities are of cases or slices, ``truth`` is malignant.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import brentq
from scipy.special import expit

from vfrac_core.evaluation.arrays import Logits, Patients, PerDraw, Truth, Weights, check_finite
from vfrac_core.evaluation.bootstrap import (
    DRAWS,
    FEWEST_FOR_BOOTSTRAP,
    TOO_FEW,
    fewest_patients,
    percentile_intervals,
    percentile_method,
)
from vfrac_core.evaluation.figure import Figure, Z, not_defined, without_interval

CLIP: Final = 1e-7  # of probabilities in the log loss: one confident error costs 16 at most


@dataclass(frozen=True, slots=True)
class Loss:
    """``brier``: mean squared error, 0 is best, and who always says the prevalence has prevalence × (1 − prevalence).

    ``scaled_brier``: 1 is best, 0 is what that constant has. ``log_loss`` in nats.
    """

    brier: Figure
    scaled_brier: Figure
    log_loss: Figure


@dataclass(frozen=True, slots=True)
class CalibrationLine:
    """The truth regressed on the logit. Ideal: slope 1, intercept 0, in the large 0. A slope below 1: too sure of itself.

    ``in_the_large``: the intercept with the slope held at 1; below 0 the probabilities are too high on the whole.
    """

    slope: Figure
    intercept: Figure
    in_the_large: Figure


def losses(logits: Logits, truth: Truth, patients: Patients, *, draws: int = DRAWS, seed: int) -> Loss:
    """Brier, scaled Brier and log loss, intervals by draws of patients, none where a class has fewer than 10.

    VfracError for a logit that is missing.
    """
    check_finite(logits, "a logit")
    if truth.size == 0:
        nothing = not_defined("nobody to count")
        return Loss(nothing, nothing, nothing)
    p = expit(logits)
    square = (p - truth) ** 2
    clipped = np.clip(p, CLIP, 1 - CLIP)
    surprise = -np.log(np.where(truth, clipped, 1 - clipped))

    def brier(weights: Weights) -> PerDraw:
        return weights @ square / weights.sum(axis=1)

    def scaled(weights: Weights) -> PerDraw:
        share = weights @ truth.astype(float) / weights.sum(axis=1)
        return 1 - brier(weights) / (share * (1 - share))

    def log_loss(weights: Weights) -> PerDraw:
        return weights @ surprise / weights.sum(axis=1)

    one_class = truth.all() or not truth.any()
    statistics = [brier, log_loss] if one_class else [brier, log_loss, scaled]
    values = [float(statistic(np.ones((1, truth.size)))[0]) for statistic in statistics]
    if fewest_patients(truth, patients) < FEWEST_FOR_BOOTSTRAP:
        figures = [without_interval(value, truth.size, TOO_FEW) for value in values]
    else:
        ends = percentile_intervals(statistics, truth, patients, draws=draws, seed=seed)
        method = percentile_method(draws, seed)
        figures = [Figure(value, end.low, end.high, truth.size, method) for value, end in zip(values, ends, strict=True)]
    return Loss(figures[0], not_defined("only one class", truth.size) if one_class else figures[2], figures[1])


def calibration_line(logits: Logits, truth: Truth, patients: Patients) -> CalibrationLine:
    """Slope, intercept and calibration in the large, with Wald intervals; sandwich errors over patients where they have several
    units. What cannot be fitted (one class, all logits equal, classes fully separated) is not defined. VfracError for a logit
    that is missing.
    """
    check_finite(logits, "a logit")
    n = truth.size
    if truth.all() or not truth.any():
        nothing = not_defined("only one class", n)
        return CalibrationLine(nothing, nothing, nothing)
    in_the_large = _in_the_large(logits, truth, patients)
    if np.ptp(logits) == 0:
        nothing = not_defined("all logits are equal", n)
        return CalibrationLine(nothing, nothing, in_the_large)
    if separated(logits, truth):
        nothing = not_defined("the classes are fully separated", n)
        return CalibrationLine(nothing, nothing, in_the_large)
    slope, intercept = _slope_and_intercept(logits, truth, patients)
    return CalibrationLine(slope, intercept, in_the_large)


def separated(logits: Logits, truth: Truth) -> bool:
    """Whether one threshold parts the classes, ties on it allowed: then no slope is the likeliest (Albert and Anderson,
    Biometrika 1984;71:1). Both classes must be there."""
    malignant, benign = logits[truth], logits[~truth]
    return bool(malignant.min() >= benign.max() or benign.min() >= malignant.max())


def intercept_beside(offset: Logits, truth: Truth, weights: Logits) -> float:
    """The a at which weights · (truth − sigmoid(offset + a)) add up to 0: logistic regression with nothing but an intercept.

    It exists and is one wherever both classes have weight.
    """

    def excess(a: float) -> float:
        return float(weights @ (expit(offset + a) - truth))

    return float(brentq(excess, -float(offset.max()) - 50, -float(offset.min()) + 50, xtol=1e-12))


def _in_the_large(logits: Logits, truth: Truth, patients: Patients) -> Figure:
    value = intercept_beside(logits, truth, np.ones(truth.size))
    p = expit(logits + value)
    _, owner = np.unique(patients, return_inverse=True)
    information = float((p * (1 - p)).sum())
    if information < 1e-12:
        return not_defined("every probability is 0 or 1", truth.size)
    if _one_unit_each(patients):
        variance, method = 1 / information, "Wald"
    else:
        variance, method = (
            float((np.bincount(owner, weights=truth - p) ** 2).sum()) / information**2,
            "Wald, sandwich over patients",
        )
    half = Z * float(np.sqrt(variance))
    return Figure(value, value - half, value + half, truth.size, method)


def _slope_and_intercept(logits: Logits, truth: Truth, patients: Patients) -> tuple[Figure, Figure]:
    """Maximum likelihood on logits in units of their standard deviation, so that no exponent overflows on the way."""
    from statsmodels.discrete.discrete_model import Logit

    unit = float(logits.std())
    model = Logit(truth.astype(float), np.column_stack([np.ones(truth.size), logits / unit]))
    errors = {} if _one_unit_each(patients) else {"cov_type": "cluster", "cov_kwds": {"groups": patients}}
    fit = model.fit(disp=0, warn_convergence=False, maxiter=100, **errors)
    if not fit.mle_retvals["converged"]:
        nothing = not_defined("the regression did not converge", truth.size)
        return nothing, nothing
    method = "Wald, sandwich over patients" if errors else "Wald"
    ends = fit.conf_int()
    intercept = Figure(float(fit.params[0]), float(ends[0, 0]), float(ends[0, 1]), truth.size, method)
    slope = Figure(float(fit.params[1]) / unit, float(ends[1, 0]) / unit, float(ends[1, 1]) / unit, truth.size, method)
    return slope, intercept


def _one_unit_each(patients: Patients) -> bool:
    return len(set(patients.tolist())) == patients.size
