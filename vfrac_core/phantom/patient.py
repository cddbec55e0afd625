"""The person around the fracture: size, bone density, discs, curves, fat and vessels. Drawn alike for both classes.

Only age and sex, and bone density with them, differ by class, as in the paper's Table 1 and in life.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vfrac_core.phantom.levels import SIZES
from vfrac_core.phantom.spec import CaseSpec
from vfrac_core.phantom.streams import Streams


@dataclass(frozen=True, slots=True)
class Patient:
    """Drawn parameters. HU, mm and degrees; per-level tuples run from T1 to S5."""

    scale: float
    trabecular_hu: float
    cortex_hu: float
    cortex_mm: float
    plate_mm: float
    concavity: float
    disc_scale: float
    disc_hu: float
    lordosis: float
    scoliosis_degrees: float
    fatness: float
    muscle_fat: float
    aorta_radius: float
    aorta_x: float
    calcification: float
    organ_hu: float
    blood_hu: float
    level_scale: tuple[float, ...]
    tilt_jitter: tuple[float, ...]
    warp_phase: tuple[float, ...]
    texture_shift: tuple[int, int, int]


def draw_patient(spec: CaseSpec, streams: Streams) -> Patient:
    """The patient of a case. Trabecular HU falls by about 2 a year; benign fractures meet weaker bone in 40 %."""
    rng = streams.named("patient")
    age = spec.age_years
    draw = rng.uniform
    trabecular = 212 - 1.9 * (age - 35) + 24 * rng.standard_normal()
    weaker, factor = rng.random() < 0.4, draw(0.8, 1.0)
    if spec.diagnosis == "benign" and weaker:
        trabecular *= factor
    count = len(SIZES)
    return Patient(
        scale=(1.06 if spec.sex == "M" else 0.96) * (1 + 0.03 * rng.standard_normal()),
        trabecular_hu=float(np.clip(trabecular, 55, 250)),
        cortex_hu=draw(950, 1200),
        cortex_mm=draw(0.55, 0.80),
        plate_mm=draw(0.80, 1.10),
        concavity=draw(0.8, 1.5),
        disc_scale=draw(0.85, 1.12) - 0.002 * max(age - 50, 0),
        disc_hu=draw(72, 92),
        lordosis=draw(0.7, 1.15),
        scoliosis_degrees=0.3 * rng.standard_normal(),
        fatness=draw(0.0, 1.0),
        muscle_fat=float(np.clip((age - 30) / 60 + 0.25 * rng.standard_normal(), 0.05, 1.0)),
        aorta_radius=draw(8.5, 12.0),
        aorta_x=draw(8.0, 20.0),
        calcification=float(np.clip((age - 50) / 40, 0, 1) * draw(0.0, 1.0)),
        organ_hu=draw(36, 58),
        blood_hu=draw(38, 50),
        level_scale=tuple(1 + 0.02 * rng.standard_normal(count)),
        tilt_jitter=tuple(rng.standard_normal(count)),
        warp_phase=tuple(rng.uniform(0, 2 * np.pi, 12)),
        texture_shift=_shift(rng),
    )


def _shift(rng: np.random.Generator) -> tuple[int, int, int]:
    x, y, z = (int(v) for v in rng.integers(0, 96, 3))
    return x, y, z
