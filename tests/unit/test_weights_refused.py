"""vfrac_core/model/weights.py: what is no weights file of this program is refused with one line that says why."""

from __future__ import annotations

import json
import pickle
import struct
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from tests.unit.network_fixtures import TINY, tiny_network
from tests.unit.weights_files import TRAINING, refusal, rewritten
from vfrac_core.model.initialise import random_network
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.model.weights import MAX_BYTES, save_weights


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "fold-3.safetensors"
    save_weights(tiny_network(), path, TRAINING)
    return path


def test_a_precision_that_is_not_the_files_is_refused(saved):
    assert "stored in float32, their record says otherwise" in refusal(rewritten(saved, precision="float16"))


@pytest.mark.parametrize(
    ("name", "text"),
    [("temperature", "0.0"), ("temperature", "-1"), ("temperature", "inf"), ("logit_shift", "nan"), ("logit_shift", "much")],
)
def test_a_shift_or_temperature_that_gives_no_probability_is_refused(saved, name, text):
    assert refusal(rewritten(saved, **{name: text})).startswith(f"the weights' {name} cannot be used: ")


def test_a_missing_file_is_refused(tmp_path):
    assert refusal(tmp_path / "no.safetensors") == "the weights file does not exist; check the manifest or the path"


def test_a_file_above_the_limit_is_refused_unread(tmp_path):
    path = tmp_path / "big.safetensors"
    with path.open("wb") as file:
        file.truncate(MAX_BYTES + 1024**2)
    assert refusal(path) == "the weights file has 201 MB, expected at most 200 MB"


def damaged_files(good: bytes) -> dict[str, bytes]:
    header = json.dumps({"a": {"dtype": "F32", "shape": [10**6], "data_offsets": [0, 4]}}).encode()
    return {
        "empty": b"",
        "junk": b"\x00" * 64,
        "cut": good[: len(good) // 2],
        "longer": good + b"x",
        "pickle": pickle.dumps({"fc.weight": [1.0]}),
        "zip": b"PK\x03\x04" + b"\x00" * 60,
        "huge header": struct.pack("<Q", 2**40) + b"{}",
        "lying header": struct.pack("<Q", len(header)) + header + b"\x00" * 4,
    }


@pytest.mark.parametrize("kind", list(damaged_files(b"")))
def test_a_damaged_file_is_refused(saved, kind):
    saved.write_bytes(damaged_files(saved.read_bytes())[kind])
    assert refusal(saved) == "the weights file is damaged or no safetensors file; copy it again"


@pytest.mark.parametrize(
    "name",
    [
        "schema",
        "architecture",
        "stem_stride",
        "input_spec",
        "label_order",
        "fold",
        "data_sha256",
        "training_kind",
        "cam_layer",
        "probe_logit",
    ],
)
def test_metadata_that_are_not_there_are_refused_by_name(saved, name):
    line = refusal(rewritten(saved, **{name: None}))
    assert line == f"the weights carry no {name} in their metadata; they were not saved by this program"


def test_weights_of_the_other_stem_stride_are_refused(tmp_path):
    two = NetworkSpec(stem_stride=2, blocks=TINY.blocks, width=TINY.width)
    save_weights(random_network(two, 1).eval(), tmp_path / "two.safetensors", TRAINING)
    assert refusal(tmp_path / "two.safetensors") == "weights were trained with stem_stride 2, this program runs 1"


@pytest.mark.parametrize(
    ("name", "value"),
    [("schema", "vfrac-weights-9"), ("architecture", "resnet18"), ("input_spec", "1 slice"), ("label_order", "benign")],
)
def test_metadata_that_differ_are_refused_with_both_values(saved, name, value):
    assert refusal(rewritten(saved, **{name: value})).startswith(f"weights were trained with {name} {value}, this program runs ")


def test_an_unknown_cam_layer_is_refused(saved):
    assert "unknown CAM layer" in refusal(rewritten(saved, cam_layer="fc"))


@pytest.mark.parametrize("text", ["", "x" * 1_000_000, "two\nlines"])
def test_a_text_that_no_screen_should_show_is_refused(saved, text):
    assert "empty, unprintable or over 200 characters" in refusal(rewritten(saved, training_kind=text))


def test_a_missing_tensor_is_refused(saved):
    tensors = load_file(saved)
    del tensors["fc.bias"]
    assert refusal(rewritten(saved, tensors=tensors)).startswith("the weights lack 1 of ")


def test_a_surplus_tensor_is_refused(saved):
    assert "this network has" in refusal(rewritten(saved, tensors={**load_file(saved), "extra": torch.zeros(1)}))


@pytest.mark.parametrize(
    "value", [torch.zeros(2, 2048), torch.zeros(1, 2048, dtype=torch.float64), torch.zeros(1, 2048, dtype=torch.bfloat16)]
)
def test_a_tensor_of_another_shape_or_type_is_refused(saved, value):
    line = refusal(rewritten(saved, tensors={**load_file(saved), "fc.weight": value}))
    assert line.startswith("the tensor fc.weight has shape")


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_weight_that_is_not_finite_is_refused(saved, value):
    tensors = load_file(saved)
    tensors["layer2.0.conv1.weight"][0, 0] = value
    assert refusal(rewritten(saved, tensors=tensors)).startswith(
        "the tensor layer2.0.conv1.weight holds a weight that is not a number"
    )


def test_weights_that_answer_the_probe_differently_are_refused(saved):
    tensors = load_file(saved)
    tensors["fc.bias"] += 0.001
    assert refusal(rewritten(saved, tensors=tensors)).startswith("the network answers the stored probe with")


@pytest.mark.parametrize("text", ["nan", "inf", "soon"])
def test_a_probe_that_is_no_number_is_refused(saved, text):
    assert refusal(rewritten(saved, probe_logit=text)).startswith("the weights' probe_logit cannot be used: ")
