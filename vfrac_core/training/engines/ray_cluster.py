"""A connection to a Ray cluster: the one that runs already, the one at RAY_ADDRESS, or one of this machine for this call."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from vfrac_core.errors import VfracError

# Ray's words, read when it is imported. No report of use leaves the machine. A task without a GPU sees the GPUs that are there,
# as Ray will have it in its next version, of which it would warn.
SETTINGS: Final = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}


def require_ray() -> Any:
    """The module ``ray``, which is an optional extra. VfracError where it is not installed."""
    for name, value in SETTINGS.items():
        os.environ.setdefault(name, value)
    try:
        import ray
    except ImportError:
        raise VfracError("Ray is not installed, and --engine ray needs it; run pip install 'vfrac[ray]'") from None
    return ray


@contextmanager
def ray_cluster() -> Iterator[Any]:
    """The module ``ray``, connected. What was begun here is ended here. VfracError where no cluster answers at RAY_ADDRESS."""
    ray = require_ray()
    if ray.is_initialized():
        yield ray
        return
    try:
        address = os.environ.get("RAY_ADDRESS", "local")
        ray.init(address=address, include_dashboard=False, log_to_driver=False, logging_level=logging.WARNING)
    except ConnectionError:
        raise VfracError("no Ray cluster answers at RAY_ADDRESS; start one by ray start --head, or unset RAY_ADDRESS") from None
    try:
        yield ray
    finally:
        ray.shutdown()


def cores_for_each(ray: Any, at_once: int) -> int:
    """So many cores that ``at_once`` tasks fill the cluster, and none asks for more than the largest machine has."""
    machines = [int(node["Resources"].get("CPU", 0)) for node in ray.nodes() if node["Alive"]]
    return max(1, min(sum(machines) // at_once, max(machines)))


def gpus_for_each(ray: Any, device: str) -> int:
    """1 for work on "cuda". VfracError where the cluster has none: the work would wait for ever."""
    wanted = int(device.startswith("cuda"))
    if wanted and not ray.cluster_resources().get("GPU", 0):
        raise VfracError("the Ray cluster has no GPU; choose --device cpu, or add a machine with a GPU to it")
    return wanted


@contextmanager
def plain_errors(ray: Any) -> Iterator[None]:
    """Around ``ray.get``: an error in a task is raised as the error that it was, and a lost machine in one line."""
    try:
        yield
    except ray.exceptions.RayTaskError as failed:
        raise failed.cause from None
    except ray.exceptions.RayError:
        raise VfracError("the Ray cluster lost the work too often, probably for want of memory; run it again") from None
