"""Where a training's cases come from: a cohort folder, or a study's readings in the store; and what the store keeps of it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vfrac_core.errors import VfracError
from vfrac_core.library.cases import CaseLibrary
from vfrac_core.library.cohort_set import read_cohort
from vfrac_core.library.store_set import Progress, read_store_set
from vfrac_core.store import AnnotationStore, DataVersion, OutOfFold, save_data_version, save_folds, save_out_of_fold
from vfrac_core.training.cases import TrainingSet
from vfrac_core.training.reader_choice import ReaderChoice
from vfrac_core.types import WeightsInfo

if TYPE_CHECKING:  # torch
    from vfrac_core.evaluation.score_table import ScoreTable
    from vfrac_core.training.folds import Folds

STUDY: Final = "study "  # begins the source of a set from the store


@dataclass(frozen=True, slots=True)
class LearningData:
    """The cases, and in a few words where they were found: it stands in run.json. ``version``: of a set from the store."""

    data: TrainingSet
    source: str
    version: DataVersion | None = None


def data_of_cohort(cohort: Path, progress: Progress) -> LearningData:
    """VfracError where the folder holds no cohort."""
    return LearningData(read_cohort(cohort, progress), "cohort folder")


def data_of_study(library: CaseLibrary, choice: ReaderChoice, progress: Progress) -> LearningData:
    """The readings as they are now; the store keeps which they were. VfracError where there is nothing to learn from."""
    found = read_store_set(library, choice, progress=progress)
    save_data_version(library.store, found.version)
    assisted = ", AI-assisted readings included" if choice.include_assisted else ""
    return LearningData(found.data, f"{STUDY}{choice.study}, readers: {choice.readers}{assisted}", found.version)


def keep_folds(store: AnnotationStore, data: TrainingSet, folds: Folds) -> None:
    """Who is tested when, beside the data version."""
    save_folds(store, data.sha256, {case.case: int(fold) for case, fold in zip(data.cases, folds.of_case, strict=True)})


def keep_out_of_fold(store: AnnotationStore, weights: WeightsInfo, table: ScoreTable) -> None:
    """What a cross-validation said of each slice, under the name of the weights that are shown: in place of their own answers.

    VfracError for scores without folds.
    """
    if table.folds is None:
        raise VfracError("the scores name no folds; give the folder of a finished cross-validation")
    answers = [
        OutOfFold(
            case_id=table.cases[row],
            slice_index=int(table.slices[row]),
            fold=int(table.folds[row]),
            logit=float(table.logits[row]),
            signs=tuple(float(sign.logits[row]) for sign in table.signs) if table.signs else None,
        )
        for row in range(len(table.cases))
    ]
    save_out_of_fold(store, weights.name, weights.data_sha256, int(table.folds.max()) + 1, answers)
