"""vfrac_core/model/initialise.py and untrained.py."""

from __future__ import annotations

import urllib.error
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torchvision.models import ResNet50_Weights, resnet50

from tests.unit.network_fixtures import TINY, real_network, tiny_network
from vfrac_core.errors import CheckpointMismatchError
from vfrac_core.model.initialise import random_network, resample_stem, start_from_imagenet
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.model.untrained import untrained_info, untrained_network


def numbered(state: dict) -> dict:
    """Torchvision's resnet50 with weights that can be told apart: no download in tests."""
    generator = torch.Generator().manual_seed(5)
    return {k: torch.rand(v.shape, generator=generator) if v.is_floating_point() else torch.tensor(7) for k, v in state.items()}


@pytest.fixture(scope="module")
def imagenet() -> dict:
    with torch.device("meta"):
        state = resnet50().state_dict()
    return numbered(state)


def test_the_resampled_stem_keeps_the_sum_of_every_kernel():
    kernel = torch.randn(64, 3, 7, 7)
    stem = resample_stem(kernel)
    assert stem.shape == (64, 3, 3, 3)
    assert torch.allclose(stem.sum((2, 3)), kernel.sum((2, 3)), atol=1e-4)


def test_the_resampled_stem_shares_a_border_pixel_by_its_area():
    kernel = torch.zeros(1, 1, 7, 7)
    kernel[0, 0, 2, 3] = 9.0  # row 2 covers [2, 3): one third above 7/3, two thirds below
    assert torch.allclose(resample_stem(kernel)[0, 0], torch.tensor([[0, 3.0, 0], [0, 6.0, 0], [0, 0, 0]]), atol=1e-5)


def test_the_resampled_stem_of_a_flat_kernel_is_flat_and_a_symmetric_one_stays_symmetric():
    assert torch.allclose(resample_stem(torch.ones(1, 1, 7, 7)), torch.full((1, 1, 3, 3), 49 / 9))
    ramp = torch.arange(7.0)
    kernel = (ramp + ramp.flip(0)).outer(ramp)[None, None]
    stem = resample_stem(kernel)
    assert torch.allclose(stem, stem.flip(2), atol=1e-4)


@pytest.mark.parametrize("suffix", [".safetensors", ".pth"])
def test_imagenet_weights_enter_every_layer_but_the_last(imagenet, tmp_path: Path, suffix):
    file = tmp_path / f"resnet50{suffix}"
    save_file(imagenet, file) if suffix == ".safetensors" else torch.save(imagenet, file)
    network = random_network(NetworkSpec(), seed=3)
    before = network.fc.weight.clone()

    done = start_from_imagenet(network, file)

    state = network.state_dict()
    assert (done.kind, done.tensors) == ("imagenet", 318)
    assert all(torch.equal(state[name], value) for name, value in imagenet.items() if name[:2] != "fc" and name != "conv1.weight")
    assert torch.equal(state["conv1.weight"], resample_stem(imagenet["conv1.weight"]))
    assert torch.equal(state["fc.weight"], before)


def test_without_a_network_connection_the_start_is_random_and_said_loudly(monkeypatch, caplog):
    def offline(self, *args, **kwargs):
        raise urllib.error.URLError("no route to host")

    monkeypatch.setattr(ResNet50_Weights, "get_state_dict", offline)
    network = random_network(TINY, seed=3)
    before = {name: value.clone() for name, value in network.state_dict().items()}
    done = start_from_imagenet(network)
    assert done.kind == "random"
    assert done.tensors == 0
    assert "RANDOM" in caplog.text
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())


@pytest.mark.parametrize("content", [b"", b"not weights", b"\x80\x02cos\nsystem\n"])
@pytest.mark.parametrize("name", ["w.pth", "w.safetensors"])
def test_a_file_that_holds_no_weights_is_refused(tmp_path: Path, content, name):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(CheckpointMismatchError, match="cannot be read"):
        start_from_imagenet(random_network(TINY, seed=3), tmp_path / name)


def test_a_file_of_another_network_is_refused(imagenet, tmp_path: Path):
    save_file({name: value for name, value in imagenet.items() if not name.startswith("layer3")}, tmp_path / "w.safetensors")
    with pytest.raises(CheckpointMismatchError, match=r"lack 95 of 318 tensors, layer3\.0"):
        start_from_imagenet(random_network(NetworkSpec(), seed=3), tmp_path / "w.safetensors")


def test_a_random_network_follows_its_seed_and_leaves_the_global_generator_alone():
    torch.manual_seed(11)
    expected = torch.rand(3)
    torch.manual_seed(11)
    first, same, other = (random_network(TINY, seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.rand(3), expected)
    assert all(torch.equal(first[name], same[name]) for name in first)
    assert not torch.equal(first["conv1.weight"], other["conv1.weight"])
    assert first["layer1.0.conv1.weight"].std() == pytest.approx((2 / TINY.width) ** 0.5, rel=0.1)  # fan out, 1 x 1


def test_the_untrained_network_answers_differently_from_crop_to_crop_and_its_maps_are_not_blank():
    generator = torch.Generator().manual_seed(8)
    smooth = torch.nn.functional.interpolate(torch.randn(12, 3, 16, 16, generator=generator), size=(64, 64), mode="bilinear")
    network = real_network()
    with torch.inference_mode():
        activations = network.activations(smooth, "layer4")
        logits = network.head(activations)[:, 0]
    maps = torch.einsum("bkrc,k->brc", activations, network.fc.weight[0].detach())
    assert 0.05 < logits.std() < 5
    assert (maps.amax((1, 2)) > 0).all()
    assert (maps.amin((1, 2)) < 0).float().mean() > 0.5


def test_the_untrained_network_says_that_it_is():
    info = untrained_info(tiny_network(), 1)
    assert (info.name, info.trained, info.training_data) == ("untrained-seed-1", False, "nothing (random weights)")
    assert info.sha256 == untrained_info(untrained_network(TINY, 1), 1).sha256
    assert info.sha256 != untrained_info(untrained_network(TINY, 2), 2).sha256
