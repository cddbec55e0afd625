"""Whose readings are learned from, and what several readers say together."""

from __future__ import annotations

import math
from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from learning_samples import an_answer
from store_samples import a_reading

from vfrac_core.errors import VfracError
from vfrac_core.paper import SIGNS
from vfrac_core.store import REFERENCE, Reading
from vfrac_core.training.reader_choice import ReaderChoice, choose_label, usable_readings
from vfrac_core.types import PixelBox

SENIOR, MAJORITY, ANY = (ReaderChoice(readers=readers) for readers in ("senior", "majority", "any"))


votes = st.lists(
    st.tuples(st.sampled_from(["benign", "malignant"]), st.sampled_from(["absent", "present", "not_assessable"])),
    min_size=1,
    max_size=7,
)


@given(votes=votes, order=st.randoms())
def test_the_majority_is_what_most_say_and_a_tie_is_not_known(votes: list[tuple[str, str]], order) -> None:
    answers = [
        an_answer(f"r{number}", diagnosis=diagnosis, signs=dict.fromkeys(SIGNS, sign))
        for number, (diagnosis, sign) in enumerate(votes)
    ]
    years = {one.reader_id: float(number) for number, one in enumerate(answers)}
    order.shuffle(answers)  # who submitted first decides nothing here
    label = choose_label(answers, None, years, MAJORITY)

    said = Counter(diagnosis for diagnosis, _ in votes)
    expected = None if said["benign"] == said["malignant"] else said["malignant"] > said["benign"]
    assert label.malignant is expected
    seen = Counter(sign for _, sign in votes)
    if seen["present"] == seen["absent"]:
        assert all(math.isnan(sign) for sign in label.signs)
    else:
        assert label.signs == (float(seen["present"] > seen["absent"]),) * 6


@given(years=st.lists(st.integers(0, 40), min_size=1, max_size=6))
def test_the_senior_reader_has_the_most_years_and_of_equals_submitted_first(years: list[int]) -> None:
    answers = [an_answer(f"r{number}", slice_index=number % 9) for number in range(len(years))]
    label = choose_label(answers, None, {f"r{number}": float(one) for number, one in enumerate(years)}, SENIOR)
    assert label.source.slice_index == years.index(max(years))


def test_any_reader_is_the_one_who_submitted_first() -> None:
    answers = [an_answer("r1", diagnosis="malignant"), an_answer("r0", diagnosis="benign")]
    label = choose_label(answers, None, {"r0": 30.0, "r1": 1.0}, ANY)
    assert (label.malignant, label.label) == (True, "any reader")


def test_the_reference_says_malignant_and_the_reader_which_signs() -> None:
    reference = Reading(diagnosis="malignant", signs=dict.fromkeys(SIGNS, "present"), slice_index=0, box=PixelBox(0, 0, 5, 5))
    label = choose_label([an_answer(diagnosis="benign")], reference, {"r0": 1.0}, SENIOR)
    assert (label.malignant, label.label) == (True, "reference standard; signs: senior reader")
    assert label.signs == (0.0,) * 6
    assert label.source.box == a_reading().box


def test_a_reference_without_a_diagnosis_leaves_it_to_the_reader() -> None:
    label = choose_label([an_answer(diagnosis="malignant")], Reading(), {"r0": 1.0}, SENIOR)
    assert (label.malignant, label.label) == (True, "senior reader")


def test_the_references_signs_stand_in_only_where_the_reader_has_no_answer() -> None:
    own = {SIGNS[0]: "absent", SIGNS[1]: "not_assessable"}
    reference = Reading(signs=dict.fromkeys(SIGNS, "present"))
    signs = choose_label([an_answer(signs=own)], reference, {"r0": 1.0}, SENIOR).signs
    assert signs[0] == 0.0
    assert math.isnan(signs[1])
    assert signs[2:] == (1.0,) * 4


def test_a_reference_breaks_the_tie_of_the_readers_and_the_box_is_of_one_who_agrees_with_it() -> None:
    answers = [
        an_answer("r0", diagnosis="benign", slice_index=1),
        an_answer("r1", diagnosis="malignant", slice_index=2),
        an_answer("r2", diagnosis="malignant", slice_index=3),
        an_answer("r3", diagnosis="benign", slice_index=4),
    ]
    years = {"r0": 40.0, "r1": 1.0, "r2": 9.0, "r3": 2.0}
    assert choose_label(answers, None, years, MAJORITY).malignant is None
    label = choose_label(answers, Reading(diagnosis="malignant"), years, MAJORITY)
    assert (label.malignant, label.source.slice_index) == (True, 3)


KINDS = {
    "draft": {"submitted_at": None},
    "not_first": {"repeat_index": 1},
    "aided_phase": {"phase": "with_cam"},
    "answer_seen": {"answer_visible": True},
    "assisted": {"ai_visible": True},
    "no_box": {"reading": Reading()},
}


@given(kinds=st.lists(st.sampled_from([*KINDS, "good"]), max_size=12), assisted=st.booleans())
def test_what_may_not_be_learned_from_is_counted_and_never_used(kinds: list[str], assisted: bool) -> None:
    answers = [an_answer(f"r{number}", **KINDS.get(kind, {})) for number, kind in enumerate(kinds)]
    found = usable_readings(answers, ReaderChoice(include_assisted=assisted))
    good = {"good", "assisted"} if assisted else {"good"}
    kept = [one.reader_id for one in found.of_case.get("case", ())]
    assert kept == [f"r{number}" for number, kind in enumerate(kinds) if kind in good]
    assert found.left_out == {kind: count for kind, count in Counter(kinds).items() if kind not in good}


def test_an_assisted_reading_whose_reader_saw_the_answer_never_counts() -> None:
    both = an_answer(ai_visible=True, answer_visible=True)
    assert not usable_readings([both], ReaderChoice(include_assisted=True)).of_case


def test_other_studies_and_the_reference_are_no_readings_of_this_one() -> None:
    others = [an_answer(study_id="another"), an_answer(REFERENCE, study_id=REFERENCE)]
    assert not usable_readings(others, ReaderChoice()).of_case
    assert not usable_readings(others, ReaderChoice(study=REFERENCE)).of_case


def test_an_unknown_choice_is_refused() -> None:
    with pytest.raises(VfracError, match="senior, majority, any"):
        ReaderChoice(readers="loudest")
