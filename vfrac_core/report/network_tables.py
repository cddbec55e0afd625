"""What the network is worth: by patient and by slice, under each rule, fold by fold, with and without recalibration."""

from __future__ import annotations

from vfrac_core.evaluation.aggregation import RULES
from vfrac_core.evaluation.auc import FoldAucs, auc
from vfrac_core.evaluation.figure import Figure, not_defined, without_interval
from vfrac_core.evaluation.paper_results import ACCURACY_NOTE, NETWORK_PER_PATIENT, NETWORK_PER_SLICE, NetworkResult
from vfrac_core.evaluation.performance import Measures, Performance
from vfrac_core.evaluation.score_table import case_scores
from vfrac_core.report.source import Fact, Source, file_sha256
from vfrac_core.report.table import CLOCK, Cell, Paper, Row, Table, counted, measured, number, words
from vfrac_core.training.cross_validate import ALL

MEASURES = (
    ("sensitivity", "Sensitivity"), ("specificity", "Specificity"), ("accuracy", "Accuracy (plain)"),
    ("balanced_accuracy", "Balanced accuracy"), ("majority_baseline", "Accuracy of the larger class"), ("auc", "ROC AUC"),
    ("ppv", "Positive predictive value"), ("npv", "Negative predictive value"), ("lr_positive", "LR+"), ("lr_negative", "LR−"),
    ("mcc", "Matthews correlation"), ("brier", "Brier score"), ("scaled_brier", "Scaled Brier"), ("log_loss", "Log loss"),
    ("slope", "Calibration slope"), ("intercept", "Calibration intercept"), ("in_the_large", "Calibration in the large"),
)  # fmt: skip
SHORT = ("sensitivity", "specificity", "accuracy", "balanced_accuracy", "auc", "brier", "log_loss", "slope", "intercept")
RULE_NAMES = {"max": "Maximum (the paper's)", "mean": "Mean", "top2": "Mean of the top two"}


def performance_table(source: Source) -> Table:
    """Per patient by the maximum, and per slice, each beside the paper's three numbers."""
    found = source.results.plain
    levels = ((found.per_case["max"], NETWORK_PER_PATIENT), (found.per_slice, NETWORK_PER_SLICE))
    counts = [Row(name, tuple(counted(getattr(one.confusion.counts, key)) for one, _ in levels)) for key, name in COUNTS]
    rows = [Row(label, tuple(_measured(label, name, *level) for level in levels)) for name, label in MEASURES]
    notes = (
        ACCURACY_NOTE,
        "Who always says the larger class has the accuracy of the larger class and a balanced accuracy of 0.5. In the paper's "
        "sample it is 296/433 = 0.684. Threshold 0.5 was fixed beforehand; p ≥ 0.5 is malignant.",
        "Ideal: Brier score and log loss 0, calibration slope 1, intercept 0. Who always says the share of malignant cases has "
        "a scaled Brier score of 0.",
    )
    return Table(
        "network", source.titled("The network, per patient and per slice"), ("Per patient", "Per slice"), (*counts, *rows), notes
    )


COUNTS = (
    ("true_positive", "True positive"), ("false_negative", "False negative"),
    ("true_negative", "True negative"), ("false_positive", "False positive"),
)  # fmt: skip


def rules_table(source: Source) -> Table:
    """Maximum, mean and mean of the top two slices as the patient's probability."""
    found = source.results.plain.per_case
    rows = [Row(LABEL[name], tuple(measured("", _of(found[rule], name)) for rule in RULES)) for name in SHORT]
    note = "The maximum grows with the number of slices, for benign and malignant alike; the mean does not."
    return Table(
        "rules",
        source.titled("Three ways from slices to a patient"),
        tuple(RULE_NAMES[rule] for rule in RULES),
        tuple(rows),
        (note,),
    )


def mended_table(source: Source) -> Table | None:
    """Per patient, without and with what was fitted on the other folds; None where nothing was fitted."""
    mended = source.results.mended
    if not mended:
        return None
    columns: list[tuple[str, Performance]] = [("As the network says", source.results.plain)]
    columns += [(f"With {one.name}", one.performance) for one in mended]
    rows = [Row(LABEL[name], tuple(measured("", _of(one.per_case["max"], name)) for _, one in columns)) for name in SHORT]
    for name, neutral in (("shift", 0.0), ("temperature", 1.0)):
        fitted = [_fitted(getattr(one.shipped, name), neutral, len(source.data.cases)) for one in mended]
        rows.append(Row(f"Fitted {name}, all folds", (words("–"), *fitted)))
    notes = [
        "p = sigmoid((logit + shift) / temperature). Each fold is mended by what the other folds' patients gave; the last two "
        "rows are fitted on all folds' patients. The figures of all other tables are the network's own.",
        "A temperature changes no verdict at 0.5; a shift puts 0.5 where both classes are equally likely, were they equally "
        "frequent.",
        *(f"{one.name}: {one.shipped.note}." for one in mended if one.shipped.note),
    ]
    return Table(
        "recalibrated",
        source.titled("With and without recalibration, per patient"),
        tuple(n for n, _ in columns),
        tuple(rows),
        tuple(notes),
    )


def folds_table(source: Source) -> Table | None:
    """Fold by fold: who was tested, AUC, how long the training went, and which weights came out; None without folds."""
    cases = case_scores(source.table, "max")
    by_fold = source.results.plain.by_fold
    if cases.folds is None or by_fold is None:
        return None
    rows = []
    for history in source.histories:
        test = cases.folds == history.fold
        truth = cases.malignant[test]
        figure = auc(cases.logits[test], truth, cases.patients[test], draws=source.draws, seed=source.seed)
        own = (
            counted(int(truth.sum())),
            counted(int((~truth).sum())),
            measured("", figure),
            counted(len(history.losses)),
            counted(history.best_epoch + 1),
        )
        rows.append(
            Row(
                f"Fold {history.fold}",
                (
                    *own,
                    Cell(f"{history.seconds:.0f}", Figure(history.seconds, None, None, 1, CLOCK)),
                    words(_hash(source, history.fold)),
                ),
            )
        )
    blank = tuple(words("") for _ in range(4))
    rows += [Row(name, (words(""), words(""), _over_folds(by_fold, value), *blank)) for name, value in _spread(by_fold)]
    pooled = source.results.plain.per_case["max"].auc
    rows.append(
        Row(
            "All folds pooled",
            (counted(int(cases.malignant.sum())), counted(int((~cases.malignant).sum())), measured("", pooled), *blank),
        )
    )
    notes = [
        "AUC of patients by the maximum. Folds are small, so that their AUC varies by chance alone: with 30 malignant and 14 "
        "benign patients and a true AUC of 0.9 its standard deviation is 0.05.",
        "Best epoch: the one of the lowest validation loss, counted from 1; its weights were kept.",
    ]
    if by_fold.left_out:
        notes.append(f"{by_fold.left_out} folds have one class only and no AUC.")
    columns = ("Malignant", "Benign", "ROC AUC", "Epochs", "Best epoch", "Seconds", "Weights (SHA-256)")
    return Table("folds", source.titled("Fold by fold"), columns, tuple(rows), tuple(notes))


def _spread(found: FoldAucs) -> tuple[tuple[str, float | None], ...]:
    return ("Mean of the folds", found.mean), ("Standard deviation of the folds", found.sd)


def _over_folds(found: FoldAucs, value: float | None) -> Cell:
    n = len(found.values)
    return measured("", not_defined("too few folds", n) if value is None else without_interval(value, n, "over folds"))


LABEL = dict(MEASURES)


def _of(measures: Measures, name: str) -> Figure:
    """A figure by its name, wherever it lies in ``measures``."""
    holders = (measures, measures.confusion, measures.loss, measures.calibration)
    found: Figure = next(getattr(holder, name) for holder in holders if hasattr(holder, name))
    return found


def _measured(label: str, name: str, measures: Measures, paper: NetworkResult) -> Cell:
    printed = {
        "sensitivity": paper.sensitivity,
        "specificity": paper.specificity,
        "balanced_accuracy": paper.balanced_accuracy,
    }.get(name)
    theirs = None if printed is None else Paper(f"{printed:.2f}", printed)
    if name == "majority_baseline" and paper is NETWORK_PER_PATIENT:
        theirs = Paper("0.684", 296 / 433)
    return measured(f"{label}, {paper.level}", _of(measures, name), theirs)


def _fitted(value: float, neutral: float, n: int) -> Cell:
    return words("–") if value == neutral else Cell(number(value), without_interval(value, n, "fitted on out-of-fold patients"))


def _hash(source: Source, fold: int) -> str:
    file = source.weights.get(fold) or source.weights.get(ALL)
    return file_sha256(file) if file is not None else "not kept"


def weights_fact(source: Source) -> tuple[Fact, ...]:
    """The hash of every weights file, one a fold or one in all."""
    return tuple(
        Fact("Weights" if fold == ALL else f"Weights, fold {fold}", f"SHA-256 {file_sha256(file)}")
        for fold, file in source.weights.items()
    )
