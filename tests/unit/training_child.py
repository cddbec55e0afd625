"""Run as a program: one fold of the tiny training, a line on stdout after each step, to be killed at any of them.

python training_child.py FOLDER [checkpoint seconds]
"""

from __future__ import annotations

import sys
from pathlib import Path

from training_fixtures import QUICK, TINY, some_cases

from vfrac_core.training import fit as fitting
from vfrac_core.training.cross_validate import Job, fold_jobs, run_job
from vfrac_core.training.folds import make_folds


def main(out: Path, every_s: float) -> None:
    fitting.SAVED_EVERY_S = every_s
    data = some_cases(24)
    job = fold_jobs(Job(data, make_folds(data.cases, QUICK), 0, QUICK, out, shape=TINY))[0]
    assert run_job(job, tell=lambda tick: print(tick.epoch, tick.step, flush=True)) is not None


if __name__ == "__main__":
    main(Path(sys.argv[1]), float(sys.argv[2]))
