"""From a square on a slice to the network's input: three neighbouring slices, 64 × 64, zero mean, unit variance.

The viewer draws the same crop from the same formulas; tests/golden/geometry.json holds numbers for both sides.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64, Int

from vfrac_core.imaging.roi import check_slice
from vfrac_core.paper import INPUT_SIZE
from vfrac_core.types import BoxMm, CropBatch, CropHu, SagittalStack


def crop_triplet(stack: SagittalStack, square: BoxMm, slice_index: int) -> CropHu:
    """HU of the square on slices ``slice_index`` - 1, itself and + 1, each resampled linearly to 64 × 64.

    Straight from the native grid, no antialiasing (paper: "resampled to 64 × 64 by linear interpolation"). Along rows,
    for i = 0…63, and along columns in the same way:

        mm = row_min + (i + 0.5) · side / 64        centre of target pixel i
        r  = clamp(mm / row height - 0.5, 0, rows - 1)   index of the native pixel centre; clamping repeats the edge
        r0 = floor(r), r1 = min(r0 + 1, rows - 1), f = r - r0
        value = (1 - f) · hu[r0] + f · hu[r1]       rows first, then columns, in double precision

    A neighbour beyond the first or last slice is that slice again. Raises InvalidRoiError for a slice that does not exist.
    """
    check_slice(slice_index, stack.slices)
    channels = np.clip(np.arange(slice_index - 1, slice_index + 2), 0, stack.slices - 1)
    rows = _Taps.along(square.row_min, square.height, stack.spacing_mm.row, stack.rows)
    columns = _Taps.along(square.col_min, square.width, stack.spacing_mm.column, stack.columns)

    upper = stack.hu[np.ix_(channels, rows.before)]
    lower = stack.hu[np.ix_(channels, rows.after)]
    lines = upper + rows.fraction[:, None] * (lower.astype(np.float64) - upper)
    left, right = lines[..., columns.before], lines[..., columns.after]
    return (left + columns.fraction * (right - left)).astype(np.float32)


@dataclass(frozen=True, slots=True)
class _Taps:
    """For each target pixel along one axis: the two native pixels it lies between, and how far towards the second."""

    before: Int[np.ndarray, " pixel"]
    after: Int[np.ndarray, " pixel"]
    fraction: Float64[np.ndarray, " pixel"]

    @classmethod
    def along(cls, start_mm: float, side_mm: float, spacing_mm: float, pixels: int) -> _Taps:
        centres_mm = start_mm + (np.arange(INPUT_SIZE) + 0.5) * side_mm / INPUT_SIZE
        position = (centres_mm / spacing_mm - 0.5).clip(0.0, pixels - 1)
        before = np.floor(position).astype(np.intp)
        return cls(before, np.minimum(before + 1, pixels - 1), position - before)


def prepare_input(crop: CropHu) -> CropHu:
    """The crop with mean 0 and (population) standard deviation 1 over its three channels together; all 0 if it is flat.

    Paper, "Deep Learning Architecture"; over the crop, without clipping HU, is our reading (docs/decisions.md).
    """
    deviation = crop - crop.mean(dtype=np.float64)
    sd = np.sqrt(np.mean(deviation**2))
    if sd < 1e-6:
        return np.zeros_like(crop)
    return (deviation / sd).astype(np.float32)


def input_batch(stack: SagittalStack, square: BoxMm, slices: Sequence[int]) -> CropBatch:
    """Network inputs for the same square on several slices, in their order."""
    return np.stack([prepare_input(crop_triplet(stack, square, index)) for index in slices])
