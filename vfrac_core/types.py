"""Records that travel between the packages, and the aliases of their arrays. No behaviour beyond checking themselves.

Axes, always in this order: sagittal slice (patient right to left), row (head to foot), column (anterior to posterior).
Boxes are half open: row r covers [r, r + 1), and 0 mm is the outer corner of pixel (0, 0), not its centre.
Patient coordinates are DICOM's: LPS, in mm (PS3.3 C.7.6.2.1.1), of the *centre* of a voxel.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np
from jaxtyping import Float32, Float64, Int16

from vfrac_core.errors import InvalidRoiError
from vfrac_core.paper import MALIGNANT_THRESHOLD

Hu3d = Int16[np.ndarray, "slice row column"]
Affine = Float64[np.ndarray, "4 4"]
CropHu = Float32[np.ndarray, "3 64 64"]
CropBatch = Float32[np.ndarray, "batch 3 64 64"]

Plane = Literal["axial", "sagittal", "coronal"]
Diagnosis = Literal["benign", "malignant"]
CamTarget = Literal["malignant", "benign"]


class SpacingMm(NamedTuple):
    """Distance of neighbouring voxel centres along each axis, in mm."""

    slice: float
    row: float
    column: float

    @classmethod
    def of(cls, affine: Affine) -> SpacingMm:
        """Of a volume whose voxels ``affine`` lays into the patient."""
        return cls(*(float(length) for length in np.linalg.norm(affine[:3, :3], axis=0)))


@dataclass(frozen=True, slots=True)
class SeriesInfo:
    """All that is kept of a series' header: the allow-list of de-identification, nothing else (docs/decisions.md).

    ``age_years`` is text because 90 and above become "90+" (HIPAA safe harbour). ``notes`` are sentences of our own,
    for example "1 of 300 files was skipped: file 17 is not a DICOM file".
    """

    plane: Plane
    synthetic: bool = False
    lossy: bool = False
    window_center_hu: float | None = None
    window_width_hu: float | None = None
    sex: Literal["M", "F", "O"] | None = None
    age_years: str | None = None
    kvp: float | None = None
    slice_thickness_mm: float | None = None
    kernel: str | None = None
    manufacturer: str | None = None
    model: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CtVolume:
    """A regular CT volume as it was read. ``affine`` maps the index of a voxel (i, j, k, 1) to LPS mm of its centre.

    The index axes are any of the input's; ``vfrac_core.imaging.reformat`` turns them. ``padding`` marks nothing: padded
    voxels already hold the series' lowest HU value.
    """

    hu: Hu3d
    affine: Affine
    info: SeriesInfo

    @property
    def spacing_mm(self) -> SpacingMm:
        """Voxel size along the three index axes, in mm."""
        return SpacingMm.of(self.affine)


@dataclass(frozen=True, slots=True)
class SagittalStack:
    """Sagittal slices as the screen shows them: right to left, head to foot, anterior to posterior.

    ``affine`` maps (slice, row, column, 1) to LPS mm of the voxel's centre.
    """

    hu: Hu3d
    affine: Affine
    info: SeriesInfo

    @property
    def spacing_mm(self) -> SpacingMm:
        """Slab thickness, row height and column width, in mm."""
        return SpacingMm.of(self.affine)

    @property
    def slices(self) -> int:
        return int(self.hu.shape[0])

    @property
    def rows(self) -> int:
        return int(self.hu.shape[1])

    @property
    def columns(self) -> int:
        return int(self.hu.shape[2])


@dataclass(frozen=True, slots=True)
class PixelBox:
    """A box on a sagittal slice in whole pixels, half open. The one truth of a box (decision 3)."""

    row_min: int
    col_min: int
    row_max: int
    col_max: int

    def __post_init__(self) -> None:
        if self.row_min >= self.row_max or self.col_min >= self.col_max:
            raise InvalidRoiError("the box is empty or reversed; its first row and column must lie before its last")

    def as_tuple(self) -> tuple[int, int, int, int]:
        """(row_min, col_min, row_max, col_max), the order of the command line, the store and the browser."""
        return (self.row_min, self.col_min, self.row_max, self.col_max)


@dataclass(frozen=True, slots=True)
class BoxMm:
    """A box in mm in the sagittal plane, from the outer corner of pixel (0, 0). May reach past the slice."""

    row_min: float
    col_min: float
    row_max: float
    col_max: float

    def __post_init__(self) -> None:
        if not all(math.isfinite(v) for v in (self.row_min, self.col_min, self.row_max, self.col_max)):
            raise InvalidRoiError("the box has an edge that is not a number")
        if self.row_min >= self.row_max or self.col_min >= self.col_max:
            raise InvalidRoiError("the box is empty or reversed; its first edge must lie before its last")

    @property
    def height(self) -> float:
        return self.row_max - self.row_min

    @property
    def width(self) -> float:
        return self.col_max - self.col_min


@dataclass(frozen=True, slots=True)
class Roi:
    """What a reader drew: a box, and the slice on which it was drawn (0-based)."""

    slice_index: int
    box: PixelBox


@dataclass(frozen=True, slots=True)
class Arrow:
    """Points at a finding on one slice of a sagittal stack. ``sign``: one of the six, None for another finding.

    The tip lies at ``row`` and ``column``, continuous: row r covers [r, r + 1). ``down`` and ``right`` are the way that it points
    on the screen, a unit vector.
    """

    sign: str | None
    slice_index: int
    row: float
    column: float
    down: float
    right: float


@dataclass(frozen=True, slots=True)
class CamMap:
    """A class activation map on the grid of the layer that it was taken from: raw, not stretched, never negative."""

    layer: str
    target: str
    method: str
    grid: Float32[np.ndarray, "grid_row grid_col"]


@dataclass(frozen=True, slots=True)
class SlicePrediction:
    """The network's answer for one slice.

    ``logit`` is the network's own. ``malignant_probability`` is what is shown and what decides: with the weights' logit shift and
    temperature, sigmoid((logit + shift) / temperature). Uncalibrated unless the weights say otherwise. ``signs``: the
    probability of each of the six, in the paper's order; None where the network has no sign head.
    """

    slice_index: int
    logit: float
    malignant_probability: float
    cam: CamMap | None = None
    signs: dict[str, float] | None = None

    @property
    def diagnosis(self) -> Diagnosis:
        """Paper, Statistical Analysis: 0.5 is malignant."""
        return "malignant" if self.malignant_probability >= MALIGNANT_THRESHOLD else "benign"


@dataclass(frozen=True, slots=True)
class WeightsInfo:
    """Where a number on the screen comes from. ``data_sha256``: the training sets that the weights have seen, with blanks between
    them; ``fold``: "all", or the fold that was left out; ``initialisation``: what training started from, in a sentence;
    ``label``: whose diagnosis was learnt; ``sign_head``: whether the network also answers the six signs.
    """

    name: str
    sha256: str
    training_data: str
    trained: bool
    stem_stride: int
    cam_layer: str
    data_sha256: str = ""
    fold: str = "all"
    initialisation: str = "not recorded"
    label: str = "not recorded"
    logit_shift: float = 0.0
    temperature: float = 1.0
    sign_head: bool = False


@dataclass(frozen=True, slots=True)
class HeldOut:
    """An answer to a case of the training set, by the network of the cross-validation that had not seen its patient.

    ``fold`` (from 0) of ``folds``; ``live``: computed now, else kept since the training.
    """

    fold: int
    folds: int
    live: bool


@dataclass(frozen=True, slots=True)
class Prediction:
    """Answers for all asked slices of one box. ``patient_probability`` is the maximum over the (at most) five slices
    centred on the box's slice (decision 13), None when none of them was asked for. ``patient_signs`` is the same maximum for each
    sign by itself, so two signs may have it from two slices; None also where the network has no sign head."""

    roi: Roi
    weights: WeightsInfo
    runtime: str
    slices: tuple[SlicePrediction, ...] = field(default=())
    patient_probability: float | None = None
    patient_slice: int | None = None
    patient_signs: dict[str, float] | None = None
    out_of_fold: HeldOut | None = None
