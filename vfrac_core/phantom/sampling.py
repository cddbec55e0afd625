"""Who is in a cohort: class, sex, age, level and the six signs of each case, before a pixel is painted.

``quota``: the paper's 433 patients, with exactly Table 1's counts of sex and signs; a case depends on its whole cohort.
``expected``: the paper's frequencies; case i depends on the seed and i only, so the first cases are the same however many follow.
``independent``: each sign is a coin of its own and nobody has a diagnosis, so that the signs can be taught without the class.
"""

from __future__ import annotations

import zlib
from functools import cache
from typing import Final, Literal

import numpy as np
from scipy.special import ndtr

from vfrac_core.errors import VfracError
from vfrac_core.paper import AGE_MEAN_SD_YEARS, AGE_RANGE_YEARS, ALL_PATIENTS, MALE_PATIENTS, PATIENTS, SIGN_PATIENTS, SIGNS
from vfrac_core.phantom.cohort import default_mode
from vfrac_core.phantom.copula import Which, draw_latents, highest, is_coherent, thresholds
from vfrac_core.phantom.spec import LEVELS, CaseSpec, Mode, Sex
from vfrac_core.phantom.streams import Streams
from vfrac_core.types import Diagnosis

Rng = np.random.Generator
CLASSES: Final[tuple[Diagnosis, ...]] = ("malignant", "benign")
# Most fractures lie where the stiff thoracic spine meets the lumbar one. Ours (phantom.md, section 9), alike for both classes.
LEVEL_WEIGHTS: Final = (0.03, 0.04, 0.04, 0.06, 0.12, 0.19, 0.21, 0.12, 0.09, 0.06, 0.04)


def sample_cohort(seed: int, cases: int, mode: Mode | None = None) -> tuple[CaseSpec, ...]:
    """``cases`` cases of ``seed``, in an order that says nothing of the class.

    Without a mode ``quota`` where there are as many cases as in the paper, else ``expected``. VfracError for a negative seed,
    for no case, and for a quota cohort of another size than the paper's.
    """
    if cases < 1:
        raise VfracError(f"a cohort of {cases} cases; expected at least 1: ask for more")
    _check_seed(seed)
    mode = mode or default_mode(cases)
    if mode == "quota":
        if cases != ALL_PATIENTS:
            raise VfracError(
                f"a quota cohort of {cases} cases; expected the paper's {ALL_PATIENTS}: take the mode expected instead"
            )
        return _quota(seed)
    return tuple(sample_case(seed, index, mode) for index in range(cases))


def sample_case(seed: int, index: int, mode: Literal["expected", "independent"] = "expected") -> CaseSpec:
    """Case ``index`` (from 0) of ``seed`` by itself. VfracError for a negative seed."""
    _check_seed(seed)
    streams = Streams(seed, index)
    rng = streams.named("cohort: person")
    diagnosis: Diagnosis = "malignant" if rng.random() < PATIENTS["malignant"] / ALL_PATIENTS else "benign"
    sex: Sex = "M" if rng.random() < MALE_PATIENTS[diagnosis] / PATIENTS[diagnosis] else "F"
    level, age = _draw_level(rng), _draw_age(rng, diagnosis)
    rng = streams.named("cohort: signs")
    if mode == "independent":
        severity, bits = float(rng.standard_normal()), rng.random(len(SIGNS)) < 0.5
        return CaseSpec(seed, index, None, _names(bits), level, age, sex, severity)
    while True:
        severity, latents = draw_latents(rng, diagnosis)
        bits = latents > np.array(thresholds(diagnosis))
        if is_coherent(bits[None], diagnosis)[0]:
            return CaseSpec(seed, index, diagnosis, _names(bits), level, age, sex, severity)


def _quota(seed: int) -> tuple[CaseSpec, ...]:
    """The paper's cohort. What is counted is dealt out by the cohort; level, age and latents are each case's own."""
    order = _cohort_rng(seed, "classes").permutation(ALL_PATIENTS)
    made: dict[int, CaseSpec] = {}
    first = 0
    for diagnosis in CLASSES:
        members = np.sort(order[first : first + PATIENTS[diagnosis]])
        first += PATIENTS[diagnosis]
        drawn = [draw_latents(Streams(seed, int(index)).named("cohort: signs"), diagnosis) for index in members]
        counts = np.array([SIGN_PATIENTS[diagnosis][sign] for sign in SIGNS])
        signs = highest(np.array([latents for _, latents in drawn]), counts, diagnosis)
        men = _cohort_rng(seed, f"sex {diagnosis}").permutation(len(members)) < MALE_PATIENTS[diagnosis]
        for index, (severity, _), bits, man in zip(members.tolist(), drawn, signs, men, strict=True):
            rng = Streams(seed, index).named("cohort: person")
            level, age = _draw_level(rng), _draw_age(rng, diagnosis)
            made[index] = CaseSpec(seed, index, diagnosis, _names(bits), level, age, "M" if man else "F", severity)
    return tuple(made[index] for index in range(ALL_PATIENTS))


def _check_seed(seed: int) -> None:
    if seed < 0:
        raise VfracError(f"the seed {seed}; expected 0 or more: take another one")


def _cohort_rng(seed: int, name: str) -> Rng:
    """What a cohort draws as a whole; cases have spawn keys of two numbers (``Streams``)."""
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(zlib.crc32(name.encode()),)))


def _names(bits: Which) -> frozenset[str]:
    return frozenset(sign for sign, bit in zip(SIGNS, bits, strict=True) if bit)


def _draw_level(rng: Rng) -> str:
    return str(rng.choice(LEVELS, p=LEVEL_WEIGHTS))


def _draw_age(rng: Rng, diagnosis: Diagnosis) -> int:
    """Whole years, drawn again outside the paper's range: clipping would pile cases up at its ends."""
    low, high = AGE_RANGE_YEARS[diagnosis]
    mean, sd = _uncut_age(diagnosis)
    while not low <= (age := round(rng.normal(mean, sd))) <= high:
        pass
    return age


@cache
def _uncut_age(diagnosis: Diagnosis) -> tuple[float, float]:
    """Mean and SD of the normal whose whole years within the paper's range have the paper's mean and SD.

    Cutting the paper's own normal would make the benign two years younger than Table 1 says.
    """
    wanted_mean, wanted_sd = AGE_MEAN_SD_YEARS[diagnosis]
    low, high = AGE_RANGE_YEARS[diagnosis]
    years = np.arange(low, high + 1)
    mean, sd = wanted_mean, wanted_sd
    for _ in range(500):
        weight = ndtr((years + 0.5 - mean) / sd) - ndtr((years - 0.5 - mean) / sd)
        weight /= weight.sum()
        cut_mean = float(weight @ years)
        cut_sd = float(np.sqrt(weight @ (years - cut_mean) ** 2))
        mean, sd = mean + wanted_mean - cut_mean, sd * wanted_sd / cut_sd
    assert abs(cut_mean - wanted_mean) < 1e-9
    assert abs(cut_sd - wanted_sd) < 1e-9
    return mean, sd
