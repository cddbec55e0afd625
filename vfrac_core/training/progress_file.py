"""progress.json of a run: where it stands, for whoever watches it from another process. Replaced whole, at most once a second."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final

from vfrac_core.training.fit import Tell, Tick

PROGRESS: Final = "progress.json"
EVERY_S: Final = 1.0


@dataclass(frozen=True, slots=True)
class Standing:
    """The training that was heard last: ``fold`` of ``folds`` (0-based), and its tick. ``seconds_left``: of this training, if it
    runs to its last epoch."""

    fold: int
    folds: int
    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    losses: list[list[float]]
    seconds: float
    seconds_left: float


class ProgressFile:
    """Listens to the trainings of one run."""

    def __init__(self, out: Path, folds: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._file, self._folds, self._clock = out / PROGRESS, folds, clock
        self._written = -EVERY_S

    def listen(self, fold: int, tell: Tell) -> Tell:
        """A listener for one training, that also calls ``tell``."""

        def heard(tick: Tick) -> None:
            if self._clock() - self._written >= EVERY_S:
                self._written = self._clock()
                write_whole(self._file, json.dumps(asdict(self._standing(fold, tick))))
            tell(replace(tick, fold=fold, folds=self._folds))

        return heard

    def _standing(self, fold: int, tick: Tick) -> Standing:
        return Standing(
            fold=fold,
            folds=self._folds,
            epoch=tick.epoch,
            epochs=tick.epochs,
            step=tick.step,
            steps=tick.steps,
            loss=tick.loss,
            losses=tick.losses,
            seconds=tick.seconds,
            seconds_left=tick.seconds_left,
        )


def read_progress(out: Path) -> Standing | None:
    """Where the run stands; None where it has not begun to train."""
    try:
        return Standing(**json.loads((out / PROGRESS).read_text()))
    except (FileNotFoundError, ValueError, TypeError):
        return None


def write_whole(file: Path, text: str) -> None:
    """Under its name there is the whole text or what was there before."""
    draft = file.with_name(f"{file.name}.part")
    draft.write_text(text, encoding="utf-8")
    draft.replace(file)
