"""Who is tested when: folds over patients, stratified by class, and the validation patients of each fold."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Int
from sklearn.model_selection import StratifiedKFold, StratifiedShuffleSplit

from vfrac_core.errors import VfracError
from vfrac_core.training.cases import TrainingCase
from vfrac_core.training.config import TrainConfig


@dataclass(frozen=True, slots=True)
class Split:
    """Positions of cases. Nobody is in two of the three, and neither is a patient, unless the paper is read literally: then
    ``validation`` is ``test``."""

    train: tuple[int, ...]
    validation: tuple[int, ...]
    test: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Folds:
    """For each case the fold in which it is tested, 0 to ``count`` - 1."""

    of_case: Int[np.ndarray, " case"]
    count: int

    @property
    def sha256(self) -> str:
        return hashlib.sha256(np.asarray(self.of_case, np.int64).tobytes()).hexdigest()


def make_folds(cases: Sequence[TrainingCase], config: TrainConfig) -> Folds:
    """Each patient in one fold, every fold with its share of each class (29–30 malignant and 13–14 benign of the paper's 433).

    VfracError where a class has fewer patients than folds, or a patient is of two classes.
    """
    patients = _patients(cases)
    malignant = np.array(list(patients.values()))
    _require_enough(malignant, config.folds)
    names = list(patients)
    where: dict[str, int] = {}
    splitter = StratifiedKFold(config.folds, shuffle=True, random_state=config.seed)
    for fold, (_, tested) in enumerate(splitter.split(names, malignant)):
        where |= {names[i]: fold for i in tested}
    return Folds(np.array([where[case.patient] for case in cases]), config.folds)


def split_fold(cases: Sequence[TrainingCase], folds: Folds, fold: int, config: TrainConfig) -> Split:
    """The cases of one fold of the cross-validation: tested, trained on, and for the early stop (protocol.md E17)."""
    test = np.flatnonzero(folds.of_case == fold)
    others = np.flatnonzero(folds.of_case != fold)
    if config.validation == "paper literal":
        return Split(_tuple(others), _tuple(test), _tuple(test))
    train, validation = _hold_out([cases[int(i)] for i in others], config, fold)
    return Split(_tuple(others[train]), _tuple(others[validation]), _tuple(test))


def split_all(cases: Sequence[TrainingCase], config: TrainConfig) -> Split:
    """All cases to learn from, but for the validation patients; nobody is tested."""
    train, validation = _hold_out(cases, config, config.folds)
    return Split(_tuple(train), _tuple(validation), ())


def _hold_out(cases: Sequence[TrainingCase], config: TrainConfig, fold: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions to train on and to validate on, by patient, stratified."""
    patients = _patients(cases)
    names, malignant = list(patients), np.array(list(patients.values()))
    _require_enough(malignant, 2)
    size = max(2, math.ceil(config.validation_share * len(names)))  # at least one of each class
    splitter = StratifiedShuffleSplit(1, test_size=size, random_state=config.seed * 1000 + fold)
    ((_, held),) = splitter.split(names, malignant)
    validation = {names[i] for i in held}
    is_held = np.array([case.patient in validation for case in cases])
    return np.flatnonzero(~is_held), np.flatnonzero(is_held)


def _patients(cases: Sequence[TrainingCase]) -> dict[str, bool]:
    """Class of each patient, in the order of their names: the splitter depends on the order."""
    found: dict[str, bool] = {}
    for case in sorted(cases, key=lambda one: one.patient):
        malignant = bool(case.malignant)
        if found.setdefault(case.patient, malignant) != malignant:
            raise VfracError("a patient has a benign and a malignant case; mend the reference standard, or take one of them out")
    return found


def _require_enough(malignant: np.ndarray, folds: int) -> None:
    few = min(int(malignant.sum()), int((~malignant).sum()))
    if few < folds:
        raise VfracError(f"the smaller class has {few} patients, expected at least {folds}; label more cases or use fewer folds")


def _tuple(positions: np.ndarray) -> tuple[int, ...]:
    return tuple(int(i) for i in positions)
