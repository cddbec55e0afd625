"""Whether a map points at the lesion: its mass inside the lesion's mask, minus that of a map that only knows where the middle is.

Readers centre their boxes on the worst vertebra, so a blob in the middle of every picture would score well too. The difference to
a centred Gaussian (σ = a quarter of the side) is what the network adds.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from jaxtyping import Bool, Float64

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.arrays import Patients
from vfrac_core.evaluation.bootstrap import DRAWS, FEWEST_FOR_BOOTSTRAP, TOO_FEW, percentile_interval, percentile_method
from vfrac_core.evaluation.figure import Figure, not_defined, without_interval

SIGMA_SIDES: Final = 0.25

Maps = Float64[np.ndarray, "picture row column"]
Masks = Bool[np.ndarray, "picture row column"]


@dataclass(frozen=True, slots=True)
class CamFocus:
    """Means over patients. ``inside``: share of the map's mass in the mask; ``centred``: of the Gaussian's; ``gain``: the
    difference. ``blank``: pictures whose map is 0 everywhere; they point nowhere and are left out, but counted."""

    inside: Figure
    centred: Figure
    gain: Figure
    pictures: int
    blank: int

    def as_json(self) -> dict[str, Any]:
        figures = {"inside": self.inside.as_json(), "centred": self.centred.as_json(), "gain": self.gain.as_json()}
        return figures | {"pictures": self.pictures, "blank": self.blank}


def cam_focus(maps: Maps, masks: Masks, patients: Patients, *, seed: int, draws: int = DRAWS) -> CamFocus:
    """``maps``: not negative, on the pictures' grid; ``masks``: the lesion on it, not empty. Intervals over patients.

    VfracError for a negative map or an empty mask: leave pictures out on which nothing of the lesion is to be seen.
    """
    if (maps < 0).any() or not masks.any((1, 2)).all():
        raise VfracError("a map is negative or a mask is empty; expected maps of Grad-CAM and pictures that show the lesion")
    mass = maps.sum((1, 2))
    seen = mass > 0
    if not seen.any():
        nothing = not_defined("no map points anywhere")
        return CamFocus(nothing, nothing, nothing, 0, len(maps))
    gauss = centred_gaussian(maps.shape[1], maps.shape[2])
    inside = (maps * masks).sum((1, 2))[seen] / mass[seen]
    centred = (masks * gauss).sum((1, 2))[seen]
    who = patients[seen]
    return CamFocus(
        inside=_mean_over_patients(inside, who, seed, draws),
        centred=_mean_over_patients(centred, who, seed, draws),
        gain=_mean_over_patients(inside - centred, who, seed, draws),
        pictures=int(seen.sum()),
        blank=int((~seen).sum()),
    )


def centred_gaussian(rows: int, columns: int) -> Float64[np.ndarray, "row column"]:
    """Sum 1; σ is a quarter of each side."""
    down, right = (np.exp(-0.5 * (((np.arange(n) + 0.5) / n - 0.5) / SIGMA_SIDES) ** 2) for n in (rows, columns))
    found = np.outer(down, right)
    return found / found.sum()


def _mean_over_patients(values: Float64[np.ndarray, " picture"], patients: Patients, seed: int, draws: int) -> Figure:
    """Each patient counts once, whatever the number of slices."""
    _, owner = np.unique(patients, return_inverse=True)
    means = np.bincount(owner, weights=values) / np.bincount(owner)
    if means.size < FEWEST_FOR_BOOTSTRAP:
        return without_interval(float(means.mean()), means.size, TOO_FEW)
    truth, own = np.ones(means.size, bool), np.arange(means.size)
    ends = percentile_interval(lambda weights: weights @ means / means.size, truth, own, draws=draws, seed=seed)
    return Figure(float(means.mean()), ends.low, ends.high, means.size, percentile_method(draws, seed))
