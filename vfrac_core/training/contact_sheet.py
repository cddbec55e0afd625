"""The crops as the network sees them, for the researcher's eye: the middle used slice of some cases, as served and as drawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from jaxtyping import Float32, UInt8

from vfrac_core.training.augment import draw, network_input
from vfrac_core.training.cases import TrainingCase, TrainingSet
from vfrac_core.training.config import TrainConfig
from vfrac_core.training.pictures import make_labelled
from vfrac_core.training.scores import served_inputs

MOST: Final = 60
DRAWN: Final = 10
MIDDLE: Final = 1  # of the three channels: the slice itself, between its neighbours
SHOWN_SD: Final = 2.5  # black and white lie so many SD below and above the picture's mean; the same for all pictures


@dataclass(frozen=True, slots=True)
class SheetCrop:
    """One picture. ``case``: its id; ``malignant`` None: not known."""

    case: str
    malignant: bool | None
    grey: UInt8[np.ndarray, "64 64"]


def served_crops(data: TrainingSet, most: int = MOST) -> tuple[SheetCrop, ...]:
    """Exactly the network's input at serving and validation, its middle channel: malignant first, as many of each class as there
    is room for, spread evenly over the cases."""
    return tuple(SheetCrop(one.case, one.malignant, grey_of(served_inputs(one)[0, MIDDLE])) for one in _some(data, most))


def drawn_crops(data: TrainingSet, config: TrainConfig, most: int = DRAWN) -> tuple[SheetCrop, ...]:
    """Some of the same cases as the first epoch draws them: moved, scaled and turned at random."""
    chosen = replace(data, cases=tuple(sorted(_some(data, most), key=lambda case: case.case)))
    labelled = make_labelled(chosen)
    count = len(chosen.cases)
    draws = draw(config, 0, labelled.names, [0] * count)
    pictures = network_input(labelled.pictures, np.arange(count), draws).numpy()
    return tuple(SheetCrop(c.case, c.malignant, grey_of(pictures[i, MIDDLE])) for i, c in enumerate(chosen.cases))


def grey_of(picture: Float32[np.ndarray, "row column"]) -> UInt8[np.ndarray, "row column"]:
    """Standardised values as grey."""
    return np.round((np.clip(picture / SHOWN_SD, -1, 1) + 1) * 127.5).astype(np.uint8)


def _some(data: TrainingSet, most: int) -> list[TrainingCase]:
    """Their middle slices. Malignant ones, benign ones, then those without a diagnosis."""
    classes = [[case for case in data.cases if case.malignant is said] for said in (True, False, None)]
    room = _room([len(one) for one in classes], most)
    return [_middle(case) for one, count in zip(classes, room, strict=True) for case in _spread(one, count)]


def _room(counts: Sequence[int], most: int) -> list[int]:
    """As even as the classes allow."""
    room = [0] * len(counts)
    while sum(room) < min(most, sum(counts)):
        least = min((k for k in range(len(counts)) if room[k] < counts[k]), key=lambda k: room[k])
        room[least] += 1
    return room


def _spread(cases: Sequence[TrainingCase], count: int) -> list[TrainingCase]:
    return [cases[k * len(cases) // count] for k in range(count)]


def _middle(case: TrainingCase) -> TrainingCase:
    at = len(case.slices) // 2
    return replace(case, slices=(case.slices[at],), stack_slices=(case.stack_slices[at],), boxes=(case.boxes[at],))
