"""Readers and network: the paper's rows, readers of the same cases where their answers are given, and the tests between them."""

from __future__ import annotations

from scipy.special import expit

from vfrac_core.evaluation.arrays import Called
from vfrac_core.evaluation.confusion import Confusion, Counts, called_malignant, confusion, count
from vfrac_core.evaluation.figure import without_interval
from vfrac_core.evaluation.paired import Margin, PRange, mcnemar, mcnemar_from_margins
from vfrac_core.evaluation.paper_results import ACCURACY_NOTE, NETWORK_COUNTS_ASSUMED, NETWORK_PER_PATIENT, READERS
from vfrac_core.evaluation.score_table import case_scores
from vfrac_core.evaluation.table_one import p_text
from vfrac_core.report.source import Reader, Source
from vfrac_core.report.table import Cell, Paper, Row, Table, measured

SHOWN = (
    ("sensitivity", "Sensitivity"), ("specificity", "Specificity"), ("accuracy", "Accuracy (plain)"),
    ("balanced_accuracy", "Balanced accuracy"), ("ppv", "Positive predictive value"), ("npv", "Negative predictive value"),
    ("lr_positive", "LR+"), ("lr_negative", "LR−"), ("mcc", "Matthews correlation"),
)  # fmt: skip
ASSUMED = "assumed: 281 of 296 and 110 of 137, the counts nearest to the printed 0.95 and 0.80; the paper prints none"


def readers_table(source: Source) -> Table:
    """The paper's three readers and its network, then ours on our cases."""
    truth = source.data.malignant == 1
    printed = {name: Paper(f"{value:.2f}", value) for name, value in _network_printed().items()}
    columns: list[tuple[str, Confusion, dict[str, Paper]]] = [
        (f"{one.name}, {one.experience_years} y (paper's)", confusion(one.counts), {"accuracy": _percent(one.printed_accuracy)})
        for one in READERS
    ]
    columns.append(("Network (paper's, counts assumed)", confusion(NETWORK_COUNTS_ASSUMED), printed))
    columns += [(f"{one.name} (these cases)", confusion(count(one.called, truth)), {}) for one in source.readers]
    columns.append(("Our network (these cases)", source.results.plain.per_case["max"].confusion, {}))
    rows = [
        Row(label, tuple(measured("", getattr(found, key), paper.get(key)) for _, found, paper in columns))
        for key, label in SHOWN
    ]
    notes = (
        ACCURACY_NOTE,
        "The paper's columns are calculated from its Table 1, with Wilson intervals that it does not give; beside them is what "
        f"it prints. Its network's counts are {ASSUMED}.",
        "The paper's readers and our network judged different cases: they stand beside each other and are not compared by a "
        "test.",
    )
    return Table(
        "readers", source.titled("Readers and networks, per patient"), tuple(name for name, _, _ in columns), tuple(rows), notes
    )


def comparison_table(source: Source) -> Table:
    """McNemar of a network against readers: paired where readers judged these cases, else the range that the paper allows."""
    return _paired(source) if source.readers else _from_margins()


def _paired(source: Source) -> Table:
    cases, truth = case_scores(source.table, "max"), source.data.malignant == 1
    network = called_malignant(expit(cases.logits))
    columns = (
        "Accuracy, difference",
        "p",
        "Sensitivity, difference",
        "p (sensitivity)",
        "Specificity, difference",
        "p (specificity)",
    )
    rows = tuple(Row(f"Network − {one.name}", tuple(_tests(network, one, truth))) for one in source.readers)
    note = "Exact McNemar test, two-sided, on the same cases; sensitivity on malignant and specificity on benign cases apart."
    return Table("comparison", source.titled("The network against readers of the same cases"), columns, rows, (note,))


def _tests(network: Called, reader: Reader, truth: Called) -> list[Cell]:
    cells = []
    for inside in (truth | ~truth, truth, ~truth):
        found = mcnemar((network == truth)[inside], (reader.called == truth)[inside])
        n = int(inside.sum())
        cells += [measured("", found.difference), Cell(p_text(found.p), without_interval(found.p, n, found.test))]
    return cells


def _from_margins() -> Table:
    names = [one.name for one in READERS]
    rows = [Row(f"Network − {one.name}", tuple(_ranges(NETWORK_COUNTS_ASSUMED, one.counts))) for one in READERS]
    rows += [
        Row(f"{READERS[i].name} − {names[j]}", tuple(_ranges(READERS[i].counts, READERS[j].counts)))
        for i, j in ((0, 1), (1, 2), (0, 2))
    ]
    notes = (
        "No reader's answers to these cases are given, so there is no paired test of our network. The paper prints how many "
        "each got right, not which: shown are the smallest and the largest p of the exact McNemar test over every possible "
        "pairing.",
        f"The network's counts are {ASSUMED}.",
    )
    title = "The paper's network against its readers, whatever the pairing (the paper's patients)."
    columns = tuple(
        f"{what}: {which} p" for what in ("Accuracy", "Sensitivity", "Specificity") for which in ("smallest", "largest")
    )
    return Table("comparison", title, columns, tuple(rows), notes)


def _ranges(first: Counts, second: Counts) -> list[Cell]:
    malignant = Margin(first.true_positive, second.true_positive, first.malignant)
    benign = Margin(first.true_negative, second.true_negative, first.benign)
    cells = []
    for margins in ((malignant, benign), (malignant,), (benign,)):
        found, n = mcnemar_from_margins(margins), sum(margin.n for margin in margins)
        cells += [Cell(_p(p), without_interval(p, n, f"the {which} p over all pairings")) for which, p in _ends(found)]
    return cells


def _ends(found: PRange) -> tuple[tuple[str, float], ...]:
    return ("smallest", found.low), ("largest", found.high)


def _network_printed() -> dict[str, float]:
    network = NETWORK_PER_PATIENT
    return {
        "sensitivity": network.sensitivity,
        "specificity": network.specificity,
        "balanced_accuracy": network.balanced_accuracy,
    }


def _percent(text: str) -> Paper:
    return Paper(text, float(text.rstrip(" %")) / 100)


def _p(p: float) -> str:
    return f"{p:.1e}" if p < 0.001 else f"{p:.2g}" if p < 1 else "1"
