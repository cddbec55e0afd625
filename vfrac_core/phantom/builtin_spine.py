"""The column of the built-in case: the sizes of its levels and where each one stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vfrac_core.phantom.builtin_vertebra import Shape

# Head to foot; height, half width, half depth, spinous length in mm (male lumbar spine, rounded).
SPINE: Final = (
    Shape("T10", 20.6, 16.8, 15.0, 26.0),
    Shape("T11", 22.0, 18.0, 15.5, 26.0),
    Shape("T12", 23.6, 20.0, 16.0, 27.0),
    Shape("L1", 25.3, 21.0, 16.8, 29.0),
    Shape("L2", 25.8, 21.8, 17.3, 30.0, wedge=0.42),
    Shape("L3", 25.3, 22.8, 17.5, 31.0),
    Shape("L4", 25.0, 24.0, 17.8, 29.0),
    Shape("L5", 23.6, 25.2, 17.8, 24.0),
    Shape("S1", 24.0, 25.0, 16.5, 12.0),
)
DISC_MM: Final = (4.8, 5.5, 6.5, 8.0, 9.5, 10.5, 11.5, 10.0)  # under each level but the last
TILT_DEG: Final = (-4.0, -7.0, -9.0, -10.0, -12.0, -5.0, 8.0, 23.0, 42.0)  # + leans forward; above L2 the wedge tips it
ABNORMAL: Final = 4


@dataclass(frozen=True, slots=True)
class Level:
    """A vertebra and its place in the patient: the middle of its body and how far it leans forward."""

    shape: Shape
    y: float
    z: float
    tilt: float


def stack_levels() -> tuple[Level, ...]:
    """The curved column, head to foot: each body rests on its disc, and the abnormal one stands at the origin."""
    levels = {ABNORMAL: Level(SPINE[ABNORMAL], 0.0, 0.0, TILT_DEG[ABNORMAL])}
    for index in range(ABNORMAL - 1, -1, -1):
        levels[index] = _next_level(levels[index + 1], index, DISC_MM[index], up=1)
    for index in range(ABNORMAL + 1, len(SPINE)):
        levels[index] = _next_level(levels[index - 1], index, DISC_MM[index - 1], up=-1)
    return tuple(levels[index] for index in range(len(SPINE)))


def _next_level(level: Level, index: int, disc: float, up: int) -> Level:
    shape, tilt = SPINE[index], TILT_DEG[index]
    sunk = 0.5 * level.shape.wedge * level.shape.height if up > 0 else 0.0  # the neighbour rests on the sunken plate
    y, z = level.y, level.z
    for length, lean in (
        (level.shape.height / 2 - sunk, level.tilt),
        (disc, (level.tilt + tilt) / 2),
        (shape.height / 2, tilt),
    ):
        y -= up * length * np.sin(np.radians(lean))
        z += up * length * np.cos(np.radians(lean))
    return Level(shape, float(y), float(z), tilt)
