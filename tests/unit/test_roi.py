"""vfrac_core/imaging/roi.py: properties of boxes and squares."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from vfrac_core.errors import InvalidRoiError
from vfrac_core.imaging.roi import box_to_mm, check_slice, default_slices, fit_box, square_box
from vfrac_core.types import BoxMm, PixelBox, SpacingMm

side = st.integers(1, 700)
mm = st.floats(0.3, 5.0)


@st.composite
def boxes_on_slices(draw):
    rows, columns = draw(side), draw(side)
    r = sorted(draw(st.lists(st.integers(0, rows), min_size=2, max_size=2, unique=True)))
    c = sorted(draw(st.lists(st.integers(0, columns), min_size=2, max_size=2, unique=True)))
    return rows, columns, SpacingMm(3.0, draw(mm), draw(mm)), PixelBox(r[0], c[0], r[1], c[1])


@given(boxes_on_slices())
def test_a_box_in_mm_goes_back_to_the_same_pixels(case):
    _, _, spacing, box = case
    edges = box_to_mm(box, spacing)
    back = (
        edges.row_min / spacing.row,
        edges.col_min / spacing.column,
        edges.row_max / spacing.row,
        edges.col_max / spacing.column,
    )
    assert tuple(round(v) for v in back) == box.as_tuple()


@given(boxes_on_slices())
def test_the_square_is_a_square_that_holds_the_box_and_is_no_larger_than_needed(case):
    rows, columns, spacing, box = case
    edges = box_to_mm(box, spacing)
    square = square_box(edges, rows, columns, spacing)
    assert square.height == pytest.approx(square.width)
    assert square.height == pytest.approx(max(edges.height, edges.width))
    assert square.row_min <= edges.row_min + 1e-9
    assert square.col_min <= edges.col_min + 1e-9
    assert square.row_max >= edges.row_max - 1e-9
    assert square.col_max >= edges.col_max - 1e-9


@given(boxes_on_slices())
def test_the_square_stays_on_the_slice_wherever_it_fits(case):
    rows, columns, spacing, box = case
    square = square_box(box_to_mm(box, spacing), rows, columns, spacing)
    for low, high, extent in (
        (square.row_min, square.row_max, rows * spacing.row),
        (square.col_min, square.col_max, columns * spacing.column),
    ):
        if high - low <= extent:
            assert low >= -1e-9
            assert high <= extent + 1e-9
        else:
            assert -low == pytest.approx(high - extent, abs=1e-9)


@given(boxes_on_slices())
def test_the_square_is_centred_on_the_box_unless_a_border_is_in_the_way(case):
    rows, columns, spacing, box = case
    edges = box_to_mm(box, spacing)
    square = square_box(edges, rows, columns, spacing)
    assume(square.row_min > 1e-9 and square.row_max < rows * spacing.row - 1e-9)
    assert (square.row_min + square.row_max) / 2 == pytest.approx((edges.row_min + edges.row_max) / 2)


def test_the_square_is_square_in_mm_not_in_pixels():
    spacing = SpacingMm(3.0, 1.0, 0.5)
    square = square_box(box_to_mm(PixelBox(20, 40, 30, 80), spacing), 100, 200, spacing)
    assert square == BoxMm(15.0, 20.0, 35.0, 40.0)


@given(boxes_on_slices(), st.integers(-900, 900), st.integers(-900, 900))
def test_a_fitted_box_lies_on_the_slice_or_is_refused(case, down, right):
    rows, columns, spacing, box = case
    moved = PixelBox(box.row_min + down, box.col_min + right, box.row_max + down, box.col_max + right)
    try:
        fitted = fit_box(moved, rows, columns, spacing)
    except InvalidRoiError:
        return
    assert fitted.row_min == max(moved.row_min, 0)
    assert fitted.col_max == min(moved.col_max, columns)
    assert 0 <= fitted.row_min < fitted.row_max <= rows
    assert 0 <= fitted.col_min < fitted.col_max <= columns
    assert fit_box(fitted, rows, columns, spacing) == fitted


@pytest.mark.parametrize("box", [PixelBox(-20, 5, -1, 30), PixelBox(5, 100, 30, 130), PixelBox(10**9, 0, 10**9 + 50, 50)])
def test_a_box_outside_the_slice_is_refused(box):
    with pytest.raises(InvalidRoiError, match="the box lies outside the slice"):
        fit_box(box, 100, 100, SpacingMm(3.0, 1.0, 1.0))


def test_a_box_below_three_millimetres_is_refused_after_clipping():
    with pytest.raises(InvalidRoiError, match=r"2\.0 × 20\.0 mm, expected at least 3 mm"):
        fit_box(PixelBox(-30, 10, 2, 30), 100, 100, SpacingMm(3.0, 1.0, 1.0))
    assert fit_box(PixelBox(0, 0, 10, 10), 100, 100, SpacingMm(3.0, 0.3, 0.3)).as_tuple() == (0, 0, 10, 10)


@pytest.mark.parametrize("edges", [(10, 10, 10, 20), (20, 10, 10, 20)])
def test_an_empty_or_reversed_box_is_refused(edges):
    with pytest.raises(InvalidRoiError, match="empty or reversed"):
        PixelBox(*edges)


@pytest.mark.parametrize("edge", [float("nan"), float("inf")])
def test_an_edge_that_is_no_number_is_refused(edge):
    with pytest.raises(InvalidRoiError, match="not a number"):
        BoxMm(0.0, 0.0, edge, 1.0)


def test_a_slice_that_does_not_exist_is_refused():
    assert check_slice(14, 15) == 14
    for index in (-1, 15, 10**9):
        with pytest.raises(InvalidRoiError, match=r"slice .* does not exist; the stack has slices 0 to 14"):
            check_slice(index, 15)


def test_default_slices_are_five_around_the_box_and_fewer_at_the_edge():
    assert default_slices(7, 15) == (5, 6, 7, 8, 9)
    assert default_slices(0, 15) == (0, 1, 2)
    assert default_slices(14, 15) == (12, 13, 14)
    assert default_slices(1, 3) == (0, 1, 2)
