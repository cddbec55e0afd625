"""Implicit shapes: signed distances in mm, positive inside, and how they are joined, softened and painted."""

from __future__ import annotations

import numpy as np
from jaxtyping import Float

Field = Float[np.ndarray, "..."]
Mm = float | int  # the type checker of the tests takes no int for a float
Point = tuple[Mm, Mm, Mm]  # (u lateral, v anterior, w up) in a vertebra's own frame, mm

SOFT_MM = 0.8  # width of a border, about one voxel


def coverage(distance: Field, soft_mm: Mm = SOFT_MM) -> Field:
    """Share of a voxel that lies inside: 0 outside, 1 inside, linear over the border."""
    return np.clip(distance / np.float32(soft_mm) + np.float32(0.5), 0, 1)


def smoothstep(value: Field, low: Mm, high: Mm) -> Field:
    """0 below ``low``, 1 above ``high``, smooth between."""
    t = np.clip((value - np.float32(low)) / np.float32(high - low), 0, 1)
    return t * t * (3 - 2 * t)


def join(a: Field, b: Field, k: Mm) -> Field:
    """Union of two shapes with a fillet of about ``k`` mm (polynomial smooth maximum)."""
    h = np.maximum(k - np.abs(a - b), 0)
    return np.maximum(a, b) + h * h * np.float32(0.25 / k)


def meet(a: Field, b: Field, k: Mm) -> Field:
    """Intersection with corners rounded by about ``k`` mm."""
    return -join(-a, -b, k)


def capsule(at: tuple[Field, Field, Field], start: Point, end: Point, radii: tuple[Mm, Mm]) -> Field:
    """A rod from ``start`` to ``end`` whose radius goes from the first to the second of ``radii``."""
    axis = [e - s for s, e in zip(start, end, strict=True)]
    length2 = sum(c * c for c in axis) or 1e-6
    rel = [p - np.float32(s) for p, s in zip(at, start, strict=True)]
    t = np.clip((rel[0] * axis[0] + rel[1] * axis[1] + rel[2] * axis[2]) / np.float32(length2), 0, 1)
    gap2 = sum((r - t * np.float32(c)) ** 2 for r, c in zip(rel, axis, strict=True))
    return np.float32(radii[0]) + t * np.float32(radii[1] - radii[0]) - np.sqrt(gap2)


def ellipsoid(at: tuple[Field, Field, Field], centre: Point, half_axes: Point) -> Field:
    """An ellipsoid; the distance is right at its surface and roughly right near it."""
    r = np.sqrt(sum(((p - np.float32(c)) / np.float32(h)) ** 2 for p, c, h in zip(at, centre, half_axes, strict=True)))
    return (1 - r) * np.float32(min(half_axes))


def paint(hu: Field, cover: Field, value: Field | Mm) -> None:
    """Mix ``value`` into ``hu`` in place, by coverage."""
    hu += cover * (np.asarray(value, np.float32) - hu)


def upsample(field: Field, axis: int, size: int) -> Field:
    """Twice as many samples along an axis, linear between: sample i of the coarse grid is sample 2 i of the fine one."""
    field = np.moveaxis(field, axis, 0)
    fine = np.empty((2 * field.shape[0], *field.shape[1:]), np.float32)
    fine[0::2] = field
    fine[1:-1:2] = (field[:-1] + field[1:]) * np.float32(0.5)
    fine[-1] = field[-1]
    return np.moveaxis(fine[:size], 0, axis)


def double(field: Field, shape: tuple[int, ...]) -> Field:
    """``upsample`` along all three axes."""
    for axis, size in enumerate(shape):
        field = upsample(field, axis, size)
    return np.ascontiguousarray(field)
