"""The whole of a network's performance, from one table of slice scores: by slice, by case under each rule, and by sign.

The case is what gets a verdict; the paper has one a patient and calls it per patient. Where a patient has several cases, all
intervals are over patients.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from scipy.special import expit

from vfrac_core.evaluation.aggregation import RULES, Rule, SliceCounts, slice_counts
from vfrac_core.evaluation.arrays import Logits, Patients, Truth, codes
from vfrac_core.evaluation.auc import FoldAucs, auc, auc_by_fold
from vfrac_core.evaluation.bootstrap import DRAWS
from vfrac_core.evaluation.calibration import CalibrationLine, Loss, calibration_line, losses
from vfrac_core.evaluation.confusion import Confusion, Counts, called_malignant, confusion_by_patient
from vfrac_core.evaluation.figure import Figure
from vfrac_core.evaluation.score_table import CaseScores, ScoreTable, case_rows, case_scores
from vfrac_core.evaluation.sign_figures import SignFigures, sign_figures

PRINTED = ("sensitivity", "specificity", "accuracy", "balanced_accuracy", "ppv", "npv", "lr_positive", "lr_negative", "mcc")


@dataclass(frozen=True, slots=True)
class Measures:
    """All figures of slices, or of cases. ``n`` of them, of so many ``patients``."""

    n: int
    patients: int
    confusion: Confusion
    auc: Figure
    loss: Loss
    calibration: CalibrationLine

    def as_json(self) -> dict[str, Any]:
        """Every figure under its own name, as ``evaluate --json`` prints it."""
        figures = {name: getattr(self.confusion, name) for name in PRINTED}
        figures |= {"auc": self.auc, "brier": self.loss.brier, "scaled_brier": self.loss.scaled_brier}
        figures |= {"log_loss": self.loss.log_loss, "majority_baseline": self.confusion.majority_baseline}
        line = self.calibration
        calibration = {"slope": line.slope, "intercept": line.intercept, "in_the_large": line.in_the_large}
        found: dict[str, Any] = {"n": self.n, "patients": self.patients, "counts": _counts_json(self.confusion.counts)}
        found |= {name: figure.as_json() for name, figure in figures.items()}
        return found | {"calibration": {name: figure.as_json() for name, figure in calibration.items()}}


@dataclass(frozen=True, slots=True)
class Performance:
    """``per_case`` under each rule; "max" is the paper's. ``by_fold``: AUC of the maximum in each fold, where folds are known."""

    per_slice: Measures
    per_case: Mapping[Rule, Measures]
    slices: tuple[SliceCounts, SliceCounts]
    by_fold: FoldAucs | None
    signs: Mapping[str, SignFigures]

    def as_json(self) -> dict[str, Any]:
        """``per_slice``, ``per_patient`` (by the maximum), ``other_rules``, ``slices``, ``folds`` and ``signs``."""
        return {
            "per_slice": self.per_slice.as_json(),
            "per_patient": self.per_case["max"].as_json(),
            "other_rules": {rule: self.per_case[rule].as_json() for rule in RULES if rule != "max"},
            "slices": {one.diagnosis: _slices_json(one) for one in self.slices},
            "folds": _folds_json(self.by_fold),
            "signs": {name: figures.as_json() for name, figures in self.signs.items()},
        }


def performance(table: ScoreTable, *, seed: int, draws: int = DRAWS) -> Performance:
    """Everything that can be said. The same seed gives the same numbers."""
    cases = {rule: case_scores(table, rule) for rule in RULES}
    owner, _ = case_rows(table)
    return Performance(
        per_slice=measures(table.logits, table.malignant, codes(table.patients), draws=draws, seed=seed),
        per_case={rule: measures(c.logits, c.malignant, c.patients, draws=draws, seed=seed) for rule, c in cases.items()},
        slices=slice_counts(owner, table.malignant),
        by_fold=_by_fold(cases["max"]),
        signs={sign.name: sign_figures(table, sign, draws=draws, seed=seed) for sign in table.signs},
    )


def measures(logits: Logits, truth: Truth, patients: Patients, *, seed: int, draws: int = DRAWS) -> Measures:
    """All figures of one set of units, at p ≥ 0.5."""
    return Measures(
        n=truth.size,
        patients=len(set(patients.tolist())),
        confusion=confusion_by_patient(called_malignant(expit(logits)), truth, patients),
        auc=auc(logits, truth, patients, draws=draws, seed=seed),
        loss=losses(logits, truth, patients, draws=draws, seed=seed),
        calibration=calibration_line(logits, truth, patients),
    )


def _by_fold(cases: CaseScores) -> FoldAucs | None:
    return None if cases.folds is None else auc_by_fold(cases.logits, cases.malignant, cases.folds)


def _counts_json(counts: Counts) -> dict[str, int]:
    return {
        "true_positive": counts.true_positive,
        "false_negative": counts.false_negative,
        "true_negative": counts.true_negative,
        "false_positive": counts.false_positive,
    }


def _slices_json(counts: SliceCounts) -> dict[str, int | float | None]:
    return {
        "cases": counts.cases,
        "slices": counts.slices,
        "fewest": counts.fewest,
        "most": counts.most,
        "mean": counts.mean,
    }


def _folds_json(folds: FoldAucs | None) -> dict[str, Any] | None:
    if folds is None:
        return None
    return {"auc": list(folds.values), "mean": folds.mean, "sd": folds.sd, "left_out": folds.left_out}
