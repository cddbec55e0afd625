"""A tiny network of the same class, a stack of noise and a box: what the tests of the model share."""

from __future__ import annotations

from functools import cache

import numpy as np

from vfrac_core.model.predictor import Predictor
from vfrac_core.model.resnet import VertebraResNet
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.model.untrained import untrained_info, untrained_network
from vfrac_core.types import PixelBox, Roi, SagittalStack, SeriesInfo

TINY = NetworkSpec(blocks=(1, 1, 1, 1), width=8)
TINY_SIGNS = NetworkSpec(blocks=(1, 1, 1, 1), width=8, sign_head=True)
BOX = PixelBox(20, 15, 60, 50)


@cache
def tiny_network() -> VertebraResNet:
    """Shared: do not change its weights."""
    return untrained_network(TINY, seed=1)


@cache
def sign_network() -> VertebraResNet:
    """The tiny one with a sign head. Shared: do not change its weights."""
    return untrained_network(TINY_SIGNS, seed=1)


@cache
def real_network() -> VertebraResNet:
    """The paper's ResNet50 with seeded random weights. Shared: do not change its weights."""
    return untrained_network(NetworkSpec(), seed=1)


def tiny_predictor() -> Predictor:
    """A fresh one, with an empty cache."""
    return Predictor(tiny_network(), untrained_info(tiny_network(), 1))


def sign_predictor() -> Predictor:
    """The same with a sign head."""
    return Predictor(sign_network(), untrained_info(sign_network(), 1))


def noise_stack(slices: int = 15, seed: int = 0) -> SagittalStack:
    hu = np.random.default_rng(seed).integers(-1000, 1500, (slices, 90, 80)).astype(np.int16)
    affine = np.array([[3.0, 0, 0, 0], [0, 0, 0.8, 0], [0, -1.0, 0, 0], [0, 0, 0, 1.0]])
    return SagittalStack(hu, affine, SeriesInfo(plane="axial"))


def roi(slice_index: int = 7) -> Roi:
    return Roi(slice_index, BOX)
