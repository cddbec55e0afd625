"""What the researcher has chosen on the Training page, checked: where the cases come from, and how the network is trained."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Final, cast

from vfrac_core.errors import VfracError
from vfrac_core.library.cases import CaseLibrary
from vfrac_core.library.learning_data import LearningData, data_of_cohort, data_of_study
from vfrac_core.library.pretraining import pretrained_weights
from vfrac_core.library.run_command import RunCommand, What
from vfrac_core.store import ANNOTATE
from vfrac_core.training.config import INITIAL, PRESETS, TrainConfig, beginning_with
from vfrac_core.training.reader_choice import NAMES, ReaderChoice

STUDY, COHORT = "study", "cohort"
SOURCES: Final = [("Readings made in Annotate", STUDY), ("A cohort folder", COHORT)]
READERS: Final = [(name.capitalize(), key) for key, name in NAMES.items()]
WHATS: Final = [("Train: one network of all cases", "train"), ("Cross-validate: one network a fold", "cross-validate")]
FILE: Final = "file"
FIRSTS: Final = [("Synthetic pretraining", "synthetic"), ("Random", "random"), ("ImageNet", "imagenet"), ("A weights file", FILE)]
MOST_FOLDS, MOST_EPOCHS = 100, 1000


@dataclass(frozen=True, slots=True)
class DataChoice:
    """Where the cases come from, in the order of the page's controls."""

    source: str
    readers: str
    include_assisted: bool
    cohort: str

    @property
    def folder(self) -> Path | None:
        """The cohort's folder, whole; None for a study. VfracError where there is none."""
        if self.source != COHORT:
            return None
        folder = Path((self.cohort or "").strip()).expanduser()
        if not (self.cohort or "").strip() or not folder.is_dir():
            raise VfracError("there is no such cohort folder on this machine; give the path of one with truth.csv in it")
        return folder.resolve()

    def read(self, library: CaseLibrary, progress: Callable[[int, int], None]) -> LearningData:
        """VfracError where there is nothing to learn from."""
        folder = self.folder
        if folder is not None:
            return data_of_cohort(folder, progress)
        return data_of_study(library, ReaderChoice(ANNOTATE, self.readers, bool(self.include_assisted)), progress)


@dataclass(frozen=True, slots=True)
class RunChoice:
    """How it is trained, in the order of the page's controls. ``epochs`` 0 or None: as many as the preset has."""

    what: str
    preset: str
    first: str
    first_file: str
    folds: int | float | None
    epochs: int | float | None
    shift_from: str | None
    name: str

    def config(self) -> TrainConfig:
        """VfracError for what is no configuration."""
        if self.preset not in PRESETS:
            raise VfracError(f"there is no such preset; choose {' or '.join(PRESETS)}")
        preset = PRESETS[self.preset]
        folds = _whole(self.folds, preset.folds, MOST_FOLDS, "folds")
        epochs = _whole(self.epochs, preset.epochs, MOST_EPOCHS, "epochs")
        return replace(beginning_with(preset, self._first()), folds=folds, epochs=epochs)

    def command(self, data: DataChoice) -> RunCommand:
        folder = data.folder
        source = None if folder is None else str(folder)
        shift = (self.shift_from or None) if self.what == "train" else None
        study = ANNOTATE if folder is None else None
        assisted = bool(data.include_assisted)
        return RunCommand(cast(What, self.what), source, study, data.readers, assisted, shift)  # it checks what it is given

    def name_on(self, day: date) -> str:
        """The given one, or one made of the day, the preset and what is done."""
        wish = re.sub(r"\s+", "-", (self.name or "").strip())
        return wish or f"{day:%Y-%m-%d}-{self.preset}-{self.what}"

    def require_first_weights(self, data_home: Path) -> None:
        """VfracError before a run begins that could not find what it begins with."""
        if self.first == "synthetic":
            pretrained_weights(data_home)

    def _first(self) -> str:
        if self.first in INITIAL:
            return self.first
        file = Path((self.first_file or "").strip()).expanduser()
        if self.first != FILE or not file.is_file():
            raise VfracError("there is no such weights file on this machine; give the path of one, or choose other first weights")
        return str(file.resolve())


def _whole(value: int | float | None, default: int, most: int, what: str) -> int:
    if not value:
        return default
    if value != int(value) or not 1 <= value <= most:
        raise VfracError(f"{value:g} {what} were asked for, expected a whole number from 1 to {most}")
    return int(value)
