"""From any CT volume to the sagittal stack that the screen, the network and the store share. No resampling but slabs.

Row and column pixels stay as they were scanned: an oblique volume is not straightened, only its axes are turned to the
closest patient axes.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

import numpy as np
from jaxtyping import Float32, Float64, Int16, UInt8

from vfrac_core.errors import IrregularVolumeError
from vfrac_core.paper import SLICE_THICKNESS_MM
from vfrac_core.types import Affine, CtVolume, SagittalStack

# Directions of (slice, row, column) in LPS: towards the patient's left, foot and back (docs/decisions.md).
SAGITTAL_AXES = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])
MAX_OBLIQUITY_DEGREES = 30.0
SAME_FACE = 1e-6  # of a voxel: a slab that ends at a voxel's face does not touch the voxel beyond


def reformat_sagittal(volume: CtVolume, thickness_mm: float = SLICE_THICKNESS_MM) -> SagittalStack:
    """Sagittal slabs of exactly ``thickness_mm``, right to left; rows head to foot, columns anterior to posterior.

    Each slab is the mean HU over its thickness, voxels cut by a slab's face counted by their fraction. Slabs lie
    symmetrically about the middle of the volume; what is left at both edges is dropped. A series that was scanned or
    reformatted sagittally (``info.plane``) keeps its own slices. Paper, "Patient Datasets": sagittal reformats of 3 mm.

    Raises IrregularVolumeError when an axis lies more than 30° off the patient's, or when no slab fits.
    """
    hu, affine = turn(volume.hu, volume.affine)
    if volume.info.plane == "sagittal":
        return SagittalStack(np.ascontiguousarray(hu), affine, volume.info)
    slabs = lay_slabs(hu.shape[0], float(np.linalg.norm(affine[:3, 0])), thickness_mm)
    return SagittalStack(_average(hu, slabs), _slab_affine(affine, slabs, thickness_mm), volume.info)


def reformat_mask(
    mask: UInt8[np.ndarray, "i j k"], affine: Affine, combine: np.ufunc, thickness_mm: float = SLICE_THICKNESS_MM
) -> UInt8[np.ndarray, "slab row column"]:
    """A mask on an axial volume's voxels, on the slabs of ``reformat_sagittal``: all voxels that a slab touches, by ``combine``.

    ``np.bitwise_or`` for bits; ``np.maximum`` for labels, of which the highest stays.
    """
    turned, affine = turn(mask, affine)
    edges = lay_slabs(turned.shape[0], float(np.linalg.norm(affine[:3, 0])), thickness_mm).edges
    first, last = np.floor(edges[:-1] + SAME_FACE).astype(int), np.ceil(edges[1:] - SAME_FACE).astype(int)
    return np.stack([combine.reduce(turned[a:b], axis=0) for a, b in zip(first, last, strict=True)])


def turn(pixels: np.ndarray, affine: Affine) -> tuple[np.ndarray, Affine]:
    """A view of the voxels, and its affine, with axes permuted and flipped to ``SAGITTAL_AXES`` as closely as possible.

    Raises IrregularVolumeError when an axis lies more than 30° off the patient's.
    """
    directions = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    cosines = SAGITTAL_AXES @ directions  # [target axis, index axis]
    order = max(permutations(range(3)), key=lambda p: sum(abs(cosines[t, p[t]]) for t in range(3)))
    chosen = np.array([cosines[target, order[target]] for target in range(3)])
    _refuse_oblique(chosen)

    pixels, affine = pixels.transpose(order), affine[:, (*order, 3)].copy()
    for axis in (axis for axis in range(3) if chosen[axis] < 0):
        affine[:3, 3] += affine[:3, axis] * (pixels.shape[axis] - 1)
        affine[:3, axis] *= -1
        pixels = np.flip(pixels, axis)
    return pixels, affine


def _refuse_oblique(cosines: Float64[np.ndarray, " axis"]) -> None:
    angle = float(np.degrees(np.arccos(np.clip(np.abs(cosines).min(), 0.0, 1.0))))
    if angle > MAX_OBLIQUITY_DEGREES:
        raise IrregularVolumeError(
            f"the slices are turned {angle:.0f}° from the patient's axes, at most {MAX_OBLIQUITY_DEGREES:.0f}° are accepted; "
            "give a series closer to axial, sagittal or coronal"
        )


@dataclass(frozen=True, slots=True)
class Slabs:
    """``edges``: the faces of the slabs, one more than slabs, in voxels from the outer face of voxel 0."""

    edges: Float64[np.ndarray, " edge"]

    @property
    def count(self) -> int:
        return len(self.edges) - 1

    @property
    def voxels(self) -> float:
        """Thickness of one slab in voxels."""
        return float(self.edges[1] - self.edges[0])


def lay_slabs(voxels: int, spacing_mm: float, thickness_mm: float) -> Slabs:
    """As many slabs as fit into ``voxels``, about their middle. Raises IrregularVolumeError when none does."""
    width = thickness_mm / spacing_mm
    count = int(voxels / width + 1e-6)  # 500 voxels of 0.6 mm are 100 slabs, whatever the last bit says
    if count < 1:
        raise IrregularVolumeError(
            f"the volume is {voxels * spacing_mm:.1f} mm wide, one sagittal slice needs {thickness_mm:g} mm; give a wider series"
        )
    start = (voxels - count * width) / 2
    return Slabs(start + width * np.arange(count + 1))


def _slab_affine(affine: Affine, slabs: Slabs, thickness_mm: float) -> Affine:
    """The affine whose slice index counts slabs; its origin is the centre of slab 0."""
    centre = slabs.edges[0] + slabs.voxels / 2 - 0.5
    moved = affine.copy()
    moved[:3, 3] += affine[:3, 0] * centre
    moved[:3, 0] *= thickness_mm / np.linalg.norm(affine[:3, 0])
    return moved


def _average(hu: Int16[np.ndarray, "voxel row column"], slabs: Slabs) -> Int16[np.ndarray, "slab row column"]:
    """Mean over each slab, from differences of a cumulative sum, one row of the stack at a time (memory stays small)."""
    voxels, rows, columns = hu.shape
    whole = np.minimum(slabs.edges.clip(min=0).astype(np.intp), voxels - 1)
    fraction = (slabs.edges - whole).astype(np.float32)
    sums = np.zeros((columns, voxels + 1), np.int32)  # 3000 voxels of ±32768 stay within 32 bits
    stack = np.empty((slabs.count, rows, columns), np.int16)
    for row in range(rows):
        plane = hu[:, row, :].T
        np.cumsum(plane, axis=1, dtype=np.int32, out=sums[:, 1:])
        stack[:, row, :] = _slab_means(plane, sums, whole, fraction, slabs.voxels).T
    return stack


def _slab_means(
    plane: Int16[np.ndarray, "column voxel"],
    sums: np.ndarray,
    whole: np.ndarray,
    fraction: Float32[np.ndarray, " edge"],
    width: float,
) -> Int16[np.ndarray, "column slab"]:
    """The integral up to an edge is the sum of whole voxels before it plus a fraction of the one that it cuts."""
    parts = plane[:, whole] * fraction
    totals = np.diff(sums[:, whole], axis=1) + np.diff(parts, axis=1)
    return np.rint(totals / np.float32(width)).astype(np.int16)
