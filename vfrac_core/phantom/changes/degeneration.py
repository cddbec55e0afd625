"""Confounders of every spine, drawn alike for both classes: spurs, Schmorl nodes, vacuum discs, dense plates and lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vfrac_core.phantom.canvas import Canvas, Reach
from vfrac_core.phantom.changes.base import BodyBlock, Change, Plates
from vfrac_core.phantom.shapes import Field, capsule, coverage, ellipsoid, join, paint
from vfrac_core.phantom.vertebra import Vertebra


@dataclass(frozen=True)
class Osteophyte(Change):
    """A beak that starts inside the rim and curls over the disc. ``upper``: at the upper edge; ``angle``: 0 in front."""

    upper: bool
    length_mm: float
    angle: float

    def bone(self, body: Vertebra, at: tuple[Field, Field, Field]) -> Field:
        u, v, w = at
        sign = 1.0 if self.upper else -1.0
        c, s = np.cos(self.angle), np.sin(self.angle)
        out = u * np.float32(s) + v * np.float32(c)
        along = u * np.float32(c) - v * np.float32(s)
        edge = float(np.hypot(body.a * s, body.b * c))
        rim = body.plates(*(np.full(1, 0.88 * edge * part, np.float32) for part in (s, c)))
        height = float(rim[0 if self.upper else 1][0]) - 2.0 * sign  # the rim may have sunk
        n = self.length_mm
        flat = (along * np.float32(0.4), out, w)
        beak = capsule(flat, (0, edge - 5.0, height - 1.5 * sign), (0, edge + 0.55 * n, height + 0.35 * sign * n), (3.0, 0.4))
        tip = capsule(
            flat, (0, edge + 0.45 * n, height + 0.3 * sign * n), (0, edge + 0.6 * n, height + 0.8 * sign * n), (0.8, 0.3)
        )
        return join(beak, tip, 1.0)


@dataclass(frozen=True)
class SchmorlNode(Change):
    """The plate sinks in one place and keeps its cortex, with a dense rim."""

    upper: bool
    depth_mm: float
    width_mm: float
    u: float
    v: float

    def _hill(self, u: Field, v: Field) -> Field:
        return np.exp(-((((u - self.u) ** 2 + (v - self.v) ** 2) / self.width_mm**2) ** 1.5))

    def plates(self, body: Vertebra, u: Field, v: Field, plates: Plates) -> Plates:
        top, bottom = plates
        sunk = np.float32(self.depth_mm) * self._hill(u, v)
        return (top - sunk, bottom) if self.upper else (top, bottom + sunk)

    def core(self, body: Vertebra, block: BodyBlock, hu: Field) -> Field:
        depth = block.below_top if self.upper else block.above_bottom
        return hu + 110 * self._hill(block.u, block.v) * np.exp(-np.maximum(depth, 0) / np.float32(2.0))


@dataclass(frozen=True)
class VacuumDisc(Change):
    """Gas in the disc below this level, which has lost height."""

    scale: float
    thickness_mm: float
    v: float

    def disc_scale(self) -> float:
        return self.scale

    def around(self, body: Vertebra, canvas: Canvas) -> None:
        part = canvas.around(body.centre, Reach(body.a, body.b, body.b, body.height + 8, 0.0))
        if part.empty:
            return
        u, v, w = body.local(part.z, part.y, part.x)
        level = -body.height / 2 - body.disc / 2
        half = (0.55 * body.a, 0.42 * body.b, self.thickness_mm / 2)
        gas = ellipsoid((u, v, w + 0.4 * part.coarse), (0.0, self.v, level), half)
        paint(part.hu, coverage(gas, 0.7) * (1 - part.bone), -600.0)


@dataclass(frozen=True)
class GrowthArrest(Change):
    """A thin dense line under both plates, in many levels: old, healed, and no fracture."""

    depth_mm: float
    dense_hu: float

    def core(self, body: Vertebra, block: BodyBlock, hu: Field) -> Field:
        nearest = np.minimum(block.below_top, block.above_bottom)
        line = _bell((nearest - np.float32(self.depth_mm) + 0.4 * block.coarse) / np.float32(0.8)) * coverage(
            block.wall - 3.0, 3.0
        )
        return hu + np.float32(self.dense_hu) * line * np.clip(0.7 + 0.5 * block.coarse, 0, 1.5)


@dataclass(frozen=True)
class PlateSclerosis(Change):
    """Dense bone beside a worn disc, patchy, in front or behind."""

    upper: bool
    dense_hu: float
    depth_mm: float
    v: float

    def core(self, body: Vertebra, block: BodyBlock, hu: Field) -> Field:
        depth = np.maximum(block.below_top if self.upper else block.above_bottom, 0)
        place = _bell((block.v - self.v * body.b) / np.float32(0.45 * body.b))
        return hu + np.float32(self.dense_hu) * place * np.exp(-depth / np.float32(self.depth_mm)) * np.clip(
            1 + 0.5 * block.coarse, 0, 2
        )


def _bell(t: Field) -> Field:
    return np.exp(-(t**2))
