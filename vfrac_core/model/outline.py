"""What the network is made of, stage by stage, read off the module itself: the paper's Fig. 1 is drawn from it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import nn

from vfrac_core.model.resnet import VertebraResNet
from vfrac_core.model.spec import CAM_LAYERS, NetworkSpec
from vfrac_core.paper import CHANNELS, INPUT_SIZE


@dataclass(frozen=True, slots=True)
class Stage:
    """One step. ``detail``: kernels as they are in the module; ``blocks``: residual ones; ``shape``: what comes out, measured:
    channels, rows, columns, or features alone."""

    name: str
    detail: str
    blocks: int
    shape: tuple[int, ...]
    parameters: int


def outline(spec: NetworkSpec) -> tuple[Stage, ...]:
    """From the input to the logits. One pass over a picture without memory ("meta"), so nothing is computed."""
    with torch.device("meta"):
        network = VertebraResNet(spec).eval()
        x = torch.empty(1, CHANNELS, INPUT_SIZE, INPUT_SIZE)
    stages = [Stage("Input", "three slices", 0, tuple(x.shape[1:]), 0)]
    x = network.relu(network.bn1(network.conv1(x)))
    stages.append(Stage("Stem", _kernel(network.conv1), 0, tuple(x.shape[1:]), _count(network.conv1, network.bn1)))
    x = network.maxpool(x)
    pool = f"{network.maxpool.kernel_size} × {network.maxpool.kernel_size}, stride {network.maxpool.stride}"
    stages.append(Stage("Max-pool", pool, 0, tuple(x.shape[1:]), 0))
    for name in CAM_LAYERS:
        layer = getattr(network, name)
        x = layer(x)
        kernels = " – ".join(_square(conv) for conv in (layer[0].conv1, layer[0].conv2, layer[0].conv3))
        stages.append(Stage(name, kernels, len(layer), tuple(x.shape[1:]), _count(layer)))
    x = torch.flatten(network.avgpool(x), 1)
    stages.append(Stage("Global average", "mean over the grid", 0, tuple(x.shape[1:]), 0))
    for name, unit in zip(("Malignant", "Six signs"), network.units, strict=False):
        stages.append(Stage(name, "linear, sigmoid", 0, (unit.out_features,), _count(unit)))
    return tuple(stages)


def _kernel(conv: nn.Conv2d) -> str:
    return f"{_square(conv)}, stride {conv.stride[0]}"


def _square(conv: nn.Conv2d) -> str:
    return f"{conv.kernel_size[0]} × {conv.kernel_size[1]}"


def _count(*modules: nn.Module) -> int:
    return sum(parameter.numel() for module in modules for parameter in module.parameters())
