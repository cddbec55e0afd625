"""HU crops with margin: a training set that needs no DICOM. The files are those of ``imaging.crop_file``."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from vfrac_core.imaging.crop_file import write_crop
from vfrac_core.imaging.roi import default_slices
from vfrac_core.signs import SAFETY
from vfrac_core.store.export.snapshot import Snapshot
from vfrac_core.store.export.table import csv_text
from vfrac_core.store.records import Annotation
from vfrac_core.store.volumes import VolumeLibrary
from vfrac_core.types import SagittalStack

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
    write_crop(file, stack, reading.box, used, one.case_id, slice_boxes=reading.slice_boxes)
