"""HU crops with margin: a training set that needs no DICOM.

Each .npz has exactly these members and is read with ``allow_pickle=False``:
    hu          int16 [slice, row, column], the slices from one before the first used one to one behind the last
    spacing_mm  float64 [3], slice, row, column
    box         int64 [4], row_min, col_min, row_max, col_max in pixels *of the crop*, half open
    slices      int64 [n], the used slices *of the crop*: the reader's marked ones, else five centred on the box's
    case        text, the case id
"""

from __future__ import annotations

import math
from pathlib import Path
from typing import Final

import numpy as np

from vfrac_core.imaging.roi import box_to_mm, default_slices, square_box
from vfrac_core.signs import SAFETY
from vfrac_core.store.export.snapshot import Snapshot
from vfrac_core.store.export.table import csv_text
from vfrac_core.store.records import Annotation
from vfrac_core.store.volumes import VolumeLibrary
from vfrac_core.types import PixelBox, SagittalStack

MARGIN: Final = 0.5  # of the square's side, on each side: room for the largest shift, scaling and turn of augmentation

_README: Final = """\
{safety}

HU crops of submitted readings, one .npz per answer, named <case>_<reader>_<study>_<repeat>_<phase>.npz.
The labels are the lines of annotations.csv with the same case_id, reader_id, study_id, repeat_index and phase.
Readers are codes. End of the log: {anchor}.
"""


def write_crops(snapshot: Snapshot, volumes: VolumeLibrary, folder: Path) -> None:
    """One .npz per submitted answer with a box, the table and a note into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in snapshot.submitted_boxes():
        _write_crop(folder / f"{crop_name(one)}.npz", volumes.stack(one.case_id), one)
    (folder / "annotations.csv").write_text(csv_text(snapshot), encoding="utf-8", newline="")
    (folder / "README.txt").write_text(_README.format(safety=SAFETY, anchor=snapshot.anchor), encoding="utf-8")


def crop_name(one: Annotation) -> str:
    """The answer's key, as a file name without its ending."""
    return f"{one.case_id}_{one.reader_id}_{one.study_id}_{one.repeat_index}_{one.phase}"


def _write_crop(file: Path, stack: SagittalStack, one: Annotation) -> None:
    reading = one.reading
    assert reading.box is not None  # a submitted box has a slice
    assert reading.slice_index is not None
    used = reading.marked_slices or default_slices(reading.slice_index, stack.slices)
    first, last = max(used[0] - 1, 0), min(used[-1] + 1, stack.slices - 1)
    region = crop_region(reading.box, stack)
    box = reading.box
    np.savez_compressed(
        file,
        hu=stack.hu[first : last + 1, region.row_min : region.row_max, region.col_min : region.col_max],
        spacing_mm=np.array(stack.spacing_mm, dtype=np.float64),
        box=np.array(
            [
                box.row_min - region.row_min,
                box.col_min - region.col_min,
                box.row_max - region.row_min,
                box.col_max - region.col_min,
            ],
            dtype=np.int64,
        ),
        slices=np.array(used, dtype=np.int64) - first,
        case=np.array(one.case_id),
    )


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
