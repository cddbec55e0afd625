"""A cross-validation tests each case once, by a network that never saw its patient, and goes on where it was killed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import torch
from training_fixtures import QUICK, TINY, some_cases

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.score_table import ScoreTable
from vfrac_core.model.weights import load_weights
from vfrac_core.training.cases import TrainingSet
from vfrac_core.training.config import TrainConfig
from vfrac_core.training.cross_validate import SCORES, WEIGHTS, Job, fold_jobs, read_fold_scores, run_job
from vfrac_core.training.folds import make_folds
from vfrac_core.training.results import results_of
from vfrac_core.training.run_record import data_record, make_record, read_record, write_record
from vfrac_core.training.scores import join_scores, read_scores, score_cases, write_scores

DATA = some_cases(24)
CONFIG = replace(QUICK, epochs=2)


def jobs(out: Path, data: TrainingSet = DATA, config: TrainConfig = CONFIG) -> list[Job]:
    return fold_jobs(Job(data, make_folds(data.cases, config), 0, config, out, shape=TINY))


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("cv")
    for job in jobs(out):
        assert run_job(job) is not None
    return out


def table(out: Path) -> ScoreTable:
    return join_scores(read_fold_scores(out, range(CONFIG.folds)))


def test_each_case_is_tested_once_by_weights_that_never_saw_it(finished: Path) -> None:
    found = table(finished)
    assert sorted(set(found.cases)) == [case.case for case in DATA.cases]
    assert len(found.cases) == sum(len(case.slices) for case in DATA.cases)
    for job in jobs(finished):
        tested = {DATA.cases[i].case for i in job.split.test}
        assert set(read_scores(job.out / SCORES).cases) == tested
        weights = load_weights(job.out / WEIGHTS, TINY)
        assert weights.weights.training_data == "noise made by code"
        again = score_cases(weights.network, [DATA.cases[i] for i in job.split.test], fold=job.fold)
        np.testing.assert_allclose(again.logits, read_scores(job.out / SCORES).logits, atol=1e-5)


def test_what_is_finished_is_not_done_again_and_a_stopped_fold_goes_on(finished: Path, tmp_path: Path) -> None:
    job = jobs(tmp_path)[0]
    ticks: list[object] = []
    assert run_job(job, tell=ticks.append, stopped=lambda: len(ticks) == 2) is None
    assert not (job.out / SCORES).exists()
    assert run_job(job) is not None
    assert (job.out / SCORES).read_bytes() == (jobs(finished)[0].out / SCORES).read_bytes()
    ticks.clear()
    assert run_job(job, tell=ticks.append) is not None
    assert ticks == []
    assert not list(job.out.glob("*.pt"))
    with pytest.raises(VfracError, match="another configuration"):
        run_job(replace(job, config=replace(CONFIG, seed=5)))


def test_scores_survive_their_file_to_the_last_bit(finished: Path, tmp_path: Path) -> None:
    found = table(finished)
    write_scores(found, tmp_path / "scores.csv")
    again = read_scores(tmp_path / "scores.csv")
    assert (again.logits == found.logits).all()
    assert again.folds is not None
    assert (again.folds == found.folds).all()
    for one, other in zip(again.signs, found.signs, strict=True):
        assert (one.logits == other.logits).all()
        np.testing.assert_array_equal(one.present, other.present)
    (tmp_path / "scores.csv").write_text("case,slice\na,1\n")
    with pytest.raises(VfracError, match="no table of scores"):
        read_scores(tmp_path / "scores.csv")


def test_the_record_says_what_was_run(finished: Path, tmp_path: Path) -> None:
    found = table(finished)
    results = results_of(found, CONFIG, draws=100)
    histories = [run_job(job) for job in jobs(finished)]
    now = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    record = make_record(
        "cross-validate",
        CONFIG,
        data_record(DATA, "cohort folder"),
        [h for h in histories if h],
        started_at=now,
        finished_at=now,
        device="cpu",
        folds_sha256="f" * 64,
        results=results,
    )
    write_record(record, tmp_path)
    assert read_record(tmp_path) == record
    assert record.data.malignant == record.data.benign == 12
    assert record.initialisation == "random weights (seed 0)"
    assert set(record.results) == {"plain", "logit shift", "temperature"}
    assert "Synthetic data prove the machinery, not the diagnosis." in record.notes
    text = (tmp_path / "run.json").read_text()
    assert str(Path.home()) not in text
    assert str(finished) not in text


def test_a_shift_is_never_fitted_on_the_patient_that_it_mends(finished: Path) -> None:
    found = table(finished)
    (shift, *_) = results_of(found, CONFIG, draws=100).mended
    assert found.folds is not None
    fold = found.folds == 0
    moved = replace(found, logits=np.where(fold, found.logits + 5, found.logits))
    (other, *_) = results_of(moved, CONFIG, draws=100).mended
    by_how_much = [(one.table.logits - scores.logits)[fold] for one, scores in ((shift, found), (other, moved))]
    np.testing.assert_allclose(*by_how_much, atol=1e-9)
    assert other.shipped.shift != pytest.approx(shift.shipped.shift)


def test_the_same_threads_are_used_as_asked(finished: Path) -> None:
    assert torch.get_num_threads() == 1
