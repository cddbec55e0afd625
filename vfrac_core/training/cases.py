"""The training cases: HU crops with their labels, whatever they come from. No torch, no store."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from jaxtyping import Float32, Int16

from vfrac_core.errors import VfracError
from vfrac_core.imaging.crop_file import crop_place
from vfrac_core.imaging.roi import box_to_mm, square_box
from vfrac_core.paper import SIGNS
from vfrac_core.types import BoxMm, PixelBox, SagittalStack, SpacingMm

LABELS = ("reference standard", "senior reader", "majority of the readers", "any reader")


@dataclass(frozen=True, slots=True)
class TrainingCase:
    """One case as a network may learn it.

    ``hu``: a crop with margin, [slice, row, column], with a neighbour before and behind the used slices where the stack has one
    ``slices``: the used ones, of the crop; ``stack_slices``: the same in the stack, for people; ``boxes``: on each of them
    ``signs``: present 1, absent 0, NaN not known, in the paper's order; ``label``: who says malignant and which signs
    ``patient``: cases of one patient share it; ``diagnosis`` None: signs alone are known
    """

    case: str
    patient: str
    hu: Int16[np.ndarray, "slice row column"]
    spacing_mm: SpacingMm
    slices: tuple[int, ...]
    stack_slices: tuple[int, ...]
    boxes: tuple[PixelBox, ...]
    malignant: bool | None
    signs: tuple[float, ...]
    label: str
    synthetic: bool

    def __post_init__(self) -> None:
        if not self.slices or not len(self.slices) == len(self.boxes) == len(self.stack_slices):
            raise VfracError("a training case has no slice, or not one box for each; export the crops again")
        if len(self.signs) != len(SIGNS):
            raise VfracError(f"a training case has {len(self.signs)} signs, expected {len(SIGNS)}; check the table of labels")

    @property
    def squares(self) -> tuple[BoxMm, ...]:
        """The smallest square around each slice's box, mm, from the crop's outer corner."""
        rows, columns = self.hu.shape[1:]
        spacing = self.spacing_mm
        return tuple(square_box(box_to_mm(box, spacing), rows, columns, spacing) for box in self.boxes)


@dataclass(frozen=True, slots=True)
class TrainingSet:
    """Cases in the order of their names, so that the order in which they were found decides nothing. ``sha256`` names exactly
    these pixels and labels; ``kind`` completes "a network trained on …"."""

    cases: tuple[TrainingCase, ...]
    kind: str
    sha256: str

    @property
    def malignant(self) -> Float32[np.ndarray, " case"]:
        """1, 0 or NaN for each case."""
        return np.array([np.nan if case.malignant is None else case.malignant for case in self.cases], np.float32)

    @property
    def signs(self) -> Float32[np.ndarray, "case sign"]:
        return np.array([case.signs for case in self.cases], np.float32).reshape(-1, len(SIGNS))


def training_set(cases: Sequence[TrainingCase], kind: str) -> TrainingSet:
    """VfracError where there is none, or two have one name."""
    ordered = tuple(sorted(cases, key=lambda case: case.case))
    if not ordered:
        raise VfracError("there is no case to learn from; label cases in Annotate, or give a cohort folder")
    names = [case.case for case in ordered]
    if twice := [name for name, following in pairwise(names) if name == following]:
        raise VfracError(f"the case {twice[0]} is there twice; give each once")
    return TrainingSet(ordered, kind, _digest(ordered))


def case_from_stack(
    stack: SagittalStack,
    boxes: Sequence[PixelBox],
    used: Sequence[int],
    *,
    case: str,
    patient: str,
    malignant: bool | None,
    signs: tuple[float, ...],
    label: str,
) -> TrainingCase:
    """A case cut out of its stack: ``boxes`` on the ``used`` slices, which are in order."""
    place = crop_place(boxes, used, stack)
    return TrainingCase(
        case=case,
        patient=patient,
        hu=place.cut(stack.hu).copy(),
        spacing_mm=stack.spacing_mm,
        slices=tuple(index - place.first for index in used),
        stack_slices=tuple(used),
        boxes=tuple(place.box(box) for box in boxes),
        malignant=malignant,
        signs=signs,
        label=label,
        synthetic=stack.info.synthetic,
    )


def _digest(cases: Sequence[TrainingCase]) -> str:
    digest = hashlib.sha256()
    for case in cases:
        known = (case.case, case.patient, case.spacing_mm, case.slices, case.boxes, case.malignant, case.signs, case.label)
        digest.update(repr((known, case.hu.shape)).encode())
        digest.update(np.ascontiguousarray(case.hu).tobytes())
    return digest.hexdigest()
