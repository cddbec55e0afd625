"""One synthetic case, whole: drawn, painted, measured back and redrawn where a sign did not show, scanned, and its truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from jaxtyping import UInt8

from vfrac_core.errors import CannotBeShownError
from vfrac_core.imaging.reformat import reformat_sagittal
from vfrac_core.paper import SLICE_THICKNESS_MM
from vfrac_core.phantom.changes.base import Change
from vfrac_core.phantom.changes.mass import SoftTissueMass
from vfrac_core.phantom.choose import COMPRESSION, choose_changes
from vfrac_core.phantom.grid import THICKNESS_MM, Grid, crop_grid, full_grid
from vfrac_core.phantom.levels import position
from vfrac_core.phantom.measure import LOSS_PRESENT, Measured, height_loss, measure
from vfrac_core.phantom.parameters import flat_parameters
from vfrac_core.phantom.render import Rendered, render
from vfrac_core.phantom.scanner import add_noise
from vfrac_core.phantom.spec import DEFAULT_DIFFICULTY, CaseSpec, Difficulty
from vfrac_core.phantom.spine import build_spine
from vfrac_core.phantom.subject import Subject, draw_subject
from vfrac_core.phantom.vertebra import Vertebra
from vfrac_core.types import CtVolume, PixelBox, SagittalStack, SeriesInfo

View = Literal["full", "crop"]
REDRAWS: Final = 6
KERNEL: Final = "phantom"
MASS_SHARE: Final = 1 / 3  # of a mass that a reader's box takes in


@dataclass(frozen=True, slots=True)
class Truth:
    """The reference standard, in pixels and slices of the sagittal stack that ``reformat_sagittal`` makes of the volume.

    ``area_mm2``: what each sign changes in its best slice (``measure``); ``loss``: of height, against the neighbours.
    """

    level: str
    slice_index: int
    box: PixelBox
    abnormal_slices: tuple[int, ...]
    area_mm2: Mapping[str, float]
    loss: float


@dataclass(frozen=True, slots=True)
class Masks:
    """On the volume's axial slices. ``labels``: vertebra from 1 (T1); ``lesion``: bit i is sign i of ``paper.SIGNS``."""

    labels: UInt8[np.ndarray, "slice row column"]
    lesion: UInt8[np.ndarray, "slice row column"]


@dataclass(frozen=True, slots=True)
class PhantomCase:
    """``parameters`` are all drawn numbers, flat, for parameters.csv."""

    spec: CaseSpec
    volume: CtVolume
    truth: Truth
    masks: Masks
    parameters: Mapping[str, float | int | str]


def make_case(
    spec: CaseSpec,
    *,
    view: View = "full",
    spacing_mm: float = 2.0,
    difficulty: Difficulty = DEFAULT_DIFFICULTY,
    extra: Sequence[Change] = (),
) -> PhantomCase:
    """Make a case: the same bytes for the same arguments, in any process.

    ``view`` "crop" has the same tissue, pixels, blur and noise in a smaller field of view. ``spacing_mm``: 2 or 3, of slices
    3 mm thick. ``extra`` changes are added as they are (teaching). Raises CannotBeShownError where a sign cannot be made visible.
    """
    subject = draw_subject(spec, difficulty)
    changes, measured = visible_changes(subject, extra)
    grid = full_grid(spacing_mm) if view == "full" else crop_grid(subject.slice_x_mm, spacing_mm)
    rendered = render(subject, changes, grid)
    volume = CtVolume(add_noise(rendered.slices, grid, subject.scanner, subject.streams), grid.affine, _info(spec))
    body = rendered.spine[position(spec.level)]
    return PhantomCase(
        spec=spec,
        volume=volume,
        truth=_truth(subject, measured, reformat_sagittal(volume), reader_box(subject, body, changes)),
        masks=_masks(rendered, grid),
        parameters=flat_parameters(subject, changes) | {"loss": measured.loss} | _areas(measured),
    )


def visible_changes(subject: Subject, extra: Sequence[Change] = ()) -> tuple[tuple[Change, ...], Measured]:
    """Draw until bits and pixels agree: each sign that did not show is drawn again, a little heavier.

    Raises CannotBeShownError where a sign cannot be made visible.
    """
    spec, attempts = subject.spec, Counter[str]()
    for _ in range(REDRAWS):
        changes = (*choose_changes(subject, attempts), *extra)
        loss = height_loss(build_spine(subject.patient, spec.level, changes), spec.level, subject.slice_x_mm)
        if COMPRESSION in spec.signs and loss <= LOSS_PRESENT:
            attempts[COMPRESSION] += 1  # found without painting
            continue
        measured = measure(subject, changes)
        unseen = measured.unseen(spec.signs)
        if not unseen:
            return changes, measured
        attempts.update(unseen)
    raise CannotBeShownError(f"a sign could not be made visible in {REDRAWS} draws; use another seed")


def _info(spec: CaseSpec) -> SeriesInfo:
    return SeriesInfo(
        plane="axial",
        synthetic=True,
        sex=spec.sex,
        age_years="90+" if spec.age_years >= 90 else str(spec.age_years),
        kvp=120.0,
        slice_thickness_mm=THICKNESS_MM,
        kernel=KERNEL,
        manufacturer="vfrac phantom",
    )


def _masks(rendered: Rendered, grid: Grid) -> Masks:
    """The middle plane of each slice."""
    step, count = round(grid.spacing_mm), grid.slices
    planes = slice(1, 1 + step * count, step)
    return Masks(rendered.canvas.labels[planes][:count].copy(), rendered.canvas.lesion[planes][:count].copy())


def _truth(subject: Subject, measured: Measured, stack: SagittalStack, box: PatientBox) -> Truth:
    middle = round((subject.slice_x_mm - float(stack.affine[0, 3])) / SLICE_THICKNESS_MM)
    return Truth(
        level=subject.level,
        slice_index=middle,
        box=_to_pixels(box, stack),
        abnormal_slices=tuple(middle + offset for offset in measured.abnormal),
        area_mm2=measured.area_mm2,
        loss=measured.loss,
    )


@dataclass(frozen=True, slots=True)
class PatientBox:
    """A box in the sagittal plane, in patient mm: z of its upper and lower edge, y of its front and back."""

    high: float
    low: float
    front: float
    back: float


def reader_box(subject: Subject, body: Vertebra, changes: Sequence[Change]) -> PatientBox:
    """What a reader would draw around the worst body: wider by a drawn margin, unsteady, and taking in a third of a mass."""
    rng, difficulty = subject.streams.named("box"), subject.difficulty
    corners = [body.patient(0.0, v, w) for v in (-body.b, body.b) for w in (-body.height / 2, body.height / 2)]
    top, bottom = _sunk(body)
    low, high = min(c[2] for c in corners) + bottom, max(c[2] for c in corners) - top
    front, back = min(c[1] for c in corners), max(c[1] for c in corners)
    margin = rng.uniform(*difficulty.box_margin)
    grow_z, grow_y = (high - low) * (margin - 1) / 2, (back - front) * (margin - 1) / 2
    jitter = difficulty.box_jitter_mm * rng.standard_normal(4)
    mass = max((lobe.thick_mm for c in changes if isinstance(c, SoftTissueMass) for lobe in c.lobes), default=0.0)
    return PatientBox(
        high=high + grow_z + jitter[0],
        low=low - grow_z + jitter[1],
        front=front - grow_y - MASS_SHARE * mass + jitter[2],
        back=back + grow_y + jitter[3],
    )


def _sunk(body: Vertebra) -> tuple[float, float]:
    """How far the whole upper and lower plates have sunk, mm."""
    v = np.linspace(-body.b, body.b, 15, dtype=np.float32)
    top, bottom = body.plates(np.zeros_like(v), v)
    return max(body.height / 2 - float(top.max()), 0.0), max(float(bottom.min()) + body.height / 2, 0.0)


def _to_pixels(box: PatientBox, stack: SagittalStack) -> PixelBox:
    """Whole pixels of the stack; row 0 begins half a row above its centre."""
    spacing, (first_y, first_z) = stack.spacing_mm, (float(v) for v in stack.affine[1:3, 3])
    rows = [round((first_z - z) / spacing.row + 0.5) for z in (box.high, box.low)]
    columns = [round((y - first_y) / spacing.column + 0.5) for y in (box.front, box.back)]
    return PixelBox(max(rows[0], 0), max(columns[0], 0), min(rows[1], stack.rows), min(columns[1], stack.columns))


def _areas(measured: Measured) -> dict[str, float]:
    return {f"area_mm2.{sign}": area for sign, area in measured.area_mm2.items()}
