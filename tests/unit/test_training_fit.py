"""A training learns, keeps its best epoch, and goes on after any stop with the same bits (one thread, science.md §9)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from training_fixtures import QUICK, labelled, some_cases, tiny_network

from vfrac_core.errors import VfracError
from vfrac_core.training.config import TrainConfig
from vfrac_core.training.fit import Tick, fit
from vfrac_core.training.folds import make_folds, split_fold
from vfrac_core.training.objective import loss_of
from vfrac_core.training.order import epoch_order
from vfrac_core.training.step import logits_of

DATA = some_cases(24)


def run(folder: Path, config: TrainConfig = QUICK, *, steps: int | None = None, **options: object):
    """A tiny training; with ``steps`` it is stopped after so many. The network and where it stands."""
    network, ready = tiny_network(config), labelled(DATA)
    split = split_fold(DATA.cases, make_folds(DATA.cases, config), 0, config)
    ticks: list[Tick] = []
    progress = fit(network, ready, split, config, folder, tell=ticks.append, stopped=lambda: len(ticks) == steps, **options)
    return network, progress, ticks


def same_bits(a: torch.nn.Module, b: torch.nn.Module) -> bool:
    pairs = zip(a.state_dict().values(), b.state_dict().values(), strict=True)
    return all(torch.equal(one, other) for one, other in pairs)


def test_it_learns_and_the_best_epoch_is_kept(tmp_path: Path) -> None:
    network, progress, ticks = run(tmp_path, replace(QUICK, epochs=6))
    training = [losses[0] for losses in progress.losses]
    assert training[-1] < 0.7 * training[0]
    validation = [losses[1] for losses in progress.losses]
    assert progress.best_epoch == int(np.argmin(validation))
    ready = labelled(DATA)
    split = split_fold(DATA.cases, make_folds(DATA.cases, QUICK), 0, QUICK)
    held = ready.pictures.of_cases(split.validation)
    again = loss_of(logits_of(network, ready.pictures, held), ready.pictures.malignant[held], ready.pictures.signs[held], 1.0)
    assert float(again) == pytest.approx(min(validation), rel=1e-5)
    assert ticks[-1].epoch == 5


@pytest.mark.parametrize("steps", [pytest.param(1, marks=pytest.mark.slow), 4, pytest.param(7, marks=pytest.mark.slow)])
def test_stopped_and_gone_on_with_it_has_the_same_bits(tmp_path: Path, steps: int) -> None:
    for name in ("whole", "parts"):
        (tmp_path / name).mkdir()
    whole, _, ticks = run(tmp_path / "whole")
    assert steps < len(ticks)
    _, stopped, _ = run(tmp_path / "parts", steps=steps)
    assert stopped.epoch < QUICK.epochs
    on, _, rest = run(tmp_path / "parts")
    assert len(rest) == len(ticks) - steps
    assert same_bits(whole, on)
    assert rest[-1].losses == ticks[-1].losses


@pytest.mark.slow
def test_patience_stops_early(tmp_path: Path) -> None:
    _, progress, _ = run(tmp_path, replace(QUICK, epochs=30, patience=1, learning_rate=0.05))
    assert progress.epoch < 30
    assert progress.epoch - 1 - progress.best_epoch == 1


def test_a_folder_of_another_training_is_refused(tmp_path: Path) -> None:
    run(tmp_path, steps=2)
    with pytest.raises(VfracError, match="another configuration"):
        run(tmp_path, replace(QUICK, l2=1e-3))


def test_a_damaged_checkpoint_is_refused_in_one_line(tmp_path: Path) -> None:
    run(tmp_path, steps=2)
    file = tmp_path / "checkpoint.pt"
    file.write_bytes(file.read_bytes()[:2000])
    with pytest.raises(VfracError, match="damaged"):
        run(tmp_path)


class TestOrder:
    def test_every_sample_is_shown_as_often_as_it_has_copies(self) -> None:
        samples = np.array([3, 5, 9])
        epoch = epoch_order(samples, np.zeros(10), replace(QUICK, copies=4, balanced=False), 0)
        shown = {(int(s), int(c)) for s, c in zip(epoch.sample, epoch.copy, strict=True)}
        assert shown == {(s, c) for s in (3, 5, 9) for c in range(4)}
        assert len(epoch.sample) == 12

    @pytest.mark.parametrize("copies", [1, 3])
    def test_balanced_means_as_many_of_each_class_and_no_picture_twice(self, copies: int) -> None:
        malignant = np.array([1.0] * 20 + [0.0] * 7)
        epoch = epoch_order(np.arange(27), malignant, replace(QUICK, copies=copies, balanced=True), 2)
        shown = malignant[epoch.sample]
        assert len(shown) == 27 * copies
        assert abs(shown.sum() - (1 - shown).sum()) <= 1
        assert len({(int(s), int(c)) for s, c in zip(epoch.sample, epoch.copy, strict=True)}) == 27 * copies
        counts = np.bincount(epoch.sample, minlength=27)
        assert counts[20:].max() - counts[20:].min() <= 1

    def test_another_epoch_another_order(self) -> None:
        one, other = (epoch_order(np.arange(30), np.zeros(30), replace(QUICK, balanced=False), e).sample for e in (0, 1))
        assert one.tolist() != other.tolist()
        assert sorted(one) == sorted(other)


class TestLoss:
    def test_unknown_labels_count_for_nothing(self) -> None:
        logits = torch.zeros(2, 7, requires_grad=True)
        signs = torch.full((2, 6), float("nan"))
        loss = loss_of(logits, torch.tensor([1.0, float("nan")]), signs, 1.0)
        assert float(loss.detach()) == pytest.approx(np.log(2))
        loss.backward()
        assert logits.grad is not None
        assert logits.grad[1].abs().sum() == 0
        assert logits.grad[0, 1:].abs().sum() == 0

    def test_with_one_output_it_is_the_papers_cross_entropy(self) -> None:
        logits, labels = torch.tensor([[2.0], [-1.0]]), torch.tensor([1.0, 1.0])
        expected = -torch.log(torch.sigmoid(logits[:, 0])).mean()
        assert float(loss_of(logits, labels, torch.zeros(2, 6), 1.0)) == pytest.approx(float(expected))
