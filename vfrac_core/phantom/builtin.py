"""The built-in case: one small synthetic lumbar CT made by code, so that a fresh program has something to show.

A stop-gap for the screen. It is one fixed patient with one malignant-looking fracture, not a cohort, and teaches a network
nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from jaxtyping import Float32
from scipy.interpolate import CubicSpline
from scipy.ndimage import gaussian_filter1d

from vfrac_core.phantom.builtin_spine import ABNORMAL, DISC_MM, Level, stack_levels
from vfrac_core.phantom.builtin_vertebra import (
    CORTEX_MM,
    POSTERIOR_CORTEX_MM,
    Field,
    LocalFrame,
    blob_distance,
    body_distance,
    canal_distance,
    coverage,
    disc_distance,
    posterior_distance,
)
from vfrac_core.types import CtVolume, SeriesInfo

SEED: Final = 20210525
SLICE_MM: Final = 1.25
PIXEL_MM: Final = 0.8
SHAPE: Final = (200, 210, 232)  # 185.6 mm from right to left: 61 sagittal slabs of 3 mm
FIRST_VOXEL_LPS: Final = (-92.4, -66.0, -134.0)  # the abnormal body's centre is the origin

AIR, SKIN, FAT, MUSCLE, ORGAN, BLOOD = -1000.0, 35.0, -95.0, 48.0, 40.0, 44.0  # HU of a CT without contrast
DISC, CANAL, MASS, LYTIC = 90.0, 20.0, 46.0, 45.0
CORTEX, SPONGIOSA, POSTERIOR_CORTEX, POSTERIOR_CORE = 800.0, 175.0, 620.0, 260.0
NOISE_HU: Final = 15.0


@dataclass(frozen=True, slots=True)
class Abnormality:
    """Where to draw the first box: the level and the middle of its body, in DICOM's patient axes (LPS, mm)."""

    level: str
    centre_lps_mm: tuple[float, float, float]
    height_mm: float
    depth_mm: float


BUILTIN_ABNORMAL: Final = Abnormality("L2", (0.0, 0.0, 0.0), 30.0, 40.0)


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a part can lie from the middle of its vertebra's body, in mm along the patient's axes."""

    below: float
    above: float
    front: float
    back: float
    side: float


BODY_REACH: Final = Reach(34.0, 24.0, 28.0, 28.0, 30.0)
POSTERIOR_REACH: Final = Reach(36.0, 46.0, -2.0, 88.0, 46.0)
LESION_REACH: Final = Reach(24.0, 24.0, 30.0, 40.0, 40.0)


@dataclass(frozen=True, slots=True)
class Scene:
    """The volume while it is painted, with the patient coordinates of its voxels and two random textures (SD 1)."""

    hu: Field
    x: Float32[np.ndarray, "1 1 column"]
    y: Float32[np.ndarray, "1 row 1"]
    z: Float32[np.ndarray, "slice 1 1"]
    coarse: Field
    fine: Field


def builtin_volume() -> CtVolume:
    """The synthetic CT: axial, foot to head, 200 slices of 210 x 232 pixels (1.25 x 0.8 x 0.8 mm), HU.

    Levels T10 to S1; L2 has lost 42 % of its anterior height and has a lytic defect of the posterior body and left
    pedicle with a paravertebral mass. The same bytes at every call; takes one to three seconds.
    """
    levels = stack_levels()
    scene = _empty_scene(np.random.default_rng(SEED))
    for first in range(0, SHAPE[0], 10):  # ten slices at a time stay in the processor's cache: three times as fast
        _paint_soft_tissue(_part(scene, z=slice(first, first + 10)), levels)
    for above, thickness in zip(levels, DISC_MM, strict=False):
        _paint_disc(_around(scene, above, BODY_REACH), above, thickness)
    for level in levels:
        _paint_posterior(_around(scene, level, POSTERIOR_REACH), level)
        _paint_body(_around(scene, level, BODY_REACH), level)
    _paint_lesion(_around(scene, levels[ABNORMAL], LESION_REACH), levels[ABNORMAL])
    return CtVolume(_scan(scene), _affine(), SeriesInfo(plane="axial", synthetic=True, slice_thickness_mm=SLICE_MM))


def _empty_scene(rng: np.random.Generator) -> Scene:
    x, y, z = (
        (first + step * np.arange(n)).astype(np.float32)
        for first, step, n in zip(FIRST_VOXEL_LPS, (PIXEL_MM, PIXEL_MM, SLICE_MM), SHAPE[::-1], strict=True)
    )
    coarse, fine = _coarse_texture(rng), _fine_texture(rng)
    return Scene(np.full(SHAPE, FAT, dtype=np.float32), x[None, None, :], y[None, :, None], z[:, None, None], coarse, fine)


def _coarse_texture(rng: np.random.Generator, step: int = 6) -> Field:
    """Lumps of about 5 mm: one random number every ``step`` voxels, each spread as a Gaussian."""
    spread = [
        np.exp(-0.5 * ((np.arange(n)[:, None] - step * np.arange(n // step + 2)) / step) ** 2).astype(np.float32) for n in SHAPE
    ]
    weights = rng.standard_normal([basis.shape[1] for basis in spread], dtype=np.float32)
    lumps = np.einsum("abc,ia,jb,kc->ijk", weights, *spread, optimize=True)
    return lumps / lumps.std()


def _fine_texture(rng: np.random.Generator) -> Field:
    """Grain of about 1 mm."""
    grain = rng.standard_normal(SHAPE, dtype=np.float32)
    for axis in range(3):
        grain = gaussian_filter1d(grain, 0.75, axis=axis, truncate=2)
    return grain / grain.std()


def _paint_soft_tissue(scene: Scene, levels: tuple[Level, ...]) -> None:
    """Fat, organs, muscles, great vessels, skin and the air behind the back; all of it follows the spine's curve."""
    bottom_up = levels[::-1]
    spine = CubicSpline([level.z for level in bottom_up], [level.y for level in bottom_up])(scene.z).astype(np.float32)
    behind, side, down = scene.y - spine, np.abs(scene.x), np.clip((60 - scene.z) / 180, 0, 1)
    ripple = 1.4 * scene.coarse
    np.add(scene.hu, 10 * scene.coarse, out=scene.hu)
    _paint(scene.hu, coverage(behind + 44 - 12 * (side / 90) ** 2 + 4 * scene.coarse) * (scene.coarse > -0.6), ORGAN)
    _paint(scene.hu, coverage(_ellipse(side, behind, (62, -2), (19, 17)) + np.abs(scene.z - 15) / 5 - 8 + ripple), 32.0)
    psoas = _ellipse(side, behind, (31 + 8 * down, -1 + 2 * down), (6 + 15 * down, 10 + 14 * down))
    erector = _ellipse(side, behind, (31, 42), (26, 17))
    quadratus = _ellipse(side, behind, (66, 20), (18, 9))
    for muscle in (psoas, erector, quadratus):
        _paint(scene.hu, coverage(muscle + ripple), MUSCLE)
    for x, radius in ((13.0, 9.5), (-15.0, 10.5)):  # aorta on the left, vena cava on the right
        _paint(scene.hu, coverage(_ellipse(scene.x, behind, (x, -31), (radius, radius)) + 0.3 * ripple), BLOOD)
    depth = 84 - 26 * (side / 93) ** 2 - 4 * np.exp(-((side / 14) ** 2)) - behind
    _paint(scene.hu, coverage(depth - 2), SKIN)
    _paint(scene.hu, coverage(depth), AIR)


def _ellipse(x: np.ndarray, y: np.ndarray, centre: tuple, half_axes: tuple) -> np.ndarray:
    (cx, cy), (rx, ry) = centre, half_axes
    return (np.sqrt(((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2) - 1) * rx


def _around(scene: Scene, level: Level, reach: Reach) -> Scene:
    """The part of the scene that lies within ``reach`` of the middle of a body."""
    z = _window(scene.z, level.z - reach.below, level.z + reach.above)
    y = _window(scene.y, level.y - reach.front, level.y + reach.back)
    return _part(scene, z, y, _window(scene.x, -reach.side, reach.side))


def _part(scene: Scene, z: slice, y: slice = slice(None), x: slice = slice(None)) -> Scene:
    """A block of the scene; its arrays are views, so painting it paints the scene."""
    block = (z, y, x)
    return Scene(scene.hu[block], scene.x[..., x], scene.y[:, y], scene.z[z], scene.coarse[block], scene.fine[block])


def _window(axis: np.ndarray, low: float, high: float) -> slice:
    return slice(*(int(i) for i in np.searchsorted(axis.ravel(), (low, high))))


def _local(scene: Scene, level: Level) -> LocalFrame:
    sin, cos = np.float32(np.sin(np.radians(level.tilt))), np.float32(np.cos(np.radians(level.tilt)))
    y, z = scene.y - np.float32(level.y), scene.z - np.float32(level.z)
    return LocalFrame(scene.x, -cos * y - sin * z, -sin * y + cos * z)


def _paint_disc(block: Scene, level: Level, thickness: float) -> None:
    _paint(block.hu, coverage(disc_distance(level.shape, _local(block, level), thickness)), DISC + 4 * block.coarse)


def _paint_posterior(block: Scene, level: Level) -> None:
    """The arch and its processes, with the canal carved out."""
    at, shape = _local(block, level), level.shape
    posterior = posterior_distance(shape, at)
    _paint(block.hu, coverage(posterior), POSTERIOR_CORTEX)
    _paint(block.hu, coverage(posterior + POSTERIOR_CORTEX_MM), POSTERIOR_CORE + 40 * block.coarse)
    inside_level = np.abs(at.w) < 0.75 * shape.height + 4
    _paint(block.hu, coverage(canal_distance(shape, at)) * inside_level, CANAL)


def _paint_body(block: Scene, level: Level) -> None:
    body = body_distance(level.shape, _local(block, level))
    _paint(block.hu, coverage(body), CORTEX)
    _paint(block.hu, coverage(body + CORTEX_MM), SPONGIOSA + 16 * block.coarse + 26 * block.fine)


def _paint_lesion(block: Scene, level: Level) -> None:
    """Bone is gone in the posterior body and the left pedicle; soft tissue bulges into the canal and beside the body."""
    at, back = _local(block, level), -level.shape.half_depth
    ripple = 1.2 * block.coarse
    body = blob_distance(at, (5.0, back + 6.5, 0.0), (13.0, 10.0, 9.0))
    pedicle = blob_distance(at, (14.5, back - 5.0, 3.0), (7.0, 10.0, 9.0))
    _paint(block.hu, coverage(np.minimum(body, pedicle) + ripple), LYTIC)
    beside = blob_distance(at, (21.0, 8.0, -1.0), (13.0, 15.0, 17.0))
    bone = np.minimum(body_distance(replace(level.shape, wedge=0.0), at), posterior_distance(level.shape, at))
    _paint(block.hu, coverage(np.maximum(beside + 0.6 * ripple, -bone)), MASS)


def _paint(hu: np.ndarray, part: np.ndarray, value: float | np.ndarray) -> None:
    """Mix ``value`` into ``hu`` where ``part`` covers it, in place."""
    hu += part * (value - hu)


def _scan(scene: Scene) -> np.ndarray:
    """What a scanner makes of it: a little blur in the slice and noise, half as much in air."""
    seen = scene.hu
    for axis in (1, 2):
        seen = gaussian_filter1d(seen, 0.6, axis=axis, truncate=2.5)
    noise = NOISE_HU * scene.fine * (1 - 0.5 * coverage(seen + 500))
    return np.rint(np.clip(seen + noise, -1024, 3071)).astype(np.int16)


def _affine() -> np.ndarray:
    """Index (slice, row, column) to LPS mm: slices go to the head, rows to the back, columns to the patient's left."""
    x, y, z = FIRST_VOXEL_LPS
    return np.array([[0, 0, PIXEL_MM, x], [0, PIXEL_MM, 0, y], [SLICE_MM, 0, 0, z], [0, 0, 0, 1]], dtype=np.float64)
