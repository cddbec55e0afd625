"""Which unread case comes next in Annotate: where the network is least sure, or where other readers disagree. Pure.

Both orders say nothing about the class: |p - 0.5| and a minority's share are the same for benign and malignant. They are for the
open study alone; a reading study has an order of its own, drawn for each reader.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

from vfrac_core.errors import VfracError
from vfrac_core.paper import SIGNS
from vfrac_core.store import REFERENCE, Annotation, Reading

USUAL: Final = "usual"
LEAST_SURE: Final = "least_sure"
DISAGREE: Final = "disagree"
ORDERS: Final = (USUAL, LEAST_SURE, DISAGREE)


class Disagreement(NamedTuple):
    """How divided the readers of a case are: the minority's share of the diagnoses (0 to 0.5), then its mean share over the six
    signs. Compared in this order: the diagnosis is what is learned first."""

    diagnosis: float
    signs: float


def check_order(name: str) -> str:
    """The name of an order; VfracError for another one."""
    if name not in ORDERS:
        raise VfracError(f"the page asked for an unknown order of the cases; expected one of {', '.join(ORDERS)}; reload it")
    return name


def least_sure_first(cases: Sequence[str], scores: Mapping[str, float]) -> list[str]:
    """Cases by the distance of their patient's probability from 0.5, nearest first; those without one behind, as they were."""
    return sorted(cases, key=lambda case: abs(scores[case] - 0.5) if case in scores else 1.0)


def most_divided_first(cases: Sequence[str], readings: Mapping[str, Sequence[Reading]]) -> list[str]:
    """Cases by the disagreement of their ``readings``, most divided first; equals and those with fewer than two as they were."""
    found = {case: disagreement(readings.get(case, ())) for case in cases}
    return sorted(cases, key=lambda case: (-found[case].diagnosis, -found[case].signs))


def disagreement(readings: Sequence[Reading]) -> Disagreement:
    """Of the readings of one case. A sign that a reader could not assess is no vote."""
    diagnosis = _minority([one.diagnosis for one in readings if one.diagnosis is not None])
    answers = [[one.signs[name] for one in readings if one.signs.get(name) in ("present", "absent")] for name in SIGNS]
    return Disagreement(diagnosis, sum(_minority(votes) for votes in answers) / len(SIGNS))


def readings_of_others(annotations: Sequence[Annotation], reader_id: str) -> dict[str, list[Reading]]:
    """By case: what other people have submitted at their first, unaided reading, without having been told the answer."""
    found: dict[str, list[Reading]] = {}
    for one in annotations:
        own = one.reader_id in (reader_id, REFERENCE)
        first = one.repeat_index == 0 and one.phase == "unaided"
        if one.submitted_at is not None and first and not own and not one.answer_visible:
            found.setdefault(one.case_id, []).append(one.reading)
    return found


def _minority(votes: Sequence[str]) -> float:
    """Share of the smaller of two camps; 0 where all agree or nobody votes."""
    return min(votes.count(vote) for vote in set(votes)) / len(votes) if len(set(votes)) == 2 else 0.0
