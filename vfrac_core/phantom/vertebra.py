"""One vertebra: its frame, its body's end plates and walls with all changes in them. Geometry only, no HU."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

import numpy as np

from vfrac_core.phantom.changes.base import Change, Plates
from vfrac_core.phantom.levels import LevelSize
from vfrac_core.phantom.shapes import Field

MIDDLE = 0.62  # of the half depth: where anterior and posterior heights are taken (phantom.md, section 7)
LEAST_APART = 0.24  # of the height: plates never come nearer
CANAL_BEHIND_MM = 8.5  # from the posterior wall to the middle of the canal
HOLLOW_MM = 2.2  # of the posterior wall, towards the canal
WAIST = (0.12, 0.10)  # how much narrower and shallower the body is at mid-height


@dataclass(frozen=True, slots=True)
class Vertebra:
    """``a``, ``b``: half width and depth; ``height``: posterior; mm. ``tilt``: + top leaning forward; ``lean``: to the left."""

    size: LevelSize
    a: float
    b: float
    height: float
    wedge: float
    concavity: float
    disc: float
    tilt: float
    lean: float
    centre: tuple[float, float, float]
    warp: tuple[float, ...]
    changes: tuple[Change, ...]

    @property
    def name(self) -> str:
        return self.size.name

    def local(self, z: Field, y: Field, x: Field) -> tuple[Field, Field, Field]:
        """(u lateral, v anterior, w up) of patient coordinates, mm. Each keeps the axes that it varies along and no other, which
        is what makes painting fast; so leaning is left to ``risen``."""
        s, c = np.float32(sin(radians(self.tilt))), np.float32(cos(radians(self.tilt)))
        dx, dy, dz = (p - np.float32(q) for p, q in zip((x, y, z), self.centre, strict=True))
        return dx, -c * dy - s * dz, -s * dy + c * dz

    def risen(self, u: Field, w: Field) -> Field:
        """Height over the centre along the long axis that leans to a side: a shear, for scoliosis is a few degrees."""
        return w + np.float32(radians(self.lean)) * u

    def patient(self, u: float, v: float, w: float) -> tuple[float, float, float]:
        """The way back from (u, v) and the height over the centre to patient (x, y, z)."""
        s, c = sin(radians(self.tilt)), cos(radians(self.tilt))
        w -= radians(self.lean) * u
        x, y, z = self.centre
        return x + u, y - c * v - s * w, z - s * v + c * w

    @property
    def up(self) -> tuple[float, float, float]:
        """Unit vector of the long axis, patient coordinates."""
        s, c, lean = sin(radians(self.tilt)), cos(radians(self.tilt)), radians(self.lean)
        return lean, -s, c

    def plates(self, u: Field, v: Field) -> Plates:
        """Heights of the upper and lower end plate over the centre, with all changes."""
        plates = self._normal_plates(u, v)
        for change in self.changes:
            plates = change.plates(self, u, v, plates)
        top, bottom = plates
        least = np.float32(LEAST_APART * self.height)
        missing = np.maximum(least - (top - bottom), 0)
        return top + missing / 2, bottom - missing / 2

    def _normal_plates(self, u: Field, v: Field) -> Plates:
        """From posterior to anterior height, hollow in the middle, never quite even."""
        share = np.clip((v + self.b) / np.float32(2 * self.b), -0.1, 1.1)
        half = np.float32(self.height / 2) * (1 + np.float32(self.wedge - 1) * share)
        hollow = _bell(u / np.float32(0.62 * self.a)) * _bell((v + 0.12 * self.b) / np.float32(0.60 * self.b))
        lower = _bell(u / np.float32(0.55 * self.a)) * _bell((v + 0.25 * self.b) / np.float32(0.55 * self.b))
        p = self.warp
        uneven = 0.08 * np.sin(u / 3.1 + p[0]) * np.sin(v / 2.7 + p[1]) + 0.22 * np.sin(u / 7.3 + p[2]) * np.cos(v / 6.1 + p[1])
        uneven2 = 0.08 * np.sin(u / 2.8 + p[3]) * np.sin(v / 3.2 + p[4]) + 0.22 * np.sin(u / 6.7 + p[5]) * np.cos(v / 7.0 + p[4])
        top = half - np.float32(self.concavity) * hollow + uneven
        bottom = -half + np.float32(self.concavity) * 1.1 * lower + uneven2
        return top, bottom

    def wall(self, at: tuple[Field, Field, Field]) -> Field:
        """Signed distance to the side wall, positive inside: a kidney-shaped superellipse with a waist and flared rims."""
        u, v, w = at
        middle = 1 - np.clip(np.abs(w) / np.float32(0.5 * self.height), 0, 1) ** 2.4
        v = v - np.float32(HOLLOW_MM) * _bell(u / np.float32(0.45 * self.a)) * np.clip(-v / np.float32(self.b), 0, 1)
        a = np.float32(self.a) * (1 - np.float32(WAIST[0]) * middle)
        b = np.float32(self.b) * (1 - np.float32(WAIST[1]) * middle)
        heart = np.float32(0.16 if self.size.thoracic else 0.06)  # narrower in front: heart-shaped
        u = u * (1 + heart * np.clip(v / b, -0.2, 1))
        r = ((np.abs(u) / a) ** np.float32(2.5) + (np.abs(v) / b) ** np.float32(2.3)) ** np.float32(1 / 2.4)
        wall = np.hypot(u, v) * (1 / np.maximum(r, 1e-3) - 1)
        wall = np.minimum(wall, np.minimum(a, b))
        for change in self.changes:
            wall = change.wall(self, at, wall)
        return wall

    def height_at(self, v: float, u: float = 0.0) -> float:
        """Distance of the end plates on the line v, mean over 3 mm across, mm."""
        across = np.linspace(u - 1.5, u + 1.5, 5, dtype=np.float32)
        top, bottom = self.plates(across, np.full_like(across, v))
        return float(np.mean(top - bottom))

    def heights(self, u: float = 0.0) -> tuple[float, float, float]:
        """Anterior, middle and posterior height in the sagittal plane u, mm."""
        return (
            self.height_at(MIDDLE * self.b, u),
            self.height_at(0.0, u),
            self.height_at(-MIDDLE * self.b, u),
        )


def _bell(t: Field) -> Field:
    return np.exp(-(t**2))
