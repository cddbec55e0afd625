"""A series becomes a volume: frames in order, pixels decoded in parallel into one array, padding and values checked."""

from __future__ import annotations

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import groupby
from pathlib import Path

import numpy as np

from vfrac_core.dicom.decode import PADDED_HU, SliceStats, decode_file
from vfrac_core.dicom.deidentify import series_info
from vfrac_core.dicom.diagnosis import MissingSliceError, plane_of, regular_order
from vfrac_core.dicom.frame import Frame
from vfrac_core.dicom.geometry import affine_of
from vfrac_core.dicom.header import Header, Skipped
from vfrac_core.dicom.series import PlacedFrame, Series, Step
from vfrac_core.dicom.syntaxes import ONE_AT_A_TIME, PLUGINS
from vfrac_core.errors import UnreadableSeriesError
from vfrac_core.settings import Limits
from vfrac_core.types import CtVolume, Hu3d

AIR_HU = -1024
# 98 % of a CT's voxels lie here: circular padding of some scanners is -3024, metal reaches some 20 000 HU.
LIKELY_HU = (-3100, 20000)
SAMPLES = 64  # a side; enough for percentiles


def load_ct_volume(series: Series, limits: Limits, target: Path, step: Step) -> tuple[CtVolume, Series]:
    """Decode a series into ``target`` (an .npy of int16[slice, row, column]) and say what it is.

    Files that cannot be decoded are skipped if they lie at an end; the series that comes back lists them. ``step`` is
    called before each file. Raises IrregularVolumeError for a gap or another irregularity, UnreadableSeriesError where no
    file can be decoded or the values are not Hounsfield units.
    """
    ordered = _regular(series, limits)
    hu, stats, bad = _decode(ordered, limits, target, step)
    if bad:
        if len(bad) == len(series.headers):
            raise UnreadableSeriesError(bad[0].reason)
        del hu
        return load_ct_volume(series.without(bad), limits, target, step)
    notes = [*series.notes, *_fill_padding(hu, stats)]
    check_hu(hu)
    plane = plane_of(ordered[0].frame.orientation)
    info = series_info(ordered[0].header, plane, notes=(*notes, *skip_notes(series.skipped)))
    return CtVolume(hu, affine_of(ordered), info), series


def check_hu(hu: Hu3d) -> None:
    """Decoding without an error proves nothing: a damaged frame of some syntaxes gives noise one time in five."""
    rows, columns = (max(1, side // SAMPLES) for side in hu.shape[1:])
    low, high = np.percentile(hu[:, ::rows, ::columns], (1, 99))
    if low < LIKELY_HU[0] or high > LIKELY_HU[1]:
        raise UnreadableSeriesError("the pixel values are not Hounsfield units; give the original CT series")


def skip_notes(skipped: Sequence[Skipped]) -> list[str]:
    """One sentence for each file of the series that was left out."""
    return [f"{s.file.position} was skipped: {_cause(s)}" for s in skipped if s.kind == "bad"]


def create_array(target: Path, shape: tuple[int, int, int], limits: Limits) -> Hu3d:
    """The one array that pixels are decoded into, as a file that another process can map."""
    if shape[0] * shape[1] * shape[2] > limits.max_voxels:
        raise UnreadableSeriesError(f"the volume has more than {limits.max_voxels} voxels; give one series")
    return np.lib.format.open_memmap(target, mode="w+", dtype=np.int16, shape=shape)


def _regular(series: Series, limits: Limits) -> list[PlacedFrame]:
    """In order, or refused; a gap is explained by the files that were skipped, junk among them."""
    try:
        return regular_order(series.frames, limits)
    except MissingSliceError as gap:
        if not series.skipped:
            raise
        told = "; ".join(f"{s.file.position} was skipped: {_cause(s)}" for s in series.skipped[:3])
        raise MissingSliceError(f"{gap}; {told}") from None


def _cause(skipped: Skipped) -> str:
    return skipped.reason.split(";")[0]


def _decode(
    ordered: Sequence[PlacedFrame], limits: Limits, target: Path, step: Step
) -> tuple[Hu3d, list[SliceStats], list[Skipped]]:
    header = ordered[0].header
    hu = create_array(target, (len(ordered), header.rows, header.columns), limits)
    numbered = sorted(enumerate(ordered), key=lambda entry: entry[1].header.file.number)
    jobs = [list(group) for _, group in groupby(numbered, key=lambda entry: entry[1].header.file.number)]

    def decode(job: list[tuple[int, PlacedFrame]]) -> list[SliceStats] | Skipped:
        header = job[0][1].header
        step(header.file)
        targets: list[tuple[Frame, np.ndarray]] = [(placed.frame, hu[index]) for index, placed in job]
        try:
            return decode_file(header, targets, limits)
        except UnreadableSeriesError as refused:
            return Skipped(header.file, "bad", str(refused), header.series_uid)

    with ThreadPoolExecutor(_workers([placed.header for placed in ordered])) as pool:
        results = list(pool.map(decode, jobs))
    bad = [result for result in results if isinstance(result, Skipped)]
    return hu, [stats for result in results if not isinstance(result, Skipped) for stats in result], bad


def _workers(headers: Sequence[Header]) -> int:
    """The decoders and file reading release the GIL; the one that may crash the process works alone."""
    alone = any(PLUGINS[header.syntax] in ONE_AT_A_TIME for header in headers)
    return 1 if alone else min(4, os.cpu_count() or 1)


def _fill_padding(hu: Hu3d, stats: Sequence[SliceStats]) -> list[str]:
    """Padding becomes the lowest real value of the series: air where the scanner saw air, never a step below it."""
    if any(one.padded for one in stats):
        lowest = min((one.lowest_hu for one in stats if one.lowest_hu is not None), default=AIR_HU)
        for plane in hu:
            plane[plane == PADDED_HU] = lowest
    clipped = sum(one.clipped for one in stats)
    return [f"{clipped} voxels beyond 16 bits were clipped"] if clipped else []
