"""Where a training stands, on disk: it goes on from there after kill -9, with the same bits (science.md §9).

Tensors only, read back with ``weights_only``; the file stays in the run's folder and is never shipped.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path
from pickle import UnpicklingError  # what torch.load raises
from typing import Any

import torch
from torch import nn
from torch.optim import Optimizer

from vfrac_core.errors import VfracError


@dataclass(slots=True)
class Progress:
    """``step`` of ``epoch`` comes next; ``losses``: [training, validation] of each finished epoch; ``sum_loss``: of this one."""

    epoch: int = 0
    step: int = 0
    sum_loss: float = 0.0
    losses: list[list[float]] = field(default_factory=list)
    seconds: float = 0.0
    unseen_loss: float = 0.0  # pretraining only: of the newest chunk before it was taught

    @property
    def best_epoch(self) -> int:
        """With the lowest validation loss so far; -1 before the first."""
        return min(range(len(self.losses)), key=lambda i: self.losses[i][1], default=-1)


def save_checkpoint(file: Path, network: nn.Module, optimiser: Optimizer, progress: Progress, key: str) -> None:
    """Appears whole or not at all. ``key`` names configuration, data and split: another training is never continued."""
    state = {
        "key": key,
        "network": network.state_dict(),
        "optimiser": optimiser.state_dict(),
        "progress": {name: getattr(progress, name) for name in Progress.__dataclass_fields__},
    }
    save_whole(file, state)


def save_whole(file: Path, tensors: dict[str, Any]) -> None:
    """A file that is there is whole, whatever ends the program."""
    draft = file.with_name(f"{file.name}.part")
    with draft.open("wb") as stream:
        torch.save(tensors, stream)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)


def load_checkpoint(file: Path, network: nn.Module, optimiser: Optimizer, key: str) -> Progress | None:
    """Put the saved state into network and optimiser; None where there is no file.

    VfracError when the file is damaged, or belongs to another configuration or other data.
    """
    if not file.exists():
        return None
    try:
        state: dict[str, Any] = torch.load(file, map_location="cpu", weights_only=True)
    except (UnpicklingError, RuntimeError, EOFError, OSError):
        raise VfracError(f"{file.name} in the run's folder is damaged; delete it to begin this fold again") from None
    if state["key"] != key:
        raise VfracError("the run's folder belongs to another configuration or to other data; give another --out")
    network.load_state_dict(state["network"])
    optimiser.load_state_dict(state["optimiser"])
    return Progress(**state["progress"])
