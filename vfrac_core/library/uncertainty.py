"""How sure the network is of each case, for the order of the worklist: computed in the background, kept for each set of weights.

A case needs a box. The reference standard's is taken, else that of the first submitted reading; nobody is shown it. A case
without one has no score, and neither has one that the network could only answer from memory.
"""

from __future__ import annotations

import hashlib
import json
import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vfrac_core.errors import VfracError
from vfrac_core.library.case_prediction import predict_case
from vfrac_core.library.cases import CaseLibrary
from vfrac_core.library.held_out import HeldOutNetworks
from vfrac_core.library.prediction import PredictionRequest
from vfrac_core.store import REFERENCE, Annotation
from vfrac_core.types import Roi

if TYPE_CHECKING:  # torch stays out of everything that only passes a predictor on
    from vfrac_core.model.predictor import Predictor

log = logging.getLogger(__name__)

FOLDER: Final = "scores"


@dataclass(frozen=True, slots=True)
class Scores:
    """The patient's probability by case, as far as it is known; ``waiting``: how many are still being computed."""

    of_case: Mapping[str, float]
    waiting: int


@dataclass(frozen=True, slots=True)
class _Question:
    case_id: str
    request: PredictionRequest

    @property
    def key(self) -> str:
        """Names case, box and slice; the case's id stands for its pixels, which never change."""
        roi = self.request.roi
        boxes = sorted((index, box.as_tuple()) for index, box in self.request.slice_boxes.items())
        text = json.dumps([self.case_id, roi.slice_index, roi.box.as_tuple(), boxes])
        return hashlib.sha256(text.encode()).hexdigest()[:32]


class Uncertainty:
    """Scores under ``<data home>/scores/``. One thread computes while anything waits, one case at a time, so that a reader's live
    box waits for one case at most."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, float | None]] = {}  # by weights: None where there is no answer
        self._waiting: dict[str, Callable[[], None]] = {}
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def scores(
        self, library: CaseLibrary, predictor: Predictor, held_out: HeldOutNetworks, annotations: Sequence[Annotation]
    ) -> Scores:
        """What is known now, of all cases with a box; what is not known yet is begun."""
        weights = predictor.weights.sha256
        questions = _questions(annotations)
        file = library.store.home / FOLDER / f"{weights[:16]}.json"
        with self._lock:
            known = self._known.setdefault(weights, _read(file))
            for one in questions:
                if one.key not in known and f"{weights} {one.key}" not in self._waiting:
                    answer = _Answering(one, library, predictor, held_out, known, file, self._lock)
                    self._waiting[f"{weights} {one.key}"] = answer.run
            self._start()
            found = {one.case_id: score for one in questions if (score := known.get(one.key)) is not None}
            return Scores(found, sum(one.key not in known for one in questions))

    def _start(self) -> None:
        if self._waiting and self._thread is None:
            self._thread = threading.Thread(target=self._work, name="uncertainty", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._thread = None
                    return
                key, answer = next(iter(self._waiting.items()))
            answer()
            with self._lock:
                del self._waiting[key]


@dataclass(frozen=True, slots=True)
class _Answering:
    """One question on its way; its answer goes into ``known``, and with others into the file."""

    question: _Question
    library: CaseLibrary
    predictor: Predictor
    held_out: HeldOutNetworks
    known: dict[str, float | None]
    file: Path
    lock: threading.Lock = field(repr=False)

    def run(self) -> None:
        score = self._score()
        with self.lock:
            self.known[self.question.key] = score
            kept = {key: one for key, one in self.known.items() if one is not None}
        _write(self.file, kept)

    def _score(self) -> float | None:
        try:
            one = self.question
            return predict_case(self.library, one.case_id, self.predictor, self.held_out, one.request).patient_probability
        except VfracError:
            return None  # lost pixels, or seen in training
        except Exception as bug:  # noqa: BLE001 - one case must not end the thread for all others
            log.error("a case could not be ranked: %s", type(bug).__name__)
            return None


def _questions(annotations: Sequence[Annotation]) -> list[_Question]:
    """One for each case that somebody has drawn a box on; ``annotations`` come in the order of their submissions."""
    found: dict[str, Annotation] = {}
    for one in sorted(annotations, key=lambda one: one.reader_id != REFERENCE):
        if one.submitted_at is not None and one.reading.box is not None and one.reading.slice_index is not None:
            found.setdefault(one.case_id, one)
    return [_Question(case_id, _request(one)) for case_id, one in found.items()]


def _request(one: Annotation) -> PredictionRequest:
    reading = one.reading
    assert reading.box is not None  # only such readings are asked about
    assert reading.slice_index is not None
    return PredictionRequest(Roi(reading.slice_index, reading.box), slice_boxes=reading.slice_boxes)


def _read(file: Path) -> dict[str, float | None]:
    """Nothing where it is not there or is damaged: then it is computed again."""
    try:
        kept = json.loads(file.read_bytes())
        return {str(key): float(score) for key, score in kept.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}


def _write(file: Path, scores: Mapping[str, float]) -> None:
    """Whole or not at all. A full disk costs only the next start's time."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        draft = file.with_name(f"{file.name}.part")
        draft.write_text(json.dumps(scores), encoding="utf-8")
        draft.replace(file)
