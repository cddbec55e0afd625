"""Truth is what the pixels say: each sign is measured back, by plate distances or against a twin without it.

A bit is not a sign: a gap behind a lesion or a focus outside the slices changes no pixel, and nobody could score it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Bool, Float64

from vfrac_core.paper import SIGNS, SLICE_THICKNESS_MM, SLICES_PER_PATIENT
from vfrac_core.phantom.changes.base import Change
from vfrac_core.phantom.changes.compression import Compression
from vfrac_core.phantom.choose import without_sign, without_signs
from vfrac_core.phantom.grid import PIXEL_MM, THICKNESS_MM, Grid, window_grid
from vfrac_core.phantom.levels import position
from vfrac_core.phantom.patient import Patient
from vfrac_core.phantom.render import render
from vfrac_core.phantom.scanner import Scanner, Slices
from vfrac_core.phantom.spine import build_spine
from vfrac_core.phantom.vertebra import Vertebra

COMPRESSION, CORTEX, MASS, LINE, MULTIPLE, DESTRUCTION = SIGNS
SEEN_HU: Final = 40.0  # a difference that shows in a bone window
FLOOR_MM2: Final = {CORTEX: 20.0, MASS: 40.0, LINE: 40.0, DESTRUCTION: 40.0, COMPRESSION: 100.0, MULTIPLE: 100.0}
LOSS_PRESENT, LOSS_ABSENT = 0.20, 0.15  # between them lies the dead zone: nobody can score 0.17 reliably
ABNORMAL_MM2: Final = 40.0
SLICES: Final = SLICES_PER_PATIENT  # around the lesion's: those that a reader marks and the network gets

Areas = Float64[np.ndarray, " slice"]


@dataclass(frozen=True, slots=True)
class Measured:
    """``loss`` of the worst body against its normal neighbours; ``area_mm2`` of each sign present, in its best slice;
    ``abnormal``: offsets of slices from the lesion's, in which the signs together can be seen."""

    loss: float
    area_mm2: dict[str, float]
    abnormal: tuple[int, ...]

    def unseen(self, signs: frozenset[str]) -> tuple[str, ...]:
        """Signs that are asked for and that the pixels do not show, or compression where none was asked for."""
        missing = [sign for sign in SIGNS if sign in signs and sign != COMPRESSION and self.area_mm2[sign] < FLOOR_MM2[sign]]
        if COMPRESSION in signs and (self.loss <= LOSS_PRESENT or self.area_mm2[COMPRESSION] < FLOOR_MM2[COMPRESSION]):
            missing.append(COMPRESSION)
        return tuple(missing)


def measure(
    patient: Patient, level: str, changes: Sequence[Change], signs: frozenset[str], centre_x_mm: float, scanner: Scanner
) -> Measured:
    """Measure all signs of a case. ``centre_x_mm``: the lesion's sagittal slice."""
    spine = build_spine(patient, level, changes)
    loss = height_loss(spine, level, centre_x_mm)
    grid = window_grid((centre_x_mm, 0.0, 0.0), width_mm=SLICES * SLICE_THICKNESS_MM)
    case = render(patient, level, changes, grid, scanner).slices
    areas: dict[str, float] = {}
    for sign in SIGNS:
        if sign in signs and sign != MULTIPLE:
            twin = render(patient, level, without_sign(changes, sign), grid, scanner).slices
            areas[sign] = float(changed_area(case, twin, grid).max())
    if MULTIPLE in signs:
        areas[MULTIPLE] = _elsewhere(patient, level, changes, spine, centre_x_mm, scanner)
    healthy = render(patient, level, without_signs(changes), grid, scanner).slices
    return Measured(loss, areas, _abnormal(changed_area(case, healthy, grid)))


def height_loss(spine: Sequence[Vertebra], level: str, u: float) -> float:
    """1 − the least of anterior, middle and posterior height against the same in the adjacent normal bodies (protocol.md E4)."""
    at = position(level)
    normal = [_nearest_normal(spine, at, step) for step in (-1, 1)]
    reference = np.mean([body.heights(u) for body in normal if body is not None], axis=0)
    return float(1 - np.min(np.array(spine[at].heights(u)) / reference))


def _nearest_normal(spine: Sequence[Vertebra], at: int, step: int) -> Vertebra | None:
    index = at + step
    while 0 <= index <= position("L5"):
        if not any(isinstance(change, Compression) for change in spine[index].changes):
            return spine[index]
        index += step
    return None


def changed_area(case: Slices, twin: Slices, grid: Grid) -> Areas:
    """mm² of each sagittal slab of 3 mm in which two pictures differ by more than 40 HU."""
    edges = _slab_columns(grid)
    pixel = PIXEL_MM * THICKNESS_MM
    difference = case - twin
    return np.array([float(_seen(difference[:, :, columns]).sum()) * pixel for columns in edges])


def _seen(difference: np.ndarray) -> Bool[np.ndarray, "slice row"]:
    return np.abs(difference.mean(axis=2)) > SEEN_HU


def _slab_columns(grid: Grid) -> list[slice]:
    """Columns of each slab of 3 mm around the grid's centre, from right to left."""
    x = grid.x - grid.centre_x_mm
    half = SLICES // 2
    edges = SLICE_THICKNESS_MM * (np.arange(-half, half + 2) - 0.5)
    at = np.searchsorted(x, edges)
    return [slice(int(first), int(last)) for first, last in zip(at, at[1:], strict=False)]


def _elsewhere(
    patient: Patient, level: str, changes: Sequence[Change], spine: Sequence[Vertebra], centre_x_mm: float, scanner: Scanner
) -> float:
    """The further vertebra that shows best. Each is compared with itself without its change, at the same place."""
    best = 0.0
    for other in {change.level for change in changes if change.sign == MULTIPLE}:
        body = spine[position(other)]
        own = [change for change in changes if not (change.level == other and change.sign == MULTIPLE)]
        grid = window_grid((centre_x_mm, body.centre[1], body.centre[2]), width_mm=SLICES * SLICE_THICKNESS_MM)
        case = render(patient, level, changes, grid, scanner).slices
        twin = render(patient, level, own, grid, scanner).slices
        best = max(best, float(changed_area(case, twin, grid).max()))
    return best


def _abnormal(areas: Areas) -> tuple[int, ...]:
    """The run of the five slices, around the lesion's own, in which something can be seen; its own always counts."""
    middle = len(areas) // 2
    floor = max(ABNORMAL_MM2, 0.30 * float(areas.max()))
    first = last = middle
    while first > 0 and areas[first - 1] >= floor:
        first -= 1
    while last < len(areas) - 1 and areas[last + 1] >= floor:
        last += 1
    return tuple(range(first - middle, last - middle + 1))
