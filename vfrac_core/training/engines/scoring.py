"""What a network says of many cases, by any engine: the cases in chunks, the same table whoever scored which."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

import torch
from torch import nn

from vfrac_core.evaluation.score_table import ScoreTable
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.model.weights import load_weights
from vfrac_core.phantom.workers import run_jobs
from vfrac_core.training.cases import TrainingCase
from vfrac_core.training.engines.local import EngineName
from vfrac_core.training.engines.ray_cluster import cores_for_each, gpus_for_each, plain_errors, ray_cluster
from vfrac_core.training.scores import join_scores, score_cases

CHUNKS_EACH: Final = 4  # for each that works: who is faster takes another
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class _Scored:
    """``first``: the place of the chunk's first case."""

    first: int
    cases: int
    table: ScoreTable


def score_with_engine(
    engine: EngineName,
    weights: Path,
    cases: Sequence[TrainingCase],
    *,
    jobs: int = 1,
    spec: NetworkSpec | None = None,
    device: str = "cpu",
    progress: Progress = lambda _done: None,
) -> ScoreTable:
    """``score_cases`` of the network in ``weights``, a file, in the order of ``cases``.

    ``progress`` hears how many cases are done. ``jobs``: chunks at a time, for "processes" (each on one core) and "ray".
    VfracError for weights that do not fit ``spec`` (default: the paper's network), where Ray is missing, and where its cluster
    lost a chunk too often.
    """
    spec = spec or NetworkSpec()
    if engine == "local":
        return score_cases(load_weights(weights, spec).network.to(device), cases, progress=progress)
    size = -(-len(cases) // (jobs * CHUNKS_EACH))
    chunks = [(first, cases[first : first + size]) for first in range(0, len(cases), size)]
    if engine == "processes":
        scored: Iterator[_Scored] = run_jobs(partial(_score_file, weights, spec, device), chunks, jobs)
    else:
        scored = _on_ray(load_weights(weights, spec).network, chunks, jobs, device)
    found: list[_Scored] = []
    for one in scored:
        found.append(one)
        progress(sum(done.cases for done in found))
    return join_scores([one.table for one in sorted(found, key=lambda one: one.first)])


Chunk = tuple[int, Sequence[TrainingCase]]


def _score_file(weights: Path, spec: NetworkSpec, device: str, chunk: Chunk) -> _Scored:
    """In a process of this machine."""
    return _score(load_weights(weights, spec).network, chunk, device)


def _on_ray(network: nn.Module, chunks: Sequence[Chunk], jobs: int, device: str) -> Generator[_Scored]:
    """The network goes into the object store once: no machine needs the file. Chunks as they are done."""
    with ray_cluster() as ray:
        cores = cores_for_each(ray, jobs)
        work = ray.remote(num_cpus=cores, num_gpus=gpus_for_each(ray, device))(_score_on_ray)
        stored = ray.put(network)
        running = [work.remote(stored, chunk, device, cores) for chunk in chunks]
        while running:
            ended, running = ray.wait(running)
            for task in ended:
                with plain_errors(ray):
                    scored: _Scored = ray.get(task)
                yield scored


def _score_on_ray(network: nn.Module, chunk: Chunk, device: str, cores: int) -> _Scored:
    torch.set_num_threads(cores)
    return _score(network, chunk, device)


def _score(network: nn.Module, chunk: Chunk, device: str) -> _Scored:
    first, cases = chunk
    return _Scored(first, len(cases), score_cases(network.to(device), cases))
