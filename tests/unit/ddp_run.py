"""One fold over the processes that torchrun starts: python -m torch.distributed.run --nproc_per_node 2 ddp_run.py OUT [EPOCHS]"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from pathlib import Path

import torch
from engine_runs import CONFIG, DATA
from training_fixtures import TINY

from vfrac_core.errors import VfracError
from vfrac_core.training.cross_validate import Job
from vfrac_core.training.ddp import joined_team
from vfrac_core.training.engines.choose import engine_of
from vfrac_core.training.fit import Tick
from vfrac_core.training.run import Run, cross_validate

PARTS = replace(CONFIG, parts=2)


def main() -> None:
    out, epochs, stop_at = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    torch.set_num_threads(1)
    config = replace(PARTS, epochs=epochs)
    ticks: list[Tick] = []

    def tell(tick: Tick) -> None:
        ticks.append(tick)
        print(f"step {len(ticks)} of rank {os.environ['RANK']}, process {os.getpid()}", flush=True)

    try:
        with joined_team(os.environ, config, "cpu") as team:
            run = Run(Job(DATA, None, 0, config, out, shape=TINY), "cohort folder", team=team)
            found = cross_validate(run, engine=engine_of("local", team=team), tell=tell, stopped=lambda: len(ticks) == stop_at)
            print("finished" if found else "stopped", flush=True)
    except VfracError as refused:
        print(f"refused: {refused}", flush=True)
        sys.exit(2)


if __name__ == "__main__":
    main()
