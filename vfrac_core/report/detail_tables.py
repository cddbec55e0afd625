"""The six signs, the same figures by sex, age and level, and what an answer is worth where malignancy is rarer."""

from __future__ import annotations

from scipy.special import expit

from vfrac_core.evaluation.confusion import called_malignant
from vfrac_core.evaluation.figure import not_defined, without_interval
from vfrac_core.evaluation.likelihood import PREVALENCES, predictive_values
from vfrac_core.evaluation.score_table import case_scores
from vfrac_core.evaluation.sign_figures import FEWEST_WITHIN_CLASS, SignFigures
from vfrac_core.evaluation.subgroups import Subgroup, by_group
from vfrac_core.report.cohort_tables import LABELS
from vfrac_core.report.people import groupings
from vfrac_core.report.source import Source
from vfrac_core.report.table import Cell, Row, Table, counted, measured, words
from vfrac_core.types import Diagnosis

WITHIN_NOTE = (
    "A sign that nearly gives the class away is found by finding the class. Within one class it is the sign itself that was "
    f"seen; given only where at least {FEWEST_WITHIN_CLASS} cases of the class have the sign and as many do not."
)


def signs_table(source: Source) -> Table | None:
    """AUC and kappa of each sign; None where the network has no sign head."""
    signs = source.results.plain.signs
    if not signs:
        return None
    rows = tuple(Row(LABELS[name], sign_cells(found)) for name, found in signs.items())
    notes = (
        "Per case, the maximum over slices; kappa and agreement at p ≥ 0.5. Not in the paper, whose signs are a senior "
        "radiologist's.",
        WITHIN_NOTE,
    )
    columns = ("Cases", "Not known", "ROC AUC", "Cohen's kappa", "Agreement", "AUC within malignant", "AUC within benign")
    return Table("signs", source.titled("The six signs"), columns, rows, notes)


def prevalence_table(source: Source) -> Table | None:
    """What an answer is worth where malignancy is rarer; None where sensitivity or specificity is not known."""
    measures = source.results.plain.per_case["max"]
    sensitivity, specificity = measures.confusion.sensitivity.value, measures.confusion.specificity.value
    if sensitivity is None or specificity is None:
        return None
    rows = []
    for prevalence in PREVALENCES:
        found = predictive_values(sensitivity, specificity, prevalence)
        rows.append(Row(f"{100 * prevalence:.0f} % malignant", (_worth(found.ppv, measures.n), _worth(found.npv, measures.n))))
    note = "By Bayes' rule from sensitivity and specificity per patient, if both are the same there; 68 % is the paper's cohort."
    columns = ("A malignant answer is right (PPV)", "A benign answer is right (NPV)")
    return Table("prevalence", source.titled("What an answer is worth where malignancy is rarer"), columns, tuple(rows), (note,))


def _worth(value: float | None, n: int) -> Cell:
    figure = not_defined("nobody has that answer", n) if value is None else without_interval(value, n, "from two rates")
    return measured("", figure)


def groups_table(source: Source) -> Table | None:
    """By sex, age and level; None where nothing of the three is known."""
    cases = case_scores(source.table, "max")
    called = called_malignant(expit(cases.logits))
    found = [by_group(one, called, cases.malignant, cases.patients) for one in groupings(source.people)]
    rows = tuple(Row(f"{one.variable}: {one.group}", _group_cells(one)) for rows in found for one in rows)
    if not rows:
        return None
    note = "No p values: no study of this size can tell differences between groups; the intervals show how little is known."
    columns = ("Cases", "Sensitivity", "Specificity", "Accuracy (plain)", "Balanced accuracy")
    return Table("groups", source.titled("The network in groups of patients"), columns, rows, (note,))


def sign_cells(found: SignFigures) -> tuple[Cell, ...]:
    figures = (measured("", found.auc), measured("", found.kappa), measured("", found.agreement))
    classes: tuple[Diagnosis, ...] = ("malignant", "benign")
    within = (measured("", found.within[one]) if one in found.within else words("too few") for one in classes)
    return counted(found.n), counted(found.missing), *figures, *within


def _group_cells(one: Subgroup) -> tuple[Cell, ...]:
    figures = (one.sensitivity, one.specificity, one.accuracy, one.balanced_accuracy)
    return counted(one.n), *(measured("", figure) for figure in figures)
