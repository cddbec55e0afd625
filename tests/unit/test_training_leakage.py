"""Tested on what was not seen: shuffled labels teach nothing, and a split by slice is seen to leak (science.md §8)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter
from sklearn.metrics import roc_auc_score
from training_fixtures import QUICK, TINY, a_case, tiny_network

from vfrac_core.evaluation.score_table import case_scores
from vfrac_core.training.augment import draw
from vfrac_core.training.cases import TrainingCase, training_set
from vfrac_core.training.cross_validate import Job, fold_jobs, read_fold_scores, run_job
from vfrac_core.training.fit import validation_loss
from vfrac_core.training.folds import make_folds
from vfrac_core.training.pictures import make_labelled
from vfrac_core.training.scores import join_scores

CONFIG = replace(QUICK, sign_head=False, batch=16, learning_rate=2e-3, l2=0.0)


def person(number: int, malignant: bool, slices: int = 5) -> TrainingCase:
    """Somebody whose slices look alike and unlike anybody else's, whatever the label."""
    rng = np.random.default_rng(number)
    body = gaussian_filter(rng.normal(size=(70, 60)), 5)
    case = a_case(number, used=tuple(range(2, 2 + slices)), malignant=malignant)
    hu = 900 * body[: case.hu.shape[1], : case.hu.shape[2]] / body.std() + rng.normal(0, 60, case.hu.shape)
    return replace(case, hu=hu.astype(np.int16))


def people(count: int, seed: int, slices: int = 5) -> list[TrainingCase]:
    """As many malignant as benign, by lot."""
    labels = np.random.default_rng(seed).permutation(np.arange(count) % 2 == 0)
    return [person(number, bool(label), slices) for number, label in enumerate(labels)]


def slices_as_patients(cases: Sequence[TrainingCase]) -> list[TrainingCase]:
    """What a careless split does: each slice goes to a fold by itself."""
    return [
        replace(
            case, case=f"{case.case} {k}", patient=f"{case.patient} {k}", slices=(index,), stack_slices=(case.stack_slices[k],),
            boxes=(case.boxes[k],),
        )
        for case in cases
        for k, index in enumerate(case.slices)
    ]  # fmt: skip


def area(cases: Sequence[TrainingCase], out: Path, epochs: int) -> float:
    """Out-of-fold AUC by case."""
    data, config = training_set(cases, "noise made by code"), replace(CONFIG, epochs=epochs)
    jobs = fold_jobs(Job(data, make_folds(data.cases, config), 0, config, out, shape=TINY))
    for job in jobs:
        assert run_job(job) is not None
    found = case_scores(join_scores(read_fold_scores(out, range(config.folds))), "mean")
    return float(roc_auc_score(found.malignant, found.logits))


@pytest.mark.slow
def test_shuffled_labels_teach_nothing(tmp_path: Path) -> None:
    areas = [area(people(48, seed, slices=3), tmp_path / str(seed), epochs=3) for seed in range(5)]
    assert abs(np.mean(areas) - 0.5) < 0.08, areas


@pytest.mark.slow
def test_split_by_slice_it_would_leak_and_by_patient_it_does_not(tmp_path: Path) -> None:
    cases = people(30, 7)
    by_slice = area(slices_as_patients(cases), tmp_path / "slice", epochs=14)
    by_patient = area(cases, tmp_path / "patient", epochs=14)
    assert by_slice > 0.9, (by_slice, by_patient)
    assert by_patient < 0.7, (by_slice, by_patient)


def test_validation_and_test_pictures_are_never_drawn(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    data = training_set(people(18, 1), "noise made by code")
    drawn: set[str] = set()

    def watched(config: object, epoch: int, samples: Sequence[str], copies: Sequence[int]) -> object:
        drawn.update(name.rsplit(" ", 1)[0] for name in samples)
        return draw(config, epoch, samples, copies)

    monkeypatch.setattr("vfrac_core.training.step.draw", watched)
    config = replace(CONFIG, epochs=1)
    job = fold_jobs(Job(data, make_folds(data.cases, config), 0, config, tmp_path, shape=TINY))[0]
    assert run_job(job) is not None
    split = job.split
    assert drawn == {data.cases[i].case for i in split.train}
    assert drawn.isdisjoint(data.cases[i].case for i in (*split.validation, *split.test))


def test_the_validation_loss_is_the_same_each_time() -> None:
    labelled = make_labelled(training_set(people(6, 1), "noise"))
    network = tiny_network(CONFIG)
    losses = {validation_loss(network, labelled, (0, 2, 4), replace(CONFIG, seed=seed)) for seed in (0, 1)}
    assert len(losses) == 1
