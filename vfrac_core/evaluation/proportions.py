"""Proportions with their 95 % intervals: of patients (Wilson), and of slices, which belong to patients.

Wilson on slice counts covers the truth in about 82 % of studies with 3 to 5 slices a patient, not in 95 %. What stands here
covers 93 to 97 %, simulated from 10 to 296 patients with 60 % of the variance between them (tests).
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.stats import binomtest
from scipy.stats import t as student

from vfrac_core.evaluation.arrays import Called, Patients, Truth
from vfrac_core.evaluation.figure import LEVEL, Ends, Figure, not_defined


def wilson(successes: int, n: int) -> Figure:
    """``successes`` of ``n`` independent patients, with Wilson's interval (JASA 1927;22:209). Not defined for n = 0."""
    if n == 0:
        return not_defined("nobody to count")
    ends = binomtest(successes, n).proportion_ci(confidence_level=LEVEL, method="wilson")
    return Figure(successes / n, float(ends.low), float(ends.high), n, "Wilson")


def proportion_by_patient(hits: Called, among: Truth, patients: Patients) -> Figure:
    """The share of ``hits`` in the units that are ``among``, with an interval over patients; Wilson where each has one unit.

    Not defined where no unit is among them. ``n`` counts units.
    """
    counted = hits[among].astype(float)
    _, owner = np.unique(patients[among], return_inverse=True)
    n = np.bincount(owner)
    if n.size == counted.size:
        return wilson(int(counted.sum()), n.size)
    effective = _effective_size(np.bincount(owner, weights=counted), n.astype(float))
    value = float(counted.mean())
    ends = _wilson_ends(value, effective)
    method = f"ratio estimator over {n.size} patients, Wilson on {effective:.1f} effective units"
    return Figure(value, ends.low, ends.high, counted.size, method)


def _effective_size(hits: np.ndarray, n: np.ndarray) -> float:
    """How many independent units tell as much as these, of which patient i has n_i with x_i hits.

    The ratio estimator's variance k/(k-1) sum (x_i - p n_i)^2 / (sum n)^2 (Cochran, Sampling Techniques, 1977, 6.3), as a share
    of that of independent units; reduced for few patients as Korn and Graubard do (Survey Methodology 1998;24:193). Never more
    than the units there are. Where all are hits, or none, nothing can be estimated: then one unit a patient.
    """
    patients, units = n.size, n.sum()
    p = hits.sum() / units
    if patients < 2 or p in (0.0, 1.0):
        return float(patients)
    variance = patients / (patients - 1) * float(((hits - p * n) ** 2).sum()) / units**2
    independent = p * (1 - p) / (units - 1)
    few = student.ppf(0.5 + LEVEL / 2, units - 1) / student.ppf(0.5 + LEVEL / 2, patients - 1)
    return float(units / max(1.0, variance / independent) * few**2)


def _wilson_ends(value: float, n: float) -> Ends:
    """Wilson's interval for a number of units that need not be whole."""
    from statsmodels.stats.proportion import proportion_confint

    return Ends(*(float(end) for end in proportion_confint(value * n, n, alpha=1 - LEVEL, method="wilson")))


def square_and_add(function: Callable[[float, float], float], first: Figure, second: Figure) -> Ends:
    """The interval of a function of two independent figures, from theirs (MOVER: Zou and Donner, Stat Med 2008;27:1693).

    Each figure alone moves the function to the end of its own interval; the two distances are squared and added. For a
    difference of two Wilson proportions this is Newcombe's interval (Stat Med 1998;17:873). ``function`` is monotone in each.
    """
    assert first.value is not None
    assert second.value is not None
    middle = function(first.value, second.value)
    by_first = [function(end, second.value) - middle for end in first.ends]
    by_second = [function(first.value, end) - middle for end in second.ends]
    down = math.hypot(min(*by_first, 0.0), min(*by_second, 0.0))
    up = math.hypot(max(*by_first, 0.0), max(*by_second, 0.0))
    return Ends(middle - down, middle + up)
