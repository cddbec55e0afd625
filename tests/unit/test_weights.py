"""vfrac_core/model/weights.py: what is saved comes back, and everything else is refused with one line."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from tests.unit.network_fixtures import TINY, real_network, sign_network, tiny_network
from vfrac_core.errors import CheckpointMismatchError
from vfrac_core.model.initialise import random_network
from vfrac_core.model.resnet import VertebraResNet
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.model.weights import MAX_BYTES, Training, load_weights, probe_input, save_weights

TRAINING = Training(kind="synthetic crops", data_sha256="ab" * 32, fold="3")


def noise(pictures: int) -> torch.Tensor:
    return torch.randn(pictures, 3, 64, 64, generator=torch.Generator().manual_seed(3))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "fold-3.safetensors"
    save_weights(tiny_network(), path, TRAINING)
    return path


def rewritten(path: Path, *, tensors=None, **metadata: str | None) -> Path:
    """The same file with other tensors or metadata (None removes an entry)."""
    with safe_open(path, framework="pt") as file:
        found = {**(file.metadata() or {}), **metadata}
    save_file(tensors or load_file(path), path, metadata={k: v for k, v in found.items() if v is not None})
    return path


def refusal(path: Path, spec: NetworkSpec = TINY) -> str:
    with pytest.raises(CheckpointMismatchError) as caught:
        load_weights(path, spec)
    line = str(caught.value)
    assert "\n" not in line
    assert str(path) not in line
    assert caught.value.__cause__ is None
    return line


def test_saved_weights_come_back_with_their_record(saved):
    checkpoint = load_weights(saved, TINY)
    assert all(
        torch.equal(a, b)
        for a, b in zip(tiny_network().state_dict().values(), checkpoint.network.state_dict().values(), strict=True)
    )
    weights = checkpoint.weights
    assert (weights.name, weights.training_data, weights.trained) == ("fold-3", "synthetic crops", True)
    assert (weights.stem_stride, weights.cam_layer, len(weights.sha256)) == (1, "layer4", 64)
    assert not checkpoint.network.training


def test_a_sign_head_comes_back_though_the_loader_was_not_told_of_it(tmp_path):
    save_weights(sign_network(), tmp_path / "signs.safetensors", TRAINING)
    network = load_weights(tmp_path / "signs.safetensors", TINY).network
    assert network.spec.sign_head
    assert torch.equal(network(probe_input()), sign_network()(probe_input()))


def test_weights_in_16_bit_move_the_probability_by_less_than_1e_3(tmp_path):
    save_weights(tiny_network(), tmp_path / "h.safetensors", TRAINING, half=True, crops=noise(5))
    checkpoint = load_weights(tmp_path / "h.safetensors", TINY)
    with torch.inference_mode():
        moved = torch.sigmoid(checkpoint.network(noise(5))) - torch.sigmoid(tiny_network()(noise(5)))
    assert 0 < moved.abs().max() < 1e-3
    assert checkpoint.record.precision == "float16"
    assert next(checkpoint.network.parameters()).dtype == torch.float32


@pytest.mark.slow
def test_the_paper_network_in_16_bit_moves_the_probability_by_less_than_1e_3(tmp_path):
    network = random_network(NetworkSpec(), 1).eval()
    save_weights(network, tmp_path / "h.safetensors", TRAINING, half=True, crops=noise(8))
    assert (tmp_path / "h.safetensors").stat().st_size < 48e6
    rounded = load_weights(tmp_path / "h.safetensors", NetworkSpec()).network
    inputs = torch.cat([probe_input(), noise(8)])
    with torch.inference_mode():
        moved = torch.sigmoid(rounded(inputs)) - torch.sigmoid(network(inputs))
    assert 0 < moved.abs().max() < 1e-3


@pytest.mark.slow
def test_the_untrained_network_is_too_steep_for_16_bit(tmp_path):
    """Measured: its rounding moves the probe's probability by 0.0011."""
    with pytest.raises(CheckpointMismatchError, match=r"moves a probability by 0\.001\d,"):
        save_weights(real_network(), tmp_path / "h.safetensors", TRAINING, half=True)


def spoiled(*, steep: float = 1.0, huge: float | None = None) -> VertebraResNet:
    """The tiny network with the linear unit's weights times ``steep`` and logit 0 for the probe, or with one weight ``huge``."""
    network = copy.deepcopy(tiny_network())
    with torch.no_grad():
        network.fc.weight *= steep
        network.fc.bias -= network(probe_input())[0]
        if huge is not None:
            network.fc.weight[0, 0] = huge
    return network


@pytest.mark.parametrize(
    ("network", "training"),
    [
        (lambda: spoiled(steep=50), TRAINING),
        (spoiled, dataclasses.replace(TRAINING, temperature=0.01)),
    ],
)
def test_16_bit_are_refused_where_they_move_a_probability_that_is_shown(tmp_path, network, training):
    line = "^storing the weights in 16 bit moves a probability by .*, allowed is 0.001; store them in 32 bit$"
    save_weights(network(), tmp_path / "plain.safetensors", training)
    with pytest.raises(CheckpointMismatchError, match=line):
        save_weights(network(), tmp_path / "h.safetensors", training, half=True)
    assert [path.name for path in tmp_path.iterdir()] == ["plain.safetensors"]


def test_a_weight_that_16_bit_cannot_hold_is_refused(tmp_path):
    with pytest.raises(CheckpointMismatchError, match=r"^a weight of fc.weight is too large for 16 bit; store them in 32 bit$"):
        save_weights(spoiled(huge=1e6), tmp_path / "h.safetensors", TRAINING, half=True)


def test_the_crops_that_are_given_are_asked_too(tmp_path):
    """The probe's answer is certain and does not move, that to a loud picture on which the network is undecided does."""
    loud = 30 * noise(1)
    network = copy.deepcopy(tiny_network())
    with torch.no_grad():
        network.fc.bias -= network(loud)[0]
    save_weights(network, tmp_path / "h.safetensors", TRAINING, half=True)
    with pytest.raises(CheckpointMismatchError, match="16 bit"):
        save_weights(network, tmp_path / "h.safetensors", TRAINING, half=True, crops=loud)


def test_a_precision_that_is_not_the_files_is_refused(saved):
    assert "stored in float32, their record says otherwise" in refusal(rewritten(saved, precision="float16"))


def test_files_from_before_precision_and_temperature_were_recorded_are_read(saved):
    weights = load_weights(rewritten(saved, precision=None, temperature=None), TINY)
    assert (weights.weights.temperature, weights.record.precision) == (1.0, "float32")


@pytest.mark.parametrize(
    ("name", "text"),
    [("temperature", "0.0"), ("temperature", "-1"), ("temperature", "inf"), ("logit_shift", "nan"), ("logit_shift", "much")],
)
def test_a_shift_or_temperature_that_gives_no_probability_is_refused(saved, name, text):
    assert refusal(rewritten(saved, **{name: text})).startswith(f"the weights' {name} cannot be used: ")


def test_what_the_training_says_comes_back_exactly(tmp_path):
    training = Training("synthetic crops", "cd" * 32, "all", "layer3", "synthetic", "reference", -0.1 - 0.2, 1.3)
    network = random_network(dataclasses.replace(TINY, sign_head=True), 1).eval()
    save_weights(network, tmp_path / "w.safetensors", training)
    checkpoint = load_weights(tmp_path / "w.safetensors", TINY)
    weights = checkpoint.weights
    assert checkpoint.record.training() == training
    assert (weights.initialisation, weights.label, weights.logit_shift) == ("synthetic", "reference", -0.1 - 0.2)
    assert (weights.temperature, weights.sign_head) == (1.3, True)


def test_weights_that_no_loader_would_take_are_not_written(tmp_path):
    for training in (Training("", "0"), Training("x", "0", temperature=0.0), Training("x", "0", logit_shift=float("nan"))):
        with pytest.raises(CheckpointMismatchError):
            save_weights(tiny_network(), tmp_path / "w.safetensors", training)
    assert not list(tmp_path.iterdir())


def test_the_same_network_gives_the_same_bytes_in_another_process(saved, tmp_path):
    """safetensors alone writes the metadata in an order that changes from process to process."""
    code = (
        f"import torch; torch.set_num_threads({torch.get_num_threads()});"  # the probe's last bit depends on it
        "import sys; from pathlib import Path; from tests.unit.test_weights import TRAINING, save_weights, tiny_network;"
        "save_weights(tiny_network(), Path(sys.argv[1]), TRAINING)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "again.safetensors")], check=True)
    assert (tmp_path / "again.safetensors").read_bytes() == saved.read_bytes()


def test_the_paper_network_fills_320_tensors_and_less_than_95_megabytes(tmp_path):
    save_weights(random_network(NetworkSpec(), 1).eval(), tmp_path / "r.safetensors", TRAINING)
    assert len(load_file(tmp_path / "r.safetensors")) == 320
    assert (tmp_path / "r.safetensors").stat().st_size < 95e6


def test_a_random_network_that_was_saved_is_still_called_untrained(tmp_path):
    save_weights(tiny_network(), tmp_path / "u.safetensors", Training("nothing (random weights)", "0" * 64))
    assert load_weights(tmp_path / "u.safetensors", TINY).weights.trained is False


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


def test_the_probe_is_the_same_picture_on_every_machine():
    picture = probe_input().numpy()
    channel, row, column = np.indices((3, 64, 64))
    assert picture[0] == pytest.approx(np.sin(0.37 * channel + 0.11 * row + 0.07 * column), abs=1e-5)


def test_a_save_that_fails_leaves_the_old_file_alone(saved, monkeypatch):
    before = saved.read_bytes()

    def full(*args, **kwargs):
        raise OSError("No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        save_weights(random_network(TINY, 2).eval(), saved, TRAINING)
    assert saved.read_bytes() == before
    assert list(saved.parent.iterdir()) == [saved]
