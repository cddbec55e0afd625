"""vfrac_core/model/predictor.py and answer.py: what the answer says of the six signs."""

from __future__ import annotations

import copy
import json

import numpy as np
import pytest
import torch

from tests.unit.network_fixtures import (
    BOX,
    noise_stack,
    roi,
    sign_network,
    sign_predictor,
    tiny_predictor,
)
from vfrac_core.errors import CheckpointMismatchError, VfracError
from vfrac_core.imaging.crop import input_batch
from vfrac_core.imaging.roi import box_to_mm, square_box
from vfrac_core.model.answer import answer_json
from vfrac_core.model.cam_request import CamRequest
from vfrac_core.model.predictor import Predictor
from vfrac_core.model.untrained import untrained_info
from vfrac_core.paper import SIGNS


def test_the_signs_are_the_sigmoids_of_the_plain_networks_other_logits_in_their_order():
    stack = noise_stack()
    prediction = sign_predictor().predict(stack, roi(), [6, 7, 8], cam=CamRequest("multiple_segments"))
    square = square_box(box_to_mm(BOX, stack.spacing_mm), stack.rows, stack.columns, stack.spacing_mm)
    with torch.inference_mode():
        expected = torch.sigmoid(sign_network()(torch.from_numpy(input_batch(stack, square, [6, 7, 8]))))
    assert expected.std(0).min() > 1e-4, "the test needs signs that differ"
    for answer, row in zip(prediction.slices, expected.tolist(), strict=True):
        assert answer.signs is not None
        assert list(answer.signs) == list(SIGNS)
        assert [answer.malignant_probability, *answer.signs.values()] == pytest.approx(row, abs=1e-5)
        assert answer.cam is not None
        assert answer.cam.target == "multiple_segments"


def test_a_patients_sign_is_its_own_maximum_of_the_five_slices_around_the_box_only():
    everything = sign_predictor().predict(noise_stack(), roi(7), range(15))
    of = {name: [answer.signs[name] for answer in everything.slices if answer.signs] for name in SIGNS}
    assert everything.patient_signs == {name: max(values[5:10]) for name, values in of.items()}
    assert len({int(np.argmax(values[5:10])) for values in of.values()}) > 1, "the test needs signs with different best slices"
    assert any(max(values) > max(values[5:10]) for values in of.values()), "and one that is higher outside the five"


def test_there_are_no_signs_without_a_sign_head_nor_when_none_of_the_five_was_asked_for():
    plain = tiny_predictor().predict(noise_stack(), roi(7), range(5, 10))
    assert ({answer.signs for answer in plain.slices}, plain.patient_signs) == ({None}, None)
    outside = sign_predictor().predict(noise_stack(), roi(7), [0, 14])
    assert outside.patient_signs is None
    assert all(answer.signs for answer in outside.slices)


def test_the_signs_come_from_the_cache_too():
    predictor = sign_predictor()
    first = predictor.predict(noise_stack(), roi(), range(5, 10))
    again = predictor.predict(noise_stack(), roi(), range(5, 10))
    assert [answer.signs for answer in first.slices] == [answer.signs for answer in again.slices]
    assert first.patient_signs == again.patient_signs is not None


def test_the_map_of_a_sign_is_refused_without_a_sign_head_and_the_next_question_is_answered():
    predictor = tiny_predictor()
    with pytest.raises(VfracError, match="know no single signs"):
        predictor.predict(noise_stack(), roi(), [7], cam=CamRequest("bone_destruction"))
    assert len(predictor.predict(noise_stack(), roi(), [7]).slices) == 1


def test_a_sign_that_is_not_a_number_is_an_error_never_an_answer():
    network = copy.deepcopy(sign_network())
    torch.nn.init.constant_(network.signs.bias, float("nan"))
    with pytest.raises(CheckpointMismatchError, match="not a number"):
        Predictor(network, untrained_info(sign_network(), 1)).predict(noise_stack(), roi(), [7])


def test_the_signs_as_json_are_those_of_the_prediction_by_their_names():
    prediction = sign_predictor().predict(noise_stack(), roi(), range(5, 10))
    answer = answer_json("0123456789ab", prediction)
    assert list(answer["patient_signs"]) == list(SIGNS)
    assert answer["patient_signs"] == pytest.approx(prediction.patient_signs, abs=1e-6)
    assert answer["patient_signs"] == {name: max(one["signs"][name] for one in answer["slices"]) for name in SIGNS}
    assert len(json.dumps(answer, allow_nan=False)) < 4096
