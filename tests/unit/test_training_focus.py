"""Where the network looks, measured on crops whose lesion is known. Oracle for the upsampling: OpenCV's linear resize."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch
from training_fixtures import QUICK, a_case, tiny_network

from vfrac_core.evaluation.cam_focus import centred_gaussian
from vfrac_core.model.cam_request import CamRequest, shown_cam
from vfrac_core.model.gradcam import explain
from vfrac_core.paper import INPUT_SIZE, SIGNS
from vfrac_core.training.focus import METHODS, cam_focus_of
from vfrac_core.training.scores import served_inputs

NETWORK = tiny_network(QUICK).eval()
MASS, BODY = SIGNS.index("paravertebral_soft_tissue_mass"), SIGNS.index("vertebral_compression")


def upper_half(case, sign: int) -> np.ndarray:
    """The sign's mask: everything above the middle of the square that the network sees."""
    bits = np.zeros(case.hu.shape, np.uint8)
    for index, square in zip(case.slices, case.squares, strict=True):
        bits[index, : round((square.row_min + square.height / 2) / case.spacing_mm.row)] = 1 << sign
    return bits


@pytest.mark.parametrize("wanted", [shown_cam(), CamRequest()], ids=METHODS)
def test_the_share_is_that_of_the_upsampled_map_and_slices_of_a_case_count_together(wanted):
    case = a_case(1, signs=(1.0,) * 6)
    found = cam_focus_of(NETWORK, [case], {case.case: upper_half(case, MASS)}, seed=1)[wanted.method]
    maps = explain(NETWORK, torch.from_numpy(served_inputs(case)), wanted).maps.numpy()
    large = [cv2.resize(one, (INPUT_SIZE, INPUT_SIZE), interpolation=cv2.INTER_LINEAR) for one in maps if one.any()]
    share = np.mean([one[: INPUT_SIZE // 2].sum() / one.sum() for one in large])
    assert found["malignant"].pictures == len(large)
    one_row = max(float(one.sum(1).max() / one.sum()) for one in large)  # the middle may fall within a pixel of the crop
    assert found["malignant"].inside.value == pytest.approx(share, abs=one_row)
    blob = centred_gaussian(INPUT_SIZE, INPUT_SIZE)[: INPUT_SIZE // 2].sum()
    assert found["malignant"].centred.value == pytest.approx(blob, abs=0.03)


def test_malignancy_has_no_use_for_the_mask_of_the_body_and_a_sign_only_for_its_own():
    case = a_case(1, signs=(1.0,) * 6)
    of_body = cam_focus_of(NETWORK, [case], {case.case: upper_half(case, BODY)}, seed=1)
    of_mass = cam_focus_of(NETWORK, [case], {case.case: upper_half(case, MASS)}, seed=1)
    for method in METHODS:
        assert set(of_body[method]) == {"vertebral_compression"}
        assert set(of_mass[method]) == {"malignant", "paravertebral_soft_tissue_mass"}


def test_a_benign_case_and_a_sign_that_is_absent_or_unknown_are_left_out():
    benign = replace(a_case(2), signs=(0.0, float("nan"), 0.0, 0.0, 0.0, 0.0))
    found = cam_focus_of(NETWORK, [benign], {benign.case: np.full(benign.hu.shape, 63, np.uint8)}, seed=1)
    assert found == {method: {} for method in METHODS}
