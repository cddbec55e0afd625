"""The labelled cases of a command: a cohort folder or a study of the store, one of the two."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vfrac_core.cli.options import open_library, settings_for
from vfrac_core.cli.watching import counting_bar
from vfrac_core.errors import VfracError

if TYPE_CHECKING:
    from vfrac_core.library.learning_data import LearningData


@dataclass(frozen=True, slots=True)
class ReaderOptions:
    """Whose readings of a study, and whether those count that were made with the AI visible."""

    readers: str = "senior"
    include_assisted: bool = False


def find_data(cohort: Path | None, study: str | None, options: ReaderOptions, data_home: Path | None) -> LearningData:
    """VfracError where neither or both are given, and where they hold nothing that is labelled."""
    from vfrac_core.library.learning_data import data_of_cohort, data_of_study
    from vfrac_core.training.reader_choice import ReaderChoice

    if (cohort is None) == (study is None):
        raise VfracError("the cases come from one place; give either --cohort DIR or --study NAME")
    with counting_bar("case") as progress:
        if cohort is not None:
            return data_of_cohort(cohort, progress)
        choice = ReaderChoice(str(study), options.readers, options.include_assisted)
        with open_library(settings_for(data_home)) as library:
            return data_of_study(library, choice, progress)
