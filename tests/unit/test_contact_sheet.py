"""The contact sheet shows what the network sees, and both classes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from training_fixtures import QUICK, a_case, some_cases

from vfrac_core.training.cases import training_set
from vfrac_core.training.contact_sheet import SHOWN_SD, drawn_crops, grey_of, served_crops
from vfrac_core.training.scores import served_inputs


def test_the_pictures_are_the_middle_slices_of_the_networks_input() -> None:
    data = some_cases(4)
    for crop in served_crops(data):
        case = next(one for one in data.cases if one.case == crop.case)
        served = served_inputs(case)[1, 1]  # three slices are used; of the middle one the middle channel
        shown = (crop.grey / 127.5 - 1) * SHOWN_SD
        assert np.abs(shown - np.clip(served, -SHOWN_SD, SHOWN_SD)).max() <= SHOWN_SD / 255 + 1e-6
        assert crop.malignant == case.malignant


def test_both_classes_have_as_much_room_as_they_can_fill() -> None:
    few = [a_case(number) for number in (1, 3)] + [a_case(number) for number in range(0, 20, 2)]
    unknown = a_case(21, malignant=None)
    crops = served_crops(training_set([*few, unknown], "noise"), most=8)
    assert [crop.malignant for crop in crops] == [True] * 2 + [False] * 5 + [None]
    assert len({crop.case for crop in crops}) == 8
    assert crops[2].case == "case-000"
    assert crops[6].case == "case-016"  # spread over all, not the first ones


def test_draws_move_the_picture_and_no_draw_leaves_it() -> None:
    data = some_cases(4)
    still = replace(QUICK, degrees=0.0, scale=0.0, shift=0.0)
    served = {crop.case: crop.grey.astype(int) for crop in served_crops(data)}
    for crop in drawn_crops(data, still):
        assert np.abs(served[crop.case] - crop.grey).max() <= 1
    assert all(np.abs(served[crop.case] - crop.grey).mean() > 5 for crop in drawn_crops(data, QUICK))


def test_grey_is_clipped() -> None:
    assert grey_of(np.array([[-9, 0, 9]], np.float32)).tolist() == [[0, 128, 255]]
