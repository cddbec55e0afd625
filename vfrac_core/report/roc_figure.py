"""ROC per patient and per slice, with the paper's operating point and its readers'."""

from __future__ import annotations

import numpy as np

from vfrac_core.evaluation.arrays import codes
from vfrac_core.evaluation.auc import RocCurve, roc_curve
from vfrac_core.evaluation.confusion import Counts
from vfrac_core.evaluation.paper_results import NETWORK_COUNTS_ASSUMED, READERS
from vfrac_core.evaluation.roc_band import roc_band
from vfrac_core.evaluation.score_table import case_scores
from vfrac_core.report.drawing import (
    BLACK,
    BLUE,
    GRAY,
    GREEN,
    HALF,
    ORANGE,
    Drawn,
    canvas,
    legend_below,
    plain_axes,
    png,
    unit_square,
)
from vfrac_core.report.source import Source

MARKS = ("o", "s", "^")


def roc_figure(source: Source) -> Drawn | None:
    """None with one class."""
    cases, table = case_scores(source.table, "max"), source.table
    by_case, by_slice = roc_curve(cases.logits, cases.malignant), roc_curve(table.logits, table.malignant)
    if by_case is None or by_slice is None:
        return None
    drawing = canvas(HALF, 4.35)
    axes = drawing.subplots()
    plain_axes(axes, "1 − specificity", "Sensitivity")
    unit_square(axes)
    axes.plot([0, 1], [0, 1], color=GRAY, linewidth=0.8, linestyle=(0, (4, 3)))
    band = roc_band(cases.logits, cases.malignant, cases.patients, draws=source.draws, seed=source.seed)
    if band is not None:
        axes.fill_between(band.false_positive_rate, band.low, band.high, color=BLUE, alpha=0.15, linewidth=0)
    plain = source.results.plain
    axes.plot(*_line(by_case), color=BLUE, linewidth=1.8, label=f"per patient, AUC {plain.per_case['max'].auc.text}")
    axes.plot(
        *_line(by_slice), color=GREEN, linewidth=1.2, linestyle=(0, (5, 2)), label=f"per slice, AUC {plain.per_slice.auc.text}"
    )
    axes.plot(
        *_point(plain.per_case["max"].confusion.counts),
        "D",
        color=BLUE,
        markersize=6,
        markeredgecolor="white",
        label="ours at p ≥ 0.5",
    )
    axes.plot(
        *_point(NETWORK_COUNTS_ASSUMED),
        "x",
        color=ORANGE,
        markersize=9,
        markeredgewidth=2.2,
        label="paper's network, 281/296, 110/137 assumed",
    )
    for mark, one in zip(MARKS, READERS, strict=True):
        axes.plot(
            *_point(one.counts),
            mark,
            color=BLACK,
            markersize=5,
            fillstyle="none",
            label=f"paper's {one.name.lower()}, {one.experience_years} y",
        )
    truth = source.data.malignant == 1
    for reader in source.readers:
        axes.plot(
            (reader.called & ~truth).sum() / (~truth).sum(),
            (reader.called & truth).sum() / truth.sum(),
            "P",
            color=GRAY,
            markersize=6,
            label=f"{reader.name}, these cases",
        )
    legend_below(drawing, axes, 1)
    shaded = (
        "Shaded: point by point, the middle 95 % over draws of patients. "
        if band is not None
        else "Too few patients in a class for a band. "
    )
    slices, cases_n = len(table.cases), len(cases.names)
    caption = (
        f"{cases_n} cases of {len(np.unique(codes(table.patients)))} patients, {slices} slices. {shaded}Intervals of AUC: "
        f"{plain.per_case['max'].auc.method}. Cross and open marks are the paper's, on other patients."
    )
    return Drawn(
        "roc",
        source.titled("Fig. 7. ROC curves"),
        caption,
        "ROC curves per patient and per slice with the paper's points",
        png(drawing),
        HALF,
    )


def _line(curve: RocCurve) -> tuple[np.ndarray, np.ndarray]:
    return curve.false_positive_rate, curve.sensitivity


def _point(counts: Counts) -> tuple[float, float]:
    return counts.false_positive / max(1, counts.benign), counts.true_positive / max(1, counts.malignant)
