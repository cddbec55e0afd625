"""Is it better to act on the verdict than to treat all, or nobody? Net benefit (Vickers and Elkin, Med Decis Making 2006;26:565).

It depends on the share of malignant patients in the sample, which is printed with it: in the paper's sample, with 68 %, nobody
but the best reader beats "treat all" at a threshold of 0.1.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.arrays import Probabilities, Truth, check_finite
from vfrac_core.evaluation.confusion import Counts, count

Thresholds = Float64[np.ndarray, " threshold"]


@dataclass(frozen=True, slots=True)
class DecisionCurve:
    """Net benefit at each threshold probability, in true positives a patient; treating nobody is 0."""

    thresholds: Thresholds
    model: Float64[np.ndarray, " threshold"]
    treat_all: Float64[np.ndarray, " threshold"]
    prevalence: float
    n: int


def net_benefit(counts: Counts, threshold: float) -> float:
    """TP/N − FP/N · threshold/(1 − threshold): ``threshold`` is the probability of malignancy from which one would act.

    VfracError for a threshold outside of 0 to 1, or nobody to count.
    """
    if not 0 < threshold < 1:
        raise VfracError(f"the threshold {threshold:g}; expected a probability between 0 and 1: give one below 1")
    if counts.n == 0:
        raise VfracError("no patient; expected at least one: net benefit is a number a patient")
    return counts.true_positive / counts.n - counts.false_positive / counts.n * threshold / (1 - threshold)


def treat_all(counts: Counts, threshold: float) -> float:
    """Net benefit of calling everybody malignant."""
    everybody = Counts(true_positive=counts.malignant, false_negative=0, true_negative=0, false_positive=counts.benign)
    return net_benefit(everybody, threshold)


def decision_curve(malignant_probability: Probabilities, truth: Truth, thresholds: Thresholds) -> DecisionCurve:
    """Acting where p ≥ threshold. The probabilities must be calibrated, else the curve is of thresholds that nobody chose."""
    check_finite(malignant_probability, "a probability")
    at = [(count(malignant_probability >= threshold, truth), float(threshold)) for threshold in thresholds]
    return DecisionCurve(
        thresholds,
        np.array([net_benefit(counts, threshold) for counts, threshold in at], dtype=float),
        np.array([treat_all(counts, threshold) for counts, threshold in at], dtype=float),
        float(truth.mean()) if truth.size else 0.0,
        truth.size,
    )
