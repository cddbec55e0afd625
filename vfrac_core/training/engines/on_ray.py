"""Folds as tasks of a Ray cluster, on one machine or many.

The data go into the object store once. A task that died is begun again by Ray, and goes on from its checkpoint where its machine
sees the run's folder; else it works in a folder of its own, begins with the files that lay in the run's, and its files come back.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import torch

from vfrac_core.training.cases import TrainingSet
from vfrac_core.training.cross_validate import HISTORY, History, Job, run_job
from vfrac_core.training.engines.ray_cluster import cores_for_each, gpus_for_each, plain_errors, ray_cluster
from vfrac_core.training.fit import Stopped, Tell, Tick

ASKED_EVERY_S: Final = 0.2  # whether to stop
BEGUN_AGAIN: Final = 3  # a task that died; an error of the program is raised at once
PRETRAINED: Final = "pretrained.safetensors"

Files = dict[str, bytes]


def on_ray(jobs: list[Job], tell: Callable[[Job], Tell], stopped: Stopped, *, at_once: int) -> Iterator[History | None]:
    """Histories as the folds end. A failure stops the other folds, which save where they are, and is then raised.

    VfracError where the cluster lost a fold too often, or has no GPU for a job on "cuda".
    """
    with ray_cluster() as ray, _mark(jobs[0].out.parent) as mark:
        desk = ray.remote(num_cpus=0, max_restarts=-1, max_task_retries=-1)(_Desk).remote()
        cores, gpus = cores_for_each(ray, at_once), gpus_for_each(ray, jobs[0].device)
        work = ray.remote(num_cpus=cores, num_gpus=gpus, max_retries=BEGUN_AGAIN)(_train)
        data, pretrained = ray.put(jobs[0].data), ray.put(_content(jobs[0].pretrained))
        running, listeners = {}, {job.fold: tell(job) for job in jobs}
        for job in jobs:
            order = _Order(_without_data(job), cores, mark, ray.put(_files(job.out)), pretrained)
            running[work.remote(data, order, desk)] = job
        failure: Exception | None = None
        while running:
            ended, _ = ray.wait(list(running), timeout=ASKED_EVERY_S)
            for fold, tick in ray.get(desk.heard.remote()).items():
                listeners[fold](tick)
            for task in ended:
                job = running.pop(task)
                try:
                    with plain_errors(ray):
                        outcome: _Outcome = ray.get(task)
                except Exception as found:  # noqa: BLE001 - raised below, when the other folds have saved
                    failure = failure or found
                    continue
                if outcome.files is not None:
                    _put(outcome.files, job.out)
                yield outcome.history
            if failure or stopped():
                ray.get(desk.stop.remote())
        if failure:
            raise failure


@dataclass(frozen=True, slots=True)
class _Order:
    """A job but for its data. ``before`` and ``pretrained``: references to files, which a task fetches only if it needs them."""

    rest: dict[str, Any]
    cores: int
    mark: Path
    before: Any
    pretrained: Any


@dataclass(frozen=True, slots=True)
class _Outcome:
    """``history`` is None if the fold was stopped; ``files``: None where the task saw the run's folder."""

    history: History | None
    files: Files | None


class _Desk:
    """An actor between the folds and the program that began them: the newest tick of each, and whether to stop."""

    def __init__(self) -> None:
        self._ticks: dict[int, Tick] = {}
        self._stop = False

    def tell(self, fold: int, tick: Tick) -> None:
        self._ticks[fold] = tick

    def heard(self) -> dict[int, Tick]:
        ticks, self._ticks = self._ticks, {}
        return ticks

    def stop(self) -> None:
        self._stop = True

    def is_stopped(self) -> bool:
        return self._stop


def _train(data: TrainingSet, order: _Order, desk: Any) -> _Outcome:
    """What a task does."""
    import ray

    torch.set_num_threads(order.cores)
    job = Job(data, **order.rest)

    def tell(tick: Tick) -> None:
        desk.tell.remote(job.fold, tick)

    def run(job: Job) -> History | None:
        return run_job(job, tell=tell, stopped=lambda: ray.get(desk.is_stopped.remote()))

    if order.mark.exists():
        return _Outcome(run(job), None)
    with TemporaryDirectory() as folder:
        own = Path(folder)
        _put(ray.get(order.before), own / "fold")
        _put(ray.get(order.pretrained), own)
        history = run(replace(job, out=own / "fold", pretrained=own / PRETRAINED if job.pretrained else None))
        return _Outcome(history, _files(own / "fold"))


def _without_data(job: Job) -> dict[str, Any]:
    return {field.name: getattr(job, field.name) for field in fields(Job) if field.name != "data"}


@contextmanager
def _mark(folder: Path) -> Iterator[Path]:
    """A file that whoever sees this folder sees."""
    mark = folder / f".{secrets.token_hex(16)}"
    mark.touch()
    try:
        yield mark
    finally:
        mark.unlink()


def _content(pretrained: Path | None) -> Files:
    return {} if pretrained is None or not pretrained.is_file() else {PRETRAINED: pretrained.read_bytes()}


def _files(folder: Path) -> Files:
    """What lies in a fold's folder; nothing where there is none."""
    return {name: (folder / name).read_bytes() for name in _names(folder)}


def _names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.glob("*") if file.is_file())


def _put(files: Files, folder: Path) -> None:
    """The folder then has these files and no others: a checkpoint goes when it has served. The history comes last, as when a fold
    writes it: with it the fold is finished."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in sorted(files, key=lambda name: name == HISTORY):
        draft = folder / f"{name}.part"
        draft.write_bytes(files[name])
        draft.replace(folder / name)
    for surplus in set(_names(folder)) - set(files):
        (folder / surplus).unlink()
