"""Sizes of the vertebrae by level. Near Panjabi et al., Spine 1991;16:888 and 1992;17:299, from memory, with tilts and discs set
close to one real CT (phantom.md, section 5): our choice, not a citation to be passed on.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class LevelSize:
    """mm and degrees. ``tilt``: the body's long axis, + top leaning forward. ``spinous``: length, drop in degrees, height."""

    name: str
    height: float
    wedge: float
    width: float
    depth: float
    disc: float
    tilt: float
    spinous: tuple[float, float, float]

    @property
    def thoracic(self) -> bool:
        return self.name.startswith("T")

    @property
    def sacral(self) -> bool:
        return self.name.startswith("S")


# Posterior height, anterior/posterior, width, depth, disc below, tilt, spinous process.
SIZES: Final = tuple(
    LevelSize(*row)
    for row in (
        ("T1", 14.1, 0.97, 28.0, 17.0, 4.0, 24.0, (30.0, 35.0, 8.0)),
        ("T2", 15.6, 0.96, 28.0, 18.0, 3.5, 22.0, (32.0, 40.0, 8.0)),
        ("T3", 15.7, 0.96, 28.0, 20.0, 3.5, 20.0, (33.0, 45.0, 8.0)),
        ("T4", 16.2, 0.95, 28.0, 22.0, 3.5, 17.0, (34.0, 52.0, 8.0)),
        ("T5", 16.9, 0.95, 28.0, 24.0, 3.5, 13.0, (34.0, 56.0, 9.0)),
        ("T6", 17.4, 0.94, 29.0, 26.0, 3.5, 9.0, (34.0, 58.0, 9.0)),
        ("T7", 18.2, 0.94, 30.0, 27.0, 4.0, 4.0, (34.0, 58.0, 9.0)),
        ("T8", 18.7, 0.94, 31.0, 28.0, 4.0, -1.0, (33.0, 55.0, 10.0)),
        ("T9", 19.3, 0.95, 32.0, 29.0, 4.5, -6.0, (32.0, 50.0, 11.0)),
        ("T10", 20.6, 0.95, 33.5, 30.0, 5.0, -10.0, (31.0, 42.0, 13.0)),
        ("T11", 22.0, 0.94, 36.0, 31.0, 5.5, -13.0, (29.0, 32.0, 15.0)),
        ("T12", 23.6, 0.95, 40.0, 32.0, 6.5, -15.0, (29.0, 24.0, 17.0)),
        ("L1", 25.3, 0.96, 42.0, 33.5, 8.0, -16.0, (31.0, 15.0, 19.0)),
        ("L2", 25.8, 0.99, 43.5, 34.5, 9.5, -12.0, (32.0, 13.0, 20.0)),
        ("L3", 25.3, 1.04, 45.5, 35.0, 10.5, -5.0, (33.0, 12.0, 20.0)),
        ("L4", 25.0, 1.09, 48.0, 35.5, 11.5, 8.0, (31.0, 12.0, 18.0)),
        ("L5", 23.6, 1.18, 50.5, 35.5, 10.5, 23.0, (26.0, 15.0, 14.0)),
        ("S1", 24.0, 1.22, 50.0, 31.0, 2.0, 42.0, (13.0, 25.0, 15.0)),
        ("S2", 20.0, 1.15, 42.0, 21.0, 1.5, 55.0, (9.0, 30.0, 10.0)),
        ("S3", 17.0, 1.10, 34.0, 15.0, 1.2, 66.0, (6.0, 40.0, 8.0)),
        ("S4", 14.0, 1.05, 27.0, 11.0, 1.0, 76.0, (0.0, 40.0, 0.0)),
        ("S5", 12.0, 1.00, 20.0, 9.0, 1.0, 86.0, (0.0, 40.0, 0.0)),
    )
)
NAMES: Final = tuple(size.name for size in SIZES)


def position(level: str) -> int:
    """Counted from the head; a larger number lies further down."""
    return NAMES.index(level)
