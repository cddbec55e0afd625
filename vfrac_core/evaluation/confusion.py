"""Verdicts against the truth at one threshold: the four counts, and every figure that follows from them.

Accuracy and balanced accuracy are two figures, each under its name (decision 11): the paper's 85 % and 88 % for its network are
balanced ones. The majority's share stands beside them: who always says "malignant" has it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from vfrac_core.evaluation.arrays import Called, Patients, Probabilities, Truth, check_finite
from vfrac_core.evaluation.figure import Figure, not_defined, without_interval
from vfrac_core.evaluation.likelihood import likelihood_ratios
from vfrac_core.evaluation.proportions import proportion_by_patient, square_and_add, wilson
from vfrac_core.paper import MALIGNANT_THRESHOLD

MOVER = "MOVER from the intervals of sensitivity and specificity"


@dataclass(frozen=True, slots=True)
class Counts:
    """The four cells. Positive is malignant."""

    true_positive: int
    false_negative: int
    true_negative: int
    false_positive: int

    def __post_init__(self) -> None:
        assert min(self.true_positive, self.false_negative, self.true_negative, self.false_positive) >= 0

    @property
    def malignant(self) -> int:
        return self.true_positive + self.false_negative

    @property
    def benign(self) -> int:
        return self.true_negative + self.false_positive

    @property
    def n(self) -> int:
        return self.malignant + self.benign

    @property
    def right(self) -> int:
        return self.true_positive + self.true_negative


@dataclass(frozen=True, slots=True)
class Confusion:
    """The counts and what follows. A figure whose class or verdict nobody has is not defined, never 0 and never 1."""

    counts: Counts
    sensitivity: Figure
    specificity: Figure
    accuracy: Figure
    balanced_accuracy: Figure
    ppv: Figure
    npv: Figure
    lr_positive: Figure
    lr_negative: Figure
    mcc: Figure
    majority_baseline: Figure


@dataclass(frozen=True, slots=True)
class _Shares:
    """The five plain proportions, however their intervals were made."""

    sensitivity: Figure
    specificity: Figure
    accuracy: Figure
    ppv: Figure
    npv: Figure


def called_malignant(malignant_probability: Probabilities, threshold: float = MALIGNANT_THRESHOLD) -> Called:
    """p ≥ threshold (decision 25). VfracError for a probability that is missing."""
    check_finite(malignant_probability, "a probability")
    return malignant_probability >= threshold


def count(called: Called, truth: Truth) -> Counts:
    """The four cells of verdicts and truth."""
    return Counts(
        true_positive=int((called & truth).sum()),
        false_negative=int((~called & truth).sum()),
        true_negative=int((~called & ~truth).sum()),
        false_positive=int((called & ~truth).sum()),
    )


def confusion(counts: Counts) -> Confusion:
    """Everything from the counts alone: one verdict a patient, Wilson intervals."""
    c = counts
    shares = _Shares(
        sensitivity=_named(wilson(c.true_positive, c.malignant), "no malignant patient"),
        specificity=_named(wilson(c.true_negative, c.benign), "no benign patient"),
        accuracy=_named(wilson(c.right, c.n), "no patient"),
        ppv=_named(wilson(c.true_positive, c.true_positive + c.false_positive), "nobody was called malignant"),
        npv=_named(wilson(c.true_negative, c.true_negative + c.false_negative), "nobody was called benign"),
    )
    ratios = likelihood_ratios(
        present_malignant=c.true_positive, malignant=c.malignant, present_benign=c.false_positive, benign=c.benign
    )
    return _assembled(counts, shares, ratios.positive, ratios.negative)


def confusion_by_patient(called: Called, truth: Truth, patients: Patients) -> Confusion:
    """The same of units that share patients: intervals over patients. With one unit a patient it is ``confusion``."""
    counts = count(called, truth)
    plain = confusion(counts)
    if len(set(patients.tolist())) == patients.size:
        return plain
    shares = _Shares(
        sensitivity=_named(proportion_by_patient(called, truth, patients), "no malignant patient"),
        specificity=_named(proportion_by_patient(~called, ~truth, patients), "no benign patient"),
        accuracy=_named(proportion_by_patient(called == truth, np.ones(truth.size, dtype=bool), patients), "no patient"),
        ppv=_named(proportion_by_patient(truth, called, patients), "nothing was called malignant"),
        npv=_named(proportion_by_patient(~truth, ~called, patients), "nothing was called benign"),
    )
    return _assembled(counts, shares, _bare(plain.lr_positive), _bare(plain.lr_negative))


def _assembled(counts: Counts, shares: _Shares, lr_positive: Figure, lr_negative: Figure) -> Confusion:
    return Confusion(
        counts,
        shares.sensitivity,
        shares.specificity,
        shares.accuracy,
        _balanced(counts, shares),
        shares.ppv,
        shares.npv,
        lr_positive,
        lr_negative,
        _mcc(counts, shares),
        _majority(counts),
    )


def _balanced(counts: Counts, shares: _Shares) -> Figure:
    """The mean of sensitivity and specificity: the AUC of somebody who only says yes or no."""
    if not (shares.sensitivity.defined and shares.specificity.defined):
        return not_defined(_missing_class(counts), counts.n)
    value = _mean(counts.true_positive / counts.malignant, counts.true_negative / counts.benign)
    ends = square_and_add(_mean, shares.sensitivity, shares.specificity)
    return Figure(value, max(0.0, ends.low), min(1.0, ends.high), counts.n, MOVER)


def _mean(first: float, second: float) -> float:
    return (first + second) / 2


def _mcc(counts: Counts, shares: _Shares) -> Figure:
    """Matthews' correlation of verdict and truth, at this sample's share of malignant units."""
    if not (shares.sensitivity.defined and shares.specificity.defined):
        return not_defined(_missing_class(counts), counts.n)
    if not (shares.ppv.defined and shares.npv.defined):
        return not_defined("all verdicts are the same", counts.n)
    share = counts.malignant / counts.n

    def correlation(sensitivity: float, specificity: float) -> float:
        called = share * sensitivity + (1 - share) * (1 - specificity)
        return (sensitivity + specificity - 1) * math.sqrt(share * (1 - share) / (called * (1 - called)))

    value = correlation(counts.true_positive / counts.malignant, counts.true_negative / counts.benign)
    ends = square_and_add(correlation, shares.sensitivity, shares.specificity)
    return Figure(value, max(-1.0, ends.low), min(1.0, ends.high), counts.n, MOVER)


def _majority(counts: Counts) -> Figure:
    if counts.n == 0:
        return not_defined("no patient")
    return without_interval(max(counts.malignant, counts.benign) / counts.n, counts.n, "the larger class of this very sample")


def _missing_class(counts: Counts) -> str:
    return "no malignant patient" if counts.malignant == 0 else "no benign patient"


def _named(figure: Figure, reason: str) -> Figure:
    return figure if figure.defined else not_defined(reason)


def _bare(figure: Figure) -> Figure:
    """A ratio whose interval would treat slices as independent."""
    if figure.value is None:
        return figure
    return without_interval(figure.value, figure.n, "units share patients")
