"""What a run or an evaluation left is not written over by another one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from training_fixtures import QUICK, TINY, some_cases

from vfrac_core.errors import VfracError
from vfrac_core.model.weights import load_weights
from vfrac_core.training.config import TrainConfig
from vfrac_core.training.cross_validate import ALL, Job
from vfrac_core.training.fit import Tick
from vfrac_core.training.judging import judge
from vfrac_core.training.progress_file import PROGRESS
from vfrac_core.training.run import MODEL, Run, cross_validate, finished_trainings, train
from vfrac_core.training.run_record import read_record

DATA, OTHER = some_cases(16), some_cases(8)
CONFIG = replace(QUICK, epochs=1, folds=2, logit_shift=True)


def run_in(out: Path, config: TrainConfig = CONFIG) -> Run:
    return Run(Job(DATA, None, ALL, config, out, shape=TINY), "cohort folder")


@pytest.fixture(scope="module")
def validated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("runs") / "cv"
    heard: list[Tick] = []
    assert cross_validate(run_in(out), tell=heard.append) is not None
    assert {(tick.fold, tick.folds) for tick in heard} == {(0, 2), (1, 2)}
    return out


@pytest.fixture
def trained(tmp_path: Path, validated: Path) -> Path:
    assert train(run_in(tmp_path / "model"), shift_from=validated) is not None
    return tmp_path / "model"


def test_a_train_into_a_cross_validation_is_refused_and_the_other_way_round(validated: Path, trained: Path) -> None:
    """Seen red: run.json was replaced without a word, and the report refused the ten folds."""
    for call, folder, held in ((train, validated, "cross-validate"), (cross_validate, trained, "train")):
        before = {file: file.read_bytes() for file in folder.iterdir() if file.is_file()}
        with pytest.raises(VfracError, match=f"holds a {held}, expected"):
            call(run_in(folder))
        assert {file: file.read_bytes() for file in folder.iterdir() if file.is_file()} == before


def test_a_shift_is_not_taken_from_finished_weights_but_may_be_given(trained: Path, validated: Path, tmp_path: Path) -> None:
    before = (trained / MODEL).read_bytes()
    with pytest.raises(VfracError, match="finished weights with the logit shift"):
        train(run_in(trained))
    assert (trained / MODEL).read_bytes() == before
    assert train(run_in(trained), shift_from=validated) is not None
    assert (trained / MODEL).read_bytes() == before
    assert train(run_in(tmp_path / "plain")) is not None
    assert load_weights(tmp_path / "plain" / MODEL, TINY).weights.logit_shift == 0
    assert train(run_in(tmp_path / "plain"), shift_from=validated) is not None
    assert load_weights(tmp_path / "plain" / MODEL, TINY).weights.logit_shift != 0


def test_another_configuration_is_refused_by_the_entry_that_differs(validated: Path) -> None:
    with pytest.raises(VfracError, match="was begun with epochs 1, not 3; repeat that configuration"):
        finished_trainings("cross-validate", run_in(validated, replace(CONFIG, epochs=3)))


def test_it_is_told_how_much_is_finished(validated: Path, tmp_path: Path) -> None:
    assert finished_trainings("cross-validate", run_in(validated)) == 2
    assert finished_trainings("cross-validate", run_in(tmp_path / "new")) == 0
    assert not (tmp_path / "new").exists()
    assert not (validated / PROGRESS).exists(), "what is finished is not on its way"
    assert read_record(validated).what == "cross-validate"


def test_an_evaluation_is_not_written_over_by_that_of_other_weights_or_cases(trained: Path, tmp_path: Path) -> None:
    weights = load_weights(trained / MODEL, TINY)
    judge(weights, DATA, "cohort folder", tmp_path / "judged")
    found = (tmp_path / "judged" / "evaluation.json").read_bytes()
    judge(weights, DATA, "cohort folder", tmp_path / "judged")
    with pytest.raises(VfracError, match="evaluation of other weights or of other cases"):
        judge(weights, OTHER, "cohort folder", tmp_path / "judged")
    assert (tmp_path / "judged" / "evaluation.json").read_bytes() == found
