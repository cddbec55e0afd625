"""From the slices of a case to the case's one number: the maximum (the paper's), the mean, or the mean of the top two.

The maximum grows with the number of slices, for benign and malignant alike; the mean does not. So the rule and the number of
slices are part of every result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from jaxtyping import Bool, Float64, Int64
from scipy.special import log_expit, logsumexp

from vfrac_core.types import Diagnosis

SliceLogits = Float64[np.ndarray, " slice"]
CaseOfSlice = Int64[np.ndarray, " slice"]
CaseLogits = Float64[np.ndarray, " case"]

Rule = Literal["max", "mean", "top2"]
RULES: Final[tuple[Rule, ...]] = get_args(Rule)


@dataclass(frozen=True, slots=True)
class SliceCounts:
    """How many slices the cases of one class have."""

    diagnosis: Diagnosis
    cases: int
    slices: int
    fewest: int
    most: int

    @property
    def mean(self) -> float | None:
        return self.slices / self.cases if self.cases else None


def case_logits(logits: SliceLogits, cases: CaseOfSlice, rule: Rule) -> CaseLogits:
    """One logit a case, ordered by the case's number. It is the *probabilities* that are averaged, and the mean turned back.

    Paper, "Training and Evaluation Methods": the highest probability among all slices is the patient's. In logits, so that two
    slices near 1 do not become equal by rounding.
    """
    _, owner = np.unique(cases, return_inverse=True)
    descending = np.lexsort((-logits, owner))
    starts = np.flatnonzero(np.diff(owner[descending], prepend=-1))
    return np.array([_combine(own, rule) for own in np.split(logits[descending], starts[1:]) if own.size], dtype=float)


def _combine(descending: SliceLogits, rule: Rule) -> float:
    if rule == "max":
        return float(descending[0])
    used = descending if rule == "mean" else descending[:2]
    if used[0] == used[-1]:
        return float(used[0])
    return float(logsumexp(log_expit(used)) - logsumexp(log_expit(-used)))


def slice_counts(cases: CaseOfSlice, truth: Bool[np.ndarray, " slice"]) -> tuple[SliceCounts, SliceCounts]:
    """Of the malignant, then of the benign cases. Unequal numbers move the maximum and the plain accuracy of slices."""
    return _counts("malignant", cases[truth]), _counts("benign", cases[~truth])


def _counts(diagnosis: Diagnosis, cases: CaseOfSlice) -> SliceCounts:
    each = np.unique(cases, return_counts=True)[1]
    if each.size == 0:
        return SliceCounts(diagnosis, 0, 0, 0, 0)
    return SliceCounts(diagnosis, each.size, int(each.sum()), int(each.min()), int(each.max()))
