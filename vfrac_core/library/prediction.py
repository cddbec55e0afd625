"""One box, one answer: the same path for the screen, the API and the command line, so that they give the same numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from vfrac_core.imaging.roi import check_slice, default_slices
from vfrac_core.model.cam_request import CamRequest
from vfrac_core.types import BoxMm, PixelBox, Prediction, Roi, SagittalStack

if TYPE_CHECKING:  # torch stays out of everything that only passes a predictor on
    from vfrac_core.model.predictor import Predictor


@dataclass(frozen=True, slots=True)
class PredictionRequest:
    """What is asked. Empty ``slices`` means the five centred on the box's slice (decision 13); ``slice_boxes`` are boxes of
    single slices that differ from the ROI's."""

    roi: Roi
    slices: tuple[int, ...] = ()
    slice_boxes: Mapping[int, PixelBox] = field(default_factory=dict)
    cam: CamRequest = field(default_factory=CamRequest)


def predict_stack(stack: SagittalStack, predictor: Predictor, request: PredictionRequest) -> Prediction:
    """Choose the slices and ask the network. InvalidRoiError for a box or slice that cannot be used."""
    roi = request.roi
    slices = request.slices or default_slices(check_slice(roi.slice_index, stack.slices), stack.slices)
    return predictor.predict(stack, roi, slices, cam=request.cam, slice_boxes=request.slice_boxes)


@dataclass(frozen=True, slots=True)
class NearbyRequest:
    """How the answer for one slice changes with the box: boxes in mm, each near the one that was drawn."""

    slice_index: int
    boxes: tuple[BoxMm, ...]


def predict_nearby(stack: SagittalStack, predictor: Predictor, request: NearbyRequest) -> list[float]:
    """One probability for each box, in their order. InvalidRoiError for a box or slice that cannot be used."""
    return predictor.predict_boxes(stack, check_slice(request.slice_index, stack.slices), request.boxes)
