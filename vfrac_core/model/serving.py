"""A network made ready to answer: frozen, batch normalization folded into the convolutions, channels last."""

from __future__ import annotations

import copy

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torchvision.models.resnet import Bottleneck

from vfrac_core.model.resnet import VertebraResNet


def for_serving(network: VertebraResNet) -> VertebraResNet:
    """A copy that computes the same logits faster (measured: docs/decisions.md). Never saved: files keep the plain layers."""
    served = copy.deepcopy(network).eval().requires_grad_(False)
    _fold(served, "conv1", "bn1")
    for block in served.modules():
        if isinstance(block, Bottleneck):
            for number in (1, 2, 3):
                _fold(block, f"conv{number}", f"bn{number}")
            if block.downsample is not None:
                _fold(block.downsample, "0", "1")
    return served.to(memory_format=torch.channels_last)


def _fold(parent: nn.Module, conv: str, norm: str) -> None:
    fused = fuse_conv_bn_eval(getattr(parent, conv), getattr(parent, norm))
    setattr(parent, conv, fused.requires_grad_(False))
    setattr(parent, norm, nn.Identity())
