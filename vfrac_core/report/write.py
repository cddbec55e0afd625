"""``write_report``: report.html, csv/ and png/ in a folder; the same source gives the same bytes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.paper_results import NETWORK_PER_PATIENT
from vfrac_core.evaluation.score_table import case_scores
from vfrac_core.report.architecture_figure import architecture_figure
from vfrac_core.report.calibration_figure import calibration_figure
from vfrac_core.report.claim import checklist
from vfrac_core.report.cohort_tables import slices_table, table_one
from vfrac_core.report.decision_figure import decision_figure
from vfrac_core.report.detail_tables import groups_table, prevalence_table, signs_table
from vfrac_core.report.drawing import Drawn
from vfrac_core.report.gallery_figure import gallery_figure, strip_figure
from vfrac_core.report.learning_figure import learning_figure
from vfrac_core.report.network_tables import folds_table, mended_table, performance_table, rules_table, weights_fact
from vfrac_core.report.page import Contents, Section, page
from vfrac_core.report.picks import Outcome, pick, pick_strip
from vfrac_core.report.reader_tables import comparison_table, readers_table
from vfrac_core.report.roc_figure import roc_figure
from vfrac_core.report.shown_case import show_cases, slice_logits
from vfrac_core.report.source import Source
from vfrac_core.report.table import Table
from vfrac_core.report.table_csv import csv_text
from vfrac_core.report.unseen_parts import unseen_parts

Progress = Callable[[str], None]
RIGHT: tuple[Outcome, ...] = ("true positive", "true negative")
WRONG: tuple[Outcome, ...] = ("false negative", "false positive")


def write_report(source: Source, out: Path, progress: Progress = lambda _step: None) -> Path:
    """The report's HTML file. ``progress`` hears what is done next. VfracError for a folder that cannot be written."""
    contents = contents_of(source, progress)
    progress("writing")
    try:
        for folder in (out, out / "csv", out / "png"):
            folder.mkdir(parents=True, exist_ok=True)
        for table in contents.tables:
            (out / "csv" / f"{table.name}.csv").write_text(csv_text(table), encoding="utf-8")
        for figure in contents.figures:
            (out / "png" / f"{figure.name}.png").write_bytes(figure.png)
        file = out / "report.html"
        file.write_text(page(contents, source), encoding="utf-8")
    except OSError:
        raise VfracError("the report's folder cannot be written; give another --out") from None
    return file


def contents_of(source: Source, progress: Progress = lambda _step: None) -> Contents:
    """All tables and figures, in the order in which they are read."""
    progress("curves")
    curves = (roc_figure(source), calibration_figure(source), decision_figure(source))
    galleries = _galleries(source, progress)
    progress("tables")
    network = (performance_table(source), rules_table(source), mended_table(source))
    sections = (
        ("The cases", (table_one(source),)),
        ("The network, and cases that it judged", (architecture_figure(source.spec), *galleries)),
        ("Results", (readers_table(source), slices_table(source), *network, *curves)),
        (
            "Readers, signs and groups",
            (comparison_table(source), signs_table(source), groups_table(source), prevalence_table(source)),
        ),
        ("On cases that no network here learned from", tuple(unseen_parts(source))),
        ("Fold by fold", (folds_table(source), learning_figure(source))),
    )
    number = count(1)
    kept = tuple(
        Section(title, tuple(_numbered(part, number) for part in parts if part is not None)) for title, parts in sections
    )
    heading = "Ten-fold cross-validation" if len(source.histories) == 10 else f"{len(source.histories)}-fold cross-validation"
    return Contents(
        heading=heading if source.histories else "Evaluation of one network",
        summary=_summary(source),
        facts=(*source.facts, *weights_fact(source)),
        settings=source.settings,
        sections=tuple(section for section in kept if section.parts),
        topics=checklist(source),
    )


def _galleries(source: Source, progress: Progress) -> tuple[Drawn, ...]:
    """Fig. 2 to 6, the wrong ones last."""
    cases, own = case_scores(source.table, "max"), slice_logits(source)
    picked = {outcome: pick(outcome, cases.logits, cases.malignant) for outcome in (*RIGHT, *WRONG)}
    strip = pick_strip(own, cases.malignant)
    wanted = [index for one in picked.values() for index in one.cases] + ([] if strip is None else [strip])
    progress("galleries")
    shown = show_cases(source, wanted)
    drawn = {outcome: gallery_figure(source, one, shown) for outcome, one in picked.items()}
    middle = strip_figure(source, None if strip is None else shown[strip])
    return drawn["true positive"], middle, drawn["true negative"], drawn["false negative"], drawn["false positive"]


def _summary(source: Source) -> tuple[str, ...]:
    """What a reader who reads one paragraph should know."""
    found = source.results.plain.per_case["max"]
    own, paper = found.confusion, NETWORK_PER_PATIENT
    return (
        f"Per patient, at p ≥ 0.5 on the highest of a case's slices: sensitivity {own.sensitivity.text} (paper "
        f"{paper.sensitivity:.2f}), specificity {own.specificity.text} (paper {paper.specificity:.2f}), balanced accuracy "
        f"{own.balanced_accuracy.text} (paper {paper.balanced_accuracy:.2f}, there called accuracy), plain accuracy "
        f"{own.accuracy.text}; n = {found.n}. ROC AUC {found.auc.text}; the paper gives none.",
        "Brackets are 95 % intervals. The paper's numbers are of its own 433 patients and stand beside ours to be read, not to "
        "be reached.",
    )


def _numbered(part: Table | Drawn, number: Iterator[int]) -> Table | Drawn:
    """Tables by their order, the first being the paper's Table 1; figures have the paper's numbers, and those after it."""
    return replace(part, title=f"Table {next(number)}. {part.title}") if isinstance(part, Table) else part
