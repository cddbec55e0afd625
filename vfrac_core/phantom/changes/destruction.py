"""Bone destruction: foci where trabeculae and cortex are gone or replaced, and the mimic that a benign fracture can show."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vfrac_core.phantom.changes.base import BodyBlock, Change
from vfrac_core.phantom.shapes import Field, smoothstep
from vfrac_core.phantom.vertebra import Vertebra

LYTIC_HU = 45.0


@dataclass(frozen=True)
class Destruction(Change):
    """A metastatic focus. ``centre`` in the body's frame and ``radius``, mm; ``kind``: lytic, mixed or blastic; ``replaced``:
    share of the bone that is gone; ``soft``: width of its border as a share of the radius; ``opens``: it takes the cortex that it
    meets; ``bulge_mm``: of the posterior wall; ``pedicle``: side of a destroyed pedicle, 0 for none; ``blast_hu``."""

    centre: tuple[float, float, float]
    radius: float
    kind: str
    replaced: float
    soft: float
    opens: bool
    bulge_mm: float
    pedicle: int
    blast_hu: float

    def amount(self, u: Field, v: Field, w: Field, coarse: Field, fine: Field) -> Field:
        """0 outside, 1 inside; a border that wanders, wider across the body than high."""
        x, y, z = self.centre
        r = np.sqrt(((u - x) / 1.15) ** 2 + (v - y) ** 2 + ((w - z) / 0.92) ** 2)
        distance = self.radius - r + self.radius * (0.22 * coarse + 0.07 * fine)
        return smoothstep(distance, -self.soft * self.radius, self.soft * self.radius)

    def core(self, body: Vertebra, block: BodyBlock, hu: Field) -> Field:
        share = np.float32(self.replaced) * self.amount(block.u, block.v, block.w, block.coarse, block.fine)
        return hu + share * (self._tissue(block) - hu)

    def _tissue(self, block: BodyBlock) -> Field:
        lytic = LYTIC_HU + 7 * block.fine
        blastic = np.float32(self.blast_hu) * np.clip(1 + 0.28 * block.coarse + 0.10 * block.fine, 0.2, 1.8)
        if self.kind == "lytic":
            return lytic
        if self.kind == "blastic":
            return blastic
        dense = smoothstep(block.coarse + 0.4 * block.fine, 0.15, 0.75)
        return lytic + dense * (0.85 * blastic - lytic)

    def cortex(self, body: Vertebra, block: BodyBlock, factor: Field) -> Field:
        if not self.opens or self.kind == "blastic":
            return factor
        return factor * (1 - np.clip(1.25 * self.amount(block.u, block.v, block.w, block.coarse, block.fine), 0, 1))

    def wall(self, body: Vertebra, at: tuple[Field, Field, Field], wall: Field) -> Field:
        """The posterior wall bulges towards the canal, convex."""
        if not self.bulge_mm:
            return wall
        u, v, w = at
        x, _, z = self.centre
        hill = np.exp(-(((u - x) / 9.0) ** 2) - ((w - z) / (0.36 * body.height)) ** 2)
        return wall + np.float32(self.bulge_mm) * hill * smoothstep(-v, 0.25 * body.b, 0.85 * body.b)

    def focus(self, body: Vertebra, block: BodyBlock) -> Field:
        return self.amount(block.u, block.v, block.w, block.coarse, block.fine)

    def arch(self, body: Vertebra, at: tuple[Field, Field, Field]) -> Field | None:
        if not self.pedicle:
            return None
        u, v, w = at
        r = np.sqrt(
            ((u * self.pedicle - 0.62 * body.a) / 8.0) ** 2
            + ((v + body.b + 7.0) / 11.0) ** 2
            + ((w - 0.18 * body.height) / 10.0) ** 2
        )
        share = smoothstep(1.15 - r, 0.0, 0.35)
        return share if self.kind != "blastic" else 0.0 * share


@dataclass(frozen=True)
class Resorption(Change):
    """Benign mimic (the paper's Fig. 6): bone resorbed along a fracture. ``shell_lost``: share of the cortex gone with it."""

    centre: tuple[float, float, float]
    radius: float
    replaced: float
    shell_lost: float

    def _amount(self, block: BodyBlock) -> Field:
        """Flatter than a metastasis, with a border as uneven."""
        x, y, z = self.centre
        r = np.sqrt(((block.u - x) / 1.25) ** 2 + ((block.v - y) / 1.1) ** 2 + ((block.w - z) / 0.85) ** 2)
        distance = self.radius - r + self.radius * (0.24 * block.coarse + 0.08 * block.fine)
        return smoothstep(distance, -0.35 * self.radius, 0.35 * self.radius)

    def core(self, body: Vertebra, block: BodyBlock, hu: Field) -> Field:
        return hu + np.float32(self.replaced) * self._amount(block) * (LYTIC_HU + 7 * block.fine - hu)

    def cortex(self, body: Vertebra, block: BodyBlock, factor: Field) -> Field:
        return factor * (1 - np.float32(self.shell_lost) * self._amount(block))


@dataclass(frozen=True)
class Retropulsion(Change):
    """Benign mimic: a posterior fragment pushed towards the canal, angular and turned, its cortex whole."""

    depth_mm: float
    upper: float
    side: float

    def wall(self, body: Vertebra, at: tuple[Field, Field, Field], wall: Field) -> Field:
        u, v, w = at
        height = np.clip((w + 0.05 * body.height) / np.float32(self.upper * body.height), 0, 1)
        across = smoothstep(11.0 - np.abs(u - self.side), 0, 5)
        return wall + np.float32(self.depth_mm) * height * across * smoothstep(-v, 0.3 * body.b, 0.85 * body.b)
