"""The order in which a case is painted, from fat to noise-free slices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from vfrac_core.phantom.canvas import Canvas, empty_canvas
from vfrac_core.phantom.changes.base import Change
from vfrac_core.phantom.grid import Grid
from vfrac_core.phantom.paint_arch import paint_arch
from vfrac_core.phantom.paint_body import paint_body, paint_spurs
from vfrac_core.phantom.paint_spaces import paint_canal, paint_disc
from vfrac_core.phantom.scanner import Slices, scan
from vfrac_core.phantom.soft_tissue import paint_plaque, paint_soft_tissue, spine_line
from vfrac_core.phantom.spine import build_spine
from vfrac_core.phantom.subject import Subject
from vfrac_core.phantom.textures import Textures
from vfrac_core.phantom.vertebra import Vertebra


@dataclass(frozen=True, slots=True)
class Rendered:
    """The spine, everything that was painted, and the slices as a scanner without noise would give them."""

    spine: tuple[Vertebra, ...]
    canvas: Canvas
    slices: Slices


def render(subject: Subject, changes: Sequence[Change], grid: Grid) -> Rendered:
    """Paint a patient's spine with its changes on a grid. The same tissue lies at the same place on every grid."""
    patient = subject.patient
    spine = build_spine(patient, subject.level, changes)
    canvas = empty_canvas(grid, Textures(patient.texture_shift))
    line = spine_line(spine)
    paint_soft_tissue(canvas, spine, line, patient)
    paint_plaque(canvas, spine, line, patient)
    paint_canal(canvas, spine, line)
    for upper, lower in pairwise(spine):
        paint_disc(canvas, upper, lower, patient)
    for body in spine:
        paint_arch(canvas, body, patient)
    for body in spine:
        paint_body(canvas, body, patient)
    for body in spine:
        paint_spurs(canvas, body, patient)
    for body in spine:
        for change in body.changes:
            change.around(body, canvas)
    return Rendered(spine, canvas, scan(canvas.hu, grid, subject.scanner))
