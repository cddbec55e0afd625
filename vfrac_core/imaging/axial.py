"""The second volume: axial slices as radiologists look at them, cut from the volume as it was imported, a few at a time.

Slices run from head to foot, rows from anterior to posterior, columns from the patient's right to left: the patient's right is on
the viewer's left. Its axes are those of the sagittal stack in another order, so a place on one is a place on the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import Final

import numpy as np
from jaxtyping import Float32, Float64

from vfrac_core.imaging.reformat import Slabs, lay_slabs, turn
from vfrac_core.types import Affine, CtVolume, Hu3d, SpacingMm

VOXEL_MM: Final = (1.0, 1.25, 1.5, 2.0, 3.0, 4.0)  # the finest that keeps the volume within MAX_VOXELS
MAX_VOXELS: Final = 64 * 2**20  # 128 MB of int16 in the reader's browser
NOT_FINER: Final = 1 - 1e-6  # of a voxel: one of 0.9999999 mm stays as it is
AXIAL_FROM_SAGITTAL: Final = (1, 2, 0)  # axes (slice, row, column) of the sagittal stack in the order of the axial volume


@dataclass(frozen=True, slots=True)
class AxialGrid:
    """Where the voxels of the second volume lie. Axes: slice (to the foot), row (to the back), column (to the left).

    ``edges``: for each axis the faces of its voxels, in voxels of the imported volume, turned to these axes; ``affine`` maps
    (slice, row, column, 1) to LPS mm of a voxel's centre.
    """

    edges: tuple[Slabs, Slabs, Slabs]
    affine: Affine

    @property
    def shape(self) -> tuple[int, int, int]:
        """Slices, rows, columns."""
        slices, rows, columns = (axis.count for axis in self.edges)
        return slices, rows, columns

    @property
    def spacing_mm(self) -> SpacingMm:
        """Slice distance, row height and column width, in mm."""
        return SpacingMm.of(self.affine)

    def start_mm(self, stack_affine: Affine) -> tuple[float, float, float]:
        """From the outer corner of the sagittal stack's first voxel to that of this volume's, along this volume's axes, in mm."""
        own, stack = _outer_corner(self.affine), _outer_corner(stack_affine)
        along = (self.affine[:3, :3] / np.linalg.norm(self.affine[:3, :3], axis=0)).T @ (own - stack)
        return float(along[0]), float(along[1]), float(along[2])


def axial_grid(volume: CtVolume) -> AxialGrid:
    """The grid for a volume: no axis finer than it was imported, nor than 1 mm, nor more than 128 MB in all.

    Raises IrregularVolumeError when an axis lies more than 30° off the patient's.
    """
    hu, affine = _turn_axial(volume)
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    for voxel_mm in VOXEL_MM:
        edges = [_faces(n, float(mm), voxel_mm) for n, mm in zip(hu.shape, spacing, strict=True)]
        if prod(axis.count for axis in edges) <= MAX_VOXELS:
            break
    moved = affine.copy()
    for axis, faces in enumerate(edges):
        moved[:3, 3] += affine[:3, axis] * (faces.edges[0] + faces.voxels / 2 - 0.5)
        moved[:3, axis] *= faces.voxels
    return AxialGrid((edges[0], edges[1], edges[2]), moved)


def axial_slices(volume: CtVolume, grid: AxialGrid, first: int, end: int) -> Hu3d:
    """The slices ``first`` … ``end - 1``, HU int16 [slice, row, column]: each voxel the mean HU over its extent.

    Only the part of the imported volume that they cover is read: 1,000 slices never lie in memory at once.
    """
    hu, _ = _turn_axial(volume)
    faces = Slabs(grid.edges[0].edges[first : end + 1])
    low, high = int(faces.edges[0]), min(int(np.ceil(faces.edges[-1])), hu.shape[0])
    block = np.ascontiguousarray(hu[low:high]).astype(np.float32)
    slices = _weights(Slabs(faces.edges - low), high - low)
    rows, columns = (_weights(axis, n) for axis, n in zip(grid.edges[1:], hu.shape[1:], strict=True))
    means = rows @ np.tensordot(slices, block, axes=1) @ columns.T
    return np.rint(means).astype(np.int16)


def _turn_axial(volume: CtVolume) -> tuple[np.ndarray, Affine]:
    """A view of the imported voxels [slice, row, column] and its affine."""
    hu, affine = turn(volume.hu, volume.affine)
    return hu.transpose(AXIAL_FROM_SAGITTAL), affine[:, (*AXIAL_FROM_SAGITTAL, 3)]


def _faces(voxels: int, spacing_mm: float, voxel_mm: float) -> Slabs:
    """An axis that is coarse enough keeps its voxels, and so does one that is shorter than a single new voxel."""
    if spacing_mm >= voxel_mm * NOT_FINER or voxels * spacing_mm < voxel_mm:
        return Slabs(np.arange(voxels + 1, dtype=np.float64))
    return lay_slabs(voxels, spacing_mm, voxel_mm)


def _weights(faces: Slabs, voxels: int) -> Float32[np.ndarray, "new old"]:
    """The share of each old voxel in each new one; every row adds up to 1."""
    low = np.arange(voxels)
    shared = np.minimum(faces.edges[1:, None], low + 1) - np.maximum(faces.edges[:-1, None], low)
    return (shared.clip(min=0) / faces.voxels).astype(np.float32)


def _outer_corner(affine: Affine) -> Float64[np.ndarray, " axis"]:
    return (affine @ [-0.5, -0.5, -0.5, 1.0])[:3]
