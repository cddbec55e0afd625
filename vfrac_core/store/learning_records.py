"""What a training leaves in the store: data versions, out-of-fold answers, and what is known of a case that was learned from."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from vfrac_core.errors import StoreError
from vfrac_core.paper import SIGNS
from vfrac_core.store.records import Anchor
from vfrac_core.types import PixelBox


@dataclass(frozen=True, slots=True)
class VersionCase:
    """One case of a data version. ``boxes``: each used slice of the stack (0-based) and the box on it, in the stack's pixels.

    ``patient``: the patient's key, or the case's own id where nothing is known; ``malignant`` None: signs alone were learned.
    """

    case_id: str
    patient: str
    malignant: bool | None
    label: str
    boxes: Mapping[int, PixelBox]


@dataclass(frozen=True, slots=True)
class DataVersion:
    """A training set as it was assembled. ``sha256`` is ``TrainingSet.sha256``; ``anchor`` the end of the log when it was read.

    ``choice`` says whose readings were taken, ``counts`` what is in it and what was left out and why: both as plain JSON, for the
    store keeps what a later program may name otherwise.
    """

    sha256: str
    anchor: Anchor
    kind: str
    choice: Mapping[str, object]
    counts: Mapping[str, int]
    cases: tuple[VersionCase, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OutOfFold:
    """The answer for one slice by a network that had seen neither the case nor its patient. ``logit`` and the six ``signs`` (the
    paper's order; None: no sign outputs) are the network's own, without the weights' logit shift. ``fold`` counts from 0."""

    case_id: str
    slice_index: int
    fold: int
    logit: float
    signs: tuple[float, ...] | None = None

    def __post_init__(self) -> None:
        numbers = (self.logit, *(self.signs or ()))
        if not all(math.isfinite(number) for number in numbers):
            raise StoreError("not saved: an out-of-fold answer is not a number; the training has failed, look at its losses")
        if self.signs is not None and len(self.signs) != len(SIGNS):
            raise StoreError(f"not saved: an out-of-fold answer has {len(self.signs)} signs, expected {len(SIGNS)}")


@dataclass(frozen=True, slots=True)
class SeenInTraining:
    """Some weights have learned from this case, or from another case of its patient: their own answer is no prediction.

    ``fold`` of ``folds``: where the case was tested; None without a cross-validation of these weights. ``answers`` are the stored
    out-of-fold ones and ``boxes`` what they were asked about, by slice; empty for another case of the patient.
    """

    data_sha256: str
    fold: int | None
    folds: int
    answers: Mapping[int, OutOfFold]
    boxes: Mapping[int, PixelBox]
