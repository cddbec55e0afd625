"""The six signs where the network was most wrong, as ``evaluate`` leaves them: a row a sign, each crop with that sign's map."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from scipy.special import expit

from vfrac_core.evaluation.aggregation import case_logits
from vfrac_core.evaluation.score_table import ScoreTable, SignScores, case_rows
from vfrac_core.report.cohort_tables import LABELS
from vfrac_core.report.drawing import BLACK, GRAY, WIDE, canvas, png
from vfrac_core.report.picks import Outcome, pick
from vfrac_core.report.picture import draw_picture
from vfrac_core.report.shown_case import ShownSlice, bone_crop
from vfrac_core.report.tried_on import FAILURES
from vfrac_core.signs import SAFETY
from vfrac_core.training.cases import TrainingCase, TrainingSet

if TYPE_CHECKING:
    from vfrac_core.model.resnet import VertebraResNet

EACH: Final = 3  # of the missed and of the wrongly found
SIDES: Final[tuple[tuple[Outcome, str], ...]] = (("false negative", "missed"), ("false positive", "not there"))


def write_failures(network: VertebraResNet, data: TrainingSet, table: ScoreTable, out: Path) -> None:
    """``failures.png`` in ``out``; nothing where the network knows no signs. ``table``: what it said of ``data``."""
    if table.signs:
        (out / FAILURES).write_bytes(failures_png(network, data, table))


def failures_png(network: VertebraResNet, data: TrainingSet, table: ScoreTable) -> bytes:
    """Left the cases whose sign got the lowest probability, right those without it that got the highest; by the slice that gave
    it. Wrong at p ≥ 0.5 only: fewer than three where there are no more."""
    cases = {case.case: (number, case) for number, case in enumerate(data.cases, start=1)}
    drawing = canvas(WIDE, 1.4 * len(table.signs) + 0.3)
    every = drawing.subplots(len(table.signs), EACH * len(SIDES), squeeze=False)
    for axes in every.ravel():
        axes.set_xticks([])
        axes.set_yticks([])
        axes.spines[:].set_visible(False)
    for row, sign in zip(every, table.signs, strict=True):
        row[0].set_ylabel(LABELS[sign.name].replace(" ", "\n"), fontsize=7, color=BLACK)
        for side, (outcome, word) in enumerate(SIDES):
            for place, name in enumerate(_most_wrong(table, sign, outcome)):
                axes = row[EACH * side + place]
                number, case = cases[name]
                one = _highest(network, case, table, sign)
                draw_picture(axes, one, with_map=True)
                axes.set_title(f"{word}, p {one.probability:.2f}\ncase {number}", fontsize=6.5, pad=3, color=GRAY)
    made_by_code = sum(case.synthetic for case in data.cases)
    drawing.supxlabel(f"{made_by_code} of {len(data.cases)} cases are synthetic. {SAFETY}", fontsize=7, color=BLACK)
    return png(drawing)


def _most_wrong(table: ScoreTable, sign: SignScores, outcome: Outcome) -> list[str]:
    """Names of the cases, the most wrong first; where nobody could say, nobody is wrong."""
    owner, first = case_rows(table)
    known = np.flatnonzero(~np.isnan(sign.present[first]))
    picked = pick(outcome, case_logits(sign.logits, owner, "max")[known], sign.present[first][known] == 1)
    return [table.cases[first[known[index]]] for index in picked.cases[:EACH]]


def _highest(network: VertebraResNet, case: TrainingCase, table: ScoreTable, sign: SignScores) -> ShownSlice:
    """The slice of the highest logit of the sign, with the sign's map."""
    from vfrac_core.training.focus import map_of  # torch

    own = [row for row, name in enumerate(table.cases) if name == case.case]
    row = max(own, key=lambda one: sign.logits[one])
    place = case.stack_slices.index(int(table.slices[row]))
    grid = map_of(network, case, place, sign.name)
    return ShownSlice(case.stack_slices[place], bone_crop(case, place), float(expit(sign.logits[row])), grid)
