"""One training: epochs of Adam on random draws, the best epoch by validation loss kept (paper, "Training and Evaluation Methods")."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from vfrac_core.training.augment import draw, network_input, no_draws
from vfrac_core.training.cases import TrainingSet
from vfrac_core.training.checkpoint import Progress, load_checkpoint, save_checkpoint
from vfrac_core.training.config import TrainConfig
from vfrac_core.training.folds import Split
from vfrac_core.training.objective import loss_of
from vfrac_core.training.order import epoch_order
from vfrac_core.training.pictures import Pictures

CHECKPOINT = "checkpoint.pt"
BEST = "best.pt"
EVALUATED_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Tick:
    """What a training tells while it runs."""

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    losses: list[list[float]]
    seconds: float


@dataclass(frozen=True, slots=True)
class Labelled:
    """A training set as tensors, and the names by which its samples draw."""

    data: TrainingSet
    pictures: Pictures
    names: tuple[str, ...]


def run_key(config: TrainConfig, data: TrainingSet, split: Split) -> str:
    """Names one training exactly: what may differ without changing its result is left out."""
    return hashlib.sha256(repr((asdict(config), data.sha256, split)).encode()).hexdigest()


def fit(
    network: nn.Module,
    labelled: Labelled,
    split: Split,
    config: TrainConfig,
    folder: Path,
    *,
    tell: Callable[[Tick], None] = lambda _tick: None,
    stopped: Callable[[], bool] = lambda: False,
    clock: Callable[[], float] = time.monotonic,
    every_s: float = 300.0,
) -> Progress:
    """Train ``network`` in place, or go on where ``folder`` says it stopped; at the end it has the weights of its best epoch.

    The draws, the order and the steps depend on ``config`` alone, so a training that was killed ends with the same bits as one
    that was not (one thread; tested). A checkpoint is written at each epoch's end and every ``every_s`` seconds. ``stopped`` is
    asked after each step; a training that stops early has saved where it is.
    """
    key = run_key(config, labelled.data, split)
    optimiser = torch.optim.Adam(
        network.parameters(), lr=config.learning_rate, betas=(config.beta1, config.beta2), weight_decay=config.l2
    )
    network.to(memory_format=torch.channels_last)
    progress = load_checkpoint(folder / CHECKPOINT, network, optimiser, key) or Progress()
    training = labelled.pictures.of_cases(split.train)
    malignant = labelled.pictures.malignant.numpy()
    saved = clock()
    while progress.epoch < config.epochs and not _is_enough(progress, config):
        epoch = epoch_order(training, malignant, config, progress.epoch)
        steps = epoch.steps(config.batch)
        network.train()
        while progress.step < steps:
            begun = clock()
            samples, copies = epoch.batch(progress.step, config.batch)
            progress.sum_loss += _step(network, optimiser, labelled, samples, copies, progress.epoch, config) * len(samples)
            progress.step += 1
            progress.seconds += clock() - begun
            tell(_tick(progress, config, steps, len(epoch.sample)))
            if stopped():
                save_checkpoint(folder / CHECKPOINT, network, optimiser, progress, key)
                return progress
            if clock() - saved > every_s:
                save_checkpoint(folder / CHECKPOINT, network, optimiser, progress, key)
                saved = clock()
        _end_epoch(network, labelled, split, config, folder, progress, len(epoch.sample))
        save_checkpoint(folder / CHECKPOINT, network, optimiser, progress, key)
        saved = clock()
    network.load_state_dict(torch.load(folder / BEST, map_location="cpu", weights_only=True))
    network.eval()
    return progress


def _step(network: nn.Module, optimiser: torch.optim.Optimizer, labelled: Labelled, samples: np.ndarray, copies: np.ndarray,
          epoch: int, config: TrainConfig) -> float:
    pictures = labelled.pictures
    draws = draw(config, epoch, [labelled.names[i] for i in samples], [int(c) for c in copies])
    images = network_input(pictures, samples, draws).contiguous(memory_format=torch.channels_last)
    optimiser.zero_grad(set_to_none=True)
    loss = loss_of(network(images), pictures.malignant[samples], pictures.signs[samples], config.sign_weight)
    loss.backward()
    optimiser.step()
    return float(loss.detach())


def logits_of(network: nn.Module, pictures: Pictures, samples: np.ndarray) -> torch.Tensor:
    """Of the samples as they are served, without a draw: [sample, output]."""
    network.eval()
    found = []
    with torch.inference_mode():
        for first in range(0, len(samples), EVALUATED_AT_ONCE):
            part = samples[first : first + EVALUATED_AT_ONCE]
            found.append(network(network_input(pictures, part, no_draws(len(part))).contiguous(memory_format=torch.channels_last)))
    return torch.cat(found)


def _end_epoch(network: nn.Module, labelled: Labelled, split: Split, config: TrainConfig, folder: Path, progress: Progress, shown: int) -> None:
    """Validate, and keep the weights if they are the best so far."""
    pictures = labelled.pictures
    held = pictures.of_cases(split.validation)
    logits = logits_of(network, pictures, held).clone()
    validation = float(loss_of(logits, pictures.malignant[held], pictures.signs[held], config.sign_weight))
    progress.losses.append([progress.sum_loss / shown, validation])
    if progress.best_epoch == progress.epoch:
        draft = folder / f"{BEST}.part"
        torch.save(network.state_dict(), draft)
        draft.replace(folder / BEST)
    progress.epoch, progress.step, progress.sum_loss = progress.epoch + 1, 0, 0.0


def _is_enough(progress: Progress, config: TrainConfig) -> bool:
    """Whether the validation loss has not fallen for ``patience`` epochs."""
    return config.patience is not None and progress.epoch - 1 - progress.best_epoch >= config.patience and progress.epoch > 0


def _tick(progress: Progress, config: TrainConfig, steps: int, pictures: int) -> Tick:
    shown = min(progress.step * config.batch, pictures)
    return Tick(progress.epoch, config.epochs, progress.step, steps, progress.sum_loss / shown, progress.losses, progress.seconds)
