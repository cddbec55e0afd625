"""Who the cases are: the paper's Table 1 with ours beside it, and how many slices each class gave."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from vfrac_core.evaluation.figure import Figure, without_interval
from vfrac_core.evaluation.paper_results import SIGNS_NOTE, TABLE_1_P, table_one_age, table_one_presence
from vfrac_core.evaluation.table_one import MeanRow, PresenceRow, mean_row, moments, p_text, presence_row
from vfrac_core.paper import PATIENTS, SIGNS
from vfrac_core.report.source import Source
from vfrac_core.report.table import Cell, Paper, Row, Table, counted, difference, number, words
from vfrac_core.signs import DEFINITIONS
from vfrac_core.types import Diagnosis

CLASSES: tuple[Diagnosis, ...] = ("malignant", "benign")
LABELS = {sign.name: sign.label for sign in DEFINITIONS} | {"male": "Male", "age_years": "Age, years"}
BLANK = (words(""), words(""), words(""))
COLUMNS = ("Malignant", "Benign", "Test", "Statistic", "p")


def table_one(source: Source) -> Table:
    """Age, sex and the six signs in both classes, cases in place of patients; a missing value leaves its case out of the row."""
    truth = source.data.malignant == 1
    signs = [_presence(source, name, source.data.signs[:, index]) for index, name in enumerate(SIGNS)]
    sex = np.array([np.nan if one.sex is None else float(one.sex == "male") for one in source.people])
    paper = {row.name: row for row in table_one_presence()}
    rows = [
        Row("Cases", (*(counted(int((truth == (d == "malignant")).sum()), PATIENTS[d]) for d in CLASSES), *BLANK)),
        *_age_rows(source, truth),
        *(_presence_cells(row, paper[row.name]) for row in (_presence(source, "male", sex), *signs)),
    ]
    return Table("table-1", source.titled("The cases beside the paper's patients"), COLUMNS, tuple(rows), _notes(source))


def slices_table(source: Source) -> Table:
    """How many slices a case of each class gave: it moves the maximum and the plain accuracy of slices."""
    rows = []
    for counts in source.results.plain.slices:
        mean = (
            Cell("–") if counts.mean is None else Cell(number(counts.mean), without_interval(counts.mean, counts.cases, "a mean"))
        )
        whole = (counts.cases, counts.slices, counts.fewest, counts.most)
        rows.append(Row(counts.diagnosis.capitalize(), (*map(counted, whole), mean)))
    note = (
        "The paper says 3 to 5 slices a patient, not how many in each class. Its plain per-slice accuracy of 85 % with 0.90 and "
        "0.79 needs 50–59 % malignant slices; with equal numbers a patient they are 68.4 % and the accuracy is 86.5 %. Under "
        "the maximum, with equal numbers, the specificity of patients cannot lie above that of slices, as the paper's 0.80 "
        "above 0.79: do not expect to reproduce it."
    )
    columns = ("Cases", "Slices", "Fewest a case", "Most a case", "Mean a case")
    return Table("slices", source.titled("Slices of each class"), columns, tuple(rows), (note,))


def _presence(source: Source, name: str, present: np.ndarray) -> PresenceRow:
    """``present``: 1, 0 or NaN for each case."""
    truth, known = source.data.malignant == 1, ~np.isnan(present)

    def by_class(count: Callable[[np.ndarray], int]) -> dict[Diagnosis, int]:
        return {"malignant": count(truth), "benign": count(~truth)}

    return presence_row(
        name, by_class(lambda c: int((present[c & known] == 1).sum())), by_class(lambda c: int((c & known).sum()))
    )


def _presence_cells(row: PresenceRow, paper: PresenceRow) -> Row:
    label = LABELS[row.name]
    n = row.malignant.n + row.benign.n
    if n == 0:
        return Row(label, (*_unknown(_share(paper.malignant), _share(paper.benign)), *_unknown(p=TABLE_1_P[row.name])))
    shares = [
        Cell(
            _share(own),
            own,
            Paper(_share(theirs), theirs.value),
            difference(f"{label}, {d}", own, Paper(_share(theirs), theirs.value)),
        )
        for d, own, theirs in zip(CLASSES, (row.malignant, row.benign), (paper.malignant, paper.benign), strict=True)
    ]
    return Row(label, (*shares, *_tested(row, paper, n)))


def _age_rows(source: Source, truth: np.ndarray) -> tuple[Row, Row]:
    """Mean with its test, then the standard deviation."""
    ages = np.array([one.age_years for one in source.people])
    paper = table_one_age()
    names = ("Age, mean in years", "Age, standard deviation")
    theirs = [[Paper(f"{value:.1f}", value) for value in (one.mean, one.sd)] for one in (paper.malignant, paper.benign)]
    known = ~np.isnan(ages)
    if not (known & truth).any() or not (known & ~truth).any():
        means, sds = (_unknown(*(one[k].text for one in theirs)) for k in (0, 1))
        return Row(names[0], (*means, *_unknown(p=TABLE_1_P["age_years"]))), Row(names[1], (*sds, *BLANK))
    row = mean_row("age_years", moments(ages[truth]), moments(ages[~truth]))
    both = list(zip((row.malignant, row.benign), theirs, strict=True))
    means = tuple(_plain(own.mean, own.n, "a mean", printed[0]) for own, printed in both)
    sds = tuple(_plain(own.sd, own.n, "a standard deviation", printed[1]) for own, printed in both)
    return Row(names[0], (*means, *_tested(row, paper, row.malignant.n + row.benign.n))), Row(names[1], (*sds, *BLANK))


def _plain(value: float, n: int, what: str, paper: Paper) -> Cell:
    return Cell(f"{value:.1f}", without_interval(value, n, what), paper)


def _tested(row: PresenceRow | MeanRow, paper: PresenceRow | MeanRow, n: int) -> tuple[Cell, Cell, Cell]:
    """The test by name, its statistic, its p. The paper prints no statistic: it is ours of its printed counts."""
    test = {
        "Pearson chi-square": "chi-square",
        "Fisher exact": "Fisher †",
        "Welch t": "Welch t",
        "none": "not testable",
    }[row.test]
    theirs = Paper(number(paper.statistic), paper.statistic) if paper.statistic is not None else None
    own = row.statistic
    statistic = Cell("–", None, theirs) if own is None else Cell(number(own), without_interval(own, n, row.test), theirs)
    p = Cell(p_text(row.p), None if row.p is None else without_interval(row.p, n, row.test), Paper(TABLE_1_P[row.name], paper.p))
    return words(test), statistic, Cell(p.text, p.figure, p.paper, _p_differs(row, p))


def _p_differs(row: PresenceRow | MeanRow, p: Cell) -> str:
    if p.paper is None or p.paper.value is None or row.p is None or (row.p < 0.05) == (p.paper.value < 0.05):
        return ""
    return f"{LABELS[row.name]}: {row.test} gives p {p.text} here and {p.paper.text} in the paper."


def _unknown(*paper: str, p: str | None = None) -> tuple[Cell, ...]:
    """Cells of a row of which nothing is known here."""
    if p is not None:
        return words("not known"), words(""), words("", p)
    return tuple(words("not known", text) for text in paper)


def _share(figure: Figure) -> str:
    if figure.value is None:
        return f"– ({figure.reason})"
    return f"{round(figure.value * figure.n)}/{figure.n} ({100 * figure.value:.1f} %)"


def _notes(source: Source) -> tuple[str, ...]:
    notes = [
        "Pearson's chi-square without Yates' correction and Welch's t test: only they give the paper's p. † Fisher's exact test "
        "where an expected count is below 5. The paper prints no statistics: those beside ours are calculated from its counts, "
        "and p beside ours is as printed; for the bone cortex it is 0.0011.",
        SIGNS_NOTE,
        "In the paper compression is more frequent in benign patients: no sign of malignancy; its absence points to malignancy.",
    ]
    if not any(one.sex for one in source.people):
        notes.append("Age or sex is not known for these cases: the table of labels has no such column.")
    return tuple(notes)
