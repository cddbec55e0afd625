"""What the tests of the generator share: specs, finished cases made once a run, and places in a vertebra's own frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy.ndimage import map_coordinates

from vfrac_core.paper import SIGNS
from vfrac_core.phantom.case import PhantomCase, View, make_case, visible_changes
from vfrac_core.phantom.changes.base import Change
from vfrac_core.phantom.grid import PIXEL_MM, Grid
from vfrac_core.phantom.levels import position
from vfrac_core.phantom.measure import Measured
from vfrac_core.phantom.render import Rendered, render
from vfrac_core.phantom.sampling import sample_case
from vfrac_core.phantom.seeds import TESTS
from vfrac_core.phantom.spec import CaseSpec
from vfrac_core.phantom.subject import Subject, draw_subject
from vfrac_core.phantom.vertebra import Vertebra

COMPRESSION, CORTEX, MASS, LINE, MULTIPLE, DESTRUCTION = SIGNS
SEED = TESTS[100]


def a_spec(*signs: str, index: int = 0, **others: object) -> CaseSpec:
    """A woman of 60 with a fracture of L2, with these signs."""
    return CaseSpec(
        **{"seed": SEED, "index": index, "diagnosis": "malignant", "level": "L2", "age_years": 60, "sex": "F"} | others,
        signs=frozenset(signs),
    )


def the_case(spec: CaseSpec, view: View = "crop", spacing_mm: float = 2.0) -> PhantomCase:
    """Made once a run: nobody may write into it."""
    return _made(spec, view, spacing_mm)


@cache
def _made(spec: CaseSpec, view: View, spacing_mm: float) -> PhantomCase:
    return make_case(spec, view=view, spacing_mm=spacing_mm)


@cache
def the_changes(spec: CaseSpec) -> tuple[tuple[Change, ...], Measured]:
    return visible_changes(draw_subject(spec))


def some_specs(cases: int, *, first: int = 0, masked: bool = False) -> list[CaseSpec]:
    """As a cohort has them; ``masked``: signs by the toss of a coin and no diagnosis, so that every sign comes up."""
    return [sample_case(SEED, index, "independent" if masked else "expected") for index in range(first, first + cases)]


@dataclass(frozen=True)
class Scene:
    """A picture without noise and what is needed to find one's way in it."""

    subject: Subject
    grid: Grid
    rendered: Rendered

    @property
    def body(self) -> Vertebra:
        return self.rendered.spine[position(self.subject.level)]

    def own_frame(self, body: Vertebra) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(u, v, height over the centre) of every voxel of the painting grid."""
        canvas = self.rendered.canvas
        u, v, w = np.broadcast_arrays(*body.local(canvas.z, canvas.y, canvas.x))
        return u, v, body.risen(u, w)


def draw_scene(spec: CaseSpec, grid: Grid, changes: Sequence[Change] = (), **patient: float) -> Scene:
    """A case's patient, with other numbers where they are given, painted on a grid of our own."""
    subject = draw_subject(spec)
    subject = replace(subject, patient=replace(subject.patient, **patient))
    return Scene(subject, grid, render(subject, changes, grid))


def profile(slab: np.ndarray, grid: Grid, body: Vertebra, *, v: np.ndarray, w: np.ndarray, u: float = 0.0) -> np.ndarray:
    """HU of a sagittal slab along points (v, w) of a body's own frame."""
    points = np.array([body.patient(u, float(p), float(q)) for p, q in zip(v, w, strict=True)])
    rows = [(points[:, 2] - grid.slice_z[0]) / grid.spacing_mm, (points[:, 1] - float(grid.y[0])) / PIXEL_MM]
    return map_coordinates(slab, rows, order=1, mode="nearest")
