"""What the network learns from is what the app shows it; draws move it as they say, and depend on nothing but their key."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from training_fixtures import a_case, a_stack

from vfrac_core.imaging.crop import crop_triplet, prepare_input
from vfrac_core.imaging.crop_file import crop_place
from vfrac_core.imaging.roi import box_to_mm, square_box
from vfrac_core.training.augment import Draws, draw, network_input, no_draws, standardise
from vfrac_core.training.config import DEMO
from vfrac_core.training.pictures import make_pictures
from vfrac_core.types import PixelBox

edges = st.tuples(st.integers(0, 60), st.integers(0, 50), st.integers(8, 30), st.integers(8, 30))


def served(seed: int, box: PixelBox, index: int) -> np.ndarray:
    """The input that the app computes from the whole stack."""
    stack = a_stack(seed)
    if seed % 2:
        stack.hu[:, 28:38, 28:40] += 900
    square = square_box(box_to_mm(box, stack.spacing_mm), stack.rows, stack.columns, stack.spacing_mm)
    return prepare_input(crop_triplet(stack, square, index))


@given(edges=edges, seed=st.integers(0, 50), first=st.integers(0, 6))
@settings(max_examples=40, deadline=None)
def test_without_a_draw_the_input_is_the_apps(edges: tuple[int, int, int, int], seed: int, first: int) -> None:
    _, _, height, width = edges
    row, column = min(edges[0], 70 - height), min(edges[1], 60 - width)
    box = PixelBox(row, column, row + height, column + width)
    used = (first, first + 1, first + 2)
    cases = [a_case(seed, box=box, used=used), a_case(seed + 1)]  # of different sizes: one is padded
    pictures = make_pictures(cases)
    found = network_input(pictures, np.arange(3), no_draws(3)).numpy()
    for picture, index in zip(found, used, strict=True):
        np.testing.assert_allclose(picture, served(seed, box, index), atol=2e-3)


def a_gradient(box: PixelBox) -> tuple[object, float]:
    """A case whose HU are 10 · mm towards the feet plus 3 · mm towards the back, from the middle of the square."""
    stack = a_stack(0)
    rows, columns = stack.spacing_mm.row * (np.arange(70) + 0.5), stack.spacing_mm.column * (np.arange(60) + 0.5)
    stack.hu[:] = np.rint(20 * rows[:, None] + 7 * columns[None, :])
    place = crop_place([box], (4,), stack)
    case = a_case(0, hu=place.cut(stack.hu).copy(), slices=(4 - place.first,), stack_slices=(4,), boxes=(place.box(box),))
    side = max(25 * stack.spacing_mm.row, 20 * stack.spacing_mm.column)
    return case, side


@pytest.mark.parametrize("degrees", [-15.0, 0.0, 10.0])
@pytest.mark.parametrize("scale", [0.9, 1.0, 1.1])
def test_a_draw_turns_scales_and_shifts_in_mm(degrees: float, scale: float) -> None:
    case, side = a_gradient(PixelBox(25, 20, 50, 40))
    pictures = make_pictures([case])
    draws = Draws(np.float32([degrees]), np.float32([scale]), np.float32([[0.1, -0.05]]))
    found = network_input(pictures, np.array([0]), draws)[0, 1].double().numpy()
    v, u = np.meshgrid(*[(np.arange(64) + 0.5) / 64 * 2 - 1] * 2, indexing="ij")  # down, right
    angle = np.deg2rad(degrees)
    down = side / 2 * scale * (-np.sin(angle) * u + np.cos(angle) * v) + 0.1 * side
    right = side / 2 * scale * (np.cos(angle) * u + np.sin(angle) * v) - 0.05 * side
    expected = 20 * down + 7 * right
    np.testing.assert_allclose(found, (expected - expected.mean()) / expected.std(), atol=5e-3)


def test_the_three_channels_are_moved_alike() -> None:
    case = a_case(2)
    case = a_case(2, hu=np.repeat(case.hu[:1], len(case.hu), axis=0))  # every slice the same picture
    found = network_input(make_pictures([case]), np.array([1]), draw(DEMO, 0, ["a"], [0]))[0]
    torch.testing.assert_close(found[0], found[1])
    torch.testing.assert_close(found[0], found[2])


class TestDraws:
    def test_they_depend_on_their_key_alone(self) -> None:
        together = draw(DEMO, 3, ["a", "b", "a"], [0, 0, 1])
        alone = draw(DEMO, 3, ["b"], [0])
        assert together.degrees[1] == alone.degrees[0]
        assert (together.shift[1] == alone.shift[0]).all()
        assert len({*together.degrees}) == 3
        assert draw(DEMO, 4, ["b"], [0]).degrees[0] != alone.degrees[0]

    def test_they_fill_their_ranges_evenly(self) -> None:
        many = draw(DEMO, 0, [str(i) for i in range(4000)], [0] * 4000)
        for values, low, high in (
            (many.degrees, -15, 15),
            (many.scale, 0.9, 1.1),
            (many.shift[:, 0], -0.1, 0.1),
            (many.shift[:, 1], -0.1, 0.1),
        ):
            assert low <= values.min() < low + 0.01 * (high - low)
            assert high - 0.01 * (high - low) < values.max() <= high
            assert abs(values.mean() - (low + high) / 2) < 0.03 * (high - low)


def test_a_flat_crop_is_all_zero() -> None:
    assert (standardise(torch.full((1, 3, 64, 64), 40.0)) == 0).all()
