"""Unread cases by what the network and the readers are least sure of."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from learning_samples import an_answer
from store_samples import a_reading

from vfrac_core.errors import VfracError
from vfrac_core.paper import SIGNS
from vfrac_core.store import REFERENCE, Reading
from vfrac_core.study.worklist_order import (
    check_order,
    disagreement,
    least_sure_first,
    most_divided_first,
    readings_of_others,
)


def said(diagnosis: str, *present: str) -> Reading:
    return a_reading(diagnosis=diagnosis, signs={name: "present" if name in present else "absent" for name in SIGNS})


@given(
    probabilities=st.lists(st.one_of(st.none(), st.floats(0, 1)), max_size=12),
)
def test_the_least_sure_come_first_and_those_without_a_number_last(probabilities: list[float | None]) -> None:
    cases = [f"c{number:02d}" for number in range(len(probabilities))]
    scores = {case: p for case, p in zip(cases, probabilities, strict=True) if p is not None}
    order = least_sure_first(cases, scores)
    assert sorted(order) == cases
    far = [abs(scores[case] - 0.5) if case in scores else 2 for case in order]
    assert far == sorted(far)


@given(probabilities=st.lists(st.sampled_from([k / 64 for k in range(65)]), max_size=12))
def test_the_order_says_nothing_about_the_class(probabilities: list[float]) -> None:
    """A network that says the opposite of everything makes the same order. (Sixty-fourths: 1 - p is exact.)"""
    cases = [f"c{number:02d}" for number in range(len(probabilities))]
    scores = dict(zip(cases, probabilities, strict=True))
    assert least_sure_first(cases, scores) == least_sure_first(cases, {case: 1 - p for case, p in scores.items()})


@given(votes=st.lists(st.sampled_from(["benign", "malignant"]), max_size=9))
def test_disagreement_is_the_minoritys_share(votes: list[str]) -> None:
    found = disagreement([said(vote) for vote in votes])
    counts = Counter(votes)
    expected = min(counts["benign"], counts["malignant"]) / len(votes) if votes else 0.0
    assert found.diagnosis == expected
    assert found.signs == 0.0
    other = {"benign": "malignant", "malignant": "benign"}
    assert disagreement([said(other[vote]) for vote in votes]) == found


def test_the_diagnosis_counts_before_the_signs() -> None:
    readings = {
        "agree": [said("benign"), said("benign")],
        "signs": [said("benign", *SIGNS), said("benign")],
        "one_sign": [said("benign", SIGNS[0]), said("benign")],
        "two_of_three": [said("benign"), said("malignant"), said("benign")],
        "half": [said("benign"), said("malignant")],
        "alone": [said("malignant", *SIGNS)],
    }
    cases = ["alone", "agree", "none", "one_sign", "signs", "two_of_three", "half"]
    assert most_divided_first(cases, readings) == ["half", "two_of_three", "signs", "one_sign", "alone", "agree", "none"]


def test_a_sign_that_cannot_be_assessed_is_no_vote() -> None:
    unknown = a_reading(signs=dict.fromkeys(SIGNS, "not_assessable"))
    assert disagreement([unknown, said("benign", *SIGNS)]).signs == 0.0


def test_only_what_others_submitted_counts() -> None:
    answers = [
        an_answer("other", comment="kept"),
        an_answer("own"),
        an_answer(REFERENCE),
        an_answer("drafting", submitted_at=None),
        an_answer("told", answer_visible=True),
        an_answer("again", repeat_index=1),
        an_answer("aided", phase="with_cam"),
    ]
    assert [one.comment for one in readings_of_others(answers, "own")["case"]] == ["kept"]


def test_an_unknown_order_is_refused() -> None:
    with pytest.raises(VfracError, match="usual, least_sure, disagree"):
        check_order("malignant first")
