"""Small training cases of noise, a tiny network, and what it takes to train it in a second."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch

from vfrac_core.imaging.crop_file import crop_place
from vfrac_core.model.initialise import random_network
from vfrac_core.model.resnet import VertebraResNet
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.training.cases import TrainingCase, TrainingSet, training_set
from vfrac_core.training.config import DEMO, TrainConfig
from vfrac_core.training.pictures import Labelled, make_labelled
from vfrac_core.types import PixelBox, SagittalStack, SeriesInfo

TINY = NetworkSpec(blocks=(1, 1, 1, 1), width=8, sign_head=True)
QUICK = replace(DEMO, initial="random", epochs=3, batch=8, learning_rate=1e-3, folds=3, patience=None, threads=1)

BOX = PixelBox(20, 18, 45, 50)


def a_stack(seed: int, slices: int = 9) -> SagittalStack:
    hu = np.random.default_rng(seed).integers(-300, 900, (slices, 70, 60)).astype(np.int16)
    affine = np.array([[3.0, 0, 0, 0], [0, 0, 0.8, 0], [0, -1.1, 0, 0], [0, 0, 0, 1.0]])
    return SagittalStack(hu, affine, SeriesInfo(plane="axial", synthetic=True))


def a_case(number: int, *, box: PixelBox = BOX, used: tuple[int, ...] = (3, 4, 5), **others: object) -> TrainingCase:
    """Malignant if the number is odd; the malignant ones have a bright middle, so that there is something to learn."""
    stack = a_stack(number)
    malignant = number % 2 == 1
    if malignant:
        stack.hu[:, 28:38, 28:40] += 900
    place = crop_place([box], used, stack)
    fields = {
        "case": f"case-{number:03d}",
        "patient": f"patient-{number:03d}",
        "hu": place.cut(stack.hu).copy(),
        "spacing_mm": stack.spacing_mm,
        "slices": tuple(index - place.first for index in used),
        "stack_slices": used,
        "boxes": (place.box(box),) * len(used),
        "malignant": malignant,
        "signs": (float(malignant), 0.0, 1.0, float("nan"), 0.0, 1.0),
        "label": "reference standard",
        "synthetic": True,
    }
    return TrainingCase(**{**fields, **others})


def some_cases(count: int) -> TrainingSet:
    return training_set([a_case(number) for number in range(count)], "noise made by code")


def labelled(data: TrainingSet) -> Labelled:
    return make_labelled(data)


def tiny_network(config: TrainConfig = QUICK) -> VertebraResNet:
    torch.set_num_threads(1)
    return random_network(replace(TINY, sign_head=config.sign_head), config.seed)
