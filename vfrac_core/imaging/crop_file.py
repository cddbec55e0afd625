"""HU crops with margin, one .npz each: training cases that need no DICOM. The store's and the phantom's are the same format.

Each file has exactly these members and is read with ``allow_pickle=False``:
    hu          int16 [slice, row, column], the slices from one before the first used one to one behind the last
    spacing_mm  float64 [3], slice, row, column
    box         int64 [4], row_min, col_min, row_max, col_max in pixels *of the crop*, half open
    slices      int64 [n], the used slices *of the crop*: the marked ones, else five centred on the box's
    boxes       int64 [n, 4], the box on each used slice: ``box`` but for slices that have one of their own
    case        text, the case id
"""

from __future__ import annotations

import math
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zipfile import BadZipFile

import numpy as np
from jaxtyping import Int16

from vfrac_core.errors import VfracError
from vfrac_core.imaging.roi import box_to_mm, square_box
from vfrac_core.types import PixelBox, SagittalStack, SpacingMm

MARGIN: Final = 0.5  # of the square's side, on each side: room for the largest shift, scaling and turn of augmentation


@dataclass(frozen=True, slots=True)
class Crop:
    """What a crop file holds: HU [slice, row, column] with margin, and the box on each used slice, all of the crop."""

    hu: Int16[np.ndarray, "slice row column"]
    spacing_mm: SpacingMm
    slices: tuple[int, ...]
    boxes: tuple[PixelBox, ...]


@dataclass(frozen=True, slots=True)
class CropPlace:
    """Where a crop lies in its stack: the slices from ``first`` to ``last``, both included, and ``region`` of each."""

    first: int
    last: int
    region: PixelBox

    def cut(self, pixels: np.ndarray) -> np.ndarray:
        """The crop's part of anything on the stack's grid, [slice, row, column]."""
        rows = slice(self.region.row_min, self.region.row_max)
        return pixels[self.first : self.last + 1, rows, self.region.col_min : self.region.col_max]

    def box(self, box: PixelBox) -> PixelBox:
        """A box of the stack in pixels of the crop."""
        top, left = self.region.row_min, self.region.col_min
        return PixelBox(box.row_min - top, box.col_min - left, box.row_max - top, box.col_max - left)


def crop_place(boxes: Sequence[PixelBox], used: Sequence[int], stack: SagittalStack) -> CropPlace:
    """Room around all ``boxes`` and a neighbour before and behind the ``used`` slices, which are in order."""
    regions = [crop_region(box, stack) for box in boxes]
    around = PixelBox(
        row_min=min(region.row_min for region in regions),
        col_min=min(region.col_min for region in regions),
        row_max=max(region.row_max for region in regions),
        col_max=max(region.col_max for region in regions),
    )
    return CropPlace(max(used[0] - 1, 0), min(used[-1] + 1, stack.slices - 1), around)


def write_crop(
    file: Path,
    stack: SagittalStack,
    box: PixelBox,
    used: Sequence[int],
    case: str,
    *,
    slice_boxes: Mapping[int, PixelBox] | None = None,
) -> CropPlace:
    """Write one crop; ``box``, ``used`` and the boxes of single slices are the stack's. The same crop gives the same bytes."""
    boxes = [(slice_boxes or {}).get(index, box) for index in used]
    place = crop_place([box, *boxes], used, stack)
    np.savez_compressed(
        file,
        hu=place.cut(stack.hu),
        spacing_mm=np.array(stack.spacing_mm, dtype=np.float64),
        box=np.array(place.box(box).as_tuple(), dtype=np.int64),
        slices=np.array(used, dtype=np.int64) - place.first,
        boxes=np.array([place.box(one).as_tuple() for one in boxes], dtype=np.int64),
        case=np.array(case),
    )
    return place


def read_crop(file: Path) -> Crop:
    """A crop as it was written. VfracError for a file that is none, in a line without its content."""
    try:
        with np.load(file, allow_pickle=False) as found:
            crop = Crop(
                hu=found["hu"],
                spacing_mm=SpacingMm(*(float(v) for v in found["spacing_mm"])),
                slices=tuple(int(v) for v in found["slices"]),
                boxes=tuple(PixelBox(*(int(v) for v in box)) for box in found["boxes"]),
            )
    except (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile, zlib.error):
        raise VfracError(f"{file.name} is no crop of this program, or is damaged; export or make it again") from None
    if crop.hu.dtype != np.int16 or crop.hu.ndim != 3 or not all(0 <= index < len(crop.hu) for index in crop.slices):
        raise VfracError(f"{file.name} holds other pixels than a crop of this program; export or make it again")
    return crop


def crop_region(box: PixelBox, stack: SagittalStack) -> PixelBox:
    """The smallest square around the box and half its side on each side, as far as the slice reaches.

    So the square found again in the crop is the square of the slice: where the crop ends early, so does the slice.
    """
    spacing = stack.spacing_mm
    square = square_box(box_to_mm(box, spacing), stack.rows, stack.columns, spacing)
    margin = MARGIN * square.height
    return PixelBox(
        row_min=max(math.floor((square.row_min - margin) / spacing.row), 0),
        col_min=max(math.floor((square.col_min - margin) / spacing.column), 0),
        row_max=min(math.ceil((square.row_max + margin) / spacing.row), stack.rows),
        col_max=min(math.ceil((square.col_max + margin) / spacing.column), stack.columns),
    )
