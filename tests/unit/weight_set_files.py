"""A small set of shards for tests."""

from __future__ import annotations

from pathlib import Path

import torch

from tests.unit.network_fixtures import TINY
from vfrac_core.model.initialise import random_network
from vfrac_core.model.resnet import VertebraResNet
from vfrac_core.model.weight_set import (
    Checkpoint,
    load_checkpoint,
)
from vfrac_core.model.weights import Training

TRAINING = Training("synthetic crops", "ab" * 32, initialisation="synthetic", logit_shift=-0.42)
SMALL = 4_000_000  # bytes a shard: the tiny network has 12 MB


def other_network() -> VertebraResNet:
    return random_network(TINY, 2).eval()


def same(one: VertebraResNet, other: VertebraResNet) -> bool:
    return all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), other.state_dict().values(), strict=True))


def shards(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.safetensors"))


def loaded(weights: Path) -> Checkpoint:
    checkpoint = load_checkpoint(weights, TINY)
    assert checkpoint is not None
    return checkpoint
