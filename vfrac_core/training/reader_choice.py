"""Whose readings a network learns from, and what they say together. Pure: answers in, labels out.

Only submitted first readings, unaided, by people count. One that was made with the AI counts only where that is asked for, and
one whose reader had been shown the case's answer never does.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

from vfrac_core.errors import VfracError
from vfrac_core.paper import SIGNS
from vfrac_core.store import ANNOTATE, REFERENCE, Annotation, Reading

NAMES: Final = {"senior": "senior reader", "majority": "majority of the readers", "any": "any reader"}
BY_REFERENCE: Final = "reference standard"
SIGN_VALUES: Final = {"present": 1.0, "absent": 0.0}


@dataclass(frozen=True, slots=True)
class ReaderChoice:
    """``study``: its name. ``readers``: ``senior``, for each case the reader with the most years of experience (of equals the
    one who submitted first); ``majority``; or ``any``, whoever submitted first. ``include_assisted``: also readings made with
    the AI."""

    study: str = ANNOTATE
    readers: str = "senior"
    include_assisted: bool = False

    def __post_init__(self) -> None:
        if self.readers not in NAMES:
            raise VfracError(f"unknown choice of readers; expected one of {', '.join(NAMES)}")


@dataclass(frozen=True, slots=True)
class ChosenLabel:
    """What is learned of one case. ``source`` has the box and the slices. ``malignant`` None: nobody says, the case is left out.

    ``signs``: 1, 0 or NaN (not assessable, or as many readers for as against), in the paper's order.
    """

    source: Reading
    malignant: bool | None
    signs: tuple[float, ...]
    label: str


Reason = Literal["draft", "not_first", "aided_phase", "answer_seen", "assisted", "no_box"]


@dataclass(frozen=True, slots=True)
class Usable:
    """The readings that may be learned from, by case, first submitted first; and how many were left out, by the first reason."""

    of_case: Mapping[str, tuple[Annotation, ...]]
    left_out: Mapping[Reason, int] = field(default_factory=dict)


def usable_readings(annotations: Iterable[Annotation], choice: ReaderChoice) -> Usable:
    """Those of the chosen study that may be learned from. ``annotations`` come in the order of their submissions."""
    kept: dict[str, list[Annotation]] = {}
    left_out: Counter[Reason] = Counter()
    for one in annotations:
        if one.study_id != choice.study or one.reader_id == REFERENCE:
            continue
        reason = why_not(one, choice)
        if reason is None:
            kept.setdefault(one.case_id, []).append(one)
        else:
            left_out[reason] += 1
    return Usable({case: tuple(found) for case, found in kept.items()}, dict(left_out))


def why_not(one: Annotation, choice: ReaderChoice) -> Reason | None:
    """Why a reading is not learned from; None if it is."""
    reasons: tuple[tuple[Reason, bool], ...] = (
        ("draft", one.submitted_at is None),
        ("not_first", one.repeat_index != 0),
        ("aided_phase", one.phase != "unaided"),
        ("answer_seen", one.answer_visible),
        ("assisted", one.ai_visible and not choice.include_assisted),
        ("no_box", one.reading.box is None or one.reading.slice_index is None),
    )
    return next((reason for reason, applies in reasons if applies), None)


def choose_label(
    readings: Sequence[Annotation], reference: Reading | None, years: Mapping[str, float], choice: ReaderChoice
) -> ChosenLabel:
    """The label of a case from its usable readings, first submitted first, at least one.

    The reference standard says malignant or benign where it does at all, else the chosen readers. The signs are the chosen
    readers', who saw them on the images; the reference's stand in only where a reader's answer has none.
    """
    chosen = _chosen(readings, years, choice)
    says = None if reference is None else reference.diagnosis
    own = _majority([one.reading.diagnosis for one in chosen])
    diagnosis = own if says is None else says
    signs = _signs(chosen, reference)
    by = NAMES[choice.readers]
    label = by if says is None else f"{BY_REFERENCE}; signs: {by}"
    malignant = None if diagnosis is None else diagnosis == "malignant"
    return ChosenLabel(_source(chosen, years, diagnosis).reading, malignant, signs, label)


def _chosen(readings: Sequence[Annotation], years: Mapping[str, float], choice: ReaderChoice) -> Sequence[Annotation]:
    if choice.readers == "majority":
        return readings
    return [readings[0] if choice.readers == "any" else _most_senior(readings, years)]


def _most_senior(readings: Sequence[Annotation], years: Mapping[str, float]) -> Annotation:
    """``max`` keeps the first of equals, which is the one that was submitted first."""
    return max(readings, key=lambda one: years[one.reader_id])


def _source(chosen: Sequence[Annotation], years: Mapping[str, float], diagnosis: str | None) -> Annotation:
    """Boxes cannot be averaged: of those who agree with the label, if any, the most senior one's."""
    return _most_senior([one for one in chosen if one.reading.diagnosis == diagnosis] or chosen, years)


def _signs(chosen: Sequence[Annotation], reference: Reading | None) -> tuple[float, ...]:
    return tuple(_sign(name, chosen, reference) for name in SIGNS)


def _sign(name: str, chosen: Sequence[Annotation], reference: Reading | None) -> float:
    answers = [one.reading.signs[name] for one in chosen if name in one.reading.signs]
    if not answers and reference is not None and name in reference.signs:
        answers = [reference.signs[name]]
    winner = _majority([answer for answer in answers if answer in SIGN_VALUES])
    return math.nan if winner is None else SIGN_VALUES[winner]


def _majority(votes: Sequence[str | None]) -> str | None:
    """The value with the most votes; None without any vote, or where two have as many."""
    ranked = Counter(vote for vote in votes if vote is not None).most_common(2)
    if not ranked or (len(ranked) == 2 and ranked[0][1] == ranked[1][1]):
        return None
    return ranked[0][0]
