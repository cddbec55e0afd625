"""One training: epochs of Adam on random draws; the one with the lowest validation loss is kept (paper, E13–E19)."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from torch import nn

from vfrac_core.training.cases import TrainingSet
from vfrac_core.training.checkpoint import Progress, load_checkpoint, save_checkpoint, save_whole
from vfrac_core.training.config import PAPER, TrainConfig
from vfrac_core.training.folds import Split
from vfrac_core.training.objective import loss_of
from vfrac_core.training.order import Epoch, epoch_order
from vfrac_core.training.pictures import Labelled
from vfrac_core.training.step import learning_rate, logits_of, make_optimiser, train_step
from vfrac_core.training.team import ALONE, Team

CHECKPOINT = "checkpoint.pt"
BEST = "best.pt"
SAVED_EVERY_S = 300.0


@dataclass(frozen=True, slots=True)
class Tick:
    """What a training tells after each step. ``loss``: of this epoch so far; ``losses``: of the finished ones;
    ``fold`` (from 0) of ``folds``: which training of the run it is."""

    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    losses: list[list[float]]
    seconds: float
    fold: int = 0
    folds: int = 1

    @property
    def share(self) -> float:
        """Of all steps, 0 to 1; an early stop ends sooner."""
        return (self.epoch + self.step / self.steps) / self.epochs

    @property
    def seconds_left(self) -> float:
        """If it runs to the end at this speed."""
        return self.seconds * (1 / self.share - 1)


Tell = Callable[[Tick], None]
Stopped = Callable[[], bool]


def run_key(config: TrainConfig, data: TrainingSet, split: Split) -> str:
    """Names one training exactly, by what decides its bits. What is as in the paper is left out: a new option with the old way as
    its default leaves the runs that were begun before it as they are."""
    own = {name: value for name, value in asdict(config).items() if value != getattr(PAPER, name)}
    return hashlib.sha256(repr((own, data.sha256, split)).encode()).hexdigest()


class Fit:
    """One network on its way: the state that a checkpoint holds, and how an epoch moves it."""

    def __init__(
        self, network: nn.Module, config: TrainConfig, folder: Path, key: str, clock: Callable[[], float], *, team: Team = ALONE
    ) -> None:
        self.network = network.to(memory_format=torch.channels_last)
        self.config, self.folder, self.key, self.clock, self.team = config, folder, key, clock, team
        self.optimiser = make_optimiser(network, config)
        self.progress = load_checkpoint(folder / CHECKPOINT, network, self.optimiser, key) or Progress()
        self._called = team.ready(self.network)
        self._saved = clock()

    def save(self) -> None:
        if self.team.leads:
            save_checkpoint(self.folder / CHECKPOINT, self.network, self.optimiser, self.progress, self.key)
        self._saved = self.clock()

    def epoch(self, labelled: Labelled, order: Epoch, tell: Tell, stopped: Stopped) -> bool:
        """The rest of this epoch's steps. False if it was stopped: then all is saved."""
        progress, steps = self.progress, order.steps(self.config.batch)
        self.network.train()
        while progress.step < steps:
            begun = self.clock()
            for group in self.optimiser.param_groups:
                group["lr"] = learning_rate(self.config, progress.epoch, progress.step, steps)
            samples, copies = order.batch(progress.step, self.config.batch)
            loss = train_step(
                self._called,
                self.optimiser,
                labelled,
                samples,
                copies,
                epoch=progress.epoch,
                config=self.config,
                team=self.team,
            )
            progress.sum_loss += loss * len(samples)
            progress.step += 1
            progress.seconds += self.clock() - begun
            if self.team.leads:
                tell(self._tick(order, steps))
            if self.team.agreed(stopped()):
                self.save()
                return False
            if self.clock() - self._saved > SAVED_EVERY_S:
                self.save()
        return True

    def _tick(self, order: Epoch, steps: int) -> Tick:
        progress = self.progress
        mean = progress.sum_loss / min(progress.step * self.config.batch, len(order.sample))
        return Tick(progress.epoch, self.config.epochs, progress.step, steps, mean, progress.losses, progress.seconds)

    def end_epoch(self, shown: int, validation: float, *, keep: bool = False) -> None:
        """Remember both losses, and the weights if they are the best so far or to be kept. ``shown``: pictures of this epoch."""
        progress = self.progress
        progress.losses.append([progress.sum_loss / shown, validation])
        if self.team.leads and (keep or progress.best_epoch == progress.epoch):
            save_whole(self.folder / BEST, self.network.state_dict())
        progress.epoch, progress.step, progress.sum_loss = progress.epoch + 1, 0, 0.0
        self.save()
        self.team.wait()


def fit(
    network: nn.Module,
    labelled: Labelled,
    split: Split,
    config: TrainConfig,
    folder: Path,
    *,
    tell: Tell = lambda _tick: None,
    stopped: Stopped = lambda: False,
    clock: Callable[[], float] = time.monotonic,
    team: Team = ALONE,
) -> Progress:
    """Train ``network`` in place, or go on where ``folder`` says it stopped; at the end it has the weights of its best epoch.

    The draws, the order and the steps depend on ``config`` alone, so a training that was killed ends with the same bits as one
    that was not (one thread; tested). A checkpoint is written at each epoch's end and every five minutes. ``stopped`` is asked
    after each step; a training that stops has saved where it is. ``labelled`` and ``network`` lie on the same device.
    ``team``: who computes the parts of a batch; each of several processes makes this call.
    """
    run = Fit(network, config, folder, run_key(config, labelled.data, split), clock, team=team)
    training, malignant = labelled.pictures.of_cases(split.train), labelled.pictures.malignant.cpu().numpy()
    while not is_finished(run.progress, config):
        order = epoch_order(training, malignant, config, run.progress.epoch)
        if not run.epoch(labelled, order, tell, stopped):
            return run.progress
        validation = team.from_leader(lambda: validation_loss(network, labelled, split.validation, config))
        run.end_epoch(len(order.sample), validation)
    network.load_state_dict(torch.load(folder / BEST, map_location="cpu", weights_only=True))
    network.eval()
    return run.progress


def is_finished(progress: Progress, config: TrainConfig) -> bool:
    """All epochs done, or the validation loss has not fallen for ``patience`` epochs."""
    waited = progress.epoch - 1 - progress.best_epoch
    return progress.epoch >= config.epochs or (config.patience is not None and progress.epoch > 0 and waited >= config.patience)


def validation_loss(network: nn.Module, labelled: Labelled, cases: tuple[int, ...], config: TrainConfig) -> float:
    """On the pictures as they are served: no draws, nothing balanced."""
    pictures = labelled.pictures
    held = np.asarray(pictures.of_cases(cases))
    return float(loss_of(logits_of(network, pictures, held), pictures.malignant[held], pictures.signs[held], config.sign_weight))
