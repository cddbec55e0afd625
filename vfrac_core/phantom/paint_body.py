"""A vertebral body in HU: a core with struts and veins, a shell of uneven thickness, and the changes of both."""

from __future__ import annotations

from math import cos, radians, sin

import numpy as np

from vfrac_core.phantom.canvas import Canvas, Reach
from vfrac_core.phantom.changes.base import BodyBlock
from vfrac_core.phantom.levels import position
from vfrac_core.phantom.patient import Patient
from vfrac_core.phantom.shapes import Field, coverage, ellipsoid, join, meet, paint
from vfrac_core.phantom.vertebra import Vertebra

ROUNDED_MM = 2.2  # corners
PLATE_SHARE, SIDE_SHARE = 0.58, 0.62  # of the cortex's HU: a plate is thinner than a voxel and porous
NEAR_PLATE = (0.20, 3.0)  # denser by this share, fading over mm


def body_reach(body: Vertebra, margin: float = 7.0) -> Reach:
    """A box that holds the body at its tilt."""
    s, c = abs(sin(radians(body.tilt))), abs(cos(radians(body.tilt)))
    y = body.b * c + 0.62 * body.height * s + margin
    z = body.b * s + 0.62 * body.height * c + margin
    return Reach(side=body.a + margin, front=y, back=y, below=z, above=z)


def body_block(canvas: Canvas, body: Vertebra) -> BodyBlock:
    """The body's own coordinates and distances over a block."""
    u, v, w = body.local(canvas.z, canvas.y, canvas.x)
    top, bottom = body.plates(u, v)
    wall = body.wall((u, v, w))
    risen = body.risen(u, w)
    below, above = top - risen, risen - bottom
    inside = meet(meet(wall, below, ROUNDED_MM), above, ROUNDED_MM)
    return BodyBlock(u, v, w, wall, below, above, inside, canvas.fine, canvas.coarse)


def paint_body(canvas: Canvas, body: Vertebra, patient: Patient) -> None:
    """Paint the body into its block; cortex that a change took away shows the core behind it."""
    part = canvas.around(body.centre, body_reach(body))
    if part.empty:
        return
    block = body_block(part, body)
    core = _core(part, body, block, patient)
    for change in body.changes:
        core = change.core(body, block, core)
    factor = 1 - _pedicle_mouths(body, block)
    for change in body.changes:
        factor = change.cortex(body, block, factor)
    thickness, cortex = _shell(block, patient)
    cover = coverage(block.inside)
    shell = np.clip(cover - coverage(block.inside - thickness), 0, 1) * factor
    paint(part.hu, cover, core)
    paint(part.hu, shell, cortex)
    np.maximum(part.bone, cover, out=part.bone)
    part.labels[cover > 0.5] = position(body.name) + 1
    _mark_lesions(part, body, block)


def paint_spurs(canvas: Canvas, body: Vertebra, patient: Patient) -> None:
    """Osteophytes and fragments: bone with a shell of its own."""
    part = canvas.around(body.centre, body_reach(body, margin=14.0))
    if part.empty:
        return
    at = body.local(part.z, part.y, part.x)
    for change in body.changes:
        distance = change.bone(body, at)
        if distance is None:
            continue
        free = 1 - part.bone  # a spur grows out of the body: no wall between them
        cover = coverage(distance) * free
        shell = np.clip(cover - coverage(distance - 0.7), 0, 1)
        paint(part.hu, cover, 1.3 * patient.trabecular_hu + 70)
        paint(part.hu, shell, 0.55 * patient.cortex_hu)
        np.maximum(part.bone, cover, out=part.bone)


def _core(part: Canvas, body: Vertebra, block: BodyBlock, patient: Patient) -> Field:
    """Cancellous bone: struts that carry the load, denser under the plates, a vein from behind."""
    hu = np.float32(patient.trabecular_hu)
    texture = 1 + 0.19 * block.coarse + 0.14 * block.fine + 0.13 * part.struts
    depth = np.maximum(np.minimum(block.below_top, block.above_bottom), 0)
    core = hu * (texture + np.float32(NEAR_PLATE[0]) * np.exp(-depth / np.float32(NEAR_PLATE[1])))
    if not body.size.sacral:
        at = (block.u, block.v, block.w)
        vein = ellipsoid(at, (0.0, -0.78 * body.b, 0.0), (3.4, 0.42 * body.b, 1.9))
        fork = ellipsoid((np.abs(block.u), block.v, block.w), (3.5, -0.35 * body.b, 0.4), (5.0, 2.0, 1.4))
        core = core - np.float32(0.62) * hu * coverage(join(vein, fork, 1.5) + 0.5 * block.fine, 2.0)
    return core


def _pedicle_mouths(body: Vertebra, block: BodyBlock) -> Field:
    """Where the pedicles leave the body there is no wall between them."""
    if body.size.sacral:
        return np.zeros_like(block.inside)
    half_u, half_w = (2.4, 5.2) if body.size.thoracic else (3.4, 6.0)
    r = np.hypot((np.abs(block.u) - 0.60 * body.a) / half_u, (block.w - 0.18 * body.height) / half_w)
    return coverage((1 - r) * half_u) * (block.v < -0.5 * body.b)


def _shell(block: BodyBlock, patient: Patient) -> tuple[Field, Field]:
    """Thickness in mm and HU of the cortex: plates and walls differ, and neither is even."""
    plate_distance = np.minimum(block.below_top, block.above_bottom)
    is_plate = coverage(block.wall - plate_distance, 3.0)
    rim = 1 + 0.5 * coverage(4.0 - block.wall, 3.0)
    thickness = is_plate * np.float32(patient.plate_mm) * rim + (1 - is_plate) * np.float32(patient.cortex_mm)
    thickness = thickness * np.clip(1 + (0.32 - 0.18 * is_plate) * block.coarse, 0.35, 1.8)
    share = PLATE_SHARE * is_plate + SIDE_SHARE * (1 - is_plate)
    return thickness, np.float32(patient.cortex_hu) * share * np.clip(
        1 + (0.18 - 0.06 * is_plate) * block.coarse + (0.16 - 0.08 * is_plate) * block.fine, 0.3, 1.8
    )


def _mark_lesions(part: Canvas, body: Vertebra, block: BodyBlock) -> None:
    from vfrac_core.paper import SIGNS

    for change in body.changes:
        focus = change.focus(body, block)
        if focus is not None and change.sign is not None:
            part.lesion[(focus > 0.5) & (block.inside > -1.0)] |= np.uint8(1 << SIGNS.index(change.sign))
