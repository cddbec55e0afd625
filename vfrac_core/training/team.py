"""Who computes the parts of a batch: one process all of them, or (``ddp``) as many processes one each, with the same numbers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final, Protocol, runtime_checkable

import torch
from torch import Tensor, nn

PartLoss = Callable[[], Tensor]


@runtime_checkable  # for the checks of types while the tests run
class Team(Protocol):
    """What a training asks of those who compute it together. All of them make the same calls in the same order."""

    @property
    def leads(self) -> bool:
        """One of the team validates, writes and tells; the others follow its losses."""

    def ready(self, network: nn.Module) -> nn.Module:
        """The network as it is called for a step."""

    def backward(self, network: nn.Module, losses: Sequence[PartLoss]) -> float:
        """The gradient of the mean of ``losses``, one a part of the batch; that mean. Every part begins with the same running
        statistics of batch normalization, and the mean of what the parts made of them stays."""

    def agreed(self, stop: bool) -> bool:
        """Whether one of the team wants to stop."""

    def from_leader(self, value: Callable[[], float]) -> float:
        """Computed by the one that leads, known to all."""

    def wait(self) -> None:
        """Until all have come so far, and what the leader wrote is there."""


class Alone:
    """This process, all parts one after another."""

    @property
    def leads(self) -> bool:
        return True

    def ready(self, network: nn.Module) -> nn.Module:
        return network

    def backward(self, network: nn.Module, losses: Sequence[PartLoss]) -> float:
        if len(losses) == 1:
            return _backward(losses[0]())
        buffers = list(network.buffers())
        before = [buffer.clone() for buffer in buffers]
        sums = [torch.zeros_like(buffer) for buffer in buffers]
        total = 0.0
        for loss in losses:
            _fill(buffers, before)
            total += _backward(loss() / len(losses))
            for one, buffer in zip(sums, buffers, strict=True):
                one.add_(buffer)
        _fill(buffers, [one / len(losses) for one in sums])  # the counter of batches is the same in each part: its mean is exact
        return total

    def agreed(self, stop: bool) -> bool:
        return stop

    def from_leader(self, value: Callable[[], float]) -> float:
        return value()

    def wait(self) -> None:
        return


ALONE: Final = Alone()


def _backward(loss: Tensor) -> float:
    loss.backward()
    return float(loss.detach())


def _fill(buffers: Sequence[Tensor], values: Sequence[Tensor]) -> None:
    for buffer, value in zip(buffers, values, strict=True):
        buffer.copy_(value)
