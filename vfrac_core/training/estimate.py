"""How long a training will take, measured on a few steps of this machine before it starts."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from vfrac_core.model.resnet import VertebraResNet
from vfrac_core.training.config import TrainConfig
from vfrac_core.training.folds import Split
from vfrac_core.training.pictures import Labelled
from vfrac_core.training.step import make_optimiser, train_step

GPU_WORK_S = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """``seconds`` if every epoch is run in each of ``trainings``; an early stop ends sooner."""

    pictures_per_s: float
    pictures: int
    trainings: int

    @property
    def seconds(self) -> float:
        return self.pictures / self.pictures_per_s

    @property
    def sentence(self) -> str:
        each = f"{self.trainings} trainings of up to " if self.trainings > 1 else "up to "
        text = (
            f"{each}{self.pictures // self.trainings:,} pictures, {self.pictures_per_s:.0f} a second on this machine: "
            f"about {duration(self.seconds)} if every epoch is run and nothing else runs here"
        )
        return text + ("; this is the work of a GPU" if self.seconds > GPU_WORK_S else "")


def estimate(
    network: VertebraResNet,
    labelled: Labelled,
    split: Split,
    config: TrainConfig,
    *,
    trainings: int = 1,
    steps: int = 3,
    clock: Callable[[], float] = time.perf_counter,
) -> Estimate:
    """The first step warms up and does not count. The network is left as it was."""
    tried = copy.deepcopy(network).train()
    optimiser = make_optimiser(tried, config)
    samples = np.resize(labelled.pictures.of_cases(split.train), config.batch)
    times = []
    for step in range(steps):
        begun = clock()
        train_step(tried, optimiser, labelled, samples, np.full(config.batch, step), epoch=0, config=config)
        times.append(clock() - begun)
    pictures = len(labelled.pictures.of_cases(split.train)) * config.copies * config.epochs
    return Estimate(config.batch / min(times[1:]), pictures * trainings, trainings)


def duration(seconds: float) -> str:
    """In words of two units at most: "40 s", "12 min", "3 h 20 min", "5 days"."""
    minutes = round(seconds / 60)
    if seconds < 90:
        return f"{round(seconds)} s"
    if minutes < 120:
        return f"{minutes} min"
    if minutes < 48 * 60:
        return f"{minutes // 60} h {minutes % 60:02d} min"
    return f"{round(minutes / 60 / 24):,} days"
