"""The learning curves of a run, finished or on its way, as its folder has them now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vfrac_core.errors import VfracError

if TYPE_CHECKING:  # torch
    from vfrac_core.training.cross_validate import History
    from vfrac_core.training.progress_file import Standing
    from vfrac_core.training.run_record import RunRecord


@dataclass(frozen=True, slots=True)
class Point:
    """An epoch that is not done: ``epoch`` ones are, and a part of one; ``loss`` of training in that part."""

    epoch: float
    loss: float


@dataclass(frozen=True, slots=True)
class Curve:
    """One training. ``losses``: (training, validation) of each epoch that is done. ``best``: the epoch with the lowest validation
    loss, from 0; None before the first is done. ``now``: of one that is not finished."""

    fold: int
    losses: tuple[tuple[float, float], ...]
    best: int | None
    now: Point | None = None


@dataclass(frozen=True, slots=True)
class RunCurves:
    """``folds``: how many trainings the run has, so far as it is known; ``epochs``: of each at most. ``record``: of a finished
    run. ``standing``: where one that is not finished was heard last."""

    curves: tuple[Curve, ...]
    folds: int
    epochs: int
    record: RunRecord | None = None
    standing: Standing | None = None

    @property
    def seconds_left(self) -> float | None:
        """Of the whole run, if every training goes to its last epoch; None where nothing is known."""
        one = self.standing
        if one is None:
            return None
        return one.seconds_left + (one.folds - one.fold - 1) * (one.seconds + one.seconds_left)


def read_curves(folder: Path) -> RunCurves:
    """Of a folder that may be written at the same time. What is damaged is left out: the run itself will say so."""
    from vfrac_core.training.progress_file import read_progress
    from vfrac_core.training.run_record import read_record

    try:
        record = read_record(folder)
    except VfracError:
        record = None
    if record is not None:
        curves = tuple(_finished(history) for history in record.histories)
        return RunCurves(curves, len(curves), int(record.config["epochs"]), record)
    standing = read_progress(folder)
    done = _histories(folder)
    curves = tuple(_finished(history) for history in done)
    if standing is None:
        return RunCurves(curves, len(curves), max((len(curve.losses) for curve in curves), default=0))
    if standing.fold not in [max(history.fold, 0) for history in done]:
        curves = (*curves, _going(standing))
    return RunCurves(curves, standing.folds, standing.epochs, standing=standing)


def _histories(folder: Path) -> list[History]:
    from vfrac_core.training.cross_validate import read_history

    found = []
    for one in sorted([*folder.glob("fold-*"), folder / "all"]):
        try:
            found.append(read_history(one))
        except (VfracError, OSError):
            continue
    return [history for history in found if history is not None]


def _finished(history: History) -> Curve:
    return Curve(max(history.fold, 0), _pairs(history.losses), history.best_epoch)


def _going(standing: Standing) -> Curve:
    losses = _pairs(standing.losses)
    best = min(range(len(losses)), key=lambda epoch: losses[epoch][1]) if losses else None
    now = Point(standing.epoch + standing.step / max(standing.steps, 1), standing.loss)
    return Curve(standing.fold, losses, best, now)


def _pairs(losses: list[list[float]]) -> tuple[tuple[float, float], ...]:
    return tuple((float(one[0]), float(one[1])) for one in losses)
