"""Net benefit: does acting on the network beat treating everybody, or nobody?"""

from __future__ import annotations

import numpy as np
from scipy.special import expit

from vfrac_core.evaluation.decision_curve import DecisionCurve, decision_curve
from vfrac_core.evaluation.score_table import ScoreTable, case_scores
from vfrac_core.report.drawing import BLUE, GRAY, GREEN, HALF, ORANGE, PALE, Drawn, canvas, legend_below, plain_axes, png
from vfrac_core.report.source import Source
from vfrac_core.training.results import TEMPERATURE

THRESHOLDS = np.linspace(0.01, 0.99, 99)


def decision_figure(source: Source) -> Drawn:
    """As the network says, and with the temperature where one was fitted: a decision curve is of calibrated probabilities."""
    found = _curve(source.table)
    drawing = canvas(HALF, 2.8)
    axes = drawing.subplots()
    plain_axes(axes, "Probability from which one would act", "Net benefit")
    axes.plot(found.thresholds, found.treat_all, color=ORANGE, linewidth=1.2, linestyle=(0, (5, 2)), label="act on everybody")
    axes.axhline(0, color=GRAY, linewidth=0.9, label="act on nobody")
    axes.plot(found.thresholds, found.model, color=BLUE, linewidth=1.8, label="network")
    for one in source.results.mended:
        if one.name == TEMPERATURE:
            axes.plot(
                THRESHOLDS,
                _curve(one.table).model,
                color=GREEN,
                linewidth=1.2,
                linestyle=(0, (1, 1)),
                label="network with temperature",
            )
    axes.set_xlim(0, 1)
    axes.set_ylim(min(-0.1, -0.1 * found.prevalence), max(0.1, found.prevalence * 1.08))
    axes.grid(color=PALE, linewidth=0.6)
    legend_below(drawing, axes)
    caption = (
        f"{found.n} cases, of which {100 * found.prevalence:.1f} % are malignant: that share is this sample's and no clinic's. "
        "The more of them are malignant, the harder it is at low thresholds to beat acting on everybody; in the paper's sample "
        "(68.4 %), at 0.1, only its most experienced reader does (0.679 against 0.648)."
    )
    return Drawn(
        "decision",
        source.titled("Fig. 9. Decision curve"),
        caption,
        "Net benefit of the network, of acting on all and on nobody",
        png(drawing),
        HALF,
    )


def _curve(table: ScoreTable) -> DecisionCurve:
    cases = case_scores(table, "max")
    return decision_curve(expit(cases.logits), cases.malignant, THRESHOLDS)
