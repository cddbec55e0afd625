"""The shape of one vertebra of the built-in case, as soft coverage (0 to 1) of its parts. Knows no HU and no volume.

Local coordinates in mm, origin in the middle of the body: u to the patient's left, v anterior, w up along the body's axis.
A distance is negative inside. It is exact near a surface and only roughly right far from it, which is enough for a border.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32

Field = Float32[np.ndarray, "slice row column"]

BORDER_MM = 0.9  # a border fades over about one pixel, so that a thin plate never falls between two slices
CORTEX_MM = 1.3
POSTERIOR_CORTEX_MM = 1.1


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes in mm, half axes for width and depth. ``wedge`` is the part of the anterior height that is lost (0 to 1)."""

    name: str
    height: float
    half_width: float
    half_depth: float
    spinous_length: float
    wedge: float = 0.0


@dataclass(frozen=True, slots=True)
class LocalFrame:
    """Where each voxel of a block lies in the vertebra's own axes."""

    u: Float32[np.ndarray, "1 1 column"]
    v: Float32[np.ndarray, "slice row 1"]
    w: Float32[np.ndarray, "slice row 1"]


def coverage(distance: Field) -> Field:
    """1 inside, 0 outside, half on the surface."""
    return np.clip(0.5 - distance / BORDER_MM, 0, 1)


def body_distance(shape: Shape, at: LocalFrame) -> Field:
    """A waisted column with concave end plates; the upper plate sinks in front by ``wedge``."""
    half_height = shape.height / 2
    waist = 1 - 0.11 * np.clip(1 - (at.w / half_height) ** 2, 0, 1)
    posterior_groove = 2.0 * np.exp(-((at.u / 11) ** 2)) * (at.v < 0)
    u, v = at.u / (shape.half_width * waist), (at.v - posterior_groove) / (shape.half_depth * (0.4 + 0.6 * waist))
    side = ((np.abs(u) ** 2.5 + np.abs(v) ** 2.5) ** 0.4 - 1) * math.sqrt(shape.half_width * shape.half_depth)
    concavity = 2.4 * np.exp(-((at.u / (0.75 * shape.half_width)) ** 2) - (at.v / (0.7 * shape.half_depth)) ** 2)
    front = np.clip(0.5 + 0.5 * at.v / shape.half_depth, 0, 1)
    upper = at.w - (half_height - concavity - shape.wedge * shape.height * front**1.3)
    lower = -at.w - (half_height - concavity)
    return _smooth_max(side, np.maximum(upper, lower))


def disc_distance(upper: Shape, at: LocalFrame, thickness: float) -> Field:
    """The disc under ``upper``: a column of its own cross-section that reaches into both plates' concavity."""
    side = np.sqrt((at.u / upper.half_width) ** 2 + (at.v / upper.half_depth) ** 2)
    reach = 3.0
    ends = np.maximum(at.w + upper.height / 2 - reach, -(at.w + upper.height / 2 + thickness + reach))
    return np.maximum((side - 0.97) * upper.half_depth, ends)


def posterior_distance(shape: Shape, at: LocalFrame) -> Field:
    """Pedicles, articular pillars, laminae, transverse processes and the spinous process, without the canal."""
    back, height, u = -shape.half_depth, shape.height, np.abs(at.u)
    pedicle = _capsule(u, at, (13.5, back + 4, 0.17 * height), (15.5, back - 15, 0.14 * height), 4.4, stretch=1.5)
    pillar = _capsule(u, at, (15.5, back - 16, 0.55 * height), (14.0, back - 24, -0.62 * height), 4.6)
    lamina = _capsule(u, at, (13.0, back - 20, -0.05 * height), (0.0, back - 28, -0.20 * height), 3.2, stretch=2.4)
    transverse = _capsule(u, at, (16.0, back - 11, 0.12 * height), (36.0, back - 18, 0.20 * height), 3.0, stretch=1.6)
    root, tip = back - 27, back - 27 - shape.spinous_length
    spinous = _capsule(u, at, (0.0, root, -0.25 * height), (0.0, tip, -0.38 * height), 3.0, stretch=2.6)
    return _smooth_min(_smooth_min(_smooth_min(pedicle, pillar), _smooth_min(lamina, transverse)), spinous)


def canal_distance(shape: Shape, at: LocalFrame) -> Field:
    """The vertebral canal: an elliptic tube behind the body."""
    return (np.sqrt((at.u / 11.5) ** 2 + ((at.v + shape.half_depth + 8.5) / 8.0) ** 2) - 1) * 8.0 + 0 * at.w


def blob_distance(at: LocalFrame, centre: tuple[float, float, float], radii: tuple[float, float, float]) -> Field:
    """An ellipsoid with its centre and its three half axes in local mm."""
    (cu, cv, cw), (ru, rv, rw) = centre, radii
    return (np.sqrt(((at.u - cu) / ru) ** 2 + ((at.v - cv) / rv) ** 2 + ((at.w - cw) / rw) ** 2) - 1) * min(radii)


def _capsule(
    u: np.ndarray,
    at: LocalFrame,
    start: tuple[float, float, float],
    end: tuple[float, float, float],
    radius: float,
    *,
    stretch: float = 1.0,
) -> Field:
    """A rod from ``start`` to ``end``, ``stretch`` times as tall as it is thick."""
    p = (u - start[0], at.v - start[1], (at.w - start[2]) / stretch)
    axis = (end[0] - start[0], end[1] - start[1], (end[2] - start[2]) / stretch)
    along = np.clip(sum(a * b for a, b in zip(p, axis, strict=True)) / sum(a * a for a in axis), 0, 1)
    return np.sqrt(sum((a - along * b) ** 2 for a, b in zip(p, axis, strict=True))) - radius


def _smooth_max(a: Field, b: Field, radius: float = 3.0) -> Field:
    """Maximum of two distances with the edge between them rounded (Quilez, polynomial smooth minimum)."""
    return -_smooth_min(-a, -b, radius)


def _smooth_min(a: Field, b: Field, radius: float = 2.5) -> Field:
    overlap = np.clip(radius - np.abs(a - b), 0, None)
    return np.minimum(a, b) - overlap**2 / (4 * radius)
