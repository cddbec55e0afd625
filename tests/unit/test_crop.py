"""vfrac_core/imaging/crop.py against scipy's map_coordinates, an independent linear interpolation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.ndimage import map_coordinates

from vfrac_core.errors import InvalidRoiError
from vfrac_core.imaging.crop import crop_triplet, input_batch, prepare_input
from vfrac_core.types import BoxMm, SagittalStack, SeriesInfo


def make_stack(hu: np.ndarray, row_mm: float = 1.0, column_mm: float = 1.0) -> SagittalStack:
    affine = np.array([[3.0, 0, 0, 0], [0, 0, column_mm, 0], [0, -row_mm, 0, 0], [0, 0, 0, 1]])
    return SagittalStack(hu, affine, SeriesInfo(plane="axial"))


def noise(shape=(5, 40, 50), seed=1) -> np.ndarray:
    return np.random.default_rng(seed).integers(-1000, 2000, shape).astype(np.int16)


@settings(max_examples=40, deadline=None)
@given(
    spacing=st.tuples(st.floats(0.3, 5.0), st.floats(0.3, 5.0)),
    corner=st.tuples(st.floats(-30, 150), st.floats(-30, 150)),
    side=st.floats(3.0, 200.0),
    index=st.integers(0, 4),
)
def test_a_crop_is_linear_interpolation_with_repeated_edges(spacing, corner, side, index):
    stack, (top, left) = make_stack(noise(), *spacing), corner
    crop = crop_triplet(stack, BoxMm(top, left, top + side, left + side), index)

    grid = (np.arange(64) + 0.5) * side / 64
    rows, columns = (top + grid) / stack.spacing_mm.row - 0.5, (left + grid) / stack.spacing_mm.column - 0.5
    places = np.meshgrid(rows, columns, indexing="ij")
    for channel, z in enumerate((max(index - 1, 0), index, min(index + 1, 4))):
        expected = map_coordinates(stack.hu[z].astype(float), places, order=1, mode="nearest")
        assert crop[channel] == pytest.approx(expected, abs=0.01)


def test_a_square_of_64_pixels_comes_out_unchanged():
    stack = make_stack(noise((3, 100, 100)), 0.5, 0.5)
    crop = crop_triplet(stack, BoxMm(5.0, 10.0, 37.0, 42.0), 1)
    assert np.array_equal(crop, stack.hu[:, 10:74, 20:84])


def test_neighbours_beyond_the_first_and_last_slice_are_that_slice_again():
    stack = make_stack(noise())
    square = BoxMm(0.0, 0.0, 30.0, 30.0)
    first, last = crop_triplet(stack, square, 0), crop_triplet(stack, square, 4)
    assert np.array_equal(first[0], first[1])
    assert np.array_equal(last[1], last[2])
    assert not np.array_equal(first[1], first[2])


def test_a_bright_pixel_appears_at_its_millimetre():
    hu = np.zeros((3, 100, 100), np.int16)
    hu[1, 30, 60] = 1000
    crop = crop_triplet(make_stack(hu, 1.0, 0.5), BoxMm(14.0, 14.0, 46.0, 46.0), 1)
    row, column = np.average(np.argwhere(crop[1] > 0), axis=0, weights=crop[1][crop[1] > 0])
    assert (row + 0.5) / 2 + 14 == pytest.approx(30.5)
    assert (column + 0.5) / 2 + 14 == pytest.approx(60.5 * 0.5)


def test_a_slice_that_does_not_exist_is_refused():
    with pytest.raises(InvalidRoiError, match="slice 5 does not exist"):
        crop_triplet(make_stack(noise()), BoxMm(0.0, 0.0, 30.0, 30.0), 5)


@settings(max_examples=20, deadline=None)
@given(shift=st.integers(-500, 500), seed=st.integers(0, 1000))
def test_input_has_mean_zero_and_sd_one_and_forgets_absolute_hu(shift, seed):
    crop = noise((3, 64, 64), seed).astype(np.float32)
    prepared = prepare_input(crop)
    assert prepared.dtype == np.float32
    assert prepared.mean(dtype=np.float64) == pytest.approx(0, abs=1e-6)
    assert prepared.std(dtype=np.float64) == pytest.approx(1, abs=1e-5)
    assert prepare_input(crop + np.float32(shift)) == pytest.approx(prepared, abs=1e-5)


@pytest.mark.parametrize("value", [0, -1000, 32767])
def test_a_flat_crop_becomes_zero_not_nan(value):
    assert (prepare_input(np.full((3, 64, 64), value, np.float32)) == 0).all()


def test_a_batch_holds_the_same_inputs_in_the_order_asked():
    stack, square = make_stack(noise()), BoxMm(3.0, 4.0, 33.0, 34.0)
    batch = input_batch(stack, square, [3, 1])
    assert batch.shape == (2, 3, 64, 64)
    assert np.array_equal(batch[1], prepare_input(crop_triplet(stack, square, 1)))
