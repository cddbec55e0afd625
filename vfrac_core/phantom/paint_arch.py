"""The posterior elements: pedicles, facets with their joint gap, laminae, processes and ribs, and the canal between them.

Distances are computed on every second voxel, where they are smooth, and only the thin shells on all of them.
"""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np

from vfrac_core.phantom.canvas import Canvas, Reach
from vfrac_core.phantom.levels import position
from vfrac_core.phantom.patient import Patient
from vfrac_core.phantom.shapes import Field, capsule, coverage, double, join, meet, paint, smoothstep
from vfrac_core.phantom.vertebra import CANAL_BEHIND_MM, Vertebra

Local = tuple[Field, Field, Field]
FILLET_MM = 3.6
GAP_MM, CARTILAGE_HU = 1.9, 55.0  # of a facet joint
SHELL_MM = 0.95
CANAL_HALF = (11.5, 8.0)


def arch_reach(body: Vertebra) -> Reach:
    """A box that holds everything behind the body, ribs as far as 62 mm to each side."""
    drop = radians(body.size.spinous[1] - body.tilt)
    length = body.b + 20 + body.size.spinous[0]
    tall = body.height
    return Reach(
        side=66.0 if body.size.thoracic else body.a + 28.0,
        front=0.2 * body.b,
        back=length + 8,
        below=0.95 * tall + max(length * sin(drop), 0) * 0.75 + 8,
        above=0.75 * tall + max(-length * sin(drop), 0) + 8,
    )


def paint_arch(canvas: Canvas, body: Vertebra, patient: Patient) -> None:
    """Paint one level's posterior elements. Levels have to come from head to foot: each carves its upper joints into the last."""
    part = canvas.around(body.centre, arch_reach(body))
    if part.empty or min(part.hu.shape) < 4:
        return
    coarse_at = body.local(part.z[::2], part.y[:, ::2], part.x[..., ::2])
    warped = _warp(coarse_at, body)
    bone, socket = _bones(warped, body)
    canal = _canal(coarse_at, body)
    bone, socket = double(np.minimum(bone, -canal), part.hu.shape), double(np.minimum(socket, -canal), part.hu.shape)

    fine, coarse = part.fine, part.coarse
    if not body.size.sacral:
        gap = coverage(socket + GAP_MM) * (bone < 0)
        paint(part.hu, gap * part.bone, CARTILAGE_HU)
        np.multiply(part.bone, 1 - gap, out=part.bone)
    core = np.float32(1.15 * patient.trabecular_hu + 60) * np.clip(1 + 0.22 * coarse + 0.12 * fine + 0.16 * part.struts, 0.3, 2)
    thickness = np.clip(SHELL_MM + 0.35 * coarse, 0.3, 2.0)
    cover, shell_cover = coverage(bone), coverage(bone - thickness)
    destroyed = _destroyed(part, body)
    shell = np.clip(cover - shell_cover, 0, 1) * (1 - destroyed)
    paint(part.hu, cover, core * (1 - destroyed) + np.float32(45) * destroyed)
    paint(part.hu, shell, np.float32(0.70 * patient.cortex_hu) * np.clip(1 + 0.20 * coarse + 0.16 * fine, 0.3, 1.9))
    np.maximum(part.bone, cover, out=part.bone)
    part.labels[(cover > 0.5) & (part.labels == 0)] = position(body.name) + 1
    _mark(part, destroyed * cover)


def _mark(part: Canvas, destroyed: Field) -> None:
    from vfrac_core.paper import SIGNS

    part.lesion[destroyed > 0.5] |= np.uint8(1 << SIGNS.index("bone_destruction"))


def _destroyed(part: Canvas, body: Vertebra) -> Field:
    at = body.local(part.z, part.y, part.x)
    shares = [share for change in body.changes if (share := change.arch(body, at)) is not None]
    return np.clip(sum(shares), 0, 1) if shares else np.zeros((1, 1, 1), np.float32)


def _warp(at: Local, body: Vertebra) -> Local:
    """No bone has straight edges: half a millimetre of wandering."""
    u, v, w = at
    p = body.warp
    bend = 0.6 * np.sin(v / 4.3 + p[6]) + 0.6 * np.sin(w / 5.1 + p[7]) + 0.35 * np.sin(v / 1.9 - w / 2.3 + p[8])
    return u + bend * np.sin(w / 6.0 + p[9]), v + 0.5 * np.sin(w / 3.7 + u / 5 + p[10]), w + 0.7 * np.sin(v / 4.9 + p[11])


def _bones(at: Local, body: Vertebra) -> tuple[Field, Field]:
    """Signed distances of all posterior bone, and of the upper joint processes alone. Sides mirror: |u| serves both."""
    u, v, w = at
    side = (np.abs(u), v, w)
    a, b, h = body.a, body.b, body.height
    back = -b - CANAL_BEHIND_MM
    thoracic = body.size.thoracic
    if body.size.sacral:
        bone = _sacral(side, body, back)
        return join(bone, _spinous(at, body, back), FILLET_MM), np.full_like(bone, -50.0)
    pedicle = _pedicle(side, a, b, h, thoracic)
    joint = 0.60 * a if not thoracic else 0.52 * a
    socket = capsule(side, (joint + 1.5, back - 2.0, 0.20 * h), (joint + 2.5, back - 5.0, 0.66 * h), (5.6, 3.4))
    pars = capsule(side, (joint, back - 3.5, 0.22 * h), (joint - 3.0, back - 9.5, -0.38 * h), (5.0, 3.6))
    inferior = capsule(side, (joint - 2.5, back - 9.0, -0.30 * h), (joint - 4.5, back - 10.0, -0.80 * h), (4.8, 3.2))
    lamina = _plate(side, (joint - 1.0, back - 7.5, -0.16 * h), (1.0, back - 13.5, -0.34 * h), 2.4, 0.25 * h)
    bone = join(pedicle, socket, FILLET_MM)
    for piece in (pars, inferior, lamina):
        bone = join(bone, piece, FILLET_MM)
    for piece in _side_processes(side, body, back):
        bone = join(bone, piece, 2.0)
    return join(bone, _spinous(at, body, back), FILLET_MM), socket


def _pedicle(side: Local, a: float, b: float, h: float, thoracic: bool) -> Field:
    """An elliptic tube from the body to the pillar."""
    u, v, w = side
    half_u, half_w = (3.2, 6.2) if thoracic else (4.3, 7.0)
    along = np.clip((-v - 0.75 * b) / 18.0, 0, 1)
    flare = 1 + 0.25 * np.abs(2 * along - 1) ** 2
    r = np.hypot((u - 0.60 * a - 1.5 * along) / (half_u * flare), (w - 0.18 * h) / (half_w * flare))
    tube = (1 - r) * half_u
    return np.minimum(tube, np.minimum(-v - 0.70 * b, v + b + 14.0))


def _plate(at: Local, start: tuple[float, float, float], end: tuple[float, float, float], thick: float, tall: float) -> Field:
    """A capsule flattened to a plate: ``thick`` across, ``tall`` (half height) along w."""
    squeeze = thick / tall
    u, v, w = at
    return capsule(
        (u, v, w * squeeze), (start[0], start[1], start[2] * squeeze), (end[0], end[1], end[2] * squeeze), (thick, thick)
    )


def _side_processes(side: Local, body: Vertebra, back: float) -> list[Field]:
    a, b, h = body.a, body.b, body.height
    if not body.size.thoracic:
        tip = (a + 20.0, back - 8.0, 0.22 * h)
        return [_plate(side, (0.68 * a, back - 1.0, 0.15 * h), tip, 2.6, 4.2)]
    tip = (a + 14.0, back - 14.0, 0.25 * h)
    process = capsule(side, (0.6 * a, back - 4.0, 0.18 * h), tip, (4.2, 4.8))
    head, neck = (a + 0.5, -0.82 * b, 0.42 * h), (a + 17.0, back - 7.5, 0.22 * h)
    bow, end = (a + 34.0, back - 15.0, -0.25 * h), (70.0, back - 2.0, -1.1 * h)
    ribs = [_flat_rod(side, head, neck, 3.4), _flat_rod(side, neck, bow, 3.6), _flat_rod(side, bow, end, 3.6)]
    gap = np.maximum(process, -50.0)
    return [gap, *ribs]


def _flat_rod(at: Local, start: tuple[float, float, float], end: tuple[float, float, float], radius: float) -> Field:
    """A rib is taller than it is thick."""
    u, v, w = at
    q = 0.62
    return capsule((u, v, w * q), (start[0], start[1], start[2] * q), (end[0], end[1], end[2] * q), (radius, radius))


def _sacral(side: Local, body: Vertebra, back: float) -> Field:
    """The wing of the sacrum and its roof."""
    a, b, h = body.a, body.b, body.height
    wing = capsule(side, (0.7 * a, -0.3 * b, 0.1 * h), (a + 24.0, -0.9 * b - 6, 0.05 * h), (0.55 * h, 0.45 * h))
    roof = _plate(side, (0.6 * a, back - 3.0, 0.0), (0.0, back - 6.0, -0.05 * h), 2.6, 0.46 * h)
    pillar = capsule(side, (0.6 * a, -b, 0.1 * h), (0.6 * a, back - 3.0, 0.0), (5.0, 5.0))
    return join(join(wing, roof, 2.0), pillar, 2.0)


def _spinous(at: Local, body: Vertebra, back: float) -> Field:
    """A hatchet in the mid-plane: a neck, then a blade that is taller and thicker at its end, each level's of its own form."""
    length, drop, tall = body.size.spinous
    u, v, w = at
    if not length:
        return np.full_like(u + v + w, -50.0)
    p = body.warp
    length, drop, tall = length * (0.92 + 0.08 * sin(3 * p[0])), drop + 7 * sin(5 * p[1]), tall * (0.80 + 0.12 * sin(7 * p[2]))
    s, c = np.float32(sin(radians(drop))), np.float32(cos(radians(drop)))
    dv, dw = v - np.float32(back - 10.0), w + np.float32(0.20 * body.height)
    along, across = -c * dv - s * dw, -s * dv + c * dw
    share = np.clip(along / length, 0, 1.1)
    blade = smoothstep(share, 0.05, 0.75)
    upper = np.float32(tall) * (0.26 + 0.16 * blade) - 1.1 * np.sin(2.6 * share + p[3])
    lower = -np.float32(tall) * (0.30 + (0.24 + 0.06 * sin(p[4])) * blade) + 0.9 * np.sin(3.1 * share + p[5])
    thick = 2.0 + 1.6 * np.exp(-along / 4.0) + 1.7 * _bell((share - 0.93) / 0.17)
    ends = np.minimum(along + 8.0, length * (1 - 0.10 * np.clip(across / tall, -0.6, 0.6)) - along)
    flat = meet(meet(upper - across, across - lower, 5.0), ends, 6.0)
    bowed = u + np.float32(1.6 * sin(p[6])) * share**2 + 0.5 * np.sin(along / 7.0 + p[5])
    return meet(flat, thick - np.abs(bowed), 2.6)


def _bell(t: Field) -> Field:
    return np.exp(-(t**2))


def _canal(at: Local, body: Vertebra) -> Field:
    """The hole that is left free, positive inside, as high as the level."""
    u, v, w = at
    shrink = 0.75 if body.size.sacral else 0.9 if body.size.thoracic else 1.0
    r = np.hypot(u / (CANAL_HALF[0] * shrink), (v + body.b + CANAL_BEHIND_MM) / (CANAL_HALF[1] * shrink))
    return (1 - r) * CANAL_HALF[1] * shrink + 0 * w
