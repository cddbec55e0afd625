"""Transverse fracture line: a dense or lucent band through the cancellous bone, about parallel to an end plate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vfrac_core.phantom.changes.base import BodyBlock, Change
from vfrac_core.phantom.shapes import Field, smoothstep
from vfrac_core.phantom.vertebra import Vertebra

WANDER_MM = 1.3  # no line runs quite along a plate


@dataclass(frozen=True)
class FractureLine(Change):
    """``depth_mm`` under the upper plate, ``half_mm`` thick, from ``front`` to ``back`` as shares of the depth. ``dense_hu`` and
    ``lucent`` (share of the bone that is gone): a line can be either or both. ``wavy_mm``: an atypical, irregular course."""

    u0: float
    depth_mm: float
    half_mm: float
    front: float
    back: float
    dense_hu: float
    lucent: float
    wavy_mm: float
    phase: float

    def _band(self, body: Vertebra, block: BodyBlock, lower_mm: float = 0.0) -> Field:
        wave = self.wavy_mm * (np.sin(block.v / 3.4 + self.phase) + 0.8 * np.sin(block.u / 4.4 + 2 * self.phase))
        wave = wave + WANDER_MM * np.sin(block.v / 8.5 + 3 * self.phase) * np.cos(block.u / 11.0 + self.phase)
        away = np.abs(block.below_top - self.depth_mm - lower_mm + wave + 0.35 * block.coarse)
        band = smoothstep(self.half_mm * (1 + 0.30 * block.fine + 0.30 * block.coarse) - away, -0.7, 0.7)
        along = smoothstep(block.v, self.back * body.b, self.back * body.b + 3) * smoothstep(
            self.front * body.b - block.v, 0.0, 3.0
        )
        side = 1 - 0.75 * smoothstep(np.abs(block.u - self.u0) / np.float32(2 * body.a), 0.30, 0.55)
        return band * along * side

    def core(self, body: Vertebra, block: BodyBlock, hu: Field) -> Field:
        band = self._band(body, block)
        gone = np.maximum(self.lucent * hu, 90.0) if self.lucent else 0.0
        if self.lucent and self.dense_hu:  # a lucent crack with a dense rim under it
            rim = np.clip(self._band(body, block, 2 * self.half_mm) - band, 0, 1)
            return hu - band * gone + rim * np.float32(self.dense_hu)
        return hu - band * gone + band * np.float32(self.dense_hu) * np.clip(1 + 0.3 * block.coarse, 0.3, 1.8)

    def focus(self, body: Vertebra, block: BodyBlock) -> Field:
        return self._band(body, block)


@dataclass(frozen=True)
class GasCleft(Change):
    """Gas in a collapsed body (Kümmell): benign, none of the six signs."""

    thickness_mm: float
    depth_mm: float

    def core(self, body: Vertebra, block: BodyBlock, hu: Field) -> Field:
        r = np.sqrt((block.u / (0.55 * body.a)) ** 2 + ((block.v - 0.25 * body.b) / (0.5 * body.b)) ** 2)
        half = np.float32(self.thickness_mm / 2) * np.sqrt(np.clip(1 - r**2, 0, 1))
        lens = smoothstep(half - np.abs(block.below_top - self.depth_mm + 0.4 * block.coarse), -0.35, 0.35) * (r < 1)
        return hu + lens * (-650.0 - hu)
