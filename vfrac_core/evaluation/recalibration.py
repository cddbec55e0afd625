"""Two numbers that mend a patient's logit afterwards: one added (the shift), one that divides (the temperature).

p = sigmoid((logit + shift) / temperature). A temperature alone changes no ranking and no verdict at 0.5; a shift changes
verdicts, no ranking. Both are fitted on out-of-fold logits of *cases*: the maximum over slices is too high even if each
slice is right. For a number that is reported, the held-out fold must not have taken part: ``cross_fit``. The shipped pair is
fitted on all folds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.optimize import minimize_scalar

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.arrays import Folds, Logits, Patients, Truth, check_finite
from vfrac_core.evaluation.calibration import intercept_beside, separated

TEMPERATURES: Final = (0.05, 20.0)  # outside of this something else is wrong than the temperature
STEEPNESSES: Final = (0.02, 50.0)  # in standard deviations of the logits


@dataclass(frozen=True, slots=True)
class Recalibration:
    """What to do with a logit. ``note`` is empty, or says why a number is not a fitted one."""

    temperature: float = 1.0
    shift: float = 0.0
    note: str = ""

    def __post_init__(self) -> None:
        assert 0 < self.temperature < math.inf
        assert math.isfinite(self.shift)

    def apply(self, logits: Logits) -> Logits:
        return (logits + self.shift) / self.temperature


@dataclass(frozen=True, slots=True)
class CrossFitted:
    """Each unit's logit, mended by what the *other* folds said; and what was fitted without each fold."""

    logits: Logits
    without: Mapping[int, Recalibration]


Fit = Callable[[Logits, Truth], Recalibration]


def fit_temperature(logits: Logits, truth: Truth) -> Recalibration:
    """The one temperature of least log loss (Guo et al., ICML 2017). 1 where the classes are fully separated, since the
    likeliest would then make every answer certain. VfracError for one class or a logit that is missing.
    """
    _check(logits, truth)
    if separated(logits, truth):
        return Recalibration(note="temperature not fitted: the classes are fully separated")
    found = _minimum(lambda t: _log_loss(logits / t, truth, np.ones(truth.size)), TEMPERATURES)
    at_edge = min(abs(math.log(found / edge)) for edge in TEMPERATURES) < 1e-3
    return Recalibration(temperature=found, note="the temperature is at the end of its range" if at_edge else "")


def fit_shift(logits: Logits, truth: Truth) -> Recalibration:
    """The number to add so that 0.5 is where both classes are equally likely, were there as many of one as of the other.

    Logistic regression of the truth on the logit with both classes given equal weight; the shift is intercept / slope, so that
    the regression's 0.5 falls on a logit of 0. Therefore it does not depend on how many of each class the sample has, nor on
    a temperature: logits twice as steep have twice the shift, and the same verdicts. The slope is kept positive and within
    bounds, so that poor logits have a shift too: about minus the middle of the two classes' means. Where the classes are
    fully separated, minus the middle of the gap. VfracError for one class or a logit that is missing.
    """
    _check(logits, truth)
    spread = float(logits.std())
    if spread == 0:
        return Recalibration(shift=-float(logits[0]), note="all logits are equal")
    if logits[truth].min() > logits[~truth].max():
        gap = float(logits[truth].min() + logits[~truth].max()) / 2
        return Recalibration(shift=-gap, note="the classes are fully separated: the middle of the gap")
    weights = np.where(truth, truth.size / truth.sum(), truth.size / (~truth).sum()) / 2
    centre = float(logits.mean())
    standard = (logits - centre) / spread

    def loss(steepness: float) -> float:
        scaled = standard / steepness
        return _log_loss(scaled + intercept_beside(scaled, truth, weights), truth, weights)

    steepness = _minimum(loss, STEEPNESSES)
    return Recalibration(shift=intercept_beside(standard / steepness, truth, weights) * steepness * spread - centre)


def fit_shift_then_temperature(logits: Logits, truth: Truth) -> Recalibration:
    """The shift, and the temperature of the shifted logits: least log loss among those that keep 0.5 where the shift put it."""
    shifted = fit_shift(logits, truth)
    scaled = fit_temperature(shifted.apply(logits), truth)
    notes = [note for note in (shifted.note, scaled.note) if note]
    return Recalibration(scaled.temperature, shifted.shift, "; ".join(notes))


def cross_fit(logits: Logits, truth: Truth, patients: Patients, folds: Folds, fit: Fit) -> CrossFitted:
    """Mends each fold's out-of-fold logits by what ``fit`` finds on all other folds'.

    VfracError for fewer than two folds, a patient in two folds, or other folds with one class only.
    """
    names = np.unique(folds)
    if names.size < 2:
        raise VfracError(f"{names.size} fold; expected at least 2: a number can not be fitted and tested on the same patients")
    _check_patients(patients, folds)
    mended, without = np.empty_like(logits), {}
    for name in names:
        test = folds == name
        without[int(name)] = fit(logits[~test], truth[~test])
        mended[test] = without[int(name)].apply(logits[test])
    return CrossFitted(mended, without)


def _minimum(loss: Callable[[float], float], bounds: tuple[float, float]) -> float:
    """Where ``loss`` of a positive number is least, searched over its logarithm."""
    found = minimize_scalar(
        lambda log: loss(math.exp(log)),
        bounds=(math.log(bounds[0]), math.log(bounds[1])),
        method="bounded",
        options={"xatol": 1e-7},
    )
    return math.exp(float(found.x))


def _log_loss(logits: Logits, truth: Truth, weights: Logits) -> float:
    return float(weights @ (np.logaddexp(0, logits) - truth * logits)) / float(weights.sum())


def _check(logits: Logits, truth: Truth) -> None:
    check_finite(logits, "a logit")
    if truth.all() or not truth.any():
        found = "no" if truth.size == 0 else "only malignant" if truth.all() else "only benign"
        raise VfracError(f"{found} cases to fit on; expected both classes: add cases, or fit on all folds")


def _check_patients(patients: Patients, folds: Folds) -> None:
    if len(set(zip(patients.tolist(), folds.tolist(), strict=True))) != len(set(patients.tolist())):
        raise VfracError("a patient is in two folds; expected all of a patient's cases in one: split by patient")
