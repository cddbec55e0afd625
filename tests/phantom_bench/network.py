"""The small reference network of phantom.md, section 11: four layers, trained from scratch on two cores within minutes."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

WIDTHS = (24, 48, 96, 128)
PROCESSES = 2
FEW_PIXELS = 2000


@dataclass(frozen=True, slots=True)
class Training:
    """One setting for every study; the last epoch is taken, nothing is selected. Shift in shares of the picture's side."""

    epochs: int = 18
    batch: int = 64
    rate: float = 2e-3
    decay: float = 1e-4
    degrees: float = 15.0
    scale: float = 0.1
    shift: float = 0.1
    standardise: bool = True
    divide_by: float = 1.0
    seed: int = 0


def reference_network(outputs: int = 1, widths: tuple[int, ...] = WIDTHS) -> nn.Sequential:
    """3 × 3 convolutions with batch norm, halved after all but the last, their mean, one linear layer: 163,801 weights."""
    layers: list[nn.Module] = []
    channels = 3
    for number, width in enumerate(widths):
        layers += [nn.Conv2d(channels, width, 3, padding=1, bias=False), nn.BatchNorm2d(width), nn.ReLU()]
        if number < len(widths) - 1:
            layers.append(nn.MaxPool2d(2))
        channels = width
    return nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.2), nn.Linear(channels, outputs))


def slices_of(stacks: np.ndarray) -> np.ndarray:
    """(case, 7, row, column) to (case, 5, 3, row, column): each slice with its two neighbours."""
    return np.stack([stacks[:, first : first + 3] for first in range(stacks.shape[1] - 2)], axis=1)


def folds_of(strata: np.ndarray, folds: int, seed: int = 0) -> np.ndarray:
    """The fold of each patient, each stratum shared out evenly."""
    rng, where = np.random.default_rng(seed), np.zeros(len(strata), int)
    start = 0
    for stratum in np.unique(strata):
        members = rng.permutation(np.flatnonzero(strata == stratum))
        where[members] = (start + np.arange(len(members))) % folds
        start += len(members)
    return where


def cross_validate(
    stacks: np.ndarray,
    targets: np.ndarray,
    training: Training | None = None,
    folds: int = 3,
    say: Callable[[str], None] | None = None,
) -> np.ndarray:
    """Logits (case, slice, output) of each case by the network that did not see it. ``targets``: (case, output), 0 or 1."""
    training = training or Training()
    targets = np.atleast_2d(targets.T).T.astype(np.float32)
    where = folds_of(targets[:, 0] if targets.shape[1] == 1 else np.zeros(len(targets)), folds, training.seed)
    jobs = [(stacks[where != fold], targets[where != fold], stacks[where == fold], training, fold) for fold in range(folds)]
    result = np.zeros((len(stacks), stacks.shape[1] - 2, targets.shape[1]), np.float32)
    started = time.monotonic()
    with _folds_apart(folds, small=bool(np.prod(stacks.shape[2:]) < FEW_PIXELS)) as run:
        for fold, logits in enumerate(run(_one_fold, jobs)):
            result[where == fold] = logits
            if say:
                say(f"  fold {fold + 1} of {folds}, {time.monotonic() - started:.0f} s")
    return result


@contextmanager
def _folds_apart(folds: int, *, small: bool) -> Iterator[Callable[..., Iterator[np.ndarray]]]:
    """``map`` over processes, or here where starting them would take longer than the work."""
    if small:
        yield map
        return
    with ProcessPoolExecutor(min(PROCESSES, folds), mp_context=get_context("spawn")) as pool:
        yield pool.map


def _one_fold(job: tuple) -> np.ndarray:
    stacks, targets, held_out, training, fold = job
    torch.set_num_threads(1)
    network = train(stacks, targets, training, fold)
    return predict(network, held_out, training)


def train(stacks: np.ndarray, targets: np.ndarray, training: Training, fold: int = 0) -> nn.Sequential:
    """A network from scratch on all slices of all cases."""
    torch.manual_seed(1000 * training.seed + fold)
    inputs = torch.from_numpy(slices_of(stacks.astype(np.float32))).flatten(0, 1)
    wanted = torch.from_numpy(targets.astype(np.float32)).repeat_interleave(stacks.shape[1] - 2, dim=0)
    network = reference_network(targets.shape[1]).to(memory_format=torch.channels_last)  # nearly twice as fast on a processor
    optimiser = torch.optim.Adam(network.parameters(), lr=training.rate, weight_decay=training.decay)
    steps = training.epochs * (len(inputs) // training.batch)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, training.rate, total_steps=steps + 1)
    network.train()
    for _ in range(training.epochs):
        order = torch.randperm(len(inputs))
        for first in range(0, len(inputs) - training.batch + 1, training.batch):
            chosen = order[first : first + training.batch]
            pictures = ready(moved(inputs[chosen], training), training)
            loss = F.binary_cross_entropy_with_logits(network(pictures), wanted[chosen])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
    return network.eval()


def predict(network: nn.Sequential, stacks: np.ndarray, training: Training) -> np.ndarray:
    """Logits (case, slice, output)."""
    inputs = torch.from_numpy(slices_of(stacks.astype(np.float32)))
    with torch.inference_mode():
        parts = [network(ready(part.flatten(0, 1), training)) for part in inputs.split(32)]
    return torch.cat(parts).reshape(len(inputs), inputs.shape[1], -1).numpy()


def moved(pictures: torch.Tensor, training: Training) -> torch.Tensor:
    """Each turned, scaled and shifted by its own draw, the same for its three slices; the edge is repeated."""
    count, side = len(pictures), training.shift * 2  # grid_sample's picture is two units wide
    angle = torch.deg2rad((torch.rand(count) * 2 - 1) * training.degrees)
    zoom = 1 + (torch.rand(count) * 2 - 1) * training.scale
    shift = (torch.rand(count, 2) * 2 - 1) * side
    c, s = torch.cos(angle) / zoom, torch.sin(angle) / zoom
    matrix = torch.stack([torch.stack([c, -s, shift[:, 0]], 1), torch.stack([s, c, shift[:, 1]], 1)], 1)
    grid = F.affine_grid(matrix, list(pictures.shape), align_corners=False)
    return F.grid_sample(pictures, grid, padding_mode="border", align_corners=False)


def ready(pictures: torch.Tensor, training: Training) -> torch.Tensor:
    """As the app prepares a crop: mean 0, SD 1 over its three slices together. Without ``standardise`` only divided."""
    if not training.standardise:
        return (pictures / training.divide_by).contiguous(memory_format=torch.channels_last)
    mean = pictures.mean(dim=(1, 2, 3), keepdim=True)
    sd = (pictures - mean).square().mean(dim=(1, 2, 3), keepdim=True).sqrt()
    return ((pictures - mean) / sd.clamp_min(1e-6)).contiguous(memory_format=torch.channels_last)
