"""vfrac_core/model/weights.py: what is saved comes back, and everything else is refused with one line."""

from __future__ import annotations

import copy
import dataclasses
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from tests.unit.network_fixtures import TINY, real_network, sign_network, tiny_network
from tests.unit.weights_files import TRAINING, rewritten
from vfrac_core.errors import CheckpointMismatchError
from vfrac_core.model.initialise import random_network
from vfrac_core.model.resnet import VertebraResNet
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.model.weights import Training, load_weights, probe_input, save_weights


def noise(pictures: int) -> torch.Tensor:
    return torch.randn(pictures, 3, 64, 64, generator=torch.Generator().manual_seed(3))


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    path = tmp_path / "fold-3.safetensors"
    save_weights(tiny_network(), path, TRAINING)
    return path


def test_saved_weights_come_back_with_their_record(saved):
    checkpoint = load_weights(saved, TINY)
    assert all(
        torch.equal(a, b)
        for a, b in zip(tiny_network().state_dict().values(), checkpoint.network.state_dict().values(), strict=True)
    )
    weights = checkpoint.weights
    assert (weights.name, weights.training_data, weights.trained) == ("fold-3", "synthetic crops", True)
    assert (weights.stem_stride, weights.cam_layer, len(weights.sha256)) == (1, "layer4", 64)
    assert (weights.data_sha256, weights.fold) == (TRAINING.data_sha256, TRAINING.fold)  # seen red: no case was known as seen
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


def test_files_from_before_precision_and_temperature_were_recorded_are_read(saved):
    weights = load_weights(rewritten(saved, precision=None, temperature=None), TINY)
    assert (weights.weights.temperature, weights.record.precision) == (1.0, "float32")


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


@pytest.mark.slow
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
