"""What a cross-validation found: the table of out-of-fold scores, and the one number that is added to every logit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from vfrac_core.evaluation.performance import Performance, performance
from vfrac_core.evaluation.recalibration import CrossFitted, Fit, Recalibration, cross_fit, fit_shift, fit_temperature
from vfrac_core.evaluation.score_table import ScoreTable, case_scores
from vfrac_core.training.config import TrainConfig

SHIFT: Final = "logit shift"
TEMPERATURE: Final = "temperature"


@dataclass(frozen=True, slots=True)
class Recalibrated:
    """``shipped``: fitted on all out-of-fold patients, for the weights. ``performance``: with what the *other* folds gave each
    fold, so that no patient took part in the number that mends it. ``table``: the scores of that."""

    name: str
    shipped: Recalibration
    table: ScoreTable
    performance: Performance


@dataclass(frozen=True, slots=True)
class Results:
    """``plain``: the network's own answers. ``mended``: by a shift where the configuration has one, and always by a temperature,
    each shown beside the plain figures and never in their place."""

    table: ScoreTable
    plain: Performance
    mended: tuple[Recalibrated, ...]


def results_of(table: ScoreTable, config: TrainConfig, *, draws: int = 2000) -> Results:
    """All figures of out-of-fold scores. Fits are on *patients'* scores, the maximum over slices (science.md §6)."""
    fits: Sequence[tuple[str, Fit]] = ((SHIFT, fit_shift),) if config.logit_shift else ()
    fits = (*fits, (TEMPERATURE, fit_temperature))
    mended = tuple(_mended(table, name, fit, config.seed, draws) for name, fit in fits)
    return Results(table, performance(table, seed=config.seed, draws=draws), mended)


def recalibrated(table: ScoreTable, found: Recalibration) -> ScoreTable:
    """Every slice's logit moved by the same number: the highest slice stays the highest."""
    return replace(table, logits=found.apply(table.logits))


def _mended(table: ScoreTable, name: str, fit: Fit, seed: int, draws: int) -> Recalibrated:
    cases = case_scores(table, "max")
    assert cases.folds is not None, "out-of-fold scores have folds"
    assert table.folds is not None
    crossed: CrossFitted = cross_fit(cases.logits, cases.malignant, cases.patients, cases.folds, fit)
    moved = np.empty_like(table.logits)
    for fold, found in crossed.without.items():
        inside = table.folds == fold
        moved[inside] = found.apply(table.logits[inside])
    own = replace(table, logits=moved)
    return Recalibrated(name, fit(cases.logits, cases.malignant), own, performance(own, seed=seed, draws=draws))


def figure_text(figure: Mapping[str, Any]) -> str:
    """A figure as run.json has it: "0.949 [0.918, 0.969]"; without an interval, or a value, where there is none."""
    value, low, high = figure["value"], figure["low"], figure["high"]
    if value is None:
        return "not defined"
    return f"{value:.3f}" if low is None else f"{value:.3f} [{low:.3f}, {high:.3f}]"
