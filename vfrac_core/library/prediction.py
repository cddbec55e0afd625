"""One box, one answer: the same path for the screen, the API and the command line, so that they give the same numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from vfrac_core.imaging.roi import default_slices, fit_box
from vfrac_core.types import Prediction, Roi, SagittalStack

if TYPE_CHECKING:  # torch stays out of everything that only passes a predictor on
    from vfrac_core.model.predictor import Predictor


@dataclass(frozen=True, slots=True)
class PredictionRequest:
    """What is asked. Empty ``slices`` means the five centred on the box's slice (decision 13)."""

    roi: Roi
    slices: tuple[int, ...] = ()
    target: str = "malignant"
    layer: str = "layer4"
    method: str = "gradcam"


def predict_stack(stack: SagittalStack, predictor: Predictor, request: PredictionRequest) -> Prediction:
    """Clip the box to the slice, choose the slices, ask the network. InvalidRoiError for a box that cannot be used."""
    from vfrac_core.model.predictor import CamRequest

    box = fit_box(request.roi.box, stack.rows, stack.columns, stack.spacing_mm)
    roi = Roi(slice_index=request.roi.slice_index, box=box)
    slices = request.slices or default_slices(roi.slice_index, stack.slices)
    cam = CamRequest(target=request.target, layer=request.layer, method=request.method)
    return predictor.predict(stack, roi, slices, cam=cam)
