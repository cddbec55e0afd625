"""An engine by its name on the command line."""

from __future__ import annotations

from functools import partial

from vfrac_core.errors import VfracError
from vfrac_core.training.engines.in_processes import in_processes
from vfrac_core.training.engines.local import ENGINES, Engine, EngineName, one_after_another
from vfrac_core.training.engines.on_ray import on_ray
from vfrac_core.training.engines.ray_cluster import require_ray
from vfrac_core.training.team import ALONE, Team


def engine_of(name: EngineName, jobs: int = 1, *, team: Team = ALONE) -> Engine:
    """``jobs``: folds at a time; "local" does one. ``team``: of torchrun, for "local" alone.

    VfracError for a name that is not known, for "ray" where it is not installed, and for two ways of sharing the work at once.
    """
    if name not in ENGINES:
        raise VfracError(f"the engine {name!r:.40} is not known; expected one of {', '.join(ENGINES)}")
    if name == "local":
        return partial(one_after_another, team=team)
    if team is not ALONE:
        raise VfracError(f"--engine {name} was given under torchrun, which works on one fold at a time; leave one of the two out")
    if name == "processes":
        return partial(in_processes, processes=jobs)
    require_ray()
    return partial(on_ray, at_once=jobs)
