"""A library whose cases were read by several readers, and what a training leaves behind for it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from store_samples import NOON, a_reading, add_case_with_pixels

from vfrac_core.library.cases import CaseLibrary
from vfrac_core.library.store_set import StoreSet, read_store_set
from vfrac_core.store import (
    ANNOTATE,
    Annotation,
    AnnotationStore,
    OutOfFold,
    Reader,
    VolumeLibrary,
    save_data_version,
    save_folds,
    save_out_of_fold,
)
from vfrac_core.training.reader_choice import ReaderChoice
from vfrac_core.types import CamMap, Prediction, SlicePrediction, WeightsInfo

YEARS = {"junior": 2, "senior": 20, "equal": 20}
KEY = b"k" * 32


def a_library(home: Path, cases: int = 4, store: AnnotationStore | None = None) -> CaseLibrary:
    """``case0``, ``case1`` …, each of other noise."""
    store = store or AnnotationStore(home)
    for number in range(cases):
        add_case_with_pixels(home, store, f"case{number}", seed=number)
    return CaseLibrary(store, VolumeLibrary(home), secret=KEY, cache_bytes=10**7)


def readers(store: AnnotationStore) -> dict[str, Reader]:
    return {name: store.register_reader(f"secret of {name}", name, years) for name, years in YEARS.items()}


def read(store: AnnotationStore, reader: Reader, case_id: str, **changes: object) -> None:
    """A submitted reading; what is no part of a reading goes to ``submit``."""
    circumstances = {"ai_visible", "answer_visible", "repeat_index", "phase", "study_id"}
    how = {name: changes.pop(name) for name in circumstances & changes.keys()}
    save_id = f"{reader.reader_id}-{case_id}-{'-'.join(str(how[name]) for name in sorted(how))}"
    reading = a_reading(**changes)
    store.submit(save_id, case_id=case_id, reader_id=reader.reader_id, reading=reading, **{"ai_visible": False, **how})


def all_read(library: CaseLibrary) -> StoreSet:
    """Every case read by the senior reader, every other one malignant."""
    senior = readers(library.store)["senior"]
    for number, record in enumerate(library.store.cases()):
        read(library.store, senior, record.case_id, diagnosis="malignant" if number % 2 else "benign")
    return read_store_set(library, ReaderChoice())


def weights_of(data_sha256: str, name: str = "ours", **more: object) -> WeightsInfo:
    fields = {"sha256": "0" * 64, "training_data": "noise", "trained": True, "stem_stride": 1, "cam_layer": "layer4"}
    return WeightsInfo(name=name, data_sha256=data_sha256, **{**fields, **more})


def cross_validated(library: CaseLibrary, found: StoreSet, name: str = "ours", folds: int = 2) -> None:
    """Case number i was tested in fold i modulo ``folds``; the logit of a slice is its number minus 3.5."""
    fold_of = {one.case_id: number % folds for number, one in enumerate(found.version.cases)}
    save_data_version(library.store, found.version)
    save_folds(library.store, found.version.sha256, fold_of)
    answers = [
        OutOfFold(one.case_id, index, fold_of[one.case_id], index - 3.5) for one in found.version.cases for index in one.boxes
    ]
    save_out_of_fold(library.store, name, found.version.sha256, folds, answers)


def an_answer(reader: str = "r0", **changes: object) -> Annotation:
    """A submitted reading as the store gives it; changes of the answer itself, or of the reading in it."""
    own = {name: changes.pop(name) for name in tuple(changes) if name in Annotation.__dataclass_fields__}
    answer = Annotation("case", reader, ANNOTATE, 0, "unaided", a_reading(**changes), False, False, 1, NOON, NOON, False, 1, NOON)
    return replace(answer, **own)


class Network:
    """Answers one number for everything."""

    def __init__(self, weights: WeightsInfo, probability: float) -> None:
        self.weights, self.probability = weights, probability

    def predict(self, stack, roi, slices, *, cam=None, slice_boxes=None) -> Prediction:
        grid = CamMap("layer4", "malignant", "gradcam", np.ones((4, 4), np.float32))
        answers = tuple(SlicePrediction(index, 0.0, self.probability, grid) for index in slices)
        return Prediction(roi, self.weights, "torch", answers, self.probability, roi.slice_index)

    def predict_boxes(self, stack, slice_index, boxes) -> list[float]:
        return [self.probability] * len(boxes)
