"""Bone cortex interruption: gaps in a wall or a plate, a step, a fragment."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vfrac_core.phantom.changes.base import BodyBlock, Change, Plates
from vfrac_core.phantom.shapes import Field, smoothstep
from vfrac_core.phantom.vertebra import Vertebra

ACROSS = 1.7  # gaps are longer from side to side
REACH_MM = 2.6  # how deep under the surface a gap is looked for


@dataclass(frozen=True)
class Gap:
    """A hole in the shell. ``place``: anterior, upper or posterior; ``at``: where along it, -1 to 1; ``radius`` in mm."""

    place: str
    at: float
    radius: float


@dataclass(frozen=True)
class CortexInterruption(Change):
    """``u0``: the plane where it is worst. ``step_mm``: by which the upper plate is offset before ``step_at``. ``flake_mm``:
    thickness of a fragment before the wall, 0 for none."""

    u0: float
    gaps: tuple[Gap, ...]
    step_mm: float
    step_at: float
    flake_mm: float
    flake_lean: float

    def plates(self, body: Vertebra, u: Field, v: Field, plates: Plates) -> Plates:
        if not self.step_mm:
            return plates
        top, bottom = plates
        near = np.exp(-(((u - self.u0) / 14.0) ** 4))
        return top - np.float32(self.step_mm) * near * smoothstep(
            v, self.step_at * body.b - 0.4, self.step_at * body.b + 0.4
        ), bottom

    def _holes(self, body: Vertebra, block: BodyBlock) -> Field:
        holes = np.zeros_like(block.inside)
        for gap in self.gaps:
            across = (block.u - self.u0) / ACROSS
            if gap.place == "upper":
                along, depth = block.v - gap.at * body.b, block.below_top
            else:
                sign = 1 if gap.place == "anterior" else -1
                along = block.w - gap.at * 0.5 * body.height
                depth = np.where(sign * block.v > 0, block.wall, 50.0)
            r = np.hypot(across, along) + 0.35 * block.fine
            holes = np.maximum(holes, smoothstep(gap.radius - r, -0.4, 0.4) * smoothstep(REACH_MM + 1 - depth, 0, 1))
        return holes

    def cortex(self, body: Vertebra, block: BodyBlock, factor: Field) -> Field:
        return factor * (1 - self._holes(body, block))

    def core(self, body: Vertebra, block: BodyBlock, hu: Field) -> Field:
        """Marrow and blood fill a gap: no struts in it."""
        return hu + self._holes(body, block) * (0.40 * hu + 20 - hu)

    def focus(self, body: Vertebra, block: BodyBlock) -> Field:
        return self._holes(body, block)

    def bone(self, body: Vertebra, at: tuple[Field, Field, Field]) -> Field | None:
        """A flake three times as long as thick, leaning with the wall."""
        if not self.flake_mm:
            return None
        u, v, w = at
        t = np.float32(self.flake_mm / 2)
        edge, _ = body.plates(np.full(1, self.u0, np.float32), np.full(1, 0.9 * body.b, np.float32))
        dv, dw = v - np.float32(body.b + 0.8 + t), w - np.float32(float(edge[0]) - 4.0)
        c, s = np.float32(np.cos(self.flake_lean)), np.float32(np.sin(self.flake_lean))
        dv, dw = c * dv - s * dw, s * dv + c * dw
        r = np.sqrt(((u - self.u0) / (5.0 * t)) ** 2 + (dv / t) ** 2 + (dw / (3.2 * t)) ** 2)
        return ((1 - r) * t).astype(np.float32)
