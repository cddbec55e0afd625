"""Soft tissue outside the bone: a tumour's lobes, or the thin diffuse haematoma of an acute benign fracture."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, sin

import numpy as np

from vfrac_core.paper import SIGNS
from vfrac_core.phantom.canvas import Canvas
from vfrac_core.phantom.changes.base import Change, Shift
from vfrac_core.phantom.paint_body import body_reach
from vfrac_core.phantom.shapes import Field, coverage, join, paint, smoothstep
from vfrac_core.phantom.vertebra import Vertebra

PUSH_ENDS_MM = 55.0  # from the level: no sign reaches farther


@dataclass(frozen=True)
class Lobe:
    """An ellipsoid on the wall at ``angle`` (0 front, + left), ``thick_mm`` beyond it; ``tall``, ``wide``: multiples of it."""

    angle: float
    thick_mm: float
    wide: float
    tall: float
    up_mm: float


@dataclass(frozen=True)
class SoftTissueMass(Change):
    """``hu`` of the tumour; ``necrosis``: how much darker its middle is; ``epidural_mm``: a lobe into the canal, 0 for none."""

    lobes: tuple[Lobe, ...]
    hu: float
    necrosis: float
    epidural_mm: float

    def around(self, body: Vertebra, canvas: Canvas) -> None:
        part = canvas.around(body.centre, body_reach(body, margin=30.0))
        if part.empty:
            return
        at = body.local(part.z, part.y, part.x)
        coarse = part.coarse
        distance = self._distance(body, at) + 1.0 * coarse
        cover = coverage(distance, 1.6) * (1 - part.bone)
        middle = coverage(distance - 4.5 + 1.5 * coarse, 4.0)
        paint(part.hu, cover, np.float32(self.hu) + 3 * part.fine + 2 * coarse - np.float32(self.necrosis) * middle)
        if self.sign is not None:
            part.lesion[cover > 0.5] |= np.uint8(1 << SIGNS.index(self.sign))

    def _distance(self, body: Vertebra, at: tuple[Field, Field, Field]) -> Field:
        u, v, w = at
        result: Field | None = None
        for lobe in self.lobes:
            c, s = cos(lobe.angle), sin(lobe.angle)
            du, dv = u - np.float32(s * body.a * 0.93), v - np.float32(c * body.b * 0.93)
            out, along = s * du + c * dv, c * du - s * dv
            t = np.float32(lobe.thick_mm)
            r = np.sqrt(
                (out / (1.05 * t)) ** 2 + (along / (lobe.wide * t + 3)) ** 2 + ((w - lobe.up_mm) / (lobe.tall * t + 4)) ** 2
            )
            piece = (1 - r) * t
            result = piece if result is None else join(result, piece, 3.0)
        if self.epidural_mm:
            e = np.float32(self.epidural_mm)
            r = np.sqrt((u / 9.0) ** 2 + ((v + body.b - 1.0) / (e + 1.5)) ** 2 + (w / (0.55 * body.height)) ** 2)
            piece = (1 - r) * (e + 1.5)
            result = piece if result is None else np.maximum(result, piece)
        assert result is not None
        return result

    def push(self, body: Vertebra, z: Shift) -> Shift | None:
        """The great vessels ride over a mass in front."""
        front = [lobe.thick_mm * max(cos(lobe.angle), 0) ** 2 for lobe in self.lobes]
        if not front or max(front) < 2:
            return None
        tall = max(lobe.tall * lobe.thick_mm + 9 for lobe in self.lobes)
        away = np.abs(z - np.float32(body.centre[2]))
        return np.float32(max(front)) * np.exp(-((away / np.float32(tall)) ** 2)) * smoothstep(PUSH_ENDS_MM - away, 0, 25)


@dataclass(frozen=True)
class Haematoma(Change):
    """A diffuse rim all around, thicker in front by the share ``front``, and by ``lump_mm`` where it has pooled, at ``angle`` (0
    front, + left): not a mass, though one side may look like it."""

    thick_mm: float
    hu: float
    front: float
    lump_mm: float = 0.0
    angle: float = 0.0

    def around(self, body: Vertebra, canvas: Canvas) -> None:
        part = canvas.around(body.centre, body_reach(body, margin=9.0 + self.lump_mm))
        if part.empty:
            return
        u, v, w = body.local(part.z, part.y, part.x)
        wall = body.wall((u, v, w))
        away = np.arctan2(u / body.a, v / body.b) - np.float32(self.angle)
        lump = self.lump_mm * np.exp(-((np.arctan2(np.sin(away), np.cos(away)) / 0.55) ** 2))
        front = (1 - self.front) + self.front * np.clip((v / body.b + 0.4) / 1.3, 0, 1)
        near = np.exp(-((w / (0.62 * body.height)) ** 4))
        rim = coverage(wall + (self.thick_mm * front + lump) * near + 0.8 * part.coarse, 3.0) * (v > -0.8 * body.b) * near
        paint(part.hu, rim * (1 - part.bone) * 0.85, np.float32(self.hu) + 6 * part.coarse)
