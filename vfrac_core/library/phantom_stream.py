"""The endless stream of synthetic crops that pretraining learns from, chunk after chunk: made when asked for, kept on disk."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from vfrac_core.library.cohort_set import read_cohort
from vfrac_core.phantom.cohort import CohortSettings
from vfrac_core.phantom.output import write_cohort
from vfrac_core.phantom.sampling import sample_cohort
from vfrac_core.phantom.seeds import PRETRAINING
from vfrac_core.phantom.spec import Mode
from vfrac_core.training.cases import TrainingCase, TrainingSet, training_set
from vfrac_core.training.pretrain import Stream


class PhantomStream:
    """Call it with the number of a chunk. ``folder`` holds a cohort for each seed, whole or to be gone on with; ``jobs``
    processes make what is missing; ``progress`` hears the seed's number and how many of its cases are there."""

    def __init__(
        self, folder: Path, stream: Stream, jobs: int = 1, progress: Callable[[int, int], None] = lambda _seed, _done: None
    ) -> None:
        self._folder, self._stream, self._jobs, self._progress = folder, stream, jobs, progress
        self._kept: deque[tuple[int, TrainingSet]] = deque(maxlen=stream.window + 1)

    def __call__(self, number: int) -> TrainingSet:
        """Chunk ``number``, from 0: the same cases at any time, of seeds that nothing else uses."""
        for known, chunk in self._kept:
            if known == number:
                return chunk
        seed, stream = PRETRAINING[2 * number], self._stream
        cases = self._cohort(seed, stream.cases, "expected") + self._cohort(seed + 1, stream.signs_only, "independent")
        chunk = training_set(cases, "a stream of synthetic cases")
        self._kept.append((number, chunk))
        return chunk

    def _cohort(self, seed: int, count: int, mode: Mode) -> list[TrainingCase]:
        if count == 0:
            return []
        folder, settings = self._folder / str(seed), CohortSettings(seed, mode, count, "crops")
        specs = sample_cohort(seed, count, mode)
        write_cohort(specs, folder, settings, jobs=self._jobs, progress=lambda done: self._progress(seed, done))
        found = read_cohort(folder).cases
        return [replace(case, case=f"{seed} {case.case}", patient=f"{seed} {case.patient}") for case in found]
