"""Truth is what the pixels say: each sign is measured back, by plate distances or against a twin without it.

A bit is not a sign: a gap behind a lesion or a focus outside the slices changes no pixel, and nobody could score it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
from jaxtyping import Bool, Float64

from vfrac_core.paper import SIGNS, SLICE_THICKNESS_MM, SLICES_PER_PATIENT
from vfrac_core.phantom.changes.base import Change
from vfrac_core.phantom.changes.compression import Compression, OldWedge
from vfrac_core.phantom.changes.degeneration import SchmorlNode
from vfrac_core.phantom.choose import without_sign, without_signs
from vfrac_core.phantom.grid import PIXEL_MM, THICKNESS_MM, Grid, window_grid
from vfrac_core.phantom.levels import position
from vfrac_core.phantom.render import render
from vfrac_core.phantom.scanner import Slices
from vfrac_core.phantom.spine import build_spine
from vfrac_core.phantom.subject import Subject
from vfrac_core.phantom.vertebra import Vertebra

COMPRESSION, CORTEX, MASS, LINE, MULTIPLE, DESTRUCTION = SIGNS
SEEN_HU: Final = 40.0  # a difference that shows in a bone window
FLOOR_MM2: Final = {CORTEX: 20.0, MASS: 40.0, LINE: 40.0, DESTRUCTION: 40.0, COMPRESSION: 100.0, MULTIPLE: 100.0}
LOSS_PRESENT, LOSS_ABSENT = 0.20, 0.15  # between them lies the dead zone: nobody can score 0.17 reliably
ABNORMAL_MM2: Final = 40.0
SLICES: Final = SLICES_PER_PATIENT  # around the lesion's: those that a reader marks and the network gets
WINDOW_MM: Final = SLICES * SLICE_THICKNESS_MM

Areas = Float64[np.ndarray, " sagittal"]
Heights = Float64[np.ndarray, "3"]


@dataclass(frozen=True, slots=True)
class Measured:
    """``loss`` of the worst body against its normal neighbours; ``area_mm2`` of each sign present, in its best slice;
    ``abnormal``: offsets of slices from the lesion's, in which the signs together can be seen."""

    loss: float
    area_mm2: dict[str, float]
    abnormal: tuple[int, ...]

    def unseen(self, signs: frozenset[str]) -> tuple[str, ...]:
        """Signs to be drawn again: asked for and not shown by the pixels, or showing a compression that was not asked for."""
        missing: list[str] = [
            sign for sign in SIGNS if sign in signs and sign != COMPRESSION and self.area_mm2[sign] < FLOOR_MM2[sign]
        ]
        if COMPRESSION in signs and (self.loss <= LOSS_PRESENT or self.area_mm2[COMPRESSION] < FLOOR_MM2[COMPRESSION]):
            missing.append(COMPRESSION)
        if COMPRESSION not in signs and self.loss >= LOSS_ABSENT:
            missing.append(CORTEX)  # its step is what can lower a body that nothing else has lowered
        return tuple(missing)


def measure(subject: Subject, changes: Sequence[Change]) -> Measured:
    """Measure all signs of a case around its lesion's sagittal slice."""
    x, signs = subject.slice_x_mm, subject.spec.signs
    spine = build_spine(subject.patient, subject.level, changes)
    grid = window_grid((x, 0.0, 0.0), WINDOW_MM)
    case = render(subject, changes, grid).slices
    areas: dict[str, float] = {}
    for sign in SIGNS:
        if sign in signs and sign != MULTIPLE:
            areas[sign] = float(changed_area(case, render(subject, without_sign(changes, sign), grid).slices, grid).max())
    if MULTIPLE in signs:
        areas[MULTIPLE] = max(_elsewhere(subject, changes, body) for body in _further(spine, changes))
    healthy = render(subject, without_signs(changes), grid).slices
    return Measured(height_loss(spine, subject.level, x), areas, _abnormal(changed_area(case, healthy, grid)))


def height_loss(spine: Sequence[Vertebra], level: str, u: float) -> float:
    """1 − the least of anterior, middle and posterior height against the same in the adjacent normal bodies (protocol.md E4).

    Bodies grow downwards: where a neighbour is not normal and the next but one stands for it, it counts half as much.
    """
    at = position(level)
    normal = [index for index in (_nearest_normal(spine, at, step) for step in (-1, 1)) if index is not None]
    nearness = [1 / abs(index - at) for index in normal]
    reference = np.average([_heights(spine[index], u) for index in normal], axis=0, weights=nearness)
    return float(1 - np.min(_heights(spine[at], u) / reference))


def _heights(body: Vertebra, u: float) -> Heights:
    """Without Schmorl nodes: the hollow of one alone is no loss of height (signs.md)."""
    counted = tuple(change for change in body.changes if not isinstance(change, SchmorlNode))
    return np.array(replace(body, changes=counted).heights(u))


def _nearest_normal(spine: Sequence[Vertebra], at: int, step: int) -> int | None:
    index = at + step
    while 0 <= index <= position("L5"):
        if not any(isinstance(change, Compression | OldWedge) for change in spine[index].changes):
            return index
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
    return [slice(int(first), int(last)) for first, last in pairwise(at)]


def _further(spine: Sequence[Vertebra], changes: Sequence[Change]) -> list[Vertebra]:
    """The other vertebrae that are fractured or destroyed as well."""
    return [spine[index] for index in sorted({position(change.level) for change in changes if change.sign == MULTIPLE})]


def _elsewhere(subject: Subject, changes: Sequence[Change], body: Vertebra) -> float:
    """How a further vertebra shows in its best slice, against itself without its change."""
    own = [change for change in changes if not (change.level == body.name and change.sign == MULTIPLE)]
    grid = window_grid((subject.slice_x_mm, body.centre[1], body.centre[2]), WINDOW_MM)
    return float(changed_area(render(subject, changes, grid).slices, render(subject, own, grid).slices, grid).max())


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
