"""vfrac_core/model/predictor.py and answer.py: one box, one answer, whoever asks and however many at once."""

from __future__ import annotations

import copy
import dataclasses
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.network_fixtures import (
    BOX,
    TINY,
    noise_stack,
    real_network,
    roi,
    tiny_network,
    tiny_predictor,
)
from vfrac_core.errors import CheckpointMismatchError, InvalidRoiError
from vfrac_core.evaluation.recalibration import Recalibration
from vfrac_core.imaging.crop import input_batch
from vfrac_core.imaging.roi import box_to_mm, square_box
from vfrac_core.model.answer import answer_json
from vfrac_core.model.cache import AnswerCache
from vfrac_core.model.cam_request import CamRequest
from vfrac_core.model.predictor import Predictor, sigmoid
from vfrac_core.model.untrained import untrained_info
from vfrac_core.types import CamMap, PixelBox, Prediction, Roi, SlicePrediction


def probabilities(prediction: Prediction) -> list[float]:
    return [answer.malignant_probability for answer in prediction.slices]


def test_the_answer_is_the_sigmoid_of_the_plain_networks_logit_for_the_square_crop():
    stack = noise_stack()
    prediction = tiny_predictor().predict(stack, roi(), [6, 7, 8])
    square = square_box(box_to_mm(BOX, stack.spacing_mm), stack.rows, stack.columns, stack.spacing_mm)
    with torch.inference_mode():
        expected = torch.sigmoid(tiny_network()(torch.from_numpy(input_batch(stack, square, [6, 7, 8]))))[:, 0]
    assert probabilities(prediction) == pytest.approx(expected.tolist(), abs=1e-5)
    assert [answer.slice_index for answer in prediction.slices] == [6, 7, 8]


@pytest.mark.parametrize("network", [tiny_network, real_network])
@pytest.mark.parametrize("cam", [CamRequest(), CamRequest(layer="layer3")])
def test_a_slice_asked_alone_and_in_a_batch_of_five_has_the_same_probability(network, cam):
    stack, info = noise_stack(), untrained_info(tiny_network(), 1)
    together = Predictor(network(), info).predict(stack, roi(), range(5, 10), cam=cam)
    for index, answer in zip(range(5, 10), together.slices, strict=True):
        alone = Predictor(network(), info).predict(stack, roi(), [index], cam=cam).slices[0]
        assert abs(alone.malignant_probability - answer.malignant_probability) <= 1e-5
        assert alone.cam is not None
        assert answer.cam is not None
        assert alone.cam.grid == pytest.approx(answer.cam.grid, abs=1e-4)


def test_a_slice_with_a_box_of_its_own_is_answered_for_that_box():
    stack, own = noise_stack(), PixelBox(BOX.row_min + 3, BOX.col_min, BOX.row_max + 4, BOX.col_max - 2)
    plain, other = (tiny_predictor().predict(stack, Roi(7, box), [6, 7, 8]) for box in (BOX, own))
    mixed = tiny_predictor().predict(stack, roi(), [6, 7, 8], slice_boxes={8: own})
    assert probabilities(mixed) == pytest.approx([*probabilities(plain)[:2], probabilities(other)[2]], abs=1e-6)


def test_eight_threads_get_what_a_serial_run_gets():
    stack = noise_stack()
    requests = [
        (index, CamRequest(target, layer))
        for index in range(2, 13)
        for target, layer in (("malignant", "layer4"), ("benign", "layer3"))
    ]

    def ask(predictor: Predictor, request: tuple[int, CamRequest]) -> Prediction:
        index, cam = request
        return predictor.predict(stack, roi(index), range(index - 2, index + 3), cam=cam)

    serial = [ask(tiny_predictor(), request) for request in requests]
    shared = tiny_predictor()
    with ThreadPoolExecutor(8) as pool:
        parallel = list(pool.map(lambda request: ask(shared, request), requests))
    for one, other in zip(serial, parallel, strict=True):
        assert probabilities(one) == pytest.approx(probabilities(other), abs=1e-6)
        for a, b in zip(one.slices, other.slices, strict=True):
            assert (a.cam.layer, a.cam.target) == (b.cam.layer, b.cam.target)
            assert a.cam.grid == pytest.approx(b.cam.grid, abs=1e-5)


def test_the_patients_probability_is_the_maximum_of_the_five_slices_around_the_box_only():
    stack, predictor = noise_stack(), tiny_predictor()
    everything = predictor.predict(stack, roi(7), range(15))
    five = {a.slice_index: a.malignant_probability for a in everything.slices if 5 <= a.slice_index <= 9}
    assert len(five) == 5
    assert everything.patient_probability == max(five.values())
    assert everything.patient_slice == max(five, key=five.__getitem__)
    assert max(probabilities(everything)) > max(five.values()), "the test needs a higher slice outside the five"


def test_the_patients_probability_is_empty_when_none_of_the_five_was_asked_for():
    prediction = tiny_predictor().predict(noise_stack(), roi(7), [0, 14])
    assert (prediction.patient_probability, prediction.patient_slice) == (None, None)


def test_a_part_of_the_five_gives_the_maximum_of_that_part():
    prediction = tiny_predictor().predict(noise_stack(), roi(7), [9, 12])
    assert prediction.patient_slice == 9


def test_doubled_slices_are_answered_once_in_the_order_asked():
    prediction = tiny_predictor().predict(noise_stack(), roi(), [8, 6, 8])
    assert [answer.slice_index for answer in prediction.slices] == [8, 6]


def test_the_box_is_clipped_to_the_slice_and_the_clipped_box_is_reported():
    predictor, stack = tiny_predictor(), noise_stack()
    outside = predictor.predict(stack, Roi(7, PixelBox(-30, 15, 60, 900)), [7])
    inside = predictor.predict(stack, Roi(7, PixelBox(0, 15, 60, 80)), [7])
    assert outside.roi == inside.roi
    assert probabilities(outside) == probabilities(inside)


@pytest.mark.parametrize(
    ("wrong", "slices", "line"),
    [
        (Roi(7, PixelBox(500, 0, 600, 50)), [7], "the box lies outside the slice"),
        (Roi(7, PixelBox(0, 0, 2, 50)), [7], "at least 3 mm"),
        (Roi(99, BOX), [7], "slice 99 does not exist"),
        (Roi(7, BOX), [-1], "slice -1 does not exist"),
        (Roi(7, BOX), [10**9], "slice 1000000000 does not exist"),
        (Roi(7, BOX), [], "0 slices were asked for"),
    ],
)
def test_what_does_not_fit_the_stack_is_refused(wrong, slices, line):
    with pytest.raises(InvalidRoiError, match=line):
        tiny_predictor().predict(noise_stack(), wrong, slices)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_logit_that_is_not_finite_is_an_error_never_a_class(value):
    network = copy.deepcopy(tiny_network())
    torch.nn.init.constant_(network.fc.bias, value)
    predictor = Predictor(network, untrained_info(tiny_network(), 1))
    for cam in (CamRequest(), CamRequest(layer="layer3")):
        with pytest.raises(CheckpointMismatchError, match="not a number"):
            predictor.predict(noise_stack(), roi(), [7], cam=cam)


def test_the_same_question_is_answered_from_the_cache_and_another_is_not(monkeypatch):
    predictor, stack = tiny_predictor(), noise_stack()
    computed = []
    plain = predictor._compute
    monkeypatch.setattr(predictor, "_compute", lambda batch, cam: computed.append(len(batch)) or plain(batch, cam))
    first = predictor.predict(stack, roi(), range(5, 10))
    again = predictor.predict(stack, roi(), range(4, 10))
    predictor.predict(stack, roi(), range(5, 10), cam=CamRequest("benign"))
    predictor.predict(noise_stack(seed=1), roi(), range(5, 10))
    predictor.predict(stack, Roi(7, PixelBox(21, 15, 60, 50)), range(5, 10))
    assert computed == [5, 1, 5, 5, 5]
    assert probabilities(first) == probabilities(again)[1:]


def test_a_flat_stack_gives_the_same_answer_on_every_slice_under_its_own_number():
    stack = dataclasses.replace(noise_stack(), hu=np.zeros((15, 90, 80), np.int16))
    prediction = tiny_predictor().predict(stack, roi(), range(5, 10))
    assert [answer.slice_index for answer in prediction.slices] == [5, 6, 7, 8, 9]
    assert len(set(probabilities(prediction))) == 1


def test_the_cache_forgets_the_least_recently_used():
    cache: AnswerCache[int] = AnswerCache(2)
    cache.put(b"a", 1)
    cache.put(b"b", 2)
    cache.get(b"a")
    cache.put(b"c", 3)
    assert [cache.get(key) for key in (b"a", b"b", b"c")] == [1, None, 3]


@given(st.floats(-1e6, 1e6))
def test_half_is_malignant_and_the_class_follows_the_sign_of_the_logit(logit):
    answer = SlicePrediction(0, logit, sigmoid(logit))
    assert 0.0 <= answer.malignant_probability <= 1.0
    assert (answer.diagnosis == "malignant") == (logit >= 0 or sigmoid(logit) == 0.5)


def test_exactly_one_half_is_malignant():
    assert SlicePrediction(0, 0.0, sigmoid(0.0)).diagnosis == "malignant"


def test_shift_and_temperature_are_in_the_probability_and_not_in_the_logit_or_the_map():
    plain, stack = tiny_predictor(), noise_stack()
    info = dataclasses.replace(plain.weights, logit_shift=-0.4, temperature=1.6)
    before, after = (one.predict(stack, roi(), range(5, 10)) for one in (plain, Predictor(tiny_network(), info)))
    for a, b in zip(before.slices, after.slices, strict=True):
        assert b.logit == pytest.approx(a.logit, abs=1e-6)
        assert b.cam.grid == pytest.approx(a.cam.grid, abs=1e-6)
        mended = Recalibration(temperature=1.6, shift=-0.4).apply(np.array([b.logit]))
        assert b.malignant_probability == pytest.approx(float(1 / (1 + np.exp(-mended[0]))), abs=1e-12)
    assert after.patient_probability == max(probabilities(after))
    box = square_box(box_to_mm(BOX, stack.spacing_mm), stack.rows, stack.columns, stack.spacing_mm)
    nearby = Predictor(tiny_network(), info).predict_boxes(stack, 7, [box])
    assert nearby == pytest.approx([after.slices[2].malignant_probability], abs=1e-5)
    answer = answer_json("x", after)
    assert (answer["logit_shift"], answer["temperature"]) == (-0.4, 1.6)


def test_a_shift_moves_the_verdict():
    info = dataclasses.replace(untrained_info(tiny_network(), 1), logit_shift=-50.0)
    stack = noise_stack()
    answers = Predictor(tiny_network(), info).predict(stack, roi(), range(5, 10)).slices
    assert {answer.diagnosis for answer in answers} == {"benign"}


def test_the_answer_as_json_has_the_agreed_keys_and_stays_below_two_kilobytes():
    prediction = tiny_predictor().predict(noise_stack(), roi(), range(5, 10))
    answer = answer_json("0123456789ab", prediction)
    assert list(answer) == [
        "case",
        "weights",
        "logit_shift",
        "temperature",
        "training_data",
        "runtime",
        "box",
        "slices",
        "patient_probability",
        "patient_slice",
        "patient_signs",
        "out_of_fold",
    ]
    assert answer["patient_signs"] is answer["slices"][0]["signs"] is None
    assert answer["box"] == [20, 15, 60, 50]
    assert list(answer["slices"][0]) == ["slice", "probability", "cam", "signs"]
    assert answer["slices"][0]["cam"]["layer"] == "layer4"
    assert np.asarray(answer["slices"][0]["cam"]["grid"]) == pytest.approx(prediction.slices[0].cam.grid, rel=1e-3)
    assert answer["patient_probability"] == pytest.approx(prediction.patient_probability, abs=1e-6)
    assert len(json.dumps(answer, allow_nan=False)) < 2048


def test_rounding_in_json_never_changes_the_class():
    below = Prediction(
        roi=roi(),
        weights=untrained_info(tiny_network(), 1),
        runtime="torch",
        slices=(
            SlicePrediction(7, -4e-9, sigmoid(-4e-9), CamMap("layer4", "malignant", "gradcam", np.zeros((4, 4), np.float32))),
        ),
    )
    assert answer_json("x", below)["slices"][0]["probability"] < 0.5
    assert answer_json("x", below)["patient_probability"] is None


def test_answers_and_requests_load_without_torch():
    code = "import sys, vfrac_core.model, vfrac_core.model.answer, vfrac_core.model.cam_request; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_tiny_and_real_networks_are_not_confused():
    assert TINY.architecture != real_network().spec.architecture
