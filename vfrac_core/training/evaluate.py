"""Any weights on any labelled set: the external test (paper: "can be readily applied"), and that of our own unseen cases."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.performance import Performance, performance
from vfrac_core.evaluation.recalibration import Recalibration
from vfrac_core.evaluation.score_table import ScoreTable
from vfrac_core.evaluation.sign_figures import SignFigures, sign_figures
from vfrac_core.training.cases import TrainingSet
from vfrac_core.training.results import recalibrated

Scorer = Callable[[Sequence[Any]], ScoreTable]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """``shown``: as the app shows it, with the shift and temperature that the weights carry; ``plain``: without, where they carry
    any. Both None where no case has a diagnosis: then only ``signs`` can be judged."""

    table: ScoreTable
    shown: Performance | None
    plain: Performance | None
    signs: Mapping[str, SignFigures]

    def as_json(self) -> dict[str, Any]:
        """Figures by name, all but ``signs`` null without diagnoses; ``without_recalibration``: the same without it."""
        nothing: dict[str, Any] = {"per_slice": None, "per_patient": None, "other_rules": None, "slices": None}
        found = nothing if self.shown is None else self.shown.as_json()
        found["signs"] = {name: figures.as_json() for name, figures in self.signs.items()}
        return found | {"without_recalibration": None if self.plain is None else self.plain.as_json()}


def evaluate(table: ScoreTable, data: TrainingSet, carried: Recalibration, *, seed: int = 0) -> Evaluation:
    """``table``: the network's own logits on ``data``. VfracError where some cases have a diagnosis and some have none."""
    known = {case.malignant is not None for case in data.cases}
    if len(known) > 1:
        raise VfracError("some cases have a diagnosis and some have none; evaluate them apart")
    if known == {False}:
        signs = {sign.name: sign_figures(table, sign, seed=seed) for sign in table.signs}
        return Evaluation(table, None, None, {name: _without_classes(one) for name, one in signs.items()})
    shown = performance(recalibrated(table, carried), seed=seed)
    plain = None if carried == Recalibration() else performance(table, seed=seed)
    return Evaluation(table, shown, plain, shown.signs)


def _without_classes(figures: SignFigures) -> SignFigures:
    return SignFigures(figures.n, figures.missing, figures.auc, figures.kappa, figures.agreement, {})
