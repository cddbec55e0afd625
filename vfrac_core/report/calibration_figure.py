"""Reliability: what was said against what was so, with how often it was said below."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import expit

from vfrac_core.evaluation.reliability import BINS, ReliabilityCurve, reliability_curve
from vfrac_core.evaluation.score_table import ScoreTable, case_scores
from vfrac_core.report.drawing import BLUE, GRAY, HALF, ORANGE, PURPLE, Drawn, canvas, legend_below, plain_axes, png, unit_square
from vfrac_core.report.source import Source

if TYPE_CHECKING:
    from matplotlib.axes import Axes

FEWEST_IN_BIN = 10  # cases, while there are at least two bins
COLOURS = ((BLUE, "o"), (PURPLE, "s"), (ORANGE, "^"))


def calibration_figure(source: Source) -> Drawn:
    """Per patient, as the network says and with each recalibration."""
    versions = [("as the network says", source.table), *((f"with {one.name}", one.table) for one in source.results.mended)]
    drawing = canvas(HALF, 4.35)
    upper, lower = drawing.subplots(2, 1, height_ratios=[4, 1])
    plain_axes(upper, "", "Share that is malignant")
    unit_square(upper)
    upper.plot([0, 1], [0, 1], color=GRAY, linewidth=0.8, linestyle=(0, (4, 3)), label="ideal")
    for (colour, mark), (name, table) in zip(COLOURS, versions, strict=False):
        _draw(upper, table, colour, mark, name)
    plain_axes(lower, "Probability (maximum over the case's slices)", "Cases")
    cases = case_scores(source.table, "max")
    groups = [expit(cases.logits[which]) for which in (cases.malignant, ~cases.malignant)]
    lower.hist(groups, bins=list(np.linspace(0, 1, 21)), stacked=True, color=[ORANGE, BLUE], label=["malignant", "benign"])
    lower.set_xlim(-0.01, 1.01)
    legend_below(drawing, upper)
    lower.legend(fontsize=7.5, frameon=False)
    first = _curve(source.table)
    error = first.expected_calibration_error
    caption = (
        f"{first.n} cases in {len(first.bins)} bins of equal count, Wilson's 95 % intervals. Expected calibration error over "
        f"these bins {'–' if error is None else f'{error:.3f}'} as the network says. Histogram: as the network says."
    )
    return Drawn(
        "calibration",
        source.titled("Fig. 8. Calibration per patient"),
        caption,
        "Reliability curve above a histogram of probabilities",
        png(drawing),
        HALF,
    )


def _draw(axes: Axes, table: ScoreTable, colour: str, mark: str, name: str) -> None:
    """The network's own with intervals; what is shown beside it without, or nothing could be told apart."""
    bins = _curve(table).bins
    x = np.array([one.mean_probability for one in bins])
    y = np.array([one.malignant.value or 0.0 for one in bins])
    if mark == COLOURS[0][1]:
        ends = np.array([one.malignant.ends for one in bins]).T
        axes.errorbar(x, y, yerr=np.abs(ends - y), fmt="none", color=colour, elinewidth=0.8, capsize=2)
    axes.plot(x, y, f"{mark}-", color=colour, markersize=4, linewidth=1.1, label=name)


def _curve(table: ScoreTable) -> ReliabilityCurve:
    cases = case_scores(table, "max")
    bins = min(BINS, max(2, len(cases.names) // FEWEST_IN_BIN))
    return reliability_curve(expit(cases.logits), cases.malignant, cases.patients, bins)
