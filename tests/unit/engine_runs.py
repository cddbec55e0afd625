"""The folds that every engine has to compute alike; and, as a program, a run in processes that is there to be killed."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
from training_fixtures import QUICK, TINY, some_cases

from vfrac_core.evaluation.score_table import ScoreTable
from vfrac_core.training.config import TrainConfig
from vfrac_core.training.cross_validate import Job, fold_jobs, read_fold_scores, read_history
from vfrac_core.training.engines.in_processes import in_processes
from vfrac_core.training.fit import Tell, Tick
from vfrac_core.training.folds import make_folds
from vfrac_core.training.scores import join_scores

DATA = some_cases(24)
CONFIG = replace(QUICK, initial="random", epochs=2)
ENDLESS = replace(CONFIG, epochs=100_000)
Heard = dict[int, list[Tick]]


def jobs(out: Path, config: TrainConfig = CONFIG) -> list[Job]:
    return fold_jobs(Job(DATA, make_folds(DATA.cases, config), 0, config, out, shape=TINY))


def into(heard: Heard) -> Callable[[Job], Tell]:
    """A listener that keeps the ticks of each fold."""
    return lambda job: heard.setdefault(job.fold, []).append


def never() -> bool:
    return False


def table(out: Path) -> ScoreTable:
    return join_scores(read_fold_scores(out, range(CONFIG.folds)))


def probabilities(out: Path) -> np.ndarray:
    return 1 / (1 + np.exp(-table(out).logits))


def assert_same(expected: Path, found: Path, config: TrainConfig = CONFIG, *, within: float = 1e-6) -> None:
    """The same cases in the same folds, |Δp| at most ``within``; the same key and best epoch."""
    one, other = table(expected), table(found)
    assert other.cases == one.cases
    assert other.folds.tolist() == one.folds.tolist()
    np.testing.assert_allclose(probabilities(found), probabilities(expected), rtol=0, atol=within)
    for before, after in zip(jobs(expected, config), jobs(found, config), strict=True):
        history, again = read_history(before.out), read_history(after.out)
        assert (again.key, again.best_epoch, again.threads) == (history.key, history.best_epoch, 1)
        np.testing.assert_allclose(again.losses, history.losses, atol=10 * within)


def main() -> None:
    told: list[Tick] = []

    def tell(tick: Tick) -> None:
        told.append(tick)
        if len(told) == 20:
            print("training", flush=True)

    list(in_processes(jobs(Path(sys.argv[1]), ENDLESS), lambda _job: tell, never, processes=2))


if __name__ == "__main__":
    main()
