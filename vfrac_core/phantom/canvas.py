"""The volume while it is painted: HU, bone coverage and labels on the painting grid, and blocks of it that are views."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, UInt8

from vfrac_core.phantom.grid import Grid
from vfrac_core.phantom.shapes import Mm
from vfrac_core.phantom.textures import Block, Textures

Centre = tuple[float, float, float]
AIR = -1000.0


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a part lies from a centre, in mm: to each side, to the front and back, to the foot and head."""

    side: Mm
    front: Mm
    back: Mm
    below: Mm
    above: Mm


@dataclass(frozen=True, slots=True)
class Canvas:
    """HU and what has been painted where. ``bone`` is a coverage of 0 to 1; ``labels`` counts vertebrae from 1 (T1).

    ``lesion`` has a bit for each of the six signs (in the paper's order) where a focal lesion part was painted.
    """

    hu: Float32[np.ndarray, "plane row column"]
    bone: Float32[np.ndarray, "plane row column"]
    labels: UInt8[np.ndarray, "plane row column"]
    lesion: UInt8[np.ndarray, "plane row column"]
    x: Float32[np.ndarray, "1 1 column"]
    y: Float32[np.ndarray, "1 row 1"]
    z: Float32[np.ndarray, "plane 1 1"]
    textures: Textures

    @property
    def empty(self) -> bool:
        return self.hu.size == 0

    @property
    def fine(self) -> Block:
        return self.textures.fine(self.z, self.y, self.x)

    @property
    def coarse(self) -> Block:
        return self.textures.coarse(self.z, self.y, self.x)

    @property
    def struts(self) -> Block:
        return self.textures.struts(self.z, self.y, self.x)

    def around(self, centre: Centre, reach: Reach) -> Canvas:
        """The block within ``reach`` of a centre, as far as the canvas goes; painting it paints the whole."""
        x, y, z = centre
        return self.block(
            _window(self.z, z - reach.below, z + reach.above),
            _window(self.y, y - reach.front, y + reach.back),
            _window(self.x, x - reach.side, x + reach.side),
        )

    def block(self, z: slice, y: slice, x: slice) -> Canvas:
        at = (z, y, x)
        return Canvas(
            self.hu[at], self.bone[at], self.labels[at], self.lesion[at], self.x[..., x], self.y[:, y], self.z[z], self.textures
        )


def empty_canvas(grid: Grid, textures: Textures) -> Canvas:
    """All air."""
    shape = (len(grid.plane_z), grid.rows, grid.columns)
    return Canvas(
        hu=np.full(shape, AIR, np.float32),
        bone=np.zeros(shape, np.float32),
        labels=np.zeros(shape, np.uint8),
        lesion=np.zeros(shape, np.uint8),
        x=grid.x[None, None, :],
        y=grid.y[None, :, None],
        z=grid.plane_z[:, None, None],
        textures=textures,
    )


def _window(axis: np.ndarray, low: float, high: float) -> slice:
    first, last = np.searchsorted(axis.ravel(), (low, high))
    return slice(int(first), int(last))
