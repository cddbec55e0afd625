"""Folds on a Ray cluster that the test starts: the same numbers as one after another, the run's folder shared or not."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from engine_runs import DATA, ENDLESS, Heard, assert_same, into, jobs, never
from training_fixtures import QUICK, TINY

from vfrac_core.errors import VfracError
from vfrac_core.model.initialise import random_network
from vfrac_core.model.weights import Training, save_weights
from vfrac_core.training.cross_validate import HISTORY, SCORES, WEIGHTS
from vfrac_core.training.engines import on_ray
from vfrac_core.training.engines.choose import engine_of
from vfrac_core.training.engines.local import one_after_another
from vfrac_core.training.engines.ray_cluster import cores_for_each, require_ray
from vfrac_core.training.engines.scoring import score_with_engine
from vfrac_core.training.fit import CHECKPOINT
from vfrac_core.training.scores import score_cases

# A cluster, and torch imported in each of its workers: minutes on a busy machine.
pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]
TESTS = Path(__file__).parent


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    """A cluster of this machine with two cores."""
    ray = require_ray()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(TESTS.parents[1]), str(TESTS)]))  # its workers import the program
        patch.setenv("RAY_worker_niceness", "0")  # Ray's own 15 starves them on a busy machine
        ray.init(address="local", num_cpus=2, include_dashboard=False, log_to_driver=False)
        yield ray
        ray.shutdown()


@pytest.fixture(scope="module")
def local(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("local")
    assert None not in list(one_after_another(jobs(out), into({}), never))
    return out


@contextmanager
def unseen_mark(folder: Path) -> Iterator[Path]:
    """As if the workers did not see the folder."""
    yield folder / "not on this machine"


@pytest.mark.parametrize("shared", [True, False])
def test_the_same_numbers_whether_or_not_the_folder_is_shared(
    ray: Any, local: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: bool
) -> None:
    if not shared:
        monkeypatch.setattr(on_ray, "_mark", unseen_mark)
    heard: Heard = {}
    found = list(engine_of("ray", 2)(jobs(tmp_path), into(heard), never))
    assert sorted(history.fold for history in found if history) == [0, 1, 2]
    assert_same(local, tmp_path)
    assert all(heard[fold] for fold in (0, 1, 2))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fold-00", "fold-01", "fold-02"]
    assert sorted(path.name for path in (tmp_path / "fold-01").iterdir()) == [HISTORY, SCORES, WEIGHTS]


@pytest.mark.parametrize("shared", [True, False])
def test_stopped_it_has_saved_where_it_is_and_goes_on(
    ray: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, shared: bool
) -> None:
    if not shared:
        monkeypatch.setattr(on_ray, "_mark", unseen_mark)
    one, heard, again = jobs(tmp_path, ENDLESS)[:1], Heard(), Heard()
    assert list(engine_of("ray", 1)(one, into(heard), lambda: has_come_to(heard, 3))) == [None]
    assert (one[0].out / CHECKPOINT).exists()
    assert list(engine_of("ray", 1)(one, into(again), lambda: has_come_to(again, 1))) == [None]
    assert again[0][0].epoch >= 3, "it began at its first epoch again"


def has_come_to(heard: Heard, epoch: int) -> bool:
    return bool(heard.get(0)) and heard[0][-1].epoch >= epoch


def test_a_fold_that_died_is_begun_again_at_its_checkpoint(ray: Any, tmp_path: Path) -> None:
    heard: Heard = {}
    killed: list[int] = []

    def stopped() -> bool:
        if not killed and has_come_to(heard, 3):
            killed.extend(workers_at_work())
            for worker in killed:
                os.kill(worker, signal.SIGKILL)
            heard[0].clear()
        return bool(killed) and bool(heard[0])

    assert list(engine_of("ray", 1)(jobs(tmp_path, ENDLESS)[:1], into(heard), stopped)) == [None]
    assert len(killed) == 1
    assert heard[0][0].epoch >= 2
    assert not set(killed) & set(workers_at_work())


def workers_at_work() -> list[int]:
    """Processes of this test's cluster that train."""
    names = {pid: Path(f"/proc/{pid}/cmdline").read_bytes() for pid in descendants(os.getpid())}
    return [pid for pid, name in names.items() if name.startswith(b"ray::_train")]


def descendants(pid: int) -> Iterator[int]:
    for file in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in file.read_text().split():
            yield int(child)
            yield from descendants(int(child))


def test_an_error_in_one_fold_is_raised_as_it_was(ray: Any, tmp_path: Path) -> None:
    (tmp_path / "fold-01").mkdir()
    (tmp_path / "fold-01" / HISTORY).write_text("{")
    with pytest.raises(VfracError, match=r"^history.json in fold-01 is damaged; delete that folder to train this fold again$"):
        list(engine_of("ray", 2)(jobs(tmp_path, ENDLESS), into({}), never))
    assert (tmp_path / "fold-00" / CHECKPOINT).exists()


def test_a_job_for_a_gpu_does_not_wait_for_ever(ray: Any, tmp_path: Path) -> None:
    wanting = [replace(job, device="cuda") for job in jobs(tmp_path)]
    with pytest.raises(VfracError, match="has no GPU"):
        list(engine_of("ray", 2)(wanting, into({}), never))


def test_no_task_asks_for_more_cores_than_a_machine_has(ray: Any) -> None:
    assert [cores_for_each(ray, at_once) for at_once in (1, 2, 10)] == [2, 1, 1]


def test_cases_are_scored_alike(ray: Any, tmp_path: Path) -> None:
    network = random_network(TINY, QUICK.seed)
    save_weights(network, tmp_path / "weights.safetensors", Training("noise", "0" * 64))
    cases, done = DATA.cases[::-1], []
    found = score_with_engine("ray", tmp_path / "weights.safetensors", cases, jobs=2, spec=TINY, progress=done.append)
    expected = score_cases(network.eval(), cases)
    assert found.cases == expected.cases
    assert abs(found.logits - expected.logits).max() <= 1e-6
    assert done[-1] == len(cases)
