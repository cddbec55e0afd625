"""A case as the galleries show it: crops in the bone window, probabilities as scored, maps by the weights that judged it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Float, UInt8
from scipy.special import expit

from vfrac_core.errors import VfracError
from vfrac_core.imaging.crop import crop_triplet
from vfrac_core.imaging.window import window_to_gray
from vfrac_core.report.picks import OwnLogits
from vfrac_core.report.source import Source
from vfrac_core.training.cases import TrainingCase
from vfrac_core.training.cross_validate import ALL
from vfrac_core.types import Roi, SagittalStack, SeriesInfo

BONE: Final = (400.0, 1800.0)  # center and width, HU: the app's first window
SAME_ANSWER: Final = 5e-3  # a GPU, with its shorter numbers, may have scored what a processor explains
Gray = UInt8[np.ndarray, "row column"]
Grid = Float[np.ndarray, "grid_row grid_column"]


@dataclass(frozen=True, slots=True)
class ShownSlice:
    """``number``: 0-based, of the stack. ``probability``: of malignancy, or of the sign whose figure it is. ``cam``: the raw map,
    None where the weights are not there."""

    number: int
    gray: Gray
    probability: float
    cam: Grid | None


@dataclass(frozen=True, slots=True)
class ShownCase:
    """``number``: from 1 in the order of the names, which may be a patient's and are not shown. ``fold`` None: no folds."""

    number: int
    fold: int | None
    slices: tuple[ShownSlice, ...]

    @property
    def highest(self) -> ShownSlice:
        """The slice that gave the patient's probability."""
        return max(self.slices, key=lambda one: one.probability)


def show_cases(source: Source, cases: Sequence[int], progress: Callable[[], None] = lambda: None) -> dict[int, ShownCase]:
    """Each by the network of the fold in which it was tested; one network at a time is in memory.

    VfracError where a fold's weights do not give the scores that are in the table.
    """
    logits, folds = slice_logits(source), _folds(source)
    found = {}
    for fold in dict.fromkeys(folds[index] for index in cases):
        own = [index for index in dict.fromkeys(cases) if folds[index] == fold]
        maps = _maps(source, fold, own, logits)
        for index in own:
            case = source.data.cases[index]
            pictures = [bone_crop(case, place) for place in range(len(case.slices))]
            rows = zip(case.stack_slices, pictures, expit(logits[index]).tolist(), maps[index], strict=True)
            found[index] = ShownCase(index + 1, None if fold == ALL else fold, tuple(ShownSlice(*row) for row in rows))
            progress()
    return found


def bone_crop(case: TrainingCase, place: int) -> Gray:
    """What the network sees in the middle channel on the case's ``place``-th used slice, in the bone window."""
    return window_to_gray(crop_triplet(_stack(case), case.squares[place], case.slices[place])[1], *BONE)


def slice_logits(source: Source) -> list[OwnLogits]:
    """For each case the logits of its used slices, in their order."""
    by_slice = dict(
        zip(zip(source.table.cases, source.table.slices.tolist(), strict=True), source.table.logits.tolist(), strict=True)
    )
    try:
        return [np.array([by_slice[case.case, index] for index in case.stack_slices]) for case in source.data.cases]
    except KeyError:
        raise VfracError("a slice of a case has no score; score this set again") from None


def _folds(source: Source) -> list[int]:
    if source.table.folds is None:
        return [ALL] * len(source.data.cases)
    of_case = dict(zip(source.table.cases, source.table.folds.tolist(), strict=True))
    return [of_case[case.case] for case in source.data.cases]


def _maps(source: Source, fold: int, own: Sequence[int], logits: Sequence[OwnLogits]) -> Mapping[int, Sequence[Grid | None]]:
    """The malignant map of each slice."""
    file = source.weights.get(fold)
    if file is None:
        return {index: [None] * len(source.data.cases[index].slices) for index in own}
    from vfrac_core.model.cam_request import shown_cam
    from vfrac_core.model.predictor import Predictor
    from vfrac_core.model.weights import load_weights

    checkpoint = load_weights(file, source.spec)
    predictor = Predictor(checkpoint.network, checkpoint.weights)
    request = shown_cam()
    found = {}
    for index in own:
        case = source.data.cases[index]
        boxes = dict(zip(case.slices, case.boxes, strict=True))
        answer = predictor.predict(_stack(case), Roi(case.slices[0], case.boxes[0]), case.slices, cam=request, slice_boxes=boxes)
        given = np.array([one.malignant_probability for one in answer.slices])
        if fold != ALL and np.abs(given - expit(logits[index])).max() > SAME_ANSWER:  # weights for serving may carry a shift
            raise VfracError(f"the weights of fold {fold} do not give its scores; one of them was changed: run it again")
        found[index] = [None if one.cam is None else one.cam.grid for one in answer.slices]
    return found


def _stack(case: TrainingCase) -> SagittalStack:
    spacing = case.spacing_mm
    affine = np.diag([spacing.slice, spacing.row, spacing.column, 1.0])
    return SagittalStack(case.hu, affine, SeriesInfo(plane="sagittal", synthetic=case.synthetic))
