"""Where a training's cases come from: a cohort folder, or the readings of a study in the store."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vfrac_core.errors import VfracError
from vfrac_core.library.cohort_set import read_cohort
from vfrac_core.training.cases import TrainingSet


@dataclass(frozen=True, slots=True)
class LearningData:
    """The cases, and in a few words where they were found: it stands in run.json."""

    data: TrainingSet
    source: str


def data_of_cohort(cohort: Path | None, progress: Callable[[int, int], None]) -> LearningData:
    """VfracError where no folder is given, or it holds no cohort."""
    if cohort is None:
        raise VfracError("there is nothing to learn from; give --cohort DIR, or --study NAME")
    return LearningData(read_cohort(cohort, progress), "cohort folder")
