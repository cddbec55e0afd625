"""A stand-in for ``make_case`` that takes a millisecond, importable by the workers; and a program that is there to be killed.

``python phantom_fake.py OUT CASES FORMAT``: write a cohort of stand-ins with two processes.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from vfrac_core.errors import CannotBeShownError
from vfrac_core.imaging.reformat import reformat_sagittal
from vfrac_core.phantom.case import Masks, PhantomCase, Truth, View
from vfrac_core.phantom.cohort import CohortSettings, Form
from vfrac_core.phantom.output import write_cohort
from vfrac_core.phantom.spec import CaseSpec, Difficulty
from vfrac_core.phantom.streams import Streams
from vfrac_core.types import CtVolume, PixelBox, SeriesInfo

SEED = 3
PIXEL_MM = 0.75


def fake_case(spec: CaseSpec, *, view: View, spacing_mm: float, difficulty: Difficulty) -> PhantomCase:
    """Noise with one bright block, 24 mm wide at the left of the patient's middle; the crop is a part of nothing."""
    rows, columns, slices = (64, 56, 20) if view == "full" else (48, 44, 14)
    hu = Streams(spec.seed, spec.index).named("noise").integers(-200, 200, (slices, rows, columns)).astype(np.int16)
    block = (slice(4, 10), slice(20, 40), slice(16, 36))
    hu[block] += 1000
    affine = np.zeros((4, 4))
    affine[2, 0], affine[1, 1], affine[0, 2], affine[3, 3] = spacing_mm, PIXEL_MM, PIXEL_MM, 1.0
    affine[:3, 3] = (-20.0, -30.0, -50.0)
    labels, lesion = np.zeros(hu.shape, np.uint8), np.zeros(hu.shape, np.uint8)
    labels[block], lesion[4:6, 20:24, 16:20] = 13, 0b100001
    info = SeriesInfo(plane="axial", synthetic=True, sex=spec.sex, age_years=str(spec.age_years), slice_thickness_mm=3.0)
    volume = CtVolume(hu, affine, info)
    middle = reformat_sagittal(volume).slices // 2
    box = PixelBox(slices - 10, 20, slices - 4, 40)
    truth = Truth(spec.level, middle, box, (middle - 1, middle, middle + 1), {}, 0.3)
    odd = {"odd.only": 0.1 + spec.index} if spec.index % 2 else {}
    return PhantomCase(spec, volume, truth, Masks(labels, lesion), {"noise_hu": 1 / 3, "shape": "wedge", **odd})


def slow_fake_case(spec: CaseSpec, *, view: View, spacing_mm: float, difficulty: Difficulty) -> PhantomCase:
    """Time enough to be killed in."""
    time.sleep(0.02)
    return fake_case(spec, view=view, spacing_mm=spacing_mm, difficulty=difficulty)


def no_fourth_case(spec: CaseSpec, *, view: View, spacing_mm: float, difficulty: Difficulty) -> PhantomCase:
    """One case of the cohort cannot be made."""
    if spec.index == 3:
        raise CannotBeShownError("a sign could not be made visible")
    return fake_case(spec, view=view, spacing_mm=spacing_mm, difficulty=difficulty)


def some_specs(cases: int, *, masked: bool = False) -> Sequence[CaseSpec]:
    """Benign and malignant in turn; without a diagnosis where it is masked."""
    return [
        CaseSpec(
            seed=SEED,
            index=index,
            diagnosis=None if masked else ("benign", "malignant")[index % 2],
            signs=frozenset({"vertebral_compression", "bone_destruction"} if index % 2 else {"transverse_fracture_line"}),
            level="L1",
            age_years=55 + index,
            sex="F",
        )
        for index in range(cases)
    ]


def some_settings(cases: int, form: Form = "dicom", **others: object) -> CohortSettings:
    return CohortSettings(**{"seed": SEED, "mode": "expected", "cases": cases, "form": form} | others)


if __name__ == "__main__":
    cases, form = int(sys.argv[2]), sys.argv[3]
    settings = some_settings(cases, form, masks=True)
    write_cohort(some_specs(cases), Path(sys.argv[1]), settings, jobs=2, make=slow_fake_case)
