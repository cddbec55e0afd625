"""vfrac_core/phantom: bodies of the right size, discs between them, bone behind them, and a canal without bone.

Sizes are measured on the pixels of the label mask, not on the shapes that were painted. Reference values: posterior height,
anterior over posterior, width and depth in mm, near Panjabi et al., Spine 1991;16:888 and 1992;17:299, as the generator's
specification has them, times the patient's and the level's own scale.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from phantom_cases import COMPRESSION, MULTIPLE, Scene, a_spec, draw_scene, some_specs
from scipy.ndimage import label

from vfrac_core.phantom.choose import choose_changes
from vfrac_core.phantom.grid import PIXEL_MM, Grid
from vfrac_core.phantom.levels import NAMES, position
from vfrac_core.phantom.spec import LEVELS, CaseSpec
from vfrac_core.phantom.spine import build_spine
from vfrac_core.phantom.subject import draw_subject
from vfrac_core.phantom.vertebra import Vertebra

TABLE = {  # posterior height, anterior over posterior, width, depth
    "T7": (18.2, 0.94, 30.0, 27.0),
    "T8": (18.7, 0.94, 31.0, 28.0),
    "T9": (19.3, 0.95, 32.0, 29.0),
    "T10": (20.6, 0.95, 33.5, 30.0),
    "T11": (22.0, 0.94, 36.0, 31.0),
    "T12": (23.6, 0.95, 40.0, 32.0),
    "L1": (25.3, 0.96, 42.0, 33.5),
    "L2": (25.8, 0.99, 43.5, 34.5),
    "L3": (25.3, 1.04, 45.5, 35.0),
    "L4": (25.0, 1.09, 48.0, 35.5),
    "L5": (23.6, 1.18, 50.5, 35.5),
}
WITHIN_MM = 1.5
LEAST_APART = 0.24  # of a body's height
LEAST_DISC_MM = 2.0
CANAL_BEHIND_MM, CANAL_HALF_MM = 8.5, (11.5, 8.0)
AROUND = Grid(100, 190, 92.0, 3.0, first_y_mm=-50.0)  # one body with its arch, and most of its neighbours
MIDPLANE = Grid(12, 190, 130.0, 3.0, first_y_mm=-60.0)


def with_changes(spec: CaseSpec, grid: Grid) -> Scene:
    return draw_scene(spec, grid, choose_changes(draw_subject(spec)))


class Voxels:
    """The voxels of one vertebra's label, in its own frame, mm."""

    def __init__(self, scene: Scene) -> None:
        canvas, body = scene.rendered.canvas, scene.body
        z, y, x = np.nonzero(canvas.labels == position(body.name) + 1)
        self.u, self.v, w = body.local(canvas.z.ravel()[z], canvas.y.ravel()[y], canvas.x.ravel()[x])
        self.w = body.risen(self.u, w)

    def width(self, front_of: float) -> float:
        return extent(self.u[self.v > front_of])

    def depth(self, half_width: float, back: float) -> float:
        return extent(self.v[(np.abs(self.u) < half_width) & (self.v > back)])

    def height(self, half_width: float, back: float, front: float) -> float:
        """The 90th percentile of the heights of columns 1.4 mm wide: the rims, which stand highest."""
        here = (np.abs(self.u) < half_width) & (self.v > back) & (self.v < front)
        column = np.floor(self.u[here] / 1.4).astype(int) * 1000 + np.floor(self.v[here] / 1.4).astype(int)
        _, column = np.unique(column, return_inverse=True)
        top, bottom = np.full(column.max() + 1, -99.0), np.full(column.max() + 1, 99.0)
        np.maximum.at(top, column, self.w[here])
        np.minimum.at(bottom, column, self.w[here])
        return float(np.percentile(top - bottom, 90)) + 1.0  # planes of 1 mm: from centre to centre


def extent(values: np.ndarray) -> float:
    """From end to end, a few stray voxels left out; one voxel more than from centre to centre."""
    ordered = np.sort(values)
    return float(ordered[-8] - ordered[7]) + PIXEL_MM


def sizes_on_pixels(seed: int, level: str) -> dict[str, tuple[float, float]]:
    """Measured and expected."""
    spec = a_spec(seed=seed, level=level, sex="MF"[seed % 2])
    scene = draw_scene(spec, Grid(100, 120, 54.0, 3.0, first_y_mm=-40.0))
    height, wedge, width, depth = TABLE[level]
    scale = scene.subject.patient.scale * scene.subject.patient.level_scale[position(level)]
    a, b, voxels = width / 2 * scale, depth / 2 * scale, Voxels(scene)
    behind, before = voxels.height(0.75 * a, -0.72 * b, -0.5 * b), voxels.height(0.5 * a, 0.55 * b, 0.85 * b)
    return {
        "height behind": (behind, height * scale * (1 + (wedge - 1) * 0.195)),  # at 0.61 of the half depth
        "height before": (before, height * scale * (1 + (wedge - 1) * 0.85)),
        "width": (voxels.width(-0.4 * b), width * scale),  # before pedicles and ribs
        "depth": (voxels.depth(0.30 * a, -b - 2.5), depth * scale),  # between the pedicles
    }


class TestSizes:
    @pytest.mark.parametrize("level", LEVELS)
    def test_a_body_has_the_tables_height_width_and_depth_on_pixels(self, level: str) -> None:
        for name, (measured, expected) in sizes_on_pixels(6001, level).items():
            assert measured == pytest.approx(expected, abs=WITHIN_MM), name

    @pytest.mark.slow
    @pytest.mark.parametrize("level", LEVELS)
    def test_bodies_of_ten_patients_have_the_tables_size_on_average(self, level: str) -> None:
        """A plate is never even: one body in some dozens may miss by more."""
        drawn = [sizes_on_pixels(seed, level) for seed in range(6002, 6012)]
        for name in drawn[0]:
            missed = np.array([one[name][0] - one[name][1] for one in drawn])
            assert abs(missed.mean()) < 0.75 * WITHIN_MM, name
            assert np.abs(missed).max() < 1.5 * WITHIN_MM, name

    def test_men_are_larger_than_women(self) -> None:
        scale = {sex: np.mean([draw_subject(a_spec(index=i, sex=sex)).patient.scale for i in range(30)]) for sex in "MF"}
        assert scale["M"] / scale["F"] == pytest.approx(1.06 / 0.96, abs=0.02)


class TestPlates:
    @pytest.mark.parametrize("seed", range(6000, 6050))
    def test_plates_never_come_nearer_than_a_quarter_of_the_height(self, seed: int) -> None:
        spec = a_spec(COMPRESSION, MULTIPLE, seed=seed, level=LEVELS[seed % len(LEVELS)], severity=2.5)
        subject = draw_subject(spec)
        for body in build_spine(subject.patient, subject.level, choose_changes(subject, {COMPRESSION: seed % 3})):
            u, v = np.meshgrid(*(np.linspace(-0.95, 0.95, 27, dtype=np.float32) * half for half in (body.a, body.b)))
            top, bottom = body.plates(u, v)
            assert (top - bottom).min() > LEAST_APART * body.height - 1e-3, body.name


class TestDiscs:
    def test_a_disc_is_two_millimetres_thick_at_least_on_pixels(self) -> None:
        specs = [*some_specs(3), *(replace(spec, age_years=93) for spec in some_specs(2, masked=True))]
        for spec in specs:
            scene = with_changes(spec, MIDPLANE)
            at = position(spec.level)
            for upper, lower in ((at - 1, at), (at, at + 1)):
                gaps = gaps_between(scene, upper, lower)
                assert gaps.mean() >= LEAST_DISC_MM, (spec, NAMES[upper])
                assert gaps.min() >= 1, (spec, NAMES[upper])  # bodies never grow together

    def test_no_disc_is_asked_to_be_thinner(self) -> None:
        for spec in some_specs(20):
            subject = draw_subject(replace(spec, age_years=93))
            spine = build_spine(subject.patient, spec.level, choose_changes(subject))
            assert min(body.disc for body in spine if not body.size.sacral) >= LEAST_DISC_MM

    def test_a_collapsed_body_takes_its_neighbour_down_with_it(self) -> None:
        """No giant gap over a fracture: the disc keeps its height, and the spine shortens."""
        specs = [replace(spec, signs=spec.signs | {COMPRESSION}) for spec in some_specs(8)]
        for spec in specs:
            subject = draw_subject(spec)
            changes = choose_changes(subject)
            sunk = build_spine(subject.patient, spec.level, changes)
            whole = build_spine(subject.patient, spec.level, [c for c in changes if c.sign != COMPRESSION])
            upper, body = position(spec.level) - 1, position(spec.level)
            assert sunk[upper].centre[2] < whole[upper].centre[2] - 1
            assert distance(sunk[upper], sunk[body]) == pytest.approx(distance(whole[upper], whole[body]), abs=3.5)


def gaps_between(scene: Scene, upper: int, lower: int) -> np.ndarray:
    """Painted planes (1 mm) between two bodies in the middle sagittal plane, for each column of voxels under the upper one."""
    canvas, body = scene.rendered.canvas, scene.rendered.spine[upper]
    _, v, _ = scene.own_frame(body)
    middle = canvas.labels.shape[2] // 2
    labels, v = canvas.labels[:, :, middle], v[:, :, middle]
    gaps = []
    for column in range(labels.shape[1]):
        over = np.flatnonzero((labels[:, column] == upper + 1) & (np.abs(v[:, column]) < 0.8 * body.b))
        under = np.flatnonzero(labels[:, column] == lower + 1)
        under = under[under < over.max()] if len(over) else under
        if len(over) and len(under):
            gaps.append(over.min() - under.max() - 1)
    return np.array(gaps)


def distance(upper: Vertebra, lower: Vertebra) -> float:
    """Mean height of the disc on the mid-sagittal line, from plate to plate, mm."""
    v = np.linspace(-0.7, 0.7, 15, dtype=np.float32) * min(upper.b, lower.b)
    zero = np.zeros_like(v)
    floor = [upper.patient(0.0, float(p), float(w))[2] for p, w in zip(v, upper.plates(zero, v)[1], strict=True)]
    roof = [lower.patient(0.0, float(p), float(w))[2] for p, w in zip(v, lower.plates(zero, v)[0], strict=True)]
    return float(np.mean(floor) - np.mean(roof))


@pytest.fixture(scope="module", params=["T8", "T12", "L3", "L5"])
def scene(request: pytest.FixtureRequest) -> Scene:
    """An old spine without a fracture."""
    return with_changes(a_spec(level=request.param, diagnosis="benign", age_years=80), AROUND)


class TestArch:
    def test_pedicles_join_the_body_to_its_spinous_process(self, scene: Scene) -> None:
        body = scene.body
        _, v, _ = scene.own_frame(body)
        own = scene.rendered.canvas.labels == position(body.name) + 1
        pieces, count = label(own, np.ones((3, 3, 3)))
        largest = pieces == np.bincount(pieces[own]).argmax()
        assert count == 1 or largest.sum() > 0.98 * own.sum()
        spinous = own & (v < -body.b - 25)
        assert (largest & (v > 0)).sum() > 500
        assert (largest & spinous).sum() > 0.95 * spinous.sum() > 50

    def test_no_bone_lies_in_the_canal(self, scene: Scene) -> None:
        at = position(scene.subject.level)
        for body in scene.rendered.spine[at - 1 : min(at + 2, position("L5") + 1)]:
            u, v, w = scene.own_frame(body)
            narrow = 0.9 if body.size.thoracic else 1.0
            r = np.hypot(u / (CANAL_HALF_MM[0] * narrow), (v + body.b + CANAL_BEHIND_MM) / (CANAL_HALF_MM[1] * narrow))
            canal = (r < 0.8) & (np.abs(w) < 0.5 * body.height)
            canvas = scene.rendered.canvas
            assert canal.sum() > 500
            assert (canvas.bone[canal] > 0.5).mean() < 0.002, body.name
            assert not (canvas.labels[(r < 0.6) & (np.abs(w) < 0.5 * body.height)]).any(), body.name

    def test_facets_have_a_joint_gap_filled_with_cartilage(self, scene: Scene) -> None:
        """What the upper joint of a level carves out of the level above is cartilage of 70 HU, no bone."""
        canvas = scene.rendered.canvas
        _, v, _ = scene.own_frame(scene.body)
        gap = (canvas.labels > 0) & (v < -scene.body.b - 4) & (canvas.bone < 0.1)
        assert gap.sum() > 100
        assert 40 < np.median(canvas.hu[gap]) < 160  # a gap is thinner than two voxels: some bone shows in it

    def test_a_mans_spinous_process_is_as_long_and_as_tall_as_the_real_ones(self) -> None:
        """R3: its tip lies 65 mm behind the middle of the body at L2 and L3, and is 15 to 19 mm tall."""
        voxels = Voxels(draw_scene(a_spec(sex="M"), AROUND))
        middle = np.abs(voxels.u) < 2
        assert -voxels.v[middle].min() == pytest.approx(65, abs=7)
        tip = middle & (voxels.v < voxels.v[middle].min() + 8)
        assert 12 < np.percentile(voxels.w[tip], 98) - np.percentile(voxels.w[tip], 2) < 26
