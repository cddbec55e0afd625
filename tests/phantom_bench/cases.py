"""Cases made once, in two processes, and kept on disk under a name that the generator's source and the settings decide."""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np

from vfrac_core.imaging.crop import crop_triplet
from vfrac_core.imaging.reformat import reformat_sagittal
from vfrac_core.imaging.roi import box_to_mm, square_box
from vfrac_core.paper import SIGNS
from vfrac_core.phantom.case import make_case
from vfrac_core.phantom.grid import crop_grid
from vfrac_core.phantom.scanner import add_noise
from vfrac_core.phantom.spec import DEFAULT_DIFFICULTY, CaseSpec, Difficulty
from vfrac_core.phantom.subject import draw_subject
from vfrac_core.types import BoxMm, CtVolume, PixelBox, SagittalStack, SeriesInfo

PROCESSES = 2
REACH = 3  # slices to each side of the lesion's: five network inputs of three slices each
CORNER = 24  # pixels to a side
FLAT_HU = 40.0
KEPT = 1  # raise it when something else is kept of a case
INFO = SeriesInfo(plane="axial", synthetic=True)
ROOT = Path(__file__).parents[2]
NOT_PIXELS = ("arrows", "builtin", "case_files", "cohort", "copula", "output", "sampling", "seeds", "teaching", "workers")
CACHE = Path(os.environ.get("VFRAC_STUDY_CACHE", Path(tempfile.gettempdir()) / "vfrac-phantom-study"))


@dataclass(frozen=True, slots=True)
class Sample:
    """What is kept of a case. Seven slices each, the lesion's in the middle.

    ``crops``: HU of the reader's square, as the app cuts it. ``upper``, ``lower``: corners of the stack before the spine, native
    pixels. ``noise``: what the case's scanner adds to an even 40 HU, native pixels.
    """

    spec: CaseSpec
    crops: np.ndarray
    upper: np.ndarray
    lower: np.ndarray
    noise: np.ndarray
    box_side_mm: float
    abnormal: tuple[int, ...]
    parameters: dict[str, float | int | str]

    @property
    def malignant(self) -> bool:
        return self.spec.diagnosis == "malignant"

    def has(self, sign: str) -> bool:
        return sign in self.spec.signs


def make_sample(spec: CaseSpec, difficulty: Difficulty = DEFAULT_DIFFICULTY) -> Sample:
    """A training case in the small field of view, cut as the app would cut it."""
    case = make_case(spec, view="crop", difficulty=difficulty)
    stack = reformat_sagittal(case.volume)
    middle = case.truth.slice_index
    near = slice(middle - REACH, middle + REACH + 1)
    square = square_of(case.truth.box, stack)
    return Sample(
        spec=spec,
        crops=cut(stack, case.truth.box, middle),
        upper=stack.hu[near, :CORNER, :CORNER].copy(),
        lower=stack.hu[near, -CORNER:, :CORNER].copy(),
        noise=noise_of(spec, difficulty, middle),
        box_side_mm=square.height,
        abnormal=tuple(index - middle for index in case.truth.abnormal_slices),
        parameters=dict(case.parameters),
    )


def square_of(box: PixelBox, stack: SagittalStack) -> BoxMm:
    return square_box(box_to_mm(box, stack.spacing_mm), stack.rows, stack.columns, stack.spacing_mm)


def cut(stack: SagittalStack, box: PixelBox, middle: int) -> np.ndarray:
    """HU of the square on seven slices, 64 × 64: the triplets of the five inputs are its runs of three."""
    square = square_of(box, stack)
    triplets = [crop_triplet(stack, square, middle + offset) for offset in (-2, 1, 2)]
    return np.concatenate([triplets[0], triplets[1], triplets[2][2:]])


def noise_of(spec: CaseSpec, difficulty: Difficulty, middle: int) -> np.ndarray:
    """What the case's scanner adds to even tissue around the middle of the stack."""
    subject = draw_subject(spec, difficulty)
    grid = crop_grid(subject.slice_x_mm)
    flat = np.full((grid.slices, grid.rows, grid.columns), FLAT_HU, np.float32)
    volume = CtVolume(
        add_noise(flat, grid, subject.scanner, subject.streams), grid.affine, SeriesInfo(plane="axial", synthetic=True)
    )
    hu = reformat_sagittal(volume).hu
    row, column = hu.shape[1] // 2 - 16, hu.shape[2] // 2 - 16
    return hu[middle - REACH : middle + REACH + 1, row : row + 32, column : column + 32].copy()


@cache
def generator_version() -> str:
    """A short hash of every source file that decides about a pixel."""
    folders = (ROOT / "vfrac_core" / "phantom", ROOT / "vfrac_core" / "imaging")
    files = [file for folder in folders for file in folder.rglob("*.py") if not file.stem.startswith(NOT_PIXELS)]
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def knobs(difficulty: Difficulty) -> str:
    """A short hash of the knobs, to see which figures belong together."""
    return hashlib.sha256(repr(difficulty).encode()).hexdigest()[:6]


def make_samples(
    specs: Sequence[CaseSpec], difficulty: Difficulty = DEFAULT_DIFFICULTY, say: Callable[[str], None] | None = None
) -> list[Sample]:
    """All cases, from disk where they lie there already."""
    return list(made_once(make_sample, specs, difficulty, say))


def made_once(
    make: Callable[[CaseSpec, Difficulty], Any],
    specs: Sequence[CaseSpec],
    difficulty: Difficulty = DEFAULT_DIFFICULTY,
    say: Callable[[str], None] | None = None,
) -> list[Any]:
    """``make(spec, difficulty)`` of each spec, kept on disk."""
    folder = CACHE / f"{generator_version()}-{KEPT}" / make.__name__
    folder.mkdir(parents=True, exist_ok=True)
    files = [folder / f"{_name(spec, difficulty)}.pickle" for spec in specs]
    todo = [(make, spec, difficulty, file) for spec, file in zip(specs, files, strict=True) if not file.exists()]
    if todo:
        _make_all(todo, say or (lambda _text: None))
    return [pickle.loads(file.read_bytes()) for file in files]


def _make_all(todo: list[tuple], say: Callable[[str], None]) -> None:
    started = time.monotonic()
    with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn")) as pool:
        for done, _ in enumerate(pool.map(_keep, todo, chunksize=2), 1):
            if done % 50 == 0 or done == len(todo):
                say(f"  {done} of {len(todo)} cases, {(time.monotonic() - started) / done:.2f} s each")


def _keep(job: tuple) -> None:
    make, spec, difficulty, file = job
    part = file.with_suffix(f".{os.getpid()}")
    part.write_bytes(pickle.dumps(make(spec, difficulty)))
    part.replace(file)


def _name(spec: CaseSpec, difficulty: Difficulty) -> str:
    text = json.dumps([*spec_values(spec), repr(difficulty)])
    return hashlib.sha256(text.encode()).hexdigest()[:24]


def spec_values(spec: CaseSpec) -> tuple:
    bits = "".join("1" if sign in spec.signs else "0" for sign in SIGNS)
    return (spec.seed, spec.index, spec.diagnosis, bits, spec.level, spec.age_years, spec.sex, spec.severity)


def labels(samples: Iterable[Any]) -> np.ndarray:
    return np.array([sample.malignant for sample in samples])
