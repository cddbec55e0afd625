"""A training set from a cohort folder: truth.csv beside crops (.npz) or DICOM series, as ``phantom`` writes them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path
from zipfile import BadZipFile

import numpy as np
from jaxtyping import UInt8

from vfrac_core.dicom import LoadedSeries, read_path
from vfrac_core.errors import VfracError
from vfrac_core.imaging.crop_file import read_crop
from vfrac_core.imaging.reformat import reformat_sagittal
from vfrac_core.imaging.roi import default_slices
from vfrac_core.library.truth import TruthRow, read_truth
from vfrac_core.paper import SIGNS
from vfrac_core.settings import Limits
from vfrac_core.signs import SYNTHETIC
from vfrac_core.store import Reading
from vfrac_core.training.cases import TrainingCase, TrainingSet, case_from_stack, training_set

LesionBits = UInt8[np.ndarray, "slice row column"]

TRUTH = "truth.csv"
REFERENCE = "reference standard"
ANSWERS = {"present": 1.0, "absent": 0.0}
SECRET = b"a cohort folder"  # its cases enter no library, so no id of theirs is kept


def read_cohort(folder: Path, progress: Callable[[int, int], None] = lambda _done, _of: None) -> TrainingSet:
    """All cases of the table whose pixels lie beside it, under <case>.npz or <case>/.

    VfracError for a folder without truth.csv, and for a case without pixels, slice or box; it names the row, no value.
    """
    if not (folder / TRUTH).is_file():
        raise VfracError(
            "the cohort folder has no truth.csv, expected one beside crops or DICOM series (docs/training.md); give that folder"
        )
    rows = read_truth(folder / TRUTH)
    cases = []
    for done, row in enumerate(rows, start=1):
        cases.append(_case(folder, row))
        progress(done, len(rows))
    return training_set(cases, kind_of(cases))


def labels_of(reading: Reading) -> tuple[bool | None, tuple[float, ...]]:
    """Malignant or not (None: not said), and 1, 0 or NaN for each sign."""
    signs = tuple(ANSWERS.get(str(reading.signs.get(name)), math.nan) for name in SIGNS)
    return (None if reading.diagnosis is None else reading.diagnosis == "malignant"), signs


def _case(folder: Path, row: TruthRow) -> TrainingCase:
    inside = [path for path in (folder / f"{row.case}.npz", folder / row.case) if path.resolve().is_relative_to(folder.resolve())]
    crop_file, series = inside if len(inside) == 2 else (None, None)
    if crop_file is not None and crop_file.is_file():
        return _from_crop(crop_file, row)
    if series is not None and series.is_dir():
        return _from_series(series, row)
    raise VfracError(f"row {row.number} of truth.csv has no pixels beside it; expected <case>.npz or a folder <case>")


def _from_crop(file: Path, row: TruthRow) -> TrainingCase:
    crop = read_crop(file)
    malignant, signs = labels_of(row.reading)
    marked = row.reading.marked_slices
    return TrainingCase(
        case=row.case,
        patient=row.patient or row.case,
        hu=crop.hu,
        spacing_mm=crop.spacing_mm,
        slices=crop.slices,
        stack_slices=marked if len(marked) == len(crop.slices) else crop.slices,
        boxes=crop.boxes,
        malignant=malignant,
        signs=signs,
        label=REFERENCE,
        synthetic=(file.parent / "parameters.csv").is_file(),
    )


def _from_series(folder: Path, row: TruthRow) -> TrainingCase:
    loaded = [one for one in read_path(folder, secret=SECRET, limits=Limits()) if isinstance(one, LoadedSeries)]
    if len(loaded) != 1:
        raise VfracError(f"row {row.number} of truth.csv has a folder with {len(loaded)} readable series, expected one")
    stack = reformat_sagittal(loaded[0].volume)
    reading = row.reading
    if reading.box is None or reading.slice_index is None:
        raise VfracError(f"row {row.number} of truth.csv has no box or no slice; a case is learned from its box")
    used = reading.marked_slices or default_slices(reading.slice_index, stack.slices)
    malignant, signs = labels_of(reading)
    return case_from_stack(
        stack,
        [reading.box] * len(used),
        used,
        case=row.case,
        patient=row.patient or row.case,
        malignant=malignant,
        signs=signs,
        label=REFERENCE,
    )


def kind_of(cases: list[TrainingCase]) -> str:
    """Completes "a network trained on …"."""
    synthetic = sum(case.synthetic for case in cases)
    if synthetic == len(cases):
        return f"{len(cases)} cases that are {SYNTHETIC.rstrip('.')}"
    return f"{len(cases)} cases" + (f", {synthetic} of them synthetic" if synthetic else "")


def read_lesions(folder: Path, cases: Sequence[str]) -> dict[str, LesionBits] | None:
    """Masks of the signs beside crops, as ``phantom --masks`` writes them, by case; None where a case has none.

    uint8 [slice, row, column] on the crop's grid; bit i is sign i of ``paper.SIGNS``. VfracError for a damaged file.
    """
    files = {case: folder / f"{case}_masks.npz" for case in cases}
    if not all(file.is_file() for file in files.values()):
        return None
    found = {}
    for case, file in files.items():
        try:
            with np.load(file, allow_pickle=False) as content:
                found[case] = np.asarray(content["lesion"], np.uint8)
        except (OSError, ValueError, KeyError, EOFError, BadZipFile):
            raise VfracError(f"{file.name} holds no masks, or is damaged; make the cohort again") from None
    return found
