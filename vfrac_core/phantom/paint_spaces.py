"""What lies between the bones: discs, the canal with its sac and fat, the foramina with their roots, the ligaments behind."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from vfrac_core.phantom.canvas import Canvas, Reach
from vfrac_core.phantom.patient import Patient
from vfrac_core.phantom.shapes import Field, coverage, ellipsoid, paint, smoothstep
from vfrac_core.phantom.soft_tissue import SpineLine
from vfrac_core.phantom.vertebra import CANAL_BEHIND_MM, Vertebra

SAC, CORD, EPIDURAL_FAT, ROOT, LIGAMENT = 16.0, 36.0, -80.0, 38.0, 30.0


def paint_canal(canvas: Canvas, spine: Sequence[Vertebra], line: SpineLine) -> None:
    """Fat, sac, and the cord down to L1, all along the spine; then each level's roots."""
    middle = line.y(canvas.z) + line.depth(canvas.z) + CANAL_BEHIND_MM
    y = canvas.y.ravel()
    part = canvas.block(
        slice(None),
        slice(*np.searchsorted(y, (middle.min() - 16, middle.max() + 36))),
        slice(*np.searchsorted(canvas.x.ravel(), (-26, 26))),
    )
    if part.empty:
        return
    X = part.x - line.x(part.z).astype(np.float32)
    Y = part.y - middle.astype(np.float32)
    fine, coarse = part.fine, part.coarse
    _ligaments(part, X, Y, fine)
    foramen = (1 - np.hypot(X / 24, (Y - 1) / 8.5)) * 8
    paint(part.hu, coverage(foramen + coarse, 1.5), EPIDURAL_FAT + 18 * coarse + 12 * fine)
    paint(part.hu, coverage((1 - np.hypot(X / 12.5, Y / 9.7)) * 9.5, 1.2), EPIDURAL_FAT - 12 + 14 * fine)
    pads = _fat_pads(part, spine)
    sac = (1 - np.hypot(X / 9.2, (Y + 0.3 + 1.4 * pads) / (6.4 - 1.5 * pads))) * 6.0 + 0.35 * coarse
    paint(part.hu, coverage(sac), SAC + 5 * fine)
    above = smoothstep(part.z - np.float32(line.z_of["L1"]), -12, 2)
    paint(part.hu, coverage((1 - np.hypot(X / 6.0, (Y + 0.6) / 4.2)) * 4.2) * above, CORD + 3 * fine)
    paint(part.hu, coverage(sac - 1.5) * (1 - above) * (part.struts > 1.1), ROOT)
    for body in spine:
        _root(canvas, body)


def _fat_pads(part: Canvas, spine: Sequence[Vertebra]) -> Field:
    """Epidural fat lies behind the sac between the laminae, level with the discs: 1 there, 0 behind the bodies."""
    discs = [body.centre[2] - 0.5 * body.height - 0.5 * body.disc for body in spine if not body.size.sacral]
    hills = [np.exp(-(((part.z - np.float32(z)) / 8.0) ** 2)) for z in discs]
    return np.clip(sum(hills), 0, 1)


def _ligaments(part: Canvas, X: Field, Y: Field, fine: Field) -> None:
    """Interspinous and yellow ligaments: grey and streaky, not fat."""
    between = np.minimum(3.2 - np.abs(X), np.minimum(Y - 5, 34 - Y))
    paint(part.hu, coverage(between, 2.5), LIGAMENT - 12 + 17 * fine)
    yellow = np.minimum(2.6 - np.abs(np.hypot(X / 1.3, Y) - 10.5), Y - 1.5)
    paint(part.hu, coverage(yellow, 1.5), LIGAMENT + 8)


def _root(canvas: Canvas, body: Vertebra) -> None:
    """The nerve root under each pedicle."""
    part = canvas.around(body.centre, Reach(side=30, front=0, back=body.b + 25, below=body.height, above=0.2 * body.height))
    if part.empty or body.size.sacral:
        return
    u, v, w = body.local(part.z, part.y, part.x)
    low = -0.36 * body.height
    side = np.abs(u)
    root = ellipsoid((side, v, w + 0.35 * side), (15.5, -body.b - 4.0, low + 6.6), (8.0, 3.4, 3.8))
    veins = ellipsoid((side, v, w + 0.2 * side), (14.0, -body.b - 2.5, low - 3.5), (6.0, 2.2, 3.5)) + 1.2 * part.coarse
    paint(part.hu, coverage(veins, 2.0), ROOT - 14)
    paint(part.hu, coverage(root + 0.4 * part.coarse, 1.6), ROOT)


def paint_disc(canvas: Canvas, upper: Vertebra, lower: Vertebra, patient: Patient) -> None:
    """The disc is a column of the vertebra's own cross-section between two plates; its ring is denser and bulges a little."""
    centre = upper.patient(0.0, 0.0, -upper.height / 2 - upper.disc / 2)
    reach = Reach(upper.a + 5, upper.b + 9, upper.b + 9, 0.5 * upper.height + upper.disc, 0.6 * upper.height + upper.disc)
    part = canvas.around(centre, reach)
    if part.empty:
        return
    u, v, w = upper.local(part.z, part.y, part.x)
    rim = np.full_like(w, -upper.height / 2)
    wall = upper.wall((u, v, rim)) + 1.0
    _, bottom = upper.plates(u, v)
    lu, lv, lw = lower.local(part.z, part.y, part.x)
    top, _ = lower.plates(lu, lv)
    inside = np.minimum(wall, np.minimum(bottom - upper.risen(u, w) + 2.5, lower.risen(lu, lw) - top + 2.5))
    ring = coverage(5.0 - wall, 5.0)
    hu = np.float32(patient.disc_hu) + 14 * ring - 2 * (1 - ring) + 5 * part.coarse + 5 * part.fine
    paint(part.hu, coverage(inside), hu)
