"""Where the voxels lie: the scanner's axial slices, and the finer grid along z on which tissue is painted.

Patient axes as DICOM has them, in mm: x to the left, y to the back, z to the head. The worst body's centre is (0, 0, 0).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float32, Float64

from vfrac_core.types import Affine

PLANE_MM: Final = 1.0  # of the painting grid along z; end plates of 0.9 mm get lost at random on slices of 3 mm
PIXEL_MM: Final = 0.70
THICKNESS_MM: Final = 3.0
AP_SHARE: Final = 0.45  # of the field of view lies before the body's centre

Axis = Float32[np.ndarray, " n"]


@dataclass(frozen=True, slots=True)
class Grid:
    """An axial acquisition: ``columns`` × ``rows`` pixels, slices of 3 mm every ``spacing_mm`` over ``span_mm``.

    ``centre_x_mm`` and ``centre_z_mm`` move the field of view; ``first_y_mm`` is the first row's centre.
    """

    columns: int
    rows: int
    span_mm: float
    spacing_mm: float = 2.0
    centre_x_mm: float = 0.0
    first_y_mm: float = 0.0
    centre_z_mm: float = 0.0

    @property
    def slices(self) -> int:
        return int(self.span_mm / self.spacing_mm)

    @property
    def x(self) -> Axis:
        return (self._first_x + PIXEL_MM * np.arange(self.columns)).astype(np.float32)

    @property
    def _first_x(self) -> float:
        return round(self.centre_x_mm - PIXEL_MM * (self.columns - 1) / 2, 6)  # no tails in the DICOM header

    @property
    def y(self) -> Axis:
        return (self.first_y_mm + PIXEL_MM * np.arange(self.rows)).astype(np.float32)

    @property
    def slice_z(self) -> Float64[np.ndarray, " slice"]:
        """Centres of the axial slices, foot to head."""
        return self.centre_z_mm + self.spacing_mm * (np.arange(self.slices) - (self.slices - 1) / 2)

    @property
    def plane_z(self) -> Axis:
        """Centres of the painted planes: whole millimetres around each slice's centre, so that a slice is a mean of three."""
        count = round((self.slices - 1) * self.spacing_mm + THICKNESS_MM)
        return (self.slice_z[0] - 1.0 + PLANE_MM * np.arange(count)).astype(np.float32)

    @property
    def affine(self) -> Affine:
        """(slice, row, column, 1) to LPS mm of the voxel's centre."""
        matrix = np.zeros((4, 4))
        matrix[2, 0], matrix[1, 1], matrix[0, 2], matrix[3, 3] = self.spacing_mm, PIXEL_MM, PIXEL_MM, 1.0
        matrix[:3, 3] = (self._first_x, self.first_y_mm, float(self.slice_z[0]))
        return matrix


def full_grid(spacing_mm: float = 2.0) -> Grid:
    """A "spine" reconstruction: 256 × 256 pixels of 0.70 mm, 190 mm from foot to head: six or seven lumbar levels."""
    return Grid(256, 256, 190.0, spacing_mm, first_y_mm=round(-AP_SHARE * 255 * PIXEL_MM, 6))


def crop_grid(centre_x_mm: float, spacing_mm: float = 2.0) -> Grid:
    """The same pixels around the worst vertebra only: 64 × 116 mm, 92 mm from foot to head; for training."""
    return Grid(92, 166, 92.0, spacing_mm, centre_x_mm, first_y_mm=-62.0)


def window_grid(centre: tuple[float, float, float], width_mm: float) -> Grid:
    """A contiguous block around one body, to measure what a sign did to the pixels."""
    x, y, z = centre
    return Grid(round(width_mm / PIXEL_MM) + 4, 100, 66.0, THICKNESS_MM, x, first_y_mm=y - 38.0, centre_z_mm=z)
