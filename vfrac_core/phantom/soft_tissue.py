"""Everything that is not spine: fat, bowel, kidneys, liver, lung, muscles, great vessels, skin and the air behind it.

Painted on every second voxel, where borders are soft enough, in coordinates that follow the curve of the spine; the grain of
each tissue is added on all of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool
from scipy.interpolate import CubicSpline

from vfrac_core.phantom.canvas import AIR, Canvas
from vfrac_core.phantom.patient import Patient
from vfrac_core.phantom.shapes import Field, Mm, coverage, double, paint, smoothstep
from vfrac_core.phantom.vertebra import Vertebra

FAT, MUSCLE, SKIN, GAS = -98.0, 30.0, 35.0, -850.0
COARSE_MM = 1.6  # width of a border on every second voxel


@dataclass(frozen=True, slots=True)
class SpineLine:
    """The middle of the bodies as functions of z, smooth from level to level; mm."""

    x: CubicSpline
    y: CubicSpline
    depth: CubicSpline
    z_of: dict[str, float]


def spine_line(spine: Sequence[Vertebra]) -> SpineLine:
    """Through the centres of all bodies down to the sacrum's bend."""
    placed = sorted((body for body in spine if body.name not in ("S3", "S4", "S5")), key=lambda body: body.centre[2])
    z = [body.centre[2] for body in placed]
    return SpineLine(
        x=CubicSpline(z, [body.centre[0] for body in placed]),
        y=CubicSpline(z, [body.centre[1] for body in placed]),
        depth=CubicSpline(z, [body.b for body in placed]),
        z_of={body.name: body.centre[2] for body in spine},
    )


@dataclass(frozen=True, slots=True)
class _Scene:
    """Half resolution: HU, grain and streak amplitudes, and coordinates: X to the left, Y to the back of the spine line."""

    hu: Field
    grain: Field
    streak: Field
    X: Field
    Y: Field
    z: Field
    coarse: Field
    lumps: Field
    depth: Field

    def fill(self, distance: Field, hu: Field | Mm, grain: Mm, streak: Mm = 0.0, limit: Field | Mm = 1.0) -> None:
        cover = coverage(distance, COARSE_MM) * limit
        paint(self.hu, cover, hu)
        paint(self.grain, cover, grain)
        paint(self.streak, cover, streak)


def paint_soft_tissue(canvas: Canvas, spine: Sequence[Vertebra], line: SpineLine, patient: Patient) -> None:
    """Fill the whole canvas with everything but the spine."""
    scene = _scene(canvas, line)
    _abdomen(scene, line, patient)
    _chest(scene, line)
    _muscles(scene, line, patient)
    _vessels(scene, line, patient, _push(spine, scene.z))
    _back(scene, line, patient)
    shape = canvas.hu.shape
    canvas.hu[...] = double(scene.hu, shape)
    grain, streak = double(scene.grain, shape), double(scene.streak, shape)
    for first in range(0, shape[0], 16):  # a few planes at a time stay in the processor's cache
        part = canvas.block(slice(first, first + 16), slice(None), slice(None))
        at = slice(first, first + 16)
        part.hu[...] += grain[at] * part.fine
        fat = np.clip(part.struts + 0.6 * part.coarse - 0.7, 0, 1.5) * streak[at]
        part.hu[...] -= fat


def _scene(canvas: Canvas, line: SpineLine) -> _Scene:
    z, y, x = canvas.z[::2], canvas.y[:, ::2], canvas.x[..., ::2]
    xs, ys, depth = (curve(z).astype(np.float32) for curve in (line.x, line.y, line.depth))
    coarse = canvas.textures.coarse(z, y, x)
    lumps = _lumps(canvas, coarse.shape)
    hu = np.float32(FAT) + 9 * coarse
    return _Scene(hu, np.full_like(hu, 13), np.zeros_like(hu), x - xs, y - ys, z, coarse, lumps, depth)


def _lumps(canvas: Canvas, shape: tuple[int, ...]) -> Field:
    """Lumps of 30 mm: bowel loops, lobules. The coarse tile drawn large and interpolated."""
    z, y, x = canvas.z[::8] / 4, canvas.y[:, ::8] / 4, canvas.x[..., ::8] / 4
    quarter = tuple((n + 1) // 2 for n in shape)
    return double(double(canvas.textures.coarse(z, y, x), quarter), shape)


def _abdomen(scene: _Scene, line: SpineLine, patient: Patient) -> None:
    """Mesentery with vessels, bowel with walls and gas, liver, kidneys in their fat."""
    front = -scene.Y - scene.depth
    lower = smoothstep(line.z_of["L1"] + 20 - scene.z, 0, 25)
    scene.fill(scene.coarse * 2.2 - 2.6, 38.0, 4.0, limit=smoothstep(front, 6, 14))  # vessels and nodes in the mesentery
    loops = 9.0 * (scene.lumps - 0.15)
    bowel = np.minimum(loops, front - 24)
    scene.fill(bowel, 44.0, 5.0, limit=lower)
    scene.fill(bowel - 2.6, 14.0 + 16 * (scene.coarse > 0.2), 9.0, limit=lower)
    gas = np.minimum(bowel - 3.0, -scene.Y - 52 + 5 * scene.lumps)
    scene.fill(gas, GAS, 5.0, limit=lower * smoothstep(scene.lumps, 0.8, 1.1))
    upper = smoothstep(scene.z - line.z_of["L2"], -10, 20)
    liver = np.minimum(-scene.X - 10 + 11 * scene.lumps, front - 18 + 8 * scene.lumps)
    scene.fill(liver, patient.organ_hu + 3 * scene.coarse, 5.0, limit=upper)
    spleen = np.minimum(scene.X - 30 + 12 * scene.lumps, front - 14 + 8 * scene.lumps)
    scene.fill(spleen, patient.organ_hu - 4, 5.0, limit=upper)
    middle = line.z_of["L2"] + 8
    for side in (-1, 1):
        at = ((scene.X - side * 58) / 22, (scene.Y - 4) / 25, (scene.z - middle - 6 * side) / 52)
        r = np.sqrt(at[0] ** 2 + at[1] ** 2 + at[2] ** 2)
        scene.fill((1.35 - r) * 22 + 1.5 * scene.coarse, FAT, 12.0)
        scene.fill((1 - r) * 22 + 1.0 * scene.coarse, 36.0, 5.0)
        scene.fill((0.42 - r) * 22 + 2 * scene.coarse, -60.0, 12.0)


def _chest(scene: _Scene, line: SpineLine) -> None:
    """Lung with vessels beside the thoracic spine, the mediastinum before it, the diaphragm below."""
    floor = line.z_of["T12"] + 2 - 0.30 * np.clip(scene.Y, -60, 30) + 4 * scene.lumps
    wide = np.abs(scene.X) - 20 - 0.10 * np.clip(-scene.Y - 10, 0, 60) - 3 * scene.lumps
    lung = np.minimum(np.minimum(wide, scene.z - floor), 36 - 0.004 * scene.X**2 - scene.Y)
    above = smoothstep(scene.z - line.z_of["T12"], -5, 15)
    scene.fill(lung + 3.0, 42.0, 5.0)
    scene.fill(lung, -860.0 + 90 * np.clip(scene.coarse, 0, 2), 22.0)
    scene.fill(np.minimum(2.2 * (scene.coarse + 0.7 * scene.lumps - 1.5), lung - 2), 30.0, 6.0)
    heart = _ellipse(scene.X, scene.Y, (14.0, -72.0), (40.0, 36.0)) + 3 * scene.lumps
    scene.fill(np.minimum(heart, scene.z - floor - 6), 42.0, 4.0)
    scene.fill(
        _ellipse(scene.X, scene.Y + scene.depth, (1.0, -24.0), (13.0, 22.0)) + 2 * scene.lumps, FAT + 10, 12.0, limit=above
    )
    scene.fill(_ellipse(scene.X, scene.Y + scene.depth, (-4.0, -13.0), (8.0, 5.5)) + scene.coarse, 40.0, 5.0, limit=above)


def _muscles(scene: _Scene, line: SpineLine, patient: Patient) -> None:
    """Crura, psoas, quadratus, erector and multifidus with strands of fat between their bundles."""
    side, ripple = np.abs(scene.X), 1.3 * scene.coarse + 1.2 * scene.lumps
    down = np.clip((line.z_of["T12"] - 8 - scene.z) / 130, 0, 1).astype(np.float32)
    strands = 26 + 85 * patient.muscle_fat
    crus = _ellipse(side, scene.Y + scene.depth + 5, (9.5, 0.0), (3.2, 8.5))
    scene.fill(crus + 0.4 * ripple, 42.0, 5.0, limit=smoothstep(scene.z - line.z_of["L2"], -12, 6))
    below = smoothstep(line.z_of["T12"] - scene.z, -2, 12)
    psoas = _ellipse(side, scene.Y, (23 + 13 * down, 2 + 4 * down - 8 * down**2), (5 + 14 * down, 9 + 12 * down))
    scene.fill(psoas + ripple, MUSCLE + 6, 5.0, strands * 0.5, limit=below)
    quadratus = _ellipse(side, scene.Y, (58, 24), (20, 7.5))
    scene.fill(quadratus + ripple, MUSCLE, 5.0, strands, limit=below)
    wall = np.minimum(side - 76 + 2 * ripple, 40 - scene.Y)
    scene.fill(wall, MUSCLE, 6.0, strands, limit=below)
    tail = 1 - 0.55 * smoothstep(line.z_of["L5"] - scene.z, 0, 60)
    for centre, half in (((40.0, 44.0), (21.0, 15.0)), ((22.0, 46.0), (12.5, 16.0)), ((9.5, 40.0), (8.5, 19.0))):
        muscle = _ellipse(side, scene.Y, centre, (half[0], half[1] * tail))
        scene.fill(muscle + 0.8 * ripple, MUSCLE - 6, 6.0, strands)


def _vessels(scene: _Scene, line: SpineLine, patient: Patient, push: Field) -> None:
    """Aorta on the left, vena cava on the right, both parting before L4; a mass pushes them forward."""
    apart = np.clip(line.z_of["L4"] - scene.z, 0, 90).astype(np.float32)
    chest = np.clip((scene.z - line.z_of["T12"]) / 80, 0, 1).astype(np.float32)
    radius = np.float32(patient.aorta_radius) - 4 * np.clip(apart / 20, 0, 1) + 1.5 * chest
    away = scene.depth + radius + 1.5 + push
    x = np.float32(patient.aorta_x) + 6 * chest - 0.1 * apart
    aorta = _ellipse(scene.X, scene.Y, (x + 0.55 * apart, -away + 10 * chest), (radius, radius))
    cava_radius = 10.5 - 3 * np.clip(apart / 25, 0, 1)
    cava = _ellipse(scene.X, scene.Y, (-17 - 0.45 * apart, -away + 1), (cava_radius, cava_radius * 0.8))
    second = _ellipse(scene.X, scene.Y, (x - 0.75 * apart - 6, -away), (radius, radius))
    for vessel, limit in ((aorta, 1.0), (cava, 1 - 0.9 * chest), (second, smoothstep(apart, 1, 9))):
        scene.fill(vessel + 1.6 + 0.2 * scene.coarse, 40.0, 4.0, limit=limit)
        scene.fill(vessel + 0.2 * scene.coarse, patient.blood_hu, 3.0, limit=limit)


def paint_plaque(canvas: Canvas, spine: Sequence[Vertebra], line: SpineLine, patient: Patient) -> None:
    """Calcium in the wall of the aorta: thin plaques, more with age; in front of the spine, where a mass would be looked for."""
    if patient.calcification < 0.05:
        return
    z = canvas.z.ravel()
    part = canvas.block(slice(int(np.searchsorted(z, line.z_of["L4"])), None), slice(None), slice(None))
    if part.empty:
        return
    away = line.depth(part.z) + patient.aorta_radius + 1.5 + _push(spine, part.z)
    chest = np.clip((part.z - line.z_of["T12"]) / 80, 0, 1)
    X = part.x - (line.x(part.z) + patient.aorta_x + 6 * chest).astype(np.float32)
    Y = part.y - (line.y(part.z) - away + 10 * chest).astype(np.float32)
    near = part.block(slice(None), slice(*_ends(np.abs(Y).min((0, 2)) < 16)), slice(*_ends(np.abs(X).min((0, 1)) < 16)))
    X, Y = X[..., slice(*_ends(np.abs(X).min((0, 1)) < 16))], Y[:, slice(*_ends(np.abs(Y).min((0, 2)) < 16))]
    wall = np.abs(np.hypot(X, Y) - patient.aorta_radius - 1.5 * chest.astype(np.float32)) - 0.55
    where = smoothstep(near.coarse + 0.25 * near.fine, 1.75 - 1.2 * patient.calcification, 2.1 - 1.2 * patient.calcification)
    paint(near.hu, coverage(-wall) * where, 650.0)


def _ends(inside: Bool[np.ndarray, " n"]) -> tuple[int, int]:
    found = np.flatnonzero(inside)
    return (int(found[0]), int(found[-1]) + 1) if len(found) else (0, 0)


def _push(spine: Sequence[Vertebra], z: Field) -> Field:
    shifts = [shift for body in spine for change in body.changes if (shift := change.push(body, z)) is not None]
    return np.maximum.reduce(shifts) if shifts else np.zeros_like(z)


def _back(scene: _Scene, line: SpineLine, patient: Patient) -> None:
    """Subcutaneous fat in lobules, skin, and the air behind."""
    thick = 12 + 20 * patient.fatness
    surface = 66 + thick - 0.0038 * scene.X**2 - 5 * np.exp(-((scene.X / 12) ** 2))
    surface = surface + 10 * smoothstep(line.z_of["L5"] - scene.z, 0, 60)
    depth = surface - scene.Y
    septa = np.clip(0.12 - np.abs(scene.lumps + 0.35 * scene.coarse), 0, 0.12) / 0.12
    under = coverage(np.minimum(depth, thick + 2 * scene.coarse - depth), 3.0)
    paint(scene.hu, under, -104 + 6 * scene.coarse + 40 * septa)
    paint(scene.grain, under, 9.0)
    paint(scene.streak, under, 0.0)
    scene.fill(np.minimum(depth, 2.4 - depth), SKIN, 6.0)
    scene.fill(-depth, AIR, 0.0)


def _ellipse(x: Field, y: Field, centre: tuple[Field | Mm, Field | Mm], half: tuple[Field | Mm, Field | Mm]) -> Field:
    r = np.sqrt(((x - centre[0]) / half[0]) ** 2 + ((y - centre[1]) / half[1]) ** 2)
    return ((r - 1) * -np.minimum(half[0], half[1])).astype(np.float32)
