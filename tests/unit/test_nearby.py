"""How an answer changes with the box: the boxes between the pixels are cropped and answered as drawn boxes are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given

from tests.unit.network_fixtures import noise_stack, real_network, tiny_network, tiny_predictor
from tests.unit.test_roi import boxes_on_slices
from vfrac_core.errors import InvalidRoiError
from vfrac_core.imaging.roi import MIN_SIDE_MM, box_to_mm, fit_box, fit_box_mm
from vfrac_core.library.prediction import NearbyRequest, predict_nearby
from vfrac_core.model.predictor import Predictor
from vfrac_core.model.untrained import untrained_info
from vfrac_core.types import BoxMm, PixelBox, Roi, SagittalStack, SeriesInfo

SHIFTS_MM = (-4, -2, 0, 2, 4)
SIZES = (0.8, 1.0, 1.25)
DRAWN = PixelBox(28, 24, 68, 56)  # 40 × 32 pixels of 1 mm: moved and resized it still lies on pixel edges


def stack_of_1_mm() -> SagittalStack:
    affine = np.array([[3.0, 0, 0, 0], [0, 0, 1.0, 0], [0, -1.0, 0, 0], [0, 0, 0, 1.0]])
    return SagittalStack(noise_stack().hu, affine, SeriesInfo(plane="axial"))


def near(box: BoxMm, size: float, down: float, right: float) -> BoxMm:
    """The definition, written anew: moved by mm, grown or shrunk around its middle."""
    row, column = (box.row_min + box.row_max) / 2 + down, (box.col_min + box.col_max) / 2 + right
    half_height, half_width = box.height * size / 2, box.width * size / 2
    return BoxMm(row - half_height, column - half_width, row + half_height, column + half_width)


def all_near(box: BoxMm) -> list[BoxMm]:
    return [near(box, size, down, right) for size in SIZES for down in SHIFTS_MM for right in SHIFTS_MM]


def in_fives(stack: SagittalStack, predictor: Predictor, boxes: list[BoxMm]) -> list[float]:
    parts = [boxes[i : i + 5] for i in range(0, len(boxes), 5)]
    return [p for part in parts for p in predict_nearby(stack, predictor, NearbyRequest(7, tuple(part)))]


@pytest.mark.parametrize("network", [tiny_network, pytest.param(real_network, marks=pytest.mark.slow)], ids=["tiny", "resnet50"])
def test_75_boxes_in_fives_are_75_single_predictions_and_the_centre_is_the_plain_answer(network) -> None:
    stack = stack_of_1_mm()
    boxes = all_near(box_to_mm(DRAWN, stack.spacing_mm))
    together, alone = (Predictor(network(), untrained_info(network(), 1)) for _ in range(2))
    asked = in_fives(stack, together, boxes)
    pixels = [PixelBox(*(round(edge) for edge in (b.row_min, b.col_min, b.row_max, b.col_max))) for b in boxes]
    single = [alone.predict(stack, Roi(7, box), [7]).slices[0].malignant_probability for box in pixels]
    assert len(set(single)) > 60
    assert asked == pytest.approx(single, abs=1e-5)
    plain = alone.predict(stack, Roi(7, DRAWN), range(5, 10)).slices[2].malignant_probability
    assert asked[37] == pytest.approx(plain, abs=1e-6)


def test_between_the_pixels_a_box_alone_and_in_a_batch_has_the_same_answer() -> None:
    stack = noise_stack()
    boxes = all_near(box_to_mm(PixelBox(20, 15, 60, 50), stack.spacing_mm))[:10]
    assert boxes[0].col_min / stack.spacing_mm.column == pytest.approx(13.5)
    alone = [p for box in boxes for p in in_fives(stack, tiny_predictor(), [box])]
    assert in_fives(stack, tiny_predictor(), boxes) == pytest.approx(alone, abs=1e-5)


@given(boxes_on_slices())
def test_a_drawn_box_is_clipped_in_mm_as_it_is_in_pixels(case) -> None:
    rows, columns, spacing, box = case
    reaching_out = PixelBox(box.row_min - 3, box.col_min, box.row_max, box.col_max + 3)
    try:
        expected = box_to_mm(fit_box(reaching_out, rows, columns, spacing), spacing)
    except InvalidRoiError:
        with pytest.raises(InvalidRoiError):
            fit_box_mm(box_to_mm(reaching_out, spacing), rows, columns, spacing)
    else:
        assert fit_box_mm(box_to_mm(reaching_out, spacing), rows, columns, spacing) == expected


def test_a_box_that_leaves_the_slice_or_becomes_too_small_is_refused() -> None:
    stack = noise_stack()
    for box in (BoxMm(-20.0, 0.0, -1.0, 9.0), BoxMm(10.0, 10.0, 9.9 + MIN_SIDE_MM, 20.0)):
        with pytest.raises(InvalidRoiError):
            predict_nearby(stack, tiny_predictor(), NearbyRequest(7, (box,)))


def test_a_slice_that_does_not_exist_and_no_box_at_all_are_refused() -> None:
    with pytest.raises(InvalidRoiError):
        predict_nearby(noise_stack(), tiny_predictor(), NearbyRequest(99, (BoxMm(10.0, 10.0, 30.0, 30.0),)))
    with pytest.raises(InvalidRoiError):
        predict_nearby(noise_stack(), tiny_predictor(), NearbyRequest(7, ()))
