"""A prediction as the JSON that the command line, the API and the viewer's route all send. Imports no torch."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from vfrac_core.types import CamMap, Prediction, SlicePrediction

PROBABILITY_DIGITS = 7
GRID_DIGITS = 4  # significant: the browser paints 256 shades


def answer_json(case_id: str, prediction: Prediction) -> dict[str, Any]:
    """The public answer of the command line, the API and the viewer. Below 2 kB for five slices of 4 × 4 grids, below 4 kB with
    the signs.

    Slices are 0-based, the box is [row_min, col_min, row_max, col_max], half open, as it was clipped to the slice. ``grid``
    is the raw map; ``patient_probability`` is null when none of the five slices around the box was asked for. ``patient_signs``
    and each slice's ``signs`` are {name: probability}, null for weights without a sign head. The weights' ``logit_shift`` and
    ``temperature`` are in the probabilities of malignancy already. ``out_of_fold`` is null for a case that the weights have not
    seen, else ``{"fold", "folds", "live"}``, the fold 0-based (types.HeldOut).
    """
    weights = prediction.weights
    return {
        "case": case_id,
        "weights": weights.name,
        "logit_shift": weights.logit_shift,
        "temperature": weights.temperature,
        "training_data": weights.training_data,
        "runtime": prediction.runtime,
        "box": list(prediction.roi.box.as_tuple()),
        "slices": [_slice_json(answer) for answer in prediction.slices],
        "patient_probability": _rounded(prediction.patient_probability),
        "patient_slice": prediction.patient_slice,
        "patient_signs": _signs_json(prediction.patient_signs),
        "out_of_fold": None if prediction.out_of_fold is None else asdict(prediction.out_of_fold),
    }


def nearby_json(case_id: str, slice_index: int, probabilities: Sequence[float]) -> dict[str, Any]:
    """The answers for one slice and several boxes, in the boxes' order."""
    return {"case": case_id, "slice": slice_index, "probabilities": [_rounded(one) for one in probabilities]}


def _slice_json(answer: SlicePrediction) -> dict[str, Any]:
    return {
        "slice": answer.slice_index,
        "probability": _rounded(answer.malignant_probability),
        "cam": None if answer.cam is None else _cam_json(answer.cam),
        "signs": _signs_json(answer.signs),
    }


def _signs_json(signs: dict[str, float] | None) -> dict[str, float | None] | None:
    return None if signs is None else {name: _rounded(probability) for name, probability in signs.items()}


def _cam_json(cam: CamMap) -> dict[str, Any]:
    grid = [[float(f"{value:.{GRID_DIGITS}g}") for value in row] for row in cam.grid]
    return {"method": cam.method, "layer": cam.layer, "grid": grid}


def _rounded(probability: float | None) -> float | None:
    """Seven decimals; a probability just below 0.5 is not rounded into the other class."""
    if probability is None:
        return None
    rounded = round(probability, PROBABILITY_DIGITS)
    return probability if (rounded >= 0.5) != (probability >= 0.5) else rounded
