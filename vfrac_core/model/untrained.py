"""The seeded random network that serves until trained weights ship. Every screen and answer calls it UNTRAINED."""

from __future__ import annotations

import hashlib

import torch
from safetensors.torch import save
from torch.nn import functional
from torchvision.models.resnet import Bottleneck

from vfrac_core.model.initialise import random_network
from vfrac_core.model.resnet import Images, VertebraResNet
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.types import WeightsInfo

PICTURES = 16
LOGIT_SD = 0.1  # on these pictures; ten times that on crops of a CT, so that the strip is not flat at 1.00
BRANCH_GAIN = 0.5


def untrained_network(spec: NetworkSpec, seed: int) -> VertebraResNet:
    """Random weights whose answers at least differ from crop to crop, and whose maps are not blank.

    A random network as it is made answers nearly the same for every input, or saturates. So its batch normalization takes its
    statistics from one pass over 16 random cloud pictures, the last gain of every residual branch is 0.5, and the linear unit
    is turned so that the mean of the pictures' pooled features gives logit 0, and scaled to a standard deviation of 0.1
    over them. Nothing here has seen an image of a patient.
    """
    network = random_network(spec, seed)
    _damp_branches(network)
    pictures = _clouds(torch.Generator().manual_seed(seed + 1))
    _take_statistics(network, pictures)
    _turn_linear_unit(network, pictures)
    return network.eval()


def untrained_info(network: VertebraResNet, seed: int) -> WeightsInfo:
    """The record that says so. The hash is that of the tensors as a safetensors file."""
    return WeightsInfo(
        name=f"untrained-seed-{seed}",
        sha256=hashlib.sha256(save(dict(network.state_dict()))).hexdigest(),
        training_data="nothing (random weights)",
        trained=False,
        stem_stride=network.spec.stem_stride,
        cam_layer="layer4",
    )


def _clouds(generator: torch.Generator) -> Images:
    """Noise with detail at every scale, as in a CT crop; zero mean and unit variance over each picture."""
    pictures = torch.zeros(PICTURES, 3, 64, 64)
    for size in (2, 4, 8, 16, 32, 64):
        grid = torch.randn(PICTURES, 1, size, size, generator=generator) + 0.2 * torch.randn(
            PICTURES, 3, size, size, generator=generator
        )
        pictures += functional.interpolate(grid, size=(64, 64), mode="bilinear") / size**0.5
    mean, sd = pictures.mean((1, 2, 3), keepdim=True), pictures.std((1, 2, 3), keepdim=True)
    return (pictures - mean) / sd


def _damp_branches(network: VertebraResNet) -> None:
    for block in network.modules():
        if isinstance(block, Bottleneck):
            torch.nn.init.constant_(block.bn3.weight, BRANCH_GAIN)


def _take_statistics(network: VertebraResNet, pictures: Images) -> None:
    norms = [module for module in network.modules() if isinstance(module, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = 1.0  # the running statistics become those of this one pass
    network.train()
    with torch.no_grad():
        network(pictures)
    network.eval()
    for norm in norms:
        norm.momentum = 0.1


def _turn_linear_unit(network: VertebraResNet, pictures: Images) -> None:
    with torch.no_grad():
        features = network.activations(pictures, "layer4").mean((2, 3))
        mean = features.mean(0, keepdim=True)
        weight = network.fc.weight
        weight -= (weight @ mean.T) / (mean @ mean.T) * mean
        weight *= LOGIT_SD / (features @ weight.T).std()
        network.fc.bias.zero_()
