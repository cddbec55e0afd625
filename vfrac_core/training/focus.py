"""Where the network looks on cases whose lesions are known to the pixel: the maps of malignancy and of each sign."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from typing import Final

import numpy as np
import torch
from jaxtyping import Bool, Float32, UInt8
from torch.nn import functional

from vfrac_core.evaluation.cam_focus import CamFocus, cam_focus
from vfrac_core.model.cam_request import shown_cam
from vfrac_core.model.gradcam import explain, explain_all
from vfrac_core.model.resnet import VertebraResNet
from vfrac_core.model.spec import MALIGNANT
from vfrac_core.paper import INPUT_SIZE, SIGNS
from vfrac_core.training.cases import TrainingCase
from vfrac_core.training.scores import served_inputs
from vfrac_core.types import BoxMm, SpacingMm

BODY_SIGN: Final = "vertebral_compression"  # its mask is the whole body
METHODS: Final = ("fused", "gradcam")  # the first is what the screen shows first
LesionBits = UInt8[np.ndarray, "slice row column"]  # bit i is sign i of ``paper.SIGNS``, on the crop's grid


def cam_focus_of(
    network: VertebraResNet,
    cases: Sequence[TrainingCase],
    lesions: Mapping[str, LesionBits],
    *,
    seed: int,
    progress: Callable[[int], None] = lambda _done: None,
) -> dict[str, dict[str, CamFocus]]:
    """By method ("fused", "gradcam") and target: "malignant" on the malignant cases, against all that any sign changes but the
    body's own loss of height; each sign of the network on the cases that have it. Only slices on which something of the lesion
    lies in the square. ``lesions``: by the case's name.
    """
    maps: dict[tuple[str, str], list[np.ndarray]] = defaultdict(list)
    masks: dict[str, list[np.ndarray]] = defaultdict(list)
    owners: dict[str, list[int]] = defaultdict(list)
    patients = {name: number for number, name in enumerate(sorted({case.patient for case in cases}))}
    for done, case in enumerate(cases, start=1):
        drawn = _maps(network, torch.from_numpy(served_inputs(case)))
        for target in network.spec.outputs:
            bits = _bits(case, target)
            if not bits:
                continue
            shown = np.stack([_on_square(lesions[case.case][k] & bits, s, case.spacing_mm) for k, s in _pairs(case)]) > 0
            seen = shown.any((1, 2))
            if seen.any():
                for method in METHODS:
                    maps[method, target].extend(drawn[method][target][seen])
                masks[target].extend(shown[seen])
                owners[target].extend([patients[case.patient]] * int(seen.sum()))
        progress(done)
    return {
        method: {
            target: cam_focus(np.stack(maps[method, target]), np.stack(masks[target]), np.array(owners[target]), seed=seed)
            for target in network.spec.outputs
            if masks[target]
        }
        for method in METHODS
    }


def map_of(network: VertebraResNet, case: TrainingCase, place: int, target: str) -> Float32[np.ndarray, "grid_row grid_column"]:
    """The map that the screen shows first, raw, on the case's ``place``-th used slice."""
    image = torch.from_numpy(served_inputs(case)[place : place + 1]).to(next(network.parameters()).device)
    return explain(network, image, shown_cam(target)).maps[0].cpu().numpy()


def _bits(case: TrainingCase, target: str) -> int:
    """Of the mask that the target should point at; 0 where the case has none."""
    if target == MALIGNANT:
        return sum(1 << k for k, sign in enumerate(SIGNS) if sign != BODY_SIGN) if case.malignant else 0
    position = SIGNS.index(target)
    return 1 << position if case.signs[position] == 1 else 0


def _pairs(case: TrainingCase) -> list[tuple[int, BoxMm]]:
    return list(zip(case.slices, case.squares, strict=True))


def _maps(network: VertebraResNet, images: torch.Tensor) -> dict[str, dict[str, np.ndarray]]:
    """Of every method and target, on the input's grid, upsampled as the screen does (decision 6)."""
    found = explain_all(network, images)
    return {method: {target: _upsampled(maps) for target, maps in found[method].items()} for method in METHODS}


def _upsampled(maps: torch.Tensor) -> np.ndarray:
    large = functional.interpolate(maps[:, None], (INPUT_SIZE, INPUT_SIZE), mode="bilinear", align_corners=False)
    return large[:, 0].double().numpy()


def _on_square(mask: UInt8[np.ndarray, "row column"], square: BoxMm, spacing: SpacingMm) -> Bool[np.ndarray, "64 64"]:
    """The mask at the centres of the input's pixels; outside of the crop there is nothing."""
    centres = (np.arange(INPUT_SIZE) + 0.5) / INPUT_SIZE
    rows = np.floor((square.row_min + centres * square.height) / spacing.row).astype(int)
    columns = np.floor((square.col_min + centres * square.width) / spacing.column).astype(int)
    inside = ((rows >= 0) & (rows < mask.shape[0]))[:, None] & ((columns >= 0) & (columns < mask.shape[1]))[None, :]
    taken = mask[np.ix_(rows.clip(0, mask.shape[0] - 1), columns.clip(0, mask.shape[1] - 1))]
    return (taken > 0) & inside
