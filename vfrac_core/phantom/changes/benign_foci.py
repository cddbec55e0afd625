"""Foci that are not destruction: haemangioma and bone island, drawn alike for both classes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vfrac_core.phantom.changes.base import BodyBlock, Change
from vfrac_core.phantom.shapes import Field, smoothstep
from vfrac_core.phantom.vertebra import Vertebra

PITCH_MM = 4.4


@dataclass(frozen=True)
class Haemangioma(Change):
    """Fatty background with coarse vertical struts: dots in the axial, stripes in the sagittal plane."""

    centre: tuple[float, float, float]
    radius: float
    phase: float

    def core(self, body: Vertebra, block: BodyBlock, hu: Field) -> Field:
        x, y, z = self.centre
        r = np.sqrt((block.u - x) ** 2 + (block.v - y) ** 2 + ((block.w - z) / 1.25) ** 2)
        inside = smoothstep(self.radius - r + 0.8 * block.coarse, -1.0, 1.0)
        k = np.float32(2 * np.pi / PITCH_MM)
        jitter = 0.9 * np.sin(block.u / 5.1 + self.phase) + 0.9 * np.sin(block.v / 4.3 + 2 * self.phase)
        struts = np.clip(np.cos(k * block.u + jitter) + np.cos(k * block.v - jitter) - 0.9, 0, 1.1)
        return hu + inside * (5 + 330 * struts - hu)


@dataclass(frozen=True)
class BoneIsland(Change):
    """A small dense focus with a spiky border."""

    centre: tuple[float, float, float]
    radius: float

    def core(self, body: Vertebra, block: BodyBlock, hu: Field) -> Field:
        x, y, z = self.centre
        du, dv, dw = block.u - x, block.v - y, block.w - z
        spikes = 0.9 * np.sin(3 * np.arctan2(dw, dv) + 2 * block.fine) + 0.7 * block.fine
        r = np.sqrt(du**2 + dv**2 + dw**2)
        return hu + smoothstep(self.radius + spikes - r, -0.5, 0.5) * (850.0 - hu)
