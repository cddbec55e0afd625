"""Box in, probabilities and maps out: the one way from a stack to an answer, for the app, the API and the command line."""

from __future__ import annotations

import hashlib
import logging
import math
import os
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch

from vfrac_core.errors import CheckpointMismatchError, InvalidRoiError
from vfrac_core.imaging.crop import crop_triplet, prepare_input
from vfrac_core.imaging.roi import box_to_mm, check_slice, default_slices, fit_box, fit_box_mm, square_box
from vfrac_core.model.cache import AnswerCache
from vfrac_core.model.cam_request import CamRequest
from vfrac_core.model.gradcam import explain
from vfrac_core.model.resnet import VertebraResNet
from vfrac_core.model.serving import for_serving
from vfrac_core.model.spec import MAX_SLICES, RUNTIME, NetworkSpec
from vfrac_core.model.untrained import untrained_info, untrained_network
from vfrac_core.model.weight_set import load_checkpoint
from vfrac_core.paper import SIGNS
from vfrac_core.types import (
    BoxMm,
    CamMap,
    CropBatch,
    CropHu,
    PixelBox,
    Prediction,
    Roi,
    SagittalStack,
    SlicePrediction,
    WeightsInfo,
)

log = logging.getLogger(__name__)

UNTRAINED_SEED = 20210615
CACHED_ANSWERS = 2048  # about 1 kB each


def load_predictor(weights: Path, *, required: bool = False, spec: NetworkSpec | None = None) -> Predictor:
    """The network that serves. ``weights`` is a weights file, a manifest (.json), a folder with a manifest.json, or any shard of
    a set. ``spec``: the paper's network unless it is given.

    A folder without a manifest gives the seeded random network, with a warning; its ``weights.trained`` is False and every
    screen and answer says UNTRAINED. Raises CheckpointMismatchError for weights that do not belong to this program, and,
    where they are ``required`` because somebody asked for just these, for a path that leads to none.
    """
    torch.set_num_threads(_cores())
    spec = spec or NetworkSpec()
    checkpoint = load_checkpoint(weights, spec, required=required)
    return untrained_predictor(spec) if checkpoint is None else Predictor(checkpoint.network, checkpoint.weights)


def untrained_predictor(spec: NetworkSpec, seed: int = UNTRAINED_SEED) -> Predictor:
    """The seeded random network."""
    log.warning("no trained weights: the network is UNTRAINED, its weights are random and its answers mean nothing")
    network = untrained_network(spec, seed)
    return Predictor(network, untrained_info(network, seed))


def _cores() -> int:
    """The cores this process may use, which in a container are fewer than the machine's."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Predictor:
    """A network ready to answer. Threads may share it: forward passes take turns, and each uses all cores."""

    def __init__(self, network: VertebraResNet, weights: WeightsInfo) -> None:
        self.weights = weights
        self.runtime = RUNTIME
        self._network = for_serving(network)
        self._turn = threading.Lock()
        self._cache: AnswerCache[SlicePrediction] = AnswerCache(CACHED_ANSWERS)

    def predict(
        self,
        stack: SagittalStack,
        roi: Roi,
        slices: Sequence[int],
        *,
        cam: CamRequest | None = None,
        slice_boxes: Mapping[int, PixelBox] | None = None,
    ) -> Prediction:
        """Probability and map for the same box on each of ``slices`` (0-based, any order, doubles once), in one forward pass.

        ``cam``: plain Grad-CAM unless it is given. ``slice_boxes`` take the place of the ROI's box on their slices. Boxes are
        clipped, and ``Prediction.roi`` has the clipped one. ``patient_probability`` is the maximum (paper, "Training and
        Evaluation Methods") over those of the five slices centred on the box's own that were asked for (decision 13), and so is
        each of the ``patient_signs``, where the network has a sign head. Raises InvalidRoiError for a box or slice that does not
        fit the stack, and VfracError for the map of a sign from a network without a sign head.
        """
        asked = _check_asked(slices, stack)
        roi = Roi(check_slice(roi.slice_index, stack.slices), fit_box(roi.box, stack.rows, stack.columns, stack.spacing_mm))
        own = slice_boxes or {}
        inputs = [prepare_input(crop_triplet(stack, _square(own.get(index, roi.box), stack), index)) for index in asked]
        return summarise(roi, stack.slices, self.weights, self._answers(asked, inputs, cam or CamRequest()))

    def predict_boxes(self, stack: SagittalStack, slice_index: int, boxes: Sequence[BoxMm]) -> list[float]:
        """Malignant probability of one slice for each of several boxes in mm, in their order, in one forward pass.

        For a drawn box it is the number that ``predict`` gives: the box is clipped, squared and cropped by the same functions.
        """
        if not 1 <= len(boxes) <= MAX_SLICES:
            raise InvalidRoiError(f"{len(boxes)} boxes were asked for, expected 1 to {MAX_SLICES}")
        rows, columns, spacing = stack.rows, stack.columns, stack.spacing_mm
        squares = [square_box(fit_box_mm(box, rows, columns, spacing), rows, columns, spacing) for box in boxes]
        inputs = [prepare_input(crop_triplet(stack, square, slice_index)) for square in squares]
        answers = self._answers([slice_index] * len(inputs), inputs, CamRequest())
        return [answer.malignant_probability for answer in answers]

    def _answers(self, asked: Sequence[int], inputs: Sequence[CropHu], cam: CamRequest) -> list[SlicePrediction]:
        """From the cache where the very same input was answered before; the others together."""
        keys = [_key(crop, cam) for crop in inputs]
        answers = {key: answer for key in keys if (answer := self._cache.get(key))}
        new = [position for position, key in enumerate(keys) if key not in answers]
        if new:
            for position, answer in zip(new, self._compute(np.stack([inputs[p] for p in new]), cam), strict=True):
                answers[keys[position]] = answer
                self._cache.put(keys[position], answer)
        return [_on_slice(answers[key], index) for key, index in zip(keys, asked, strict=True)]

    def _compute(self, batch: CropBatch, cam: CamRequest) -> list[SlicePrediction]:
        images = torch.from_numpy(batch).contiguous(memory_format=torch.channels_last)
        with self._turn:
            explained = explain(self._network, images, cam)
        logits, maps = explained.logits.double().numpy(), explained.maps.numpy()
        if not (np.isfinite(logits).all() and np.isfinite(maps).all()):
            raise CheckpointMismatchError("the network's answer is not a number; its weights are damaged, load them again")
        found = []
        for (logit, *signs), grid in zip(logits.tolist(), maps, strict=True):
            drawn = CamMap(cam.layer, cam.target, cam.method, grid)
            found.append(SlicePrediction(0, logit, shown_probability(logit, self.weights), drawn, _signs(signs)))
        return found


def shown_probability(logit: float, weights: WeightsInfo) -> float:
    """sigmoid((logit + shift) / temperature) of a malignancy logit, as in evaluation/recalibration.py."""
    return sigmoid((logit + weights.logit_shift) / weights.temperature)


def sigmoid(logit: float) -> float:
    """1 / (1 + exp(-logit)), for any logit without overflow; exactly 0.5 at 0."""
    small = math.exp(-abs(logit))
    return 1 / (1 + small) if logit >= 0 else small / (1 + small)


def _signs(logits: Sequence[float]) -> dict[str, float] | None:
    """In the order of the sign head; a network without one has no such logits."""
    return {name: sigmoid(logit) for name, logit in zip(SIGNS, logits, strict=True)} if logits else None


def _square(box: PixelBox, stack: SagittalStack) -> BoxMm:
    fitted = fit_box(box, stack.rows, stack.columns, stack.spacing_mm)
    return square_box(box_to_mm(fitted, stack.spacing_mm), stack.rows, stack.columns, stack.spacing_mm)


def _check_asked(slices: Sequence[int], stack: SagittalStack) -> list[int]:
    asked = list(dict.fromkeys(check_slice(index, stack.slices) for index in slices))
    if not 1 <= len(asked) <= MAX_SLICES:
        raise InvalidRoiError(f"{len(asked)} slices were asked for, expected 1 to {MAX_SLICES}")
    return asked


def _key(crop: CropHu, cam: CamRequest) -> bytes:
    """The network sees nothing but this crop, so equal crops are equal questions, of whatever stack and box."""
    return hashlib.blake2b(crop.tobytes() + repr(cam).encode(), digest_size=16).digest()


def _on_slice(answer: SlicePrediction, index: int) -> SlicePrediction:
    return SlicePrediction(index, answer.logit, answer.malignant_probability, answer.cam, answer.signs)


def summarise(roi: Roi, stack_slices: int, weights: WeightsInfo, answers: Sequence[SlicePrediction]) -> Prediction:
    """The answers of the slices as one answer, with the patient's: the maximum over the five slices around the box."""
    counted = [a for a in answers if a.slice_index in default_slices(roi.slice_index, stack_slices)]
    highest = max(counted, key=lambda answer: answer.malignant_probability, default=None)
    return Prediction(
        roi=roi,
        weights=weights,
        runtime=RUNTIME,
        slices=tuple(answers),
        patient_probability=None if highest is None else highest.malignant_probability,
        patient_slice=None if highest is None else highest.slice_index,
        patient_signs=_highest_signs([answer.signs for answer in counted if answer.signs is not None]),
    )


def _highest_signs(counted: Sequence[dict[str, float]]) -> dict[str, float] | None:
    return {name: max(signs[name] for signs in counted) for name in SIGNS} if counted else None
