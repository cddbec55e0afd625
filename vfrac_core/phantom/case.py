"""One synthetic case, whole: drawn, painted, measured back and redrawn where a sign did not show, scanned, and its truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final, Literal

import numpy as np
from jaxtyping import UInt8

from vfrac_core.errors import VfracError
from vfrac_core.imaging.reformat import reformat_sagittal
from vfrac_core.paper import SLICE_THICKNESS_MM
from vfrac_core.phantom.changes.base import Change
from vfrac_core.phantom.choose import COMPRESSION, MULTIPLE, choose_changes, lesion_x
from vfrac_core.phantom.grid import THICKNESS_MM, Grid, crop_grid, full_grid
from vfrac_core.phantom.levels import position
from vfrac_core.phantom.measure import LOSS_ABSENT, Measured, height_loss, measure
from vfrac_core.phantom.patient import Patient, draw_patient
from vfrac_core.phantom.render import Rendered, render
from vfrac_core.phantom.scanner import Scanner, add_noise, draw_scanner
from vfrac_core.phantom.spec import DEFAULT_DIFFICULTY, CaseSpec, Difficulty
from vfrac_core.phantom.spine import build_spine
from vfrac_core.phantom.streams import Streams
from vfrac_core.phantom.vertebra import Vertebra
from vfrac_core.types import Affine, CtVolume, PixelBox, SeriesInfo

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
    3 mm thick. ``extra`` changes are added as they are (teaching). Raises VfracError where a sign cannot be made visible.
    """
    streams = Streams(spec.seed, spec.index)
    patient, scanner = draw_patient(spec, streams), draw_scanner(streams, difficulty)
    slice_x = SLICE_THICKNESS_MM * round(lesion_x(patient, spec, streams) / SLICE_THICKNESS_MM)
    changes, measured = _visible(spec, patient, streams, difficulty, scanner, slice_x, extra)
    grid = full_grid(spacing_mm) if view == "full" else crop_grid(slice_x, spacing_mm)
    rendered = render(patient, spec.level, changes, grid, scanner)
    volume = CtVolume(add_noise(rendered.slices, grid, scanner, streams), grid.affine, _info(spec))
    return PhantomCase(
        spec=spec,
        volume=volume,
        truth=_truth(spec, rendered, volume, measured, slice_x, changes, streams, difficulty),
        masks=_masks(rendered, grid),
        parameters=_parameters(spec, patient, scanner, changes, measured),
    )


def _visible(
    spec: CaseSpec,
    patient: Patient,
    streams: Streams,
    difficulty: Difficulty,
    scanner: Scanner,
    slice_x: float,
    extra: Sequence[Change],
) -> tuple[tuple[Change, ...], Measured]:
    """Draw until bits and pixels agree: each sign that did not show is drawn again, a little heavier."""
    attempts: dict[str, int] = {}
    for _ in range(REDRAWS):
        changes = (*choose_changes(spec, patient, streams, difficulty, attempts), *extra)
        loss = height_loss(build_spine(patient, spec.level, changes), spec.level, slice_x)
        if COMPRESSION in spec.signs and loss <= LOSS_ABSENT:
            attempts[COMPRESSION] = attempts.get(COMPRESSION, 0) + 1
            continue
        measured = measure(patient, spec.level, changes, spec.signs, slice_x, scanner)
        unseen = measured.unseen(spec.signs)
        if not unseen:
            break
        for sign in unseen:
            attempts[sign] = attempts.get(sign, 0) + 1
    else:
        raise VfracError(f"a sign could not be made visible in {REDRAWS} draws ({', '.join(unseen)}); use another seed")
    return changes, measured


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


def _truth(
    spec: CaseSpec,
    rendered: Rendered,
    volume: CtVolume,
    measured: Measured,
    slice_x: float,
    changes: Sequence[Change],
    streams: Streams,
    difficulty: Difficulty,
) -> Truth:
    stack = reformat_sagittal(volume)
    middle = round((slice_x - stack.affine[0, 3]) / SLICE_THICKNESS_MM)
    box = reader_box(rendered.spine[position(spec.level)], changes, streams, difficulty)
    return Truth(
        level=spec.level,
        slice_index=middle,
        box=_to_pixels(box, stack.affine, stack.rows, stack.columns),
        abnormal_slices=tuple(middle + offset for offset in measured.abnormal),
        area_mm2=measured.area_mm2,
        loss=measured.loss,
    )


def reader_box(
    body: Vertebra, changes: Sequence[Change], streams: Streams, difficulty: Difficulty
) -> tuple[float, float, float, float]:
    """What a reader would draw around the worst body: z high, y front, z low, y back, in patient mm. Wider than the body by a
    drawn margin, with unsteady edges, and taking in a third of a mass."""
    rng = streams.named("box")
    corners = [body.patient(0.0, v, w) for v in (-body.b, body.b) for w in (-body.height / 2, body.height / 2)]
    top, bottom = (plate for plate in _plate_ends(body))
    low, high = min(c[2] for c in corners) + bottom, max(c[2] for c in corners) - top
    front, back = min(c[1] for c in corners), max(c[1] for c in corners)
    margin = rng.uniform(*difficulty.box_margin)
    grow_z, grow_y = (high - low) * (margin - 1) / 2, (back - front) * (margin - 1) / 2
    jitter = difficulty.box_jitter_mm * rng.standard_normal(4)
    mass = max((getattr(lobe, "thick_mm", 0.0) for c in changes for lobe in getattr(c, "lobes", ())), default=0.0)
    return (
        high + grow_z + jitter[0],
        front - grow_y - MASS_SHARE * mass + jitter[1],
        low - grow_z + jitter[2],
        back + grow_y + jitter[3],
    )


def _plate_ends(body: Vertebra) -> tuple[float, float]:
    """How far the whole upper and lower plates have sunk, mm."""
    v = np.linspace(-body.b, body.b, 15, dtype=np.float32)
    top, bottom = body.plates(np.zeros_like(v), v)
    return max(body.height / 2 - float(top.max()), 0.0), max(float(bottom.min()) + body.height / 2, 0.0)


def _to_pixels(box: tuple[float, float, float, float], affine: Affine, rows: int, columns: int) -> PixelBox:
    high, front, low, back = box
    row_mm, column_mm = -float(affine[2, 1]), float(affine[1, 2])
    first_row, first_column = float(affine[2, 3]), float(affine[1, 3])
    row_min, row_max = ((first_row - z) / row_mm + 0.5 for z in (high, low))
    col_min, col_max = ((y - first_column) / column_mm + 0.5 for y in (front, back))
    return PixelBox(max(round(row_min), 0), max(round(col_min), 0), min(round(row_max), rows), min(round(col_max), columns))


def _parameters(
    spec: CaseSpec, patient: Patient, scanner: Scanner, changes: Sequence[Change], measured: Measured
) -> dict[str, float | int | str]:
    """Every drawn number under a name that says where it belongs; of several alike at the worst level, the first."""
    flat: dict[str, float | int | str] = {"severity": spec.severity, "loss": measured.loss}
    flat |= {f"area_mm2.{sign}": area for sign, area in measured.area_mm2.items()}
    for part in (patient, scanner):
        flat |= {
            f"{type(part).__name__.lower()}.{f.name}": v for f in fields(part) if isinstance(v := getattr(part, f.name), float)
        }
    for change in changes:
        own = change.level == spec.level
        if not own and change.sign is None:
            continue
        where = "" if own else "elsewhere."
        for name, value in _numbers(change).items():
            flat.setdefault(f"{where}{type(change).__name__.lower()}.{name}", value)
    return flat


def _numbers(change: Change) -> dict[str, float | int | str]:
    values: dict[str, float | int | str] = {}
    for f in fields(change):
        value = getattr(change, f.name)
        if f.name in ("level", "sign"):
            continue
        if isinstance(value, tuple):
            values[f"{f.name}.count"] = len(value)
            first = value[0] if value else None
            if hasattr(first, "__dataclass_fields__"):
                values |= {f"{f.name}.{g.name}": v for g in fields(first) if isinstance(v := getattr(first, g.name), float | str)}
            elif f.name == "centre":
                values |= {f"{f.name}.{axis}": v for axis, v in zip("uvw", value, strict=True)}
                del values["centre.count"]
        else:
            values[f.name] = int(value) if isinstance(value, bool) else value
    return values
