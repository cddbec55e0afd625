"""Vertebral compression: a body that has lost height, as a wedge, in its middle, or as a whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vfrac_core.phantom.changes.base import BodyBlock, Change, Plates
from vfrac_core.phantom.shapes import Field, coverage
from vfrac_core.phantom.vertebra import Vertebra

SPREAD_MM = 3.0  # of the walls at a loss of 1


@dataclass(frozen=True)
class Compression(Change):
    """``loss``: share of the height at the worst place. ``shape``: wedge, biconcave or crush. ``lower``: share of the loss that
    the lower plate takes. ``sideways``: the loss differs by this share from side to side. ``uneven``: of the sunken plate, share
    of the loss. ``impaction_hu``: denser bone under the plate (Laredo et al. 1995: trabeculae pressed together)."""

    loss: float
    shape: str
    lower: float
    sideways: float
    uneven: float
    phases: tuple[float, ...]
    impaction_hu: float

    @property
    def carries(self) -> bool:
        return True

    def plates(self, body: Vertebra, u: Field, v: Field, plates: Plates) -> Plates:
        top, bottom = plates
        sunk = np.float32(self.loss * body.height) * self._profile(body, v) * (1 + np.float32(self.sideways) * u / body.a)
        ripple = np.float32(self.uneven * self.loss * body.height * 0.36) * self._ripple(u, v)
        return top - (1 - self.lower) * sunk - ripple, bottom + self.lower * sunk

    def _profile(self, body: Vertebra, v: Field) -> Field:
        """1 at the worst place, from back (-1) to front (1)."""
        t = np.clip(v / np.float32(body.b), -1, 1)
        if self.shape == "wedge":
            return 0.12 + 0.88 * np.clip((t + 0.9) / 1.6, 0, 1) ** 1.2
        if self.shape == "biconcave":
            return 0.55 * (1 - np.abs(t) ** 2.6) + 0.45 * np.exp(-((t / 0.75) ** 2))
        return 0.92 + 0.08 * t

    def _ripple(self, u: Field, v: Field) -> Field:
        p = self.phases
        long = np.sin(u / 4.6 + p[0]) * np.cos(v / 7.5 + p[1]) + np.cos(u / 8.8 + p[1]) * np.sin(v / 4.1 + p[2])
        return 0.60 * long + 0.35 * np.sin(u / 2.6 + p[2]) * np.sin(v / 2.4 + p[3])

    def wall(self, body: Vertebra, at: tuple[Field, Field, Field], wall: Field) -> Field:
        """What is pressed down goes sideways; a wedge pushes its front out most."""
        front = 1 + 0.6 * np.clip(at[1] / np.float32(body.b), -1, 1) if self.shape == "wedge" else 1.0
        return wall + np.float32(SPREAD_MM * self.loss * 0.5) * front

    def core(self, body: Vertebra, block: BodyBlock, hu: Field) -> Field:
        band = np.exp(-np.maximum(block.below_top, 0) / np.float32(4.0))
        return hu + np.float32(self.impaction_hu) * band * np.clip(1 + 0.4 * block.coarse, 0, 2)

    def focus(self, body: Vertebra, block: BodyBlock) -> Field:
        """The whole body: compression has no focus of its own."""
        return coverage(block.inside) if self.sign else np.zeros_like(block.inside)


@dataclass(frozen=True)
class OldWedge(Change):
    """A healed, corticated wedge at another level: smooth, without a line, under the limit of 20 %."""

    loss: float

    @property
    def carries(self) -> bool:
        return True

    def plates(self, body: Vertebra, u: Field, v: Field, plates: Plates) -> Plates:
        top, bottom = plates
        t = np.clip((v + body.b) / np.float32(2 * body.b), 0, 1)
        return top - np.float32(self.loss * body.height) * t, bottom
