"""One training over several GPUs: torchrun starts a process for each part of the batch, DistributedDataParallel joins them.

torchrun --nproc_per_node 2 -m vfrac_core train … with ``parts: 2`` in the configuration. The processes of several machines need
one folder for their run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, distributed, nn
from torch.nn.parallel import DistributedDataParallel

from vfrac_core.errors import VfracError
from vfrac_core.training.config import TrainConfig
from vfrac_core.training.team import ALONE, PartLoss, Team


@dataclass(frozen=True, slots=True)
class DdpTeam:
    """This process of several: part ``rank`` of ``size``. Made by ``joined_team``."""

    rank: int
    size: int
    device: torch.device

    @property
    def leads(self) -> bool:
        return self.rank == 0

    def ready(self, network: nn.Module) -> nn.Module:
        """Also where all wait for each other to have loaded their checkpoint."""
        with _one_line_if_lost():
            return DistributedDataParallel(
                network, device_ids=[self.device] if self.device.type == "cuda" else None, forward_sync_buffers=False
            )

    def backward(self, network: nn.Module, losses: Sequence[PartLoss]) -> float:
        """The own part's; DistributedDataParallel takes the mean of the gradients on the way."""
        loss = losses[self.rank]()
        with _one_line_if_lost():
            loss.backward()
        return self._mean(loss.detach(), [buffer for buffer in network.buffers() if buffer.is_floating_point()])

    def agreed(self, stop: bool) -> bool:
        flag = torch.tensor(int(stop), device=self.device)
        with _one_line_if_lost():
            distributed.all_reduce(flag, distributed.ReduceOp.MAX)
        return bool(flag)

    def from_leader(self, value: Callable[[], float]) -> float:
        told = torch.tensor(value() if self.leads else 0.0, dtype=torch.float64, device=self.device)
        with _one_line_if_lost():
            distributed.broadcast(told, 0)
        return float(told)

    def wait(self) -> None:
        self.agreed(False)

    def _mean(self, loss: Tensor, buffers: Sequence[Tensor]) -> float:
        """Of the loss, and in place of the running statistics: all in one message."""
        flat = torch.cat([loss.reshape(1), *(buffer.reshape(-1) for buffer in buffers)])
        with _one_line_if_lost():
            distributed.all_reduce(flat)
        first, *means = (flat / self.size).split([1, *(buffer.numel() for buffer in buffers)])
        for buffer, mean in zip(buffers, means, strict=True):
            buffer.copy_(mean.reshape(buffer.shape))
        return float(first)


def place(environment: Mapping[str, str], device: str) -> str:
    """The device of this process: under torchrun each has a GPU of its own. ``environment``: ``os.environ``."""
    return f"cuda:{environment['LOCAL_RANK']}" if device == "cuda" and "LOCAL_RANK" in environment else device


@contextmanager
def joined_team(environment: Mapping[str, str], config: TrainConfig, device: str) -> Iterator[Team]:
    """The team of this process: ``ALONE``, or under torchrun with the others. ``device``: as ``place`` says.

    VfracError where torchrun started another number of processes than ``config.parts``.
    """
    size = int(environment.get("WORLD_SIZE", "1"))
    if size == 1:
        yield ALONE
        return
    if size != config.parts:
        raise VfracError(
            f"torchrun started {size} processes, the configuration has parts: {config.parts}; make them the same number"
        )
    where = torch.device(device)
    if where.type == "cuda":
        torch.cuda.set_device(where)
    distributed.init_process_group("nccl" if where.type == "cuda" else "gloo")
    yield DdpTeam(int(environment["RANK"]), size, where)
    distributed.destroy_process_group()  # not after an error: it could wait for a process that is gone


@contextmanager
def _one_line_if_lost() -> Iterator[None]:
    try:
        yield
    except torch.OutOfMemoryError:
        raise
    except RuntimeError as lost:  # all that torch.distributed raises when another process has gone
        raise VfracError(
            "another process of this training has ended; start all of them again: they go on from the last checkpoint"
        ) from lost
