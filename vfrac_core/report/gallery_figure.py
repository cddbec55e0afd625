"""The paper's Fig. 2, 4, 5 and 6 as galleries: crops by outcome, each with its map; and Fig. 3, one case slice by slice."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from vfrac_core.report.drawing import BLACK, GRAY, ORANGE, WIDE, Drawn, canvas, png
from vfrac_core.report.picks import Outcome, Picked
from vfrac_core.report.picture import draw_picture
from vfrac_core.report.shown_case import BONE, ShownCase, ShownSlice
from vfrac_core.report.source import Source

ACROSS: Final = 6
NUMBERS: Final[Mapping[Outcome, int]] = {"true positive": 2, "true negative": 4, "false negative": 5, "false positive": 6}
IN_PAPER: Final[Mapping[Outcome, str]] = {
    "true positive": "0.99 and 0.96",
    "true negative": "0.01 and 0.47",
    "false negative": "0.42 and 0.18",
    "false positive": "0.57 and 0.99",
}


def gallery_figure(source: Source, picked: Picked, shown: Mapping[int, ShownCase]) -> Drawn:
    """Each case by the slice that gave its probability: the crop in the bone window, below it the same with the map."""
    number = NUMBERS[picked.outcome]
    name = f"gallery-{picked.outcome.replace(' ', '-')}s"
    title = source.titled(f"Fig. {number}. {picked.outcome.capitalize()}s")
    paper = f"The paper shows two, with probabilities of {IN_PAPER[picked.outcome]}."
    if not picked.cases:
        return Drawn(name, title, f"There is none among {len(source.data.cases)} cases. {paper}", "An empty gallery", _nothing())
    cases = [shown[index] for index in picked.cases]
    has_map = any(case.highest.cam is not None for case in cases)
    down = math.ceil(len(cases) / ACROSS)
    drawing = canvas(WIDE, down * (2.75 if has_map else 1.6))
    every = drawing.subplots(down * (2 if has_map else 1), ACROSS, squeeze=False)
    for axes in every.ravel():
        axes.set_axis_off()
    for place, case in enumerate(cases):
        row, column = divmod(place, ACROSS)
        upper = every[row * (2 if has_map else 1), column]
        draw_picture(upper, case.highest, with_map=False)
        upper.set_title(_label(case, case.highest), fontsize=7, pad=3, color=BLACK)
        if has_map:
            draw_picture(every[2 * row + 1, column], case.highest, with_map=True)
    caption = f"{len(cases)} of {picked.of}, {picked.rule}. {_picture_note(source, has_map, whole=number == 2)} {paper}"
    probabilities = ", ".join(f"{case.highest.probability:.2f}" for case in cases)
    return Drawn(name, title, caption, f"{len(cases)} crops with probabilities {probabilities}", png(drawing))


def strip_figure(source: Source, case: ShownCase | None) -> Drawn:
    """One case slice by slice, as the paper's Fig. 3: the highest probability is the patient's."""
    title = source.titled("Fig. 3. From slices to the patient")
    paper = "In the paper's example the patient has 0.96, and the slice at the edge less."
    if case is None:
        return Drawn(
            "strip", title, f"No malignant case with several slices was called malignant. {paper}", "An empty strip", _nothing()
        )
    has_map = any(one.cam is not None for one in case.slices)
    slices = case.slices[:12]
    drawing = canvas(WIDE, (2.75 if has_map else 1.6) * min(1.0, ACROSS / len(slices)) + 0.2)
    every = drawing.subplots(2 if has_map else 1, max(len(slices), ACROSS), squeeze=False)
    for axes in every.ravel():
        axes.set_axis_off()
    for column, one in enumerate(slices):
        highest = one is case.highest
        draw_picture(every[0, column], one, with_map=False, framed=highest)
        mark = "\nthe highest" if highest else "\n"
        every[0, column].set_title(f"slice {one.number}{mark}", fontsize=7, pad=3, color=ORANGE if highest else BLACK)
        if has_map:
            draw_picture(every[1, column], one, with_map=True, framed=highest)
        bottom = every[-1, column]
        text = f"p {one.probability:.2f}"
        bottom.text(
            0.5,
            -0.06,
            text,
            transform=bottom.transAxes,
            ha="center",
            va="top",
            fontsize=8,
            fontweight="bold" if highest else "normal",
        )
    caption = (
        f"Case {case.number}{_fold(case)}: of the malignant cases that were called so the one whose slices differ most. The "
        f"highest probability, {case.highest.probability:.2f}, is the patient's. {paper} "
        f"{_picture_note(source, has_map, whole=False)}"
    )
    return Drawn("strip", title, caption, "Neighbouring slices of one case with their probabilities", png(drawing))


def _label(case: ShownCase, one: ShownSlice) -> str:
    return f"p {one.probability:.2f}\ncase {case.number}{_fold(case)}"


def _fold(case: ShownCase) -> str:
    return "" if case.fold is None else f", fold {case.fold}"


def _picture_note(source: Source, has_map: bool, *, whole: bool) -> str:
    """Whole once, where the first gallery stands."""
    if not has_map:
        return "No map: the weights are not in the run's folder."
    if not whole:
        return "Pictures, maps and case numbers as in Fig. 2."
    center, width = BONE
    numbers = "Case numbers count the lines of folds.csv" if source.histories else "Case numbers count the cases by name"
    judged = "by the weights of the fold in which the case was tested" if source.histories else "by the weights that were tried"
    return (
        f"The 64 × 64 crop of the slice with the highest probability, window {width:.0f}/{center:.0f} HU; below it with "
        f"its map (LayerCAM × Grad-CAM), which is our addition, {judged}. Colour where the map is high, faded by the probability "
        f"(opacity ∝ map / its maximum · p): it shows what moved this network, not where a lesion is. {numbers}."
    )


def _nothing() -> bytes:
    drawing = canvas(WIDE, 0.6)
    drawing.text(0.5, 0.5, "none", ha="center", va="center", fontsize=10, color=GRAY)
    return png(drawing)
