"""What an engine is, and the simplest one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final, Literal

from vfrac_core.training.cross_validate import History, Job, run_job
from vfrac_core.training.fit import Stopped, Tell
from vfrac_core.training.team import ALONE, Team

EngineName = Literal["local", "processes", "ray"]
ENGINES: Final[tuple[EngineName, ...]] = ("local", "processes", "ray")
# Does all jobs, in any order and anywhere; tells of each as it goes; None for one that was stopped.
Engine = Callable[[list[Job], Callable[[Job], Tell], Stopped], Iterable[History | None]]


def one_after_another(
    jobs: list[Job], tell: Callable[[Job], Tell], stopped: Stopped, *, team: Team = ALONE
) -> Iterable[History | None]:
    """The local engine: all cores, or the whole team, for one fold, then the next."""
    for job in jobs:
        if team.agreed(stopped()):
            return
        yield run_job(job, tell=tell(job), stopped=stopped, team=team)
