"""Where the arrows of a teaching case point: one for each sign present, on the slice nearest to the lesion's own where it is well
seen, and one for a finding besides. Computed from the case's masks and from the drawn geometry, never from HU.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Bool, UInt8
from scipy import ndimage

from vfrac_core.imaging.reformat import reformat_mask, reformat_sagittal
from vfrac_core.paper import SIGNS
from vfrac_core.phantom.case import PhantomCase
from vfrac_core.phantom.changes.base import Change
from vfrac_core.phantom.changes.benign_foci import BoneIsland, Haemangioma
from vfrac_core.phantom.changes.compression import OldWedge
from vfrac_core.phantom.changes.degeneration import SchmorlNode
from vfrac_core.phantom.changes.destruction import Retropulsion
from vfrac_core.phantom.changes.line import GasCleft
from vfrac_core.phantom.changes.mass import Haematoma
from vfrac_core.phantom.levels import position
from vfrac_core.phantom.vertebra import Vertebra
from vfrac_core.types import Arrow, SagittalStack

COMPRESSION, MULTIPLE = SIGNS[0], SIGNS[4]
SLANT: Final = 2**-0.5
# Ways to point, as (down, right), the most wanted first: from the front, where the picture is calm, rather than from behind.
WAYS: Final = (
    (SLANT, SLANT),
    (0.0, 1.0),
    (-SLANT, SLANT),
    (1.0, 0.0),
    (-1.0, 0.0),
    (SLANT, -SLANT),
    (0.0, -1.0),
    (-SLANT, -SLANT),
)
SHAFT_MM: Final = (3, 20)  # from the tip backwards: what an arrow covers
APART_MM: Final = 6.0  # two arrows of a slice
LESS_WANTED: Final = 0.5  # mm of bone that a way further down the list has to spare
WELL_SEEN: Final = (
    0.25  # of the area in its best slice: a sign's arrow stands on the nearest slice, at the nearest part, that has as much
)
HEIGHTS_AT: Final = (0.19, 0.50, 0.81)  # of a body's depth: where its three heights are taken (vertebra.MIDDLE)

Mask2d = Bool[np.ndarray, "row column"]
Bodies = UInt8[np.ndarray, "slice row column"]


@dataclass(frozen=True, slots=True)
class _Views:
    """The case as the screen shows it: vertebrae and signs on the slices of its sagittal stack. ``worst``: label of the worst."""

    stack: SagittalStack
    worst: int
    labels: Bodies
    lesion: Bodies

    def sign(self, name: str) -> Bool[np.ndarray, "slice row column"]:
        return (self.lesion >> SIGNS.index(name)) & 1 > 0


@dataclass(frozen=True, slots=True)
class _Target:
    """A place on a slice: continuous row and column, and the finding around it, which the shaft should not cover."""

    sign: str | None
    slice_index: int
    row: float
    column: float
    mask: Mask2d


def example_arrows(case: PhantomCase, changes: Sequence[Change], body: Vertebra) -> tuple[Arrow, ...]:
    """The arrows of a case. ``changes`` are the findings besides the signs, in the frame of ``body``, the worst vertebra."""
    views = _views(case)
    targets = [_sign_target(views, case, sign) for sign in SIGNS if sign in case.spec.signs]
    x_mm = float((views.stack.affine @ (case.truth.slice_index, 0, 0, 1))[0])
    targets += [_finding_target(views, place_of(change, body, x_mm), body) for change in changes]
    arrows: list[Arrow] = []
    for target in targets:
        arrows.append(_arrow(target, views, arrows))
    return tuple(arrows)


def _views(case: PhantomCase) -> _Views:
    affine = case.volume.affine
    return _Views(
        stack=reformat_sagittal(case.volume),
        worst=position(case.truth.level) + 1,
        labels=reformat_mask(case.masks.labels, affine, np.maximum),
        lesion=reformat_mask(case.masks.lesion, affine, np.bitwise_or),
    )


def _sign_target(views: _Views, case: PhantomCase, sign: str) -> _Target:
    where = views.sign(sign)
    if sign == COMPRESSION:
        worst = where & (views.labels == views.worst)
        return _sunken_plate(worst[case.truth.slice_index], case.truth.slice_index)
    areas = where.sum(axis=(1, 2))
    seen = np.flatnonzero(areas >= WELL_SEEN * areas.max())
    nearest = int(seen[np.abs(seen - case.truth.slice_index).argmin()])
    parts, count = ndimage.label(where[nearest])
    sizes = np.bincount(parts.ravel(), minlength=count + 1)[1:]
    large = 1 + np.flatnonzero(sizes >= WELL_SEEN * sizes.max())
    centres = ndimage.center_of_mass(where[nearest], parts, large)
    worst = ndimage.center_of_mass(views.labels == views.worst)[1:]
    chosen = int(np.argmin([np.hypot(row - worst[0], column - worst[1]) for row, column in centres]))
    row, column = centres[chosen]
    return _Target(sign, nearest, float(row) + 0.5, float(column) + 0.5, parts == large[chosen])


def _sunken_plate(body: Mask2d, slice_index: int) -> _Target:
    """The upper plate at the least of the three heights."""
    body = _largest_part(body)
    columns = np.flatnonzero(body.any(axis=0))
    places = [int(columns[round(share * (len(columns) - 1))]) for share in HEIGHTS_AT]
    column = min(places, key=lambda place: body[:, place - 2 : place + 3].sum())
    return _Target(COMPRESSION, slice_index, float(body[:, column].argmax()), column + 0.5, body)


def _finding_target(views: _Views, place: Place, body: Vertebra) -> _Target:
    index, row, column = (np.linalg.inv(views.stack.affine) @ (*body.patient(*place.at), 1.0))[:3] + 0.5
    slice_index = int(np.clip(index, 0, views.stack.slices - 1))
    rows, columns = np.indices(views.labels.shape[1:]) + 0.5
    spacing = views.stack.spacing_mm
    around = np.hypot((rows - row) * spacing.row, (columns - column) * spacing.column) < place.radius
    return _Target(None, slice_index, float(row), float(column), around)


@dataclass(frozen=True, slots=True)
class Place:
    """What an arrow at a finding points at: (u, v, w) in the body's frame, and how far from it the tip stays. All in mm."""

    at: tuple[float, float, float]
    radius: float


def place_of(change: Change, body: Vertebra, u: float) -> Place:
    """Where a finding that is none of the six signs lies; ``u``: the plane in which it is looked for if it reaches that far."""
    match change:
        case Haemangioma() | BoneIsland():
            return Place(change.centre, change.radius + 1.0)
        case SchmorlNode():  # its floor
            return Place((change.u, change.v, _plates(body, change.u, change.v)[0 if change.upper else 1]), 1.0)
        case OldWedge():  # the front of the upper plate, where it has sunk most
            return Place((u, 0.8 * body.b, _plates(body, u, 0.8 * body.b)[0]), 1.0)
        case GasCleft():
            return Place((u, 0.25 * body.b, _plates(body, u, 0.25 * body.b)[0] - change.depth_mm), 1.0)
        case Haematoma():  # in front
            return Place((u, body.b + 0.5 * change.thick_mm, 0.0), 1.0)
        case Retropulsion():  # the fragment, at the upper edge of the posterior wall
            return Place((u, -body.b - 0.5 * change.depth_mm, 0.7 * change.upper * body.height), 2.0)
        case _:
            raise TypeError(f"no place is known for {type(change).__name__}")


def _plates(body: Vertebra, u: float, v: float) -> tuple[float, float]:
    top, bottom = body.plates(np.full(1, u, np.float32), np.full(1, v, np.float32))
    return float(top[0]), float(bottom[0])


def _largest_part(mask: Mask2d) -> Mask2d:
    parts, count = ndimage.label(mask)
    if count < 2:
        return mask
    return parts == 1 + int(np.bincount(parts.ravel())[1:].argmax())


def _arrow(target: _Target, views: _Views, others: Sequence[Arrow]) -> Arrow:
    """The way that covers least of what has to be seen; the tip stands at the edge of the finding."""
    possible = [_pointing(target, way, views.stack) for way in WAYS]
    costs = [_cost(arrow, views, others) + LESS_WANTED * i for i, arrow in enumerate(possible)]
    return possible[int(np.argmin(costs))]


def _pointing(target: _Target, way: tuple[float, float], stack: SagittalStack) -> Arrow:
    """The arrow that points ``way``: its tip lies backwards from the target's place, where the finding ends."""
    row, column = target.row, target.column
    down, right = way[0] / stack.spacing_mm.row, way[1] / stack.spacing_mm.column  # pixels of a mm
    while target.sign != COMPRESSION and _inside(target.mask, row, column):
        row, column = row - 0.5 * down, column - 0.5 * right
    return Arrow(target.sign, target.slice_index, round(row, 2), round(column, 2), round(way[0], 4), round(way[1], 4))


def _cost(arrow: Arrow, views: _Views, others: Sequence[Arrow]) -> float:
    """How much an arrow covers: of the worst vertebra, of signs, of other bone, of other arrows."""
    labels, lesion = views.labels[arrow.slice_index], views.lesion[arrow.slice_index]
    others = [other for other in others if other.slice_index == arrow.slice_index]
    cost = 0.0
    for mm in range(*SHAFT_MM):
        row = arrow.row - mm * arrow.down / views.stack.spacing_mm.row
        column = arrow.column - mm * arrow.right / views.stack.spacing_mm.column
        if not (0 <= row < labels.shape[0] and 0 <= column < labels.shape[1]):
            cost += 5
            continue
        at = int(row), int(column)
        cost += 3.0 * (labels[at] == views.worst) + 2.0 * (lesion[at] > 0) + 1.0 * (labels[at] > 0)
        cost += sum(5.0 for other in others if _near(other, row, column, views.stack))
    return cost


def _near(other: Arrow, row: float, column: float, stack: SagittalStack) -> bool:
    """Whether a point lies on another arrow or beside it."""
    down, right = (row - other.row) * stack.spacing_mm.row, (column - other.column) * stack.spacing_mm.column
    along = -(down * other.down + right * other.right)
    return -APART_MM <= along <= SHAFT_MM[1] + APART_MM and abs(down * other.right - right * other.down) < APART_MM


def _inside(mask: Mask2d, row: float, column: float) -> bool:
    return 0 <= row < mask.shape[0] and 0 <= column < mask.shape[1] and bool(mask[int(row), int(column)])
