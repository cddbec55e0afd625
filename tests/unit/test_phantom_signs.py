"""vfrac_core/phantom: a bit is 1 only if the pixels say so, and a sign changes nothing but its own surroundings.

A twin is the case without one sign; both share every random number, so that their difference is the sign.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from phantom_cases import (
    COMPRESSION,
    CORTEX,
    DESTRUCTION,
    LINE,
    MASS,
    MULTIPLE,
    SEED,
    Scene,
    a_spec,
    draw_scene,
    profile,
    some_specs,
    the_case,
    the_changes,
)
from scipy.ndimage import gaussian_filter1d

from vfrac_core.imaging.reformat import reformat_sagittal
from vfrac_core.paper import SIGNS
from vfrac_core.phantom.case import PhantomCase
from vfrac_core.phantom.changes.compression import Compression, OldWedge
from vfrac_core.phantom.choose import choose_changes, without_sign
from vfrac_core.phantom.grid import PIXEL_MM, Grid, crop_grid
from vfrac_core.phantom.levels import position
from vfrac_core.phantom.measure import Measured, height_loss
from vfrac_core.phantom.render import render
from vfrac_core.phantom.sampling import sample_case
from vfrac_core.phantom.scanner import add_noise
from vfrac_core.phantom.spec import CaseSpec
from vfrac_core.phantom.spine import build_spine
from vfrac_core.phantom.subject import draw_subject
from vfrac_core.types import CtVolume, SagittalStack

FLOORS_MM2 = {CORTEX: 20, MASS: 40, LINE: 40, DESTRUCTION: 40, COMPRESSION: 100, MULTIPLE: 100}
PRESENT, ABSENT = 0.20, 0.15  # loss of height: the paper's limit, and a dead zone below it that nobody can score
SEEN_HU, BONE_HU = 40, 110
FOCAL = (CORTEX, MASS, LINE, DESTRUCTION)
REACH_MM = 60.0


def assert_bit_is_its_measure(spec: CaseSpec, loss: float) -> None:
    assert loss > PRESENT if COMPRESSION in spec.signs else loss < ABSENT, spec


def assert_above_floors(spec: CaseSpec, areas: dict[str, float]) -> None:
    assert set(areas) == spec.signs
    for sign, area in areas.items():
        assert area >= FLOORS_MM2[sign], (sign, spec)


class TestFloors:
    @pytest.mark.parametrize("spec", [*some_specs(2), some_specs(3, masked=True)[2]], ids=("first", "second", "masked"))
    def test_every_sign_of_a_case_shows_and_compression_is_what_was_measured(self, spec: CaseSpec) -> None:
        case = the_case(spec)
        assert_above_floors(spec, dict(case.truth.area_mm2))
        assert_bit_is_its_measure(spec, case.truth.loss)

    @pytest.mark.slow
    @pytest.mark.parametrize("index", range(50))
    def test_fifty_cases_of_every_pattern_stay_out_of_the_dead_zone(self, index: int) -> None:
        spec = some_specs(1, first=index, masked=True)[0]
        _, measured = the_changes(spec)
        assert_above_floors(spec, dict(measured.area_mm2))
        assert_bit_is_its_measure(spec, measured.loss)

    @pytest.mark.slow
    @pytest.mark.parametrize("index", range(12))
    @pytest.mark.parametrize("diagnosis", ["benign", "malignant"])
    def test_either_class_can_show_any_sign(self, diagnosis: str, index: int) -> None:
        """Also what hardly ever comes up: a mass in a benign case, a line in a malignant one."""
        signs = frozenset(SIGNS) - ({COMPRESSION} if index % 2 else set())
        spec = replace(some_specs(1, first=index)[0], diagnosis=diagnosis, signs=signs)
        _, measured = the_changes(spec)
        assert_above_floors(spec, dict(measured.area_mm2))
        assert_bit_is_its_measure(spec, measured.loss)

    def test_what_does_not_show_is_drawn_again(self) -> None:
        """At the limit: 20 % is no compression yet (paper: more than 20 %), and a floor that is just reached is enough."""
        enough = {sign: float(floor) for sign, floor in FLOORS_MM2.items()}
        every = frozenset(SIGNS)
        assert Measured(PRESENT + 0.001, enough, (0,)).unseen(every) == ()
        assert Measured(PRESENT, enough, (0,)).unseen(every) == (COMPRESSION,)
        for sign in SIGNS:
            assert Measured(0.4, enough | {sign: enough[sign] - 0.1}, (0,)).unseen(every) == (sign,)
        assert Measured(ABSENT - 0.001, enough, (0,)).unseen(every - {COMPRESSION}) == ()
        assert Measured(ABSENT, enough, (0,)).unseen(every - {COMPRESSION}) == (CORTEX,)

    def test_no_loss_is_left_between_the_two_limits_by_chance(self) -> None:
        """100 spines without a compression, before anything is drawn again: steps and other levels do not reach the limit."""
        for index in range(100):
            spec = sample_case(SEED, index, "independent")
            subject = draw_subject(replace(spec, signs=spec.signs - {COMPRESSION}))
            spine = build_spine(subject.patient, subject.level, choose_changes(subject))
            assert height_loss(spine, spec.level, subject.slice_x_mm) < ABSENT


# A sign in the finished picture, counted as a reader would meet it: on the sagittal stack of 3 mm.


def stack_without(case: PhantomCase, sign: str) -> SagittalStack:
    """The sagittal stack of the case's twin, with the case's noise."""
    subject = draw_subject(case.spec)
    grid = crop_grid(subject.slice_x_mm, case.volume.spacing_mm.slice)
    slices = render(subject, without_sign(the_changes(case.spec)[0], sign), grid).slices
    hu = add_noise(slices, grid, subject.scanner, subject.streams)
    return reformat_sagittal(CtVolume(hu, grid.affine, case.volume.info))


def visible_mm2(case: PhantomCase, sign: str) -> float:
    """In the best of the five slices around the lesion's."""
    stack, twin = reformat_sagittal(case.volume), stack_without(case, sign)
    middle = case.truth.slice_index
    changed = np.abs(stack.hu.astype(int) - twin.hu)[middle - 2 : middle + 3] > SEEN_HU
    return float(changed.sum(axis=(1, 2)).max()) * stack.spacing_mm.row * stack.spacing_mm.column


class TestPixels:
    @pytest.mark.parametrize(
        ("spec", "spacing_mm"),
        [(some_specs(1)[0], 2.0), pytest.param(some_specs(3, masked=True)[2], 3.0, marks=pytest.mark.slow)],
        ids=("2 mm", "3 mm"),
    )
    def test_a_sign_shows_in_the_finished_slices_as_large_as_its_truth_says(self, spec: CaseSpec, spacing_mm: float) -> None:
        """The truth was measured on contiguous slices without noise: half a slice of difference is a quarter of a thin sign."""
        case = the_case(spec, spacing_mm=spacing_mm)
        for sign in sorted(spec.signs & set(FOCAL)):
            seen = visible_mm2(case, sign)
            assert seen >= 0.75 * FLOORS_MM2[sign], sign
            assert 0.6 < seen / case.truth.area_mm2[sign] < 1.6, sign

    @pytest.mark.slow
    @pytest.mark.parametrize("level", ["T9", "L2"])
    def test_a_sign_changes_nothing_farther_than_60_mm_from_its_level(self, level: str) -> None:
        subject = draw_subject(a_spec(*FOCAL, COMPRESSION, level=level, severity=2.0))
        changes = choose_changes(subject)
        grid = Grid(110, 170, 156.0, 3.0, first_y_mm=-76.0)
        whole, far = render(subject, changes, grid).slices, np.abs(grid.slice_z) > REACH_MM
        for sign in FOCAL:
            changed = np.abs(whole - render(subject, without_sign(changes, sign), grid).slices)
            assert changed.max() > SEEN_HU
            assert changed[far].max() < 0.5, sign  # HU are whole numbers
            assert np.abs(grid.x[changed.max(axis=(0, 1)) >= 0.5]).max() < REACH_MM

    def test_without_the_cortex_sign_a_destruction_leaves_the_shell_alone(self) -> None:
        changes = choose_changes(draw_subject(a_spec(CORTEX, DESTRUCTION)))
        twin = without_sign(changes, CORTEX)
        assert any(getattr(change, "opens", False) for change in changes)
        assert not any(getattr(change, "opens", False) for change in twin)
        assert sum(change.sign == DESTRUCTION for change in twin) == sum(change.sign == DESTRUCTION for change in changes)


# Height lost, measured on a picture.


def plate(slab: np.ndarray, scene: Scene, index: int, v: float, side: int) -> float:
    """Height over the centre of the outermost peak of HU within 0.45 of the disc's height of where the plate should be."""
    body = scene.rendered.spine[index]
    disc = scene.rendered.spine[index - 1].disc if side > 0 else body.disc
    u = scene.subject.slice_x_mm - body.centre[0]
    place = np.full(1, u, np.float32), np.full(1, v, np.float32)
    nominal = float(body.plates(*place)[0 if side > 0 else 1][0])
    w = nominal + side * np.arange(0.45 * disc, -0.45 * disc, -0.25)
    hu = gaussian_filter1d(profile(slab, scene.grid, body, v=np.full_like(w, v), w=w, u=u), 2.0, mode="nearest")
    peaks = np.flatnonzero((hu[1:-1] >= hu[:-2]) & (hu[1:-1] > hu[2:]) & (hu[1:-1] > BONE_HU)) + 1
    return float(w[peaks[0] if len(peaks) else np.argmax(np.diff(hu))])


Heights = Callable[[Scene, int], np.ndarray]


def heights_on_pixels(scene: Scene, index: int) -> np.ndarray:
    """Before, in the middle and behind: from plate to plate in a sagittal slab of 3 mm."""
    slab, b = scene.rendered.slices[:, :, 5:9].mean(axis=2), scene.rendered.spine[index].b
    return np.array([plate(slab, scene, index, v, 1) - plate(slab, scene, index, v, -1) for v in (0.62 * b, 0.0, -0.62 * b)])


def heights_on_labels(scene: Scene, index: int) -> np.ndarray:
    """The same on the mask: mean length of its columns over 3 mm of depth."""
    body = scene.rendered.spine[index]
    _, v, w = scene.own_frame(body)
    own = (scene.rendered.canvas.labels == index + 1)[:, :, 5:9]
    v, w = v[:, :, 5:9], w[:, :, 5:9]
    area = 3.0 * own.shape[2] * PIXEL_MM  # of the mask, over what it stands on: planes are 1 mm apart
    return np.array([(own & (np.abs(v - at) < 1.5)).sum() * PIXEL_MM**2 / area for at in (0.62 * body.b, 0.0, -0.62 * body.b)])


def nearest_normal(scene: Scene, step: int) -> list[int]:
    index = position(scene.subject.level) + step
    while index <= position("L5") and abs(scene.rendered.spine[index].centre[2]) < 70:
        if not any(isinstance(change, Compression | OldWedge) for change in scene.rendered.spine[index].changes):
            return [index]
        index += step
    return []


def loss(scene: Scene, heights: Heights) -> float:
    normal = [heights(scene, index) for step in (-1, 1) for index in nearest_normal(scene, step)]
    return float(1 - np.min(heights(scene, position(scene.subject.level)) / np.mean(normal, axis=0)))


def losses(seed: int, cases: int) -> np.ndarray:
    """Nominal, on HU and on the mask, a row a case; every other case has a compression, and none lies in the dead zone."""
    rows = []
    for index in range(cases):
        spec = sample_case(seed, index)
        subject = draw_subject(replace(spec, signs=spec.signs - {COMPRESSION} if index % 2 else spec.signs | {COMPRESSION}))
        grid = Grid(14, 130, 170.0, 2.0, subject.slice_x_mm, first_y_mm=-48.0)
        scene = draw_scene(subject.spec, grid, choose_changes(subject))
        nominal = height_loss(scene.rendered.spine, spec.level, subject.slice_x_mm)
        if not ABSENT <= nominal <= PRESENT:
            rows.append((nominal, loss(scene, heights_on_pixels), loss(scene, heights_on_labels)))
    return np.array(rows)


class TestHeightOnPixels:
    @pytest.mark.parametrize(("seed", "cases"), [(SEED, 12), pytest.param(SEED + 1, 120, marks=pytest.mark.slow)])
    def test_loss_of_height_on_pixels_lies_on_the_same_side_of_20_percent(self, seed: int, cases: int) -> None:
        """In the prototype 94 % of 31 bodies, pixels 0.10 ± 0.11 over nominal: hollow and uneven plates add to it."""
        nominal, pixels, labels = losses(seed, cases).T
        assert len(nominal) >= 0.9 * cases
        assert ((nominal > PRESENT) == (pixels > PRESENT)).mean() >= 0.90
        assert np.corrcoef(nominal, pixels)[0, 1] > 0.79
        assert abs(np.mean(pixels - nominal)) < 0.10
        assert np.std(pixels - nominal) < 0.11
        assert ((nominal > PRESENT) == (labels > PRESENT)).mean() >= 0.97
        assert np.abs(labels - nominal).max() < 0.10
