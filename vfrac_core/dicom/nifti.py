"""NIfTI files as CT volumes: checked from the header before any voxel is touched, then read slice by slice.

NIfTI's world is RAS (+x to the patient's right, +y anterior); ours is LPS, so x and y change sign.
"""

from __future__ import annotations

import gzip
import hmac
import math
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import BufferedIOBase, BytesIO
from pathlib import Path

import nibabel
import numpy as np

from vfrac_core.dicom.decode import HIGHEST_HU, LOWEST_HU, PADDED_HU
from vfrac_core.dicom.deidentify import CASE_ID_LENGTH, new_keyed_id
from vfrac_core.dicom.series import NiftiSeries, Step
from vfrac_core.dicom.sources import SourceFile
from vfrac_core.dicom.volume import check_hu, create_array
from vfrac_core.errors import IrregularVolumeError, UnreadableSeriesError
from vfrac_core.settings import Limits
from vfrac_core.types import Affine, CtVolume, Hu3d, Plane, SeriesInfo

RAS_TO_LPS = np.diag([-1.0, -1.0, 1.0, 1.0])
MOST_NAN = 0.01  # of all voxels; more is not a border but a broken image
CLEARLY_COARSER = 1.5  # than the next axis: what only a slice distance is
LEAST_RANGE_HU = 50  # air, fat and bone span a thousand; a mask or a picture scaled to 0-1 does not
CUT = "the NIfTI file is cut off or damaged; copy it again"


@dataclass(frozen=True, slots=True)
class NiftiHeader:
    """What is used of a NIfTI header. ``shape`` is in file order (first axis fastest), ``affine`` in RAS mm."""

    shape: tuple[int, int, int]
    dtype: np.dtype
    affine: Affine
    slope: float
    intercept: float
    offset: int


def load_nifti(series: NiftiSeries, secret: bytes, limits: Limits, target: Path, step: Step) -> tuple[CtVolume, str]:
    """Read one NIfTI into ``target`` (.npy, int16); returns the volume and its case id (keyed hash of the voxel bytes).

    Index axes come out in reverse file order. Raises UnreadableSeriesError for what is damaged, too large or no CT, and
    IrregularVolumeError where the affine gives no right-angled patient space.
    """
    step(series.file)
    try:
        with _inflated(series.file) as stream:
            header = _read_header(stream, limits)
            hu = create_array(target, header.shape[::-1], limits)
            digest, notes = _read_voxels(stream, header, hu, new_keyed_id(secret))
    except UnreadableSeriesError:
        raise
    except (EOFError, OSError, zlib.error):
        raise UnreadableSeriesError(CUT) from None
    except Exception as error:  # noqa: BLE001 - nibabel has errors of its own for each field, and quotes them
        raise UnreadableSeriesError(f"the NIfTI header cannot be read ({type(error).__name__}); export it again") from None
    check_hu(hu)
    if int(hu.max()) - int(hu.min()) < LEAST_RANGE_HU:
        raise UnreadableSeriesError("the voxels are not CT numbers (their range is too small); give the CT, not a mask")
    affine = RAS_TO_LPS @ header.affine @ _REVERSED
    return CtVolume(hu, affine, SeriesInfo(plane=_plane(affine), notes=tuple(notes))), digest.hexdigest()[:CASE_ID_LENGTH]


_REVERSED = np.eye(4)[[2, 1, 0, 3]]


@contextmanager
def _inflated(file: SourceFile) -> Iterator[BufferedIOBase]:
    """The file's bytes, through gzip where it is one. Only as much is inflated as is read."""
    with file.open() as raw:
        magic = raw.read(2)
        raw.seek(0)
        yield gzip.GzipFile(fileobj=raw) if magic == b"\x1f\x8b" else raw


def _read_header(stream: BufferedIOBase, limits: Limits) -> NiftiHeader:
    head = stream.read(4)
    size = next((n for order in ("little", "big") for n in (348, 540) if int.from_bytes(head, order) == n), None)
    if size is None:
        raise UnreadableSeriesError("not a NIfTI file, or a damaged one; copy it again")
    head += stream.read(size - 4)
    if len(head) < size:
        raise UnreadableSeriesError(CUT)
    if head[344:348] == b"ni1\0" or head[4:8] == b"ni2\0":
        raise UnreadableSeriesError("the NIfTI header lies apart from its image (.hdr and .img); save it as one .nii file")
    kind = nibabel.Nifti1Header if size == 348 else nibabel.Nifti2Header
    header = kind.from_fileobj(BytesIO(head))
    slope, intercept = header.get_slope_inter()
    checked = NiftiHeader(
        _shape(header, limits),
        _dtype(header),
        _affine(header),
        1.0 if slope is None else float(slope),
        0.0 if intercept is None else float(intercept),
        int(header["vox_offset"]),
    )
    if not size <= checked.offset <= 1_000_000:  # extensions lie between; they are skipped, never kept
        raise UnreadableSeriesError(CUT)
    if len(stream.read(checked.offset - size)) < checked.offset - size:
        raise UnreadableSeriesError(CUT)
    return checked


def _shape(header: nibabel.Nifti1Header, limits: Limits) -> tuple[int, int, int]:
    shape = [int(n) for n in header.get_data_shape()]
    while len(shape) > 3 and shape[-1] == 1:
        shape.pop()
    if len(shape) != 3:
        raise UnreadableSeriesError(f"the NIfTI image has {len(shape)} dimensions, expected 3; give one volume")
    small, *large = sorted(shape)
    if small < limits.min_slices:
        raise IrregularVolumeError(f"{small} slices, at least {limits.min_slices} are needed; give the whole series")
    if large[0] < limits.min_side or large[1] > limits.max_slices or math.prod(shape) > limits.max_voxels:
        raise UnreadableSeriesError(
            f"the NIfTI image is too small or too large; {limits.min_side} to {limits.max_slices} voxels a side are read"
        )
    return shape[0], shape[1], shape[2]


def _dtype(header: nibabel.Nifti1Header) -> np.dtype:
    dtype = np.dtype(header.get_data_dtype())
    if dtype.kind not in "iuf" or dtype.itemsize > 8:
        raise UnreadableSeriesError("the NIfTI voxels are not plain numbers (colour or complex); give the CT itself")
    return dtype


def _affine(header: nibabel.Nifti1Header) -> Affine:
    """sform, else qform. Without both nibabel would guess left and right, so we refuse."""
    if int(header["sform_code"]) > 0:
        affine = np.asarray(header.get_sform(), dtype=np.float64)
    elif int(header["qform_code"]) > 0:
        affine = np.asarray(header.get_qform(), dtype=np.float64)
    else:
        raise UnreadableSeriesError("left and right are unknown: the NIfTI file has neither sform nor qform; export it again")
    lengths = np.linalg.norm(affine[:3, :3], axis=0)
    if not np.isfinite(affine).all() or lengths.min() < 1e-3:
        raise IrregularVolumeError("the NIfTI affine is singular or not finite; export it again")
    cosines = affine[:3, :3] / lengths
    lean = np.abs(cosines.T @ cosines - np.eye(3)).max()
    if abs(np.linalg.det(cosines)) < 1e-3:
        raise IrregularVolumeError("the NIfTI affine is singular or not finite; export it again")
    if lean > 2e-3:  # 0.1 degrees
        angle = np.degrees(np.arcsin(min(lean, 1.0)))
        raise IrregularVolumeError(
            f"tilted: the axes of the NIfTI volume lean by {angle:.1f}°; resample it to right angles first"
        )
    return affine


def _read_voxels(stream: BufferedIOBase, header: NiftiHeader, hu: Hu3d, digest: hmac.HMAC) -> tuple[hmac.HMAC, list[str]]:
    plane_shape = header.shape[1::-1]
    wanted = math.prod(plane_shape) * header.dtype.itemsize
    lowest, missing, clipped = None, 0, 0
    for plane in hu:
        data = stream.read(wanted)
        if len(data) < wanted:
            raise UnreadableSeriesError(CUT)
        digest.update(data)
        values = np.frombuffer(data, header.dtype).reshape(plane_shape)
        scaled = np.rint(values * np.float64(header.slope) + header.intercept)
        real = np.isfinite(scaled)
        missing += int((~real).sum())
        clipped += int(((scaled < LOWEST_HU) | (scaled > HIGHEST_HU))[real].sum())
        plane[...] = np.where(real, scaled.clip(LOWEST_HU, HIGHEST_HU), PADDED_HU)
        if real.any():
            lowest = min(scaled[real].min(), HIGHEST_HU if lowest is None else lowest)
    if stream.read(1):
        raise UnreadableSeriesError("the NIfTI file is longer than its header says; copy it again")
    return digest, _fill(hu, lowest, missing, clipped)


def _fill(hu: Hu3d, lowest: float | None, missing: int, clipped: int) -> list[str]:
    notes = []
    if lowest is None or missing > MOST_NAN * hu.size:
        raise UnreadableSeriesError("more than 1 % of the NIfTI voxels are not numbers; give the original CT")
    if missing:
        for plane in hu:
            plane[plane == PADDED_HU] = max(int(lowest), LOWEST_HU)
        notes.append(f"{missing} voxels that are not numbers were taken as padding")
    if clipped:
        notes.append(f"{clipped} voxels beyond 16 bits were clipped")
    return notes


def _plane(affine: Affine) -> Plane:
    """The plane that was acquired: at right angles to the coarsest axis if it is clearly the coarsest, else axial.

    Axial CT of thin slices has three spacings that are nearly alike, in any order.
    """
    spacing = np.linalg.norm(affine[:3, :3], axis=0)
    nearest = [int(np.argmax(np.abs(affine[:3, axis]))) for axis in range(3)]
    coarse = int(np.argmax(spacing))
    if spacing[coarse] < CLEARLY_COARSER * np.sort(spacing)[1]:
        return "axial"
    planes: tuple[Plane, ...] = ("sagittal", "coronal", "axial")
    return planes[nearest[coarse]]
