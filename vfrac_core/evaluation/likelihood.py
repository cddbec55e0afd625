"""What a sign, or a verdict, is worth: likelihood ratios and odds ratio of a 2 × 2 table, and what becomes of a prior.

Signs are not independent: never multiply the ratios of several into one probability. One centre's table, with one or two
benign cases in a cell, has intervals as wide as [19, 959]; they are part of the result.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.figure import Figure, Z, not_defined

ZERO_CELL: Final = 0.5  # added to all four cells where one is empty (Haldane 1956, Anscombe 1956)
PREVALENCES: Final = (0.68, 0.20, 0.10)  # the paper's cohort is 68 % malignant; a spine clinic and a screening list are not


@dataclass(frozen=True, slots=True)
class LikelihoodRatios:
    """LR+, LR− and odds ratio. ``corrected``: a cell was empty, and 0.5 was added to all four."""

    positive: Figure
    negative: Figure
    odds_ratio: Figure
    corrected: bool


@dataclass(frozen=True, slots=True)
class PredictiveValues:
    """PPV and NPV at a share of malignant patients that the user names; None where nobody gets that verdict."""

    prevalence: float
    ppv: float | None
    npv: float | None


def likelihood_ratios(*, present_malignant: int, malignant: int, present_benign: int, benign: int) -> LikelihoodRatios:
    """Of a sign that is present in so many of so many patients. Not defined where a class has no patient.

    Intervals by the log method (Simel et al., J Clin Epidemiol 1991;44:763).
    """
    n = malignant + benign
    if malignant == 0 or benign == 0:
        nothing = not_defined("no malignant patient" if malignant == 0 else "no benign patient", n)
        return LikelihoodRatios(nothing, nothing, nothing, corrected=False)
    cells = (present_malignant, malignant - present_malignant, present_benign, benign - present_benign)
    assert min(cells) >= 0, "more patients with the sign than patients"
    corrected = 0 in cells
    a, b, c, d = (cell + ZERO_CELL if corrected else float(cell) for cell in cells)
    method = "log method, 0.5 added to each cell" if corrected else "log method"
    return LikelihoodRatios(
        _ratio(a / (a + b) / (c / (c + d)), 1 / a - 1 / (a + b) + 1 / c - 1 / (c + d), n, method),
        _ratio(b / (a + b) / (d / (c + d)), 1 / b - 1 / (a + b) + 1 / d - 1 / (c + d), n, method),
        _ratio(a * d / (b * c), 1 / a + 1 / b + 1 / c + 1 / d, n, method),
        corrected,
    )


def _ratio(value: float, variance: float, n: int, method: str) -> Figure:
    width = math.exp(Z * math.sqrt(variance))
    return Figure(value, value / width, value * width, n, method)


def posterior(prior: float, ratio: float) -> float:
    """The probability of malignancy after one finding, by Bayes in odds. VfracError for a prior outside of 0 to 1."""
    _check_share(prior, "prior")
    odds = prior / (1 - prior) * ratio
    return odds / (1 + odds)


def predictive_values(sensitivity: float, specificity: float, prevalence: float) -> PredictiveValues:
    """PPV and NPV elsewhere, if sensitivity and specificity are the same there. VfracError for a prevalence outside of 0 to 1."""
    _check_share(prevalence, "prevalence")
    true_positive, false_negative = prevalence * sensitivity, prevalence * (1 - sensitivity)
    true_negative, false_positive = (1 - prevalence) * specificity, (1 - prevalence) * (1 - specificity)
    return PredictiveValues(prevalence, _share_of(true_positive, false_positive), _share_of(true_negative, false_negative))


def _share_of(part: float, rest: float) -> float | None:
    return part / (part + rest) if part + rest > 0 else None


def _check_share(share: float, name: str) -> None:
    if not 0 < share < 1:
        raise VfracError(f"the {name} {share:g}; expected a number between 0 and 1: give the share of malignant patients")
