"""Reliability: what was said against what was so, with how often it was said below."""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from vfrac_core.evaluation.reliability import BINS, reliability_curve
from vfrac_core.evaluation.score_table import ScoreTable, case_scores
from vfrac_core.report.drawing import BLUE, GRAY, ORANGE, PURPLE, WIDE, Drawn, canvas, legend, plain_axes, png, unit_square
from vfrac_core.report.source import Source

COLOURS = ((BLUE, "o"), (PURPLE, "s"), (ORANGE, "^"))


def calibration_figure(source: Source) -> Drawn:
    """Per patient, as the network says and with each recalibration."""
    versions = [("as the network says", source.table), *((f"with {one.name}", one.table) for one in source.results.mended)]
    drawing = canvas(WIDE * 0.62, WIDE * 0.82)
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
    legend(upper, "upper left")
    legend(lower, "upper center")
    first = reliability_curve(expit(cases.logits), cases.malignant, cases.patients)
    error = first.expected_calibration_error
    caption = (
        f"{first.n} cases in {len(first.bins)} bins of equal count (at most {BINS}), Wilson's 95 % intervals. Expected calibration error "
        f"over these bins {'–' if error is None else f'{error:.3f}'} as the network says. Histogram: as the network says."
    )
    return Drawn("calibration", source.titled("Fig. 8. Calibration per patient"), caption, "Reliability curve above a histogram of probabilities", png(drawing))


def _draw(axes: object, table: ScoreTable, colour: str, mark: str, name: str) -> None:
    cases = case_scores(table, "max")
    bins = reliability_curve(expit(cases.logits), cases.malignant, cases.patients).bins
    x = np.array([one.mean_probability for one in bins])
    y = np.array([one.malignant.value or 0.0 for one in bins])
    ends = np.array([one.malignant.ends for one in bins]).T
    axes.errorbar(x, y, yerr=np.abs(ends - y), fmt=mark, linestyle="-", color=colour, markersize=4, linewidth=1.1, elinewidth=0.7, capsize=1.5, label=name)  # type: ignore[attr-defined]
