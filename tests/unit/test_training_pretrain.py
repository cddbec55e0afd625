"""Pretraining tests each chunk before it teaches it, forgets the oldest, and goes on after a stop with the same bits."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from training_fixtures import QUICK, a_case, tiny_network

from vfrac_core.training.cases import TrainingSet, training_set
from vfrac_core.training.fit import Tick
from vfrac_core.training.pretrain import PRETRAINING, Stream, pretrain

STREAM = Stream(cases=4, signs_only=2, window=2)
CONFIG = replace(PRETRAINING, epochs=4, cool_down=1, batch=8, threads=1)


class Chunks:
    """Chunk k, and who asked for which."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __call__(self, number: int) -> TrainingSet:
        self.asked.append(number)
        cases = [a_case(10 * number + i, malignant=None if i > 3 else bool(i % 2)) for i in range(6)]
        return training_set(cases, "a stream of noise")


def run(folder: Path, steps: int | None = None) -> tuple[torch.nn.Module, list[Tick], Chunks, list[list[float]]]:
    network, ticks, chunks = tiny_network(QUICK), [], Chunks()
    folder.mkdir(exist_ok=True)
    progress = pretrain(network, chunks, STREAM, CONFIG, folder, tell=ticks.append, stopped=lambda: len(ticks) == steps)
    return network, ticks, chunks, progress.losses


def test_each_chunk_is_tested_before_it_is_taught_and_the_window_moves_on(tmp_path: Path) -> None:
    _, ticks, chunks, losses = run(tmp_path / "run")
    steps = [sum(tick.epoch == epoch for tick in ticks) for epoch in range(4)]
    assert steps == [3, 5, 5, 5]  # 6 cases of 3 slices in the first, 12 in the others, by 8
    assert sorted(set(chunks.asked)) == [0, 1, 2, 3]
    assert chunks.asked.index(1) > chunks.asked.index(0)
    assert len(losses) == 4


@pytest.mark.slow
def test_stopped_and_gone_on_with_it_has_the_same_bits(tmp_path: Path) -> None:
    whole, ticks, _, losses = run(tmp_path / "whole")
    for stop in (2, 7):  # in the middle of the first epoch, and of the second
        folder = tmp_path / f"stopped {stop}"
        run(folder, stop)
        on, rest, _, again = run(folder)
        assert len(rest) == len(ticks) - stop
        assert again == losses
        assert all(torch.equal(a, b) for a, b in zip(whole.state_dict().values(), on.state_dict().values(), strict=True))
