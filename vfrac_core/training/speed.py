"""Does the loader keep up? Training steps against the bare network on a tensor in memory, in turn, on the same machine."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

import numpy as np
import torch
from scipy.stats import quantile_test
from torch import Tensor, nn
from torch.optim import Optimizer

from vfrac_core.model.initialise import random_network
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.training.augment import network_input, no_draws
from vfrac_core.training.cases import TrainingCase, TrainingSet, training_set
from vfrac_core.training.config import TrainConfig
from vfrac_core.training.objective import loss_of
from vfrac_core.training.pictures import Labelled, make_labelled
from vfrac_core.training.step import make_optimiser, train_step
from vfrac_core.types import PixelBox, SpacingMm

UNIT: Final = "speed of a training step, the bare step being 1"


@dataclass(frozen=True, slots=True)
class Ratio:
    """The median over pairs of steps, and its 95 % interval from their order (no distribution assumed)."""

    ratio: float
    low: float
    high: float
    unit: str = UNIT


def training_speed(
    config: TrainConfig,
    *,
    shape: NetworkSpec | None = None,
    pairs: int = 20,
    device: str = "cpu",
    clock: Callable[[], float] = time.perf_counter,
) -> Ratio:
    """A step of training (draw, resample, forward, backward, Adam) and one of the bare network on a fixed batch (forward,
    backward, Adam), in turn, so that whatever else the machine does meets both. 1: the pictures cost nothing.

    ``shape``: of tiny networks. The first pair warms up and does not count; 6 more are the fewest that have an interval.
    """
    labelled = make_labelled(noise_cases(config.batch), torch.device(device))
    shape = shape or NetworkSpec()
    spec = NetworkSpec(config.stem_stride, shape.blocks, shape.width, config.sign_head)
    network = random_network(spec, config.seed).to(device, memory_format=torch.channels_last).train()
    optimiser = make_optimiser(network, config)
    samples = np.arange(config.batch)
    images = network_input(labelled.pictures, samples, no_draws(config.batch))

    def seconds(step: Callable[[], object]) -> float:
        begun = clock()
        step()
        if images.is_cuda:
            torch.cuda.synchronize()
        return clock() - begun

    ratios = []
    for pair in range(1 + pairs):
        bare = partial(_bare_step, network, optimiser, images, labelled, config)
        whole = partial(train_step, network, optimiser, labelled, samples, np.full(config.batch, pair), epoch=0, config=config)
        if pair % 2:  # each is the first of its pair as often as the other
            bare_seconds, whole_seconds = seconds(bare), seconds(whole)
        else:
            whole_seconds, bare_seconds = seconds(whole), seconds(bare)
        ratios.append(bare_seconds / whole_seconds)
    found = quantile_test(ratios[1:], p=0.5).confidence_interval(0.95)
    return Ratio(float(np.median(ratios[1:])), float(found.low), float(found.high))


def noise_cases(count: int) -> TrainingSet:
    """So many cases of one slice each, as large as crops of CT are, and nothing to be seen in them."""
    rng = np.random.default_rng(0)
    return training_set([_noise_case(number, rng) for number in range(count)], "noise")


def _noise_case(number: int, rng: np.random.Generator) -> TrainingCase:
    return TrainingCase(
        case=f"case {number:03d}",
        patient=f"patient {number:03d}",
        hu=rng.integers(-200, 800, (7, 110, 110)).astype(np.int16),
        spacing_mm=SpacingMm(3.0, 0.7, 0.7),
        slices=(3,),
        stack_slices=(3,),
        boxes=(PixelBox(30, 30, 80, 85),),
        malignant=number % 2 == 1,
        signs=(0.0, 1.0) * 3,
        label="reference standard",
        synthetic=True,
    )


def _bare_step(network: nn.Module, optimiser: Optimizer, images: Tensor, labelled: Labelled, config: TrainConfig) -> None:
    """What ``train_step`` does when the pictures are there already."""
    optimiser.zero_grad(set_to_none=True)
    with torch.autocast(images.device.type, torch.bfloat16, enabled=config.mixed_precision and images.is_cuda):
        logits = network(images)
    loss_of(logits.float(), labelled.pictures.malignant, labelled.pictures.signs, config.sign_weight).backward()
    optimiser.step()
