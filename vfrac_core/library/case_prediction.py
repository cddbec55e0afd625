"""The network's answer for a case, whoever asks: the screen, the API or the command line. Never a fitted one.

What a network says of a case that it learned from is a memory. So such a case is answered by the network of the fold that had not
seen its patient, where it was kept; else with the figures that this network gave when it was tested, for the annotated box alone;
else not at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from vfrac_core.errors import SeenInTrainingError
from vfrac_core.imaging.roi import check_slice, default_slices, fit_box
from vfrac_core.library.cases import CaseLibrary
from vfrac_core.library.held_out import HeldOutNetworks
from vfrac_core.library.prediction import NearbyRequest, PredictionRequest, predict_nearby, predict_stack
from vfrac_core.paper import SIGNS
from vfrac_core.store import OutOfFold, SeenInTraining, training_of
from vfrac_core.types import HeldOut, PixelBox, Prediction, Roi, SagittalStack, SlicePrediction, WeightsInfo

if TYPE_CHECKING:  # torch stays out of everything that only passes a predictor on
    from vfrac_core.model.predictor import Predictor

STORED: Final = "stored"  # instead of what computes: nothing does
SEEN: Final = "seen in training: the network has learned from this case, so its answer would be a memory and no prediction; "
ASK_ANOTHER: Final = "draw the box on another case, or make the weights current with the networks of their folds kept"
ASK_ANNOTATED: Final = f"only the annotated box and slices have an out-of-fold answer; {ASK_ANOTHER}"


def predict_case(
    library: CaseLibrary, case_id: str, predictor: Predictor, held_out: HeldOutNetworks, request: PredictionRequest
) -> Prediction:
    """The answer for a case of the library. SeenInTrainingError where there could only be a fitted one."""
    seen = training_of(library.store, case_id, predictor.weights)
    return answer_for(library.stack(case_id), predictor, held_out, request, seen)


def answer_for(
    stack: SagittalStack,
    predictor: Predictor,
    held_out: HeldOutNetworks,
    request: PredictionRequest,
    seen: SeenInTraining | None,
) -> Prediction:
    """As ``predict_case``, where the caller has the stack and knows whether it was ``seen``."""
    if seen is None:
        return predict_stack(stack, predictor, request)
    network = held_out.of(predictor.weights, seen)
    if network is None:
        return _stored(stack, predictor.weights, request, seen)
    answer = predict_stack(stack, network, request)
    return replace(answer, weights=predictor.weights, out_of_fold=_source(seen, live=True))


def nearby_for_case(
    library: CaseLibrary, case_id: str, predictor: Predictor, held_out: HeldOutNetworks, request: NearbyRequest
) -> list[float]:
    """One probability for each box. SeenInTrainingError where they could only be fitted: of moved boxes nothing is stored."""
    seen = training_of(library.store, case_id, predictor.weights)
    network = predictor if seen is None else held_out.of(predictor.weights, seen)
    if network is None:
        raise SeenInTrainingError(SEEN + ASK_ANOTHER)
    return predict_nearby(library.stack(case_id), network, request)


def _stored(stack: SagittalStack, weights: WeightsInfo, request: PredictionRequest, seen: SeenInTraining) -> Prediction:
    """The slices of the request whose box is the annotated one; no maps."""
    from vfrac_core.model.predictor import summarise  # has come with the predictor

    roi = Roi(check_slice(request.roi.slice_index, stack.slices), _fit(request.roi.box, stack))
    asked = request.slices or default_slices(roi.slice_index, stack.slices)
    boxes = {index: _fit(request.slice_boxes.get(index, roi.box), stack) for index in asked}
    answers = [_answer(seen.answers[index], weights) for index in asked if _is_kept(index, boxes, seen)]
    if not answers:
        raise SeenInTrainingError(SEEN + (ASK_ANNOTATED if seen.answers else ASK_ANOTHER))
    summary = summarise(roi, stack.slices, weights, answers)
    return replace(summary, runtime=STORED, out_of_fold=_source(seen, live=False))


def _is_kept(index: int, boxes: Mapping[int, PixelBox], seen: SeenInTraining) -> bool:
    return index in seen.answers and boxes[index] == seen.boxes[index]


def _fit(box: PixelBox, stack: SagittalStack) -> PixelBox:
    return fit_box(box, stack.rows, stack.columns, stack.spacing_mm)


def _answer(kept: OutOfFold, weights: WeightsInfo) -> SlicePrediction:
    """The shift of the weights is added here: it belongs to how they are shown, not to what the fold's network said."""
    from vfrac_core.model.predictor import shown_probability, sigmoid

    signs = None if kept.signs is None else {name: sigmoid(one) for name, one in zip(SIGNS, kept.signs, strict=True)}
    return SlicePrediction(kept.slice_index, kept.logit, shown_probability(kept.logit, weights), None, signs)


def _source(seen: SeenInTraining, *, live: bool) -> HeldOut:
    assert seen.fold is not None  # without a fold there is neither a network nor a figure
    return HeldOut(seen.fold, seen.folds, live)
