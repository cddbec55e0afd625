"""Do these slices form one regular volume? Each way in which they do not has its own sentence.

highdicom answers all of them with "not a regularly-spaced volume", so the cause is found here, before it is asked.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from highdicom.spatial import VOLUME_INDEX_CONVENTION, get_normal_vector, get_plane_sort_index
from jaxtyping import Float64

from vfrac_core.dicom.series import PlacedFrame
from vfrac_core.errors import IrregularVolumeError
from vfrac_core.settings import Limits
from vfrac_core.types import Plane

Vector = Float64[np.ndarray, "3"]
Points = Float64[np.ndarray, "slice 3"]
Distances = Float64[np.ndarray, "slice"]

SAME_DIRECTION = 1e-3  # largest difference of two cosines that are meant to be equal; some scanners write four digits
SAME_PLACE_MM = 0.01
ROUNDING_MM = 0.11  # positions are often rounded to a tenth of a millimetre, the first and the last as well
SIDEWAYS_MM = 1.0  # over the whole volume: a third of a sagittal slab
PLANES: tuple[Plane, ...] = ("sagittal", "coronal", "axial")  # by the patient axis x, y, z that the normal follows


class MissingSliceError(IrregularVolumeError):
    """A gap: the one irregularity that a skipped file may explain."""


def regular_order(frames: Sequence[PlacedFrame], limits: Limits) -> list[PlacedFrame]:
    """The frames sorted along their normal, proven to be one regular volume.

    Raises IrregularVolumeError that names the first cause found: sizes, orientation, tilt, doubled, gap, uneven, too few.
    """
    _check_alike(frames)
    _check_orientation(frames)
    ordered = [frames[i] for i in get_plane_sort_index(_positions(frames).tolist(), frames[0].frame.orientation)]
    if len(ordered) > 1:
        _check_sideways(ordered)
        _check_steps(ordered)
    _check_count(len(ordered), limits)
    return ordered


def normal_of(frames: Sequence[PlacedFrame]) -> Vector:
    """Unit vector along which the slices are sorted, in LPS."""
    return np.asarray(get_normal_vector(frames[0].frame.orientation, index_convention=VOLUME_INDEX_CONVENTION), dtype=np.float64)


def plane_of(orientation: Sequence[float]) -> Plane:
    """The anatomical plane nearest to an image orientation (PS3.3 C.7.6.2.1.1)."""
    normal = np.cross(orientation[:3], orientation[3:])
    return PLANES[int(np.argmax(np.abs(normal)))]


def _positions(frames: Sequence[PlacedFrame]) -> Points:
    return np.array([placed.frame.position_mm for placed in frames], dtype=np.float64)


def _check_alike(frames: Sequence[PlacedFrame]) -> None:
    shapes = Counter((p.header.rows, p.header.columns) for p in frames)
    if len(shapes) > 1:
        raise IrregularVolumeError("the slices have different numbers of rows or columns; give one reconstruction at a time")
    spacings = np.array([p.frame.spacing_mm for p in frames])
    if np.ptp(spacings, axis=0).max() > 1e-3:
        raise IrregularVolumeError("the slices have different pixel spacings; give one reconstruction at a time")


def _check_orientation(frames: Sequence[PlacedFrame]) -> None:
    orientations = np.array([p.frame.orientation for p in frames])
    along, down = orientations[0, :3], orientations[0, 3:]
    lengths = np.array([np.linalg.norm(along), np.linalg.norm(down)])
    if np.abs(lengths - 1).max() > 0.01 or abs(along @ down) > 0.01:
        raise IrregularVolumeError("the image orientation is not two unit vectors at right angles; export the series again")
    apart = np.abs(orientations - orientations[0]).max(axis=1) > SAME_DIRECTION
    if apart.any():
        count = int(apart.sum())
        names = (plane_of(orientations[0].tolist()), plane_of(orientations[apart][0].tolist()))
        raise IrregularVolumeError(
            f"two orientations in one series: {len(frames) - count} slices {names[0]}, {count} slices "
            f"{names[1] if names[1] != names[0] else 'turned against them'}; give one orientation at a time"
        )


def _check_sideways(ordered: Sequence[PlacedFrame]) -> None:
    """A stack that leans: gantry tilt if it leans steadily, otherwise slices that were shifted."""
    normal = normal_of(ordered)
    offsets = _positions(ordered) - _positions(ordered)[0]
    height = offsets @ normal
    sideways = np.linalg.norm(offsets - np.outer(height, normal), axis=1)
    if sideways.max() <= SIDEWAYS_MM or height[-1] < SAME_PLACE_MM:
        return
    angle = np.degrees(np.arctan2(sideways[-1], height[-1]))
    if np.abs(sideways - height * sideways[-1] / height[-1]).max() <= SIDEWAYS_MM:
        raise IrregularVolumeError(
            f"tilted gantry: the slices lean by {angle:.1f}°, expected 0°; have it corrected at the scanner first"
        )
    raise IrregularVolumeError("the slices are shifted sideways against each other; give one acquisition at a time")


def _check_steps(ordered: Sequence[PlacedFrame]) -> None:
    distances = _positions(ordered) @ normal_of(ordered)
    steps = np.diff(distances)
    usual = float(np.sort(steps)[(len(steps) - 1) // 2])
    if (steps < SAME_PLACE_MM).any():
        at = int(np.argmin(steps))
        raise IrregularVolumeError(
            f"doubled slices: {_two_files(ordered, at)} lie at the same place ({_place(ordered, at)}); "
            "expected one slice at each place; give one acquisition at a time"
        )
    if (steps > 1.5 * usual).any():
        at = int(np.argmax(steps))
        raise MissingSliceError(
            f"missing slice between {_place(ordered, at, unit='')} and {_value(ordered, at + 1)} mm "
            f"({_two_files(ordered, at)}): a gap of {steps[at]:.2f} mm, expected {usual:.2f} mm; copy the whole series again"
        )
    even = np.linspace(distances[0], distances[-1], len(distances))
    if np.abs(distances - even).max() > max(ROUNDING_MM, 0.01 * usual):
        raise IrregularVolumeError(
            f"uneven slice spacing: {steps.min():.2f} to {steps.max():.2f} mm, expected the same everywhere; "
            "give one reconstruction at a time"
        )


def _check_count(count: int, limits: Limits) -> None:
    if count < limits.min_slices:
        noun = "slice" if count == 1 else "slices"
        raise IrregularVolumeError(f"{count} {noun}, at least {limits.min_slices} are needed; give the whole series")
    if count > limits.max_slices:
        raise IrregularVolumeError(f"{count} slices, at most {limits.max_slices} are read; give one series")


def _two_files(ordered: Sequence[PlacedFrame], at: int) -> str:
    first, second = ordered[at], ordered[at + 1]
    if first.header.file.number == second.header.file.number:
        return f"frames {first.frame.index + 1} and {second.frame.index + 1} of {first.header.file.position}"
    numbers = sorted((first.header.file.number, second.header.file.number))
    return f"files {numbers[0]} and {numbers[1]} of {first.header.file.total}"


def _place(ordered: Sequence[PlacedFrame], at: int, unit: str = " mm") -> str:
    axis = int(np.argmax(np.abs(normal_of(ordered))))
    return f"{'xyz'[axis]} = {_value(ordered, at)}{unit}"


def _value(ordered: Sequence[PlacedFrame], at: int) -> str:
    """Patient coordinate along the stack, to 0.1 mm. Geometry, not identity."""
    axis = int(np.argmax(np.abs(normal_of(ordered))))
    return f"{ordered[at].frame.position_mm[axis]:.1f}"
