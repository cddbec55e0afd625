"""The band around a ROC curve: at each false-positive rate, the middle 95 % of sensitivities over draws of patients."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from vfrac_core.evaluation.arrays import Patients, Scores, Truth
from vfrac_core.evaluation.bootstrap import DRAWS, FEWEST_FOR_BOOTSTRAP, fewest_patients, patient_draws, percentile_method
from vfrac_core.evaluation.figure import LEVEL

GRID = 101


@dataclass(frozen=True, slots=True)
class RocBand:
    """``low`` and ``high`` sensitivity at each ``false_positive_rate``, point by point, not for the curve as a whole."""

    false_positive_rate: Float64[np.ndarray, " point"]
    low: Float64[np.ndarray, " point"]
    high: Float64[np.ndarray, " point"]
    method: str


def roc_band(scores: Scores, truth: Truth, patients: Patients, *, draws: int = DRAWS, seed: int) -> RocBand | None:
    """From the same draws as the AUC's interval; None with one class or fewer than 10 patients in a class."""
    if truth.all() or not truth.any() or fewest_patients(truth, patients) < FEWEST_FOR_BOOTSTRAP:
        return None
    order = np.argsort(-scores, kind="stable")
    last = np.flatnonzero(np.append(np.diff(scores[order]) < 0, True))  # ties are passed at once
    grid = np.linspace(0, 1, GRID)
    found = []
    for weights in patient_draws(truth, patients, draws=draws, seed=seed):
        hits = np.cumsum(weights[:, order] * truth[order], axis=1)[:, last]
        alarms = np.cumsum(weights[:, order] * ~truth[order], axis=1)[:, last]
        found += [np.interp(grid, [0, *x / x[-1]], [0, *y / y[-1]]) for x, y in zip(alarms, hits, strict=True)]
    low, high = np.quantile(np.array(found), [0.5 - LEVEL / 2, 0.5 + LEVEL / 2], axis=0)
    return RocBand(grid, low, high, percentile_method(draws, seed))
