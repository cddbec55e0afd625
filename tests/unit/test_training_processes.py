"""Folds in processes: the same numbers as one after another, and none is left behind whatever ends the program."""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from engine_runs import CONFIG, DATA, ENDLESS, Heard, assert_same, into, jobs, never
from training_fixtures import QUICK, TINY

from vfrac_core.errors import VfracError
from vfrac_core.model.initialise import random_network
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.model.weights import Training, save_weights
from vfrac_core.training.cross_validate import HISTORY, Job
from vfrac_core.training.ddp import DdpTeam
from vfrac_core.training.engines.choose import engine_of
from vfrac_core.training.engines.local import one_after_another
from vfrac_core.training.engines.scoring import score_with_engine
from vfrac_core.training.fit import CHECKPOINT, Tell, Tick
from vfrac_core.training.run import FOLDS, Run, cross_validate
from vfrac_core.training.scores import score_cases

pytestmark = pytest.mark.slow  # programs that start programs

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("local")
    assert None not in list(one_after_another(jobs(out), into({}), never))
    return out


def test_the_same_numbers_and_every_step_is_told(local: Path, tmp_path: Path) -> None:
    ticks: list[Tick] = []
    run = Run(Job(DATA, None, 0, CONFIG, tmp_path, shape=TINY), "cohort folder")
    record = cross_validate(run, engine=engine_of("processes", 2), tell=ticks.append)
    assert_same(local, tmp_path)
    assert record.results["plain"]
    assert (tmp_path / FOLDS).exists()
    assert len(ticks) == sum(CONFIG.epochs * tick.steps for tick in ticks if (tick.epoch, tick.step) == (0, 1))


def test_stopped_they_save_where_they_are_and_go_on(tmp_path: Path) -> None:
    heard: Heard = {}
    told = into(heard)
    found = list(engine_of("processes", 2)(jobs(tmp_path, ENDLESS), told, lambda: all(map(heard.get, (0, 1)))))
    assert found == [None, None]
    assert {file.parent.name for file in tmp_path.rglob(CHECKPOINT)} == {"fold-00", "fold-01"}
    last, again = heard[0][-1], Heard()
    list(engine_of("processes", 1)(jobs(tmp_path, ENDLESS)[:1], into(again), lambda: bool(again.get(0))))
    assert (again[0][0].epoch, again[0][0].step) == following(last)


def following(tick: Tick) -> tuple[int, int]:
    return (tick.epoch, tick.step + 1) if tick.step < tick.steps else (tick.epoch + 1, 1)


def test_an_error_in_one_fold_is_raised_when_the_others_have_saved(tmp_path: Path) -> None:
    (tmp_path / "fold-01").mkdir()
    (tmp_path / "fold-01" / HISTORY).write_text("{")
    with pytest.raises(VfracError, match="damaged"):
        list(engine_of("processes", 2)(jobs(tmp_path, ENDLESS), into({}), never))
    assert not multiprocessing.active_children()
    assert not (tmp_path / "fold-02").exists()


def test_a_process_that_the_system_ended_is_told_in_one_line(tmp_path: Path) -> None:
    def killing(_job: Job) -> Tell:
        return lambda _tick: [child.kill() for child in multiprocessing.active_children()] and None

    with pytest.raises(VfracError, match="the system ended a process"):
        list(engine_of("processes", 1)(jobs(tmp_path, ENDLESS), killing, never))


def test_a_killed_parent_takes_its_children_along_and_they_save(tmp_path: Path) -> None:
    parent = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("engine_runs.py")), str(tmp_path)],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == b"training\n"
    parent.kill()
    parent.communicate(timeout=60)  # ends when the last child has let go of the pipe
    assert {file.parent.name for file in tmp_path.rglob(CHECKPOINT)} == {"fold-00", "fold-01"}


def test_an_engine_that_cannot_be_had_is_told_in_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(VfracError, match=r"pip install 'vfrac\[ray\]'"):
        engine_of("ray", 2)
    with pytest.raises(VfracError, match="torchrun"):
        engine_of("processes", 2, team=DdpTeam(0, 2, torch.device("cpu")))


def test_cases_are_scored_alike_in_processes(tmp_path: Path) -> None:
    network = random_network(NetworkSpec(blocks=TINY.blocks, width=TINY.width, sign_head=True), QUICK.seed)
    save_weights(network, tmp_path / "weights.safetensors", Training("noise", "0" * 64))
    cases, done = DATA.cases[::-1], []
    found = score_with_engine("processes", tmp_path / "weights.safetensors", cases, jobs=2, spec=TINY, progress=done.append)
    expected = score_cases(network.eval(), cases)
    assert found.cases == expected.cases
    assert abs(found.logits - expected.logits).max() <= 1e-6
    assert [sign.name for sign in found.signs] == [sign.name for sign in expected.signs]
    assert done == sorted(done)
    assert done[-1] == len(cases)
