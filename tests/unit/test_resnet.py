"""vfrac_core/model/resnet.py and serving.py: the architecture as the paper draws it."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torchvision.models.resnet import Bottleneck

from tests.unit.network_fixtures import TINY, real_network, tiny_network
from vfrac_core.model.resnet import VertebraResNet
from vfrac_core.model.serving import for_serving
from vfrac_core.model.spec import CAM_LAYERS, NetworkSpec
from vfrac_core.paper import RESIDUAL_BLOCKS


def on_meta(spec: NetworkSpec) -> VertebraResNet:
    with torch.device("meta"):
        return VertebraResNet(spec)


def crops(count: int = 3) -> torch.Tensor:
    return torch.randn(count, 3, 64, 64, generator=torch.Generator().manual_seed(9))


def test_the_network_has_the_papers_blocks_and_the_parameters_of_a_resnet50_with_3x3_stem_and_one_logit():
    network = on_meta(NetworkSpec())
    blocks = [module for module in network.modules() if isinstance(module, Bottleneck)]
    assert len(blocks) == RESIDUAL_BLOCKS
    assert [tuple(getattr(blocks[0], f"conv{n}").kernel_size) for n in (1, 2, 3)] == [(1, 1), (3, 3), (1, 1)]
    assert sum(p.numel() for p in network.parameters()) == 23_502_401
    assert (network.conv1.kernel_size, network.conv1.stride) == ((3, 3), (1, 1))
    assert isinstance(network.maxpool, nn.MaxPool2d)
    assert (network.fc.in_features, network.fc.out_features) == (2048, 1)


@pytest.mark.parametrize(("stride", "grids"), [(1, (32, 16, 8, 4)), (2, (16, 8, 4, 2))])
def test_a_stem_of_stride_one_leaves_a_4x4_map_and_of_stride_two_2x2(stride, grids):
    network, images = on_meta(NetworkSpec(stem_stride=stride)), torch.empty(1, 3, 64, 64, device="meta")
    shapes = [network.activations(images, layer).shape[2:] for layer in CAM_LAYERS]
    assert shapes == [(size, size) for size in grids]


def test_stride_does_not_change_the_parameters_so_shapes_cannot_tell_the_two_apart():
    one, two = (on_meta(NetworkSpec(stem_stride=s)).state_dict() for s in (1, 2))
    assert {k: v.shape for k, v in one.items()} == {k: v.shape for k, v in two.items()}


@pytest.mark.parametrize("layer", CAM_LAYERS)
def test_cutting_the_forward_pass_anywhere_gives_the_same_logits(layer):
    network = tiny_network()
    with torch.inference_mode():
        logits = network(crops())
        assert logits.shape == (3, 1)
        assert torch.equal(network.logits_after(network.activations(crops(), layer), layer), logits)


def test_the_served_network_answers_as_the_plain_one_without_batch_normalization():
    served = for_serving(real_network())
    with torch.inference_mode():
        assert torch.allclose(served(crops()), real_network()(crops()), atol=2e-5)
    assert not any(isinstance(module, nn.BatchNorm2d) for module in served.modules())
    assert not any(parameter.requires_grad for parameter in served.parameters())
    assert any(isinstance(module, nn.BatchNorm2d) for module in real_network().modules())


def test_the_architecture_is_named_after_what_differs():
    assert NetworkSpec().architecture == NetworkSpec(stem_stride=2).architecture == "resnet50-stem3x3"
    assert TINY.architecture == "resnet-1-1-1-1-width8-stem3x3"
