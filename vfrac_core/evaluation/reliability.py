"""The reliability curve: what was said against what was so, in bins with equally many cases.

Never in bins of equal width: a trained network says 0.9 to 1.0 most of the time, and the other bins would hold three cases.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Int64

from vfrac_core.evaluation.arrays import Patients, Probabilities, Truth, check_finite
from vfrac_core.evaluation.figure import Figure
from vfrac_core.evaluation.proportions import proportion_by_patient

BINS: Final = 10


@dataclass(frozen=True, slots=True)
class Bin:
    """Units of neighbouring probabilities, ``lowest`` to ``highest``: their mean, and the share that is malignant."""

    n: int
    lowest: float
    highest: float
    mean_probability: float
    malignant: Figure


@dataclass(frozen=True, slots=True)
class ReliabilityCurve:
    """Bins from low to high. Fewer than were asked for where there are ties: equal probabilities are never parted."""

    bins: tuple[Bin, ...]

    @property
    def n(self) -> int:
        return sum(one.n for one in self.bins)

    @property
    def expected_calibration_error(self) -> float | None:
        """Mean distance of share and probability, weighted by n; None without units. Name the bins beside it."""
        if not self.bins:
            return None
        return sum(one.n * abs((one.malignant.value or 0.0) - one.mean_probability) for one in self.bins) / self.n


def reliability_curve(
    malignant_probability: Probabilities, truth: Truth, patients: Patients, bins: int = BINS
) -> ReliabilityCurve:
    """At most ``bins`` bins with as equal counts as ties allow. VfracError for a probability that is missing."""
    check_finite(malignant_probability, "a probability")
    order = np.argsort(malignant_probability, kind="stable")
    parts = np.split(order, _cuts(malignant_probability[order], bins))
    return ReliabilityCurve(tuple(_bin(part, malignant_probability, truth, patients) for part in parts if part.size))


def _cuts(ascending: Probabilities, bins: int) -> Int64[np.ndarray, " cut"]:
    """Where a new bin begins: at equal counts, moved up past those that equal the last one before the cut."""
    equal = np.linspace(0, ascending.size, bins + 1)[1:-1].round().astype(np.int64)
    equal = equal[(equal > 0) & (equal < ascending.size)]
    return np.unique(np.searchsorted(ascending, ascending[equal - 1], side="right")).astype(np.int64)


def _bin(part: np.ndarray, malignant_probability: Probabilities, truth: Truth, patients: Patients) -> Bin:
    inside = np.zeros(truth.size, dtype=bool)
    inside[part] = True
    p = malignant_probability[part]
    return Bin(part.size, float(p.min()), float(p.max()), float(p.mean()), proportion_by_patient(truth, inside, patients))
