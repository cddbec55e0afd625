"""First weights of our own: a network taught on an endless stream of synthetic cases, where ImageNet's are not to be had.

The stream comes in chunks. Each epoch a new chunk is first *tested*, while nothing in it has been seen, and then taught together
with the few before it; the oldest is forgotten. So there is nothing to overfit to, and the curve is that of unseen cases.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Final

import numpy as np
import torch
from torch import nn

from vfrac_core.model.initialise import random_network
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.model.weights import Training, save_weights
from vfrac_core.signs import SYNTHETIC
from vfrac_core.training.cases import TrainingSet, training_set
from vfrac_core.training.checkpoint import Progress
from vfrac_core.training.config import DEMO, PRETRAINED, TrainConfig
from vfrac_core.training.fit import BEST, Fit, Stopped, Tell, run_key, validation_loss
from vfrac_core.training.folds import Split
from vfrac_core.training.order import epoch_order
from vfrac_core.training.pictures import make_labelled

REFERENCE: Final = "reference standard"

Chunk = Callable[[int], TrainingSet]

# Constant, then down to 0: there are no epochs to choose a best one from. A larger rate than the paper's, and Adam's usual
# momentum, because the weights are random at first; what follows on these weights keeps the paper's. Three rates were compared by
# the AUC of 250 unseen slices after the same 125 steps: 0.67 (1e-4, the paper's momentum), 0.73 (3e-4), 0.85 (1e-3).
PRETRAINING: Final = replace(
    DEMO, preset="pretraining", initial="random", epochs=12, cool_down=4, learning_rate=1e-3, beta1=0.9, patience=None
)


@dataclass(frozen=True, slots=True)
class Stream:
    """``cases`` of a class and ``signs_only`` cases (each sign a coin, no class) in a chunk; ``window`` chunks are taught at a
    time; chunk k is made of two seeds of ``vfrac_core.phantom.seeds.PRETRAINING``, the ones at 2k and 2k + 1."""

    cases: int = 50
    signs_only: int = 30
    window: int = 8


def pretrain(
    network: nn.Module,
    chunk: Chunk,
    stream: Stream,
    config: TrainConfig,
    folder: Path,
    *,
    tell: Tell = lambda _tick: None,
    stopped: Stopped = lambda: False,
    clock: Callable[[], float] = time.monotonic,
    device: torch.device | None = None,
) -> Progress:
    """Train ``network`` in place, or go on where ``folder`` says it stopped. ``losses`` of the result: of the epoch's pictures,
    and of its newest chunk before it was taught. At the end the last weights stay, under the name of a best epoch's."""
    begin, sizes = training_set(chunk(0).cases, "a stream"), Split((stream.cases, stream.signs_only), (stream.window,), ())
    run = Fit(network, config, folder, run_key(config, begin, sizes), clock)
    progress = run.progress
    while progress.epoch < config.epochs:
        first = max(0, progress.epoch - stream.window + 1)
        newest = make_labelled(chunk(progress.epoch), device)
        if progress.step == 0:
            progress.unseen_loss = validation_loss(network, newest, tuple(range(len(newest.data.cases))), config)
        cases = chain.from_iterable(chunk(number).cases for number in range(first, progress.epoch + 1))
        labelled = make_labelled(training_set(list(cases), "a stream"), device)
        samples = np.arange(len(labelled.pictures))
        order = epoch_order(samples, labelled.pictures.malignant.cpu().numpy(), config, progress.epoch)
        if not run.epoch(labelled, order, tell, stopped):
            return progress
        run.end_epoch(len(order.sample), progress.unseen_loss, keep=True)
    network.load_state_dict(torch.load(folder / BEST, map_location="cpu", weights_only=True))
    network.eval()
    return progress


def pretrain_weights(
    chunk: Chunk,
    stream: Stream,
    config: TrainConfig,
    folder: Path,
    *,
    tell: Tell = lambda _tick: None,
    stopped: Stopped = lambda: False,
    shape: NetworkSpec | None = None,
) -> Path | None:
    """Pretrain and save: a weights file with a sign head that says what it learned from. None if it was stopped."""
    file = folder / PRETRAINED
    if file.exists():
        return file
    network = random_network(replace(shape or NetworkSpec(config.stem_stride), sign_head=config.sign_head), config.seed)
    progress = pretrain(network, chunk, stream, config, folder, tell=tell, stopped=stopped)
    if progress.epoch < config.epochs:
        return None
    cases = config.epochs * (stream.cases + stream.signs_only)
    digest = hashlib.sha256("".join(chunk(number).sha256 for number in range(config.epochs)).encode()).hexdigest()
    kind = f"a stream of {cases} cases that are {SYNTHETIC.rstrip('.')}"
    save_weights(network, file, Training(kind, digest, initialisation="random", label=REFERENCE))
    return file
