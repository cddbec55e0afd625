"""One fold over two processes has the numbers of one process that adds up the same two parts of each batch."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from ddp_run import PARTS
from engine_runs import CONFIG, DATA, assert_same, into, jobs, never
from training_fixtures import QUICK, labelled, tiny_network

from vfrac_core.errors import VfracError
from vfrac_core.training.config import TrainConfig
from vfrac_core.training.ddp import _one_line_if_lost, joined_team, place
from vfrac_core.training.engines.local import one_after_another
from vfrac_core.training.fit import CHECKPOINT
from vfrac_core.training.run_record import RUN
from vfrac_core.training.step import make_optimiser, part_loss, parts_of, train_step
from vfrac_core.training.team import ALONE

pytestmark = pytest.mark.slow  # two programs for each test

ROOT = Path(__file__).parents[2]
LOST = "another process of this training has ended"


def torchrun(out: Path, *, processes: int = 2, epochs: int = CONFIG.epochs, stop_at: int = -1) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc_per_node", str(processes)]
    command += [str(Path(__file__).with_name("ddp_run.py")), str(out), str(epochs), str(stop_at)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_two_processes_have_the_numbers_of_one(tmp_path: Path) -> None:
    """Stopped in between, too: the second call goes on."""
    assert None not in list(one_after_another(jobs(tmp_path / "one", PARTS), into({}), never))
    out, error = torchrun(tmp_path / "two", stop_at=5).communicate(timeout=240)
    assert out.count("stopped") == 2, error
    assert (tmp_path / "two" / "fold-00" / CHECKPOINT).exists()
    out, error = torchrun(tmp_path / "two").communicate(timeout=240)
    assert out.count("finished") == 2, error
    assert "rank 1" not in out, "only one of them tells"
    assert_same(tmp_path / "one", tmp_path / "two", PARTS)
    assert (tmp_path / "two" / RUN).exists()


def test_when_one_is_killed_the_other_ends_too(tmp_path: Path) -> None:
    process = torchrun(tmp_path, epochs=100_000)
    assert process.stdout is not None
    leader = next(int(found[1]) for line in process.stdout if (found := re.search(r"step 3 of rank 0, process (\d+)", line)))
    (other,) = children_of(process.pid) - {leader}
    os.kill(other, signal.SIGKILL)
    process.communicate(timeout=120)  # torchrun may end the other before it can say its line: that is tested below
    assert process.returncode != 0
    assert not Path(f"/proc/{leader}").exists()


def test_a_lost_process_is_told_in_one_line() -> None:
    with pytest.raises(VfracError, match=LOST), _one_line_if_lost():
        raise RuntimeError("Connection closed by peer")


def children_of(pid: int) -> set[int]:
    found = Path("/proc").glob(f"{pid}/task/*/children")
    return {int(child) for file in found for child in file.read_text().split()}


def test_as_many_processes_as_parts(tmp_path: Path) -> None:
    with (
        pytest.raises(VfracError, match="torchrun started 3 processes, the configuration has parts: 2"),
        joined_team({"WORLD_SIZE": "3", "RANK": "0"}, PARTS, "cpu"),
    ):
        pass
    with joined_team({}, PARTS, "cpu") as team:
        assert team is ALONE
    assert place({"LOCAL_RANK": "1"}, "cuda") == "cuda:1"
    assert place({"LOCAL_RANK": "1"}, "cpu") == place({}, "cpu") == "cpu"


class TestParts:
    def step(self, config: TrainConfig, samples: np.ndarray) -> tuple[torch.nn.Module, float]:
        network, ready = tiny_network(config).train(), labelled(DATA)
        optimiser = make_optimiser(network, config)
        return network, train_step(network, optimiser, ready, samples, np.zeros_like(samples), epoch=0, config=config)

    def test_gradient_and_running_statistics_are_the_mean_of_the_parts(self) -> None:
        """Against two backward passes of two networks, one a part, as two GPUs have them."""
        samples, ready, each = np.arange(8), labelled(DATA), []
        for part in np.array_split(samples, 2):
            network = tiny_network(PARTS).train()
            part_loss(network, ready, part, np.zeros_like(part), epoch=0, config=PARTS).backward()
            each.append(network)
        found = tiny_network(PARTS).train()
        losses = [
            lambda part=part: part_loss(found, ready, part, np.zeros_like(part), epoch=0, config=PARTS)
            for part in np.array_split(samples, 2)
        ]
        ALONE.backward(found, losses)
        for own, one, other in zip(found.parameters(), *(network.parameters() for network in each), strict=True):
            torch.testing.assert_close(own.grad, (one.grad + other.grad) / 2)
        for own, one, other in zip(found.buffers(), *(network.buffers() for network in each), strict=True):
            torch.testing.assert_close(own, ((one + other) / 2).to(own.dtype))

    def test_parts_are_not_the_whole_batch(self) -> None:
        """Each part is normalised by itself."""
        (_, whole), (_, parts) = (self.step(config, np.arange(8)) for config in (CONFIG, PARTS))
        assert whole != pytest.approx(parts, rel=1e-3)

    def test_a_last_batch_of_fewer_pictures_than_parts_shows_some_twice(self) -> None:
        samples = np.array([3, 7])
        parts = parts_of(samples, samples, replace(QUICK, parts=3))
        assert [part.tolist() for part, _ in parts] == [[3], [7], [3]]
        for value in self.step(replace(QUICK, parts=3), samples)[0].parameters():
            assert torch.isfinite(value).all()

    def test_more_parts_than_pictures_in_a_batch_are_refused(self) -> None:
        with pytest.raises(VfracError, match="cannot have 9 parts"):
            replace(QUICK, batch=8, parts=9)
