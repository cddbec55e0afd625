"""One case of a cohort as files, whole or not at all: a folder of axial DICOM slices, or a crop without DICOM.

In truth.csv slices and box are counted where the case's reader meets them: in the sagittal stack of the imported series, or in
the crop file itself, whose members ``box`` and ``slices`` say the same.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np

from vfrac_core.dicom.writing import SeriesName, write_axial_series
from vfrac_core.errors import VfracError
from vfrac_core.imaging.crop_file import CropPlace, write_crop
from vfrac_core.imaging.reformat import reformat_mask, reformat_sagittal
from vfrac_core.paper import SIGNS
from vfrac_core.phantom.case import PhantomCase, Truth, View
from vfrac_core.phantom.cohort import CaseRecord, CohortSettings, case_name
from vfrac_core.phantom.spec import GENERATOR, CaseSpec

CaseMaker = Callable[..., PhantomCase]  # ``make_case``, or a stand-in of the tests

WORK: Final = ".work"  # half-written cases lie here


@dataclass(frozen=True, slots=True)
class CaseWriter:
    """Makes and writes cases of one cohort into ``out``. Travels to other processes."""

    out: Path
    settings: CohortSettings
    make: CaseMaker

    def __call__(self, spec: CaseSpec) -> CaseRecord:
        """Write one case; what stands under its name already (a killed run's) is replaced. VfracError names the case."""
        name = case_name(spec.index)
        view: View = "full" if self.settings.form == "dicom" else "crop"
        try:
            case = self.make(spec, view=view, spacing_mm=self.settings.spacing_mm, difficulty=self.settings.difficulty)
        except VfracError as refused:
            raise type(refused)(f"{name}: {refused}") from None
        (self.out / WORK).mkdir(exist_ok=True)
        work = Path(tempfile.mkdtemp(dir=self.out / WORK))
        truth = self._write_dicom(case, work) if self.settings.form == "dicom" else self._write_crop(case, work)
        for written in sorted(work.iterdir(), reverse=True):  # the masks before the case itself
            _move(written, self.out / written.name)
        work.rmdir()
        return CaseRecord(name, _truth_row(name, spec, truth), dict(case.parameters))

    def paths(self, name: str) -> list[Path]:
        """Where a finished case lies."""
        main = self.out / (name if self.settings.form == "dicom" else f"{name}.npz")
        return [main, self.out / _masks_name(name)] if self.settings.masks else [main]

    def _write_dicom(self, case: PhantomCase, work: Path) -> Truth:
        name = case_name(case.spec.index)
        series = SeriesName(self.settings.key(case.spec), case.spec.index + 1)
        write_axial_series(case.volume, work / name, series, software=GENERATOR)
        if self.settings.masks:
            _write_masks(work / _masks_name(name), case, None)
        return case.truth

    def _write_crop(self, case: PhantomCase, work: Path) -> Truth:
        name, truth = case_name(case.spec.index), case.truth
        place = write_crop(work / f"{name}.npz", reformat_sagittal(case.volume), truth.box, truth.abnormal_slices, name)
        if self.settings.masks:
            _write_masks(work / _masks_name(name), case, place)
        return replace(
            truth,
            slice_index=truth.slice_index - place.first,
            box=place.box(truth.box),
            abnormal_slices=tuple(index - place.first for index in truth.abnormal_slices),
        )


def _masks_name(name: str) -> str:
    return f"{name}_masks.npz"


def _write_masks(file: Path, case: PhantomCase, place: CropPlace | None) -> None:
    """uint8 [slice, row, column] on the grid of the sagittal stack, or of the crop; what a slab of 3 mm touches, it holds.

    ``labels``: the vertebra, 1 is T1; where a slab holds two, the lower one. ``lesion``: bit i is sign i of ``paper.SIGNS``.
    """
    affine = case.volume.affine
    labels = reformat_mask(case.masks.labels, affine, np.maximum)
    lesion = reformat_mask(case.masks.lesion, affine, np.bitwise_or)
    if place is not None:
        labels, lesion = place.cut(labels), place.cut(lesion)
    np.savez_compressed(file, labels=labels, lesion=lesion)


def _truth_row(name: str, spec: CaseSpec, truth: Truth) -> dict[str, str | int]:
    """The columns of ``TRUTH_COLUMNS``; no diagnosis where the cohort masks it."""
    row_min, col_min, row_max, col_max = truth.box.as_tuple()
    return {
        "case": name,
        "diagnosis": spec.diagnosis or "",
        **{sign: int(sign in spec.signs) for sign in SIGNS},
        "vertebral_level": truth.level,
        "slice_index": truth.slice_index,
        "box_row_min": row_min,
        "box_col_min": col_min,
        "box_row_max": row_max,
        "box_col_max": col_max,
        "abnormal_slices": " ".join(map(str, truth.abnormal_slices)),
        "age_years": spec.age_years,
        "sex": spec.sex,
        "seed": spec.seed,
        "generator": GENERATOR,
    }


def _move(written: Path, target: Path) -> None:
    """A file replaces a file at once; a folder has to make room first."""
    if target.is_dir():
        shutil.rmtree(target)
    written.replace(target)
