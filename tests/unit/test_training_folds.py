"""Nobody is tested on what taught; nobody who stops the training is tested; each case once (science.md §8)."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from training_fixtures import QUICK, a_case

from vfrac_core.errors import VfracError
from vfrac_core.paper import PATIENTS
from vfrac_core.training.cases import TrainingCase
from vfrac_core.training.config import PAPER
from vfrac_core.training.folds import make_folds, split_all, split_fold


def people(malignant: int, benign: int, cases_each: int = 1) -> list[TrainingCase]:
    """Of the same pixels: folds look at names and labels only."""
    one = a_case(0)
    return [
        replace(one, case=f"c{number}-{k}", patient=f"p{number}", malignant=number < malignant)
        for number in range(malignant + benign)
        for k in range(cases_each)
    ]


@given(seed=st.integers(0, 1000), cases_each=st.integers(1, 3))
@settings(max_examples=15, deadline=None)
def test_no_patient_is_on_two_sides(seed: int, cases_each: int) -> None:
    cases, config = people(14, 9, cases_each), replace(QUICK, seed=seed)
    folds = make_folds(cases, config)
    tested: list[int] = []
    for fold in range(config.folds):
        split = split_fold(cases, folds, fold, config)
        sides = [{cases[i].patient for i in part} for part in (split.train, split.validation, split.test)]
        assert all(sides)
        assert all(one.isdisjoint(other) for one, other in combinations(sides, 2))
        assert sorted(split.train + split.validation + split.test) == list(range(len(cases)))
        assert {cases[i].malignant for i in split.validation} == {True, False}
        tested += split.test
    assert sorted(tested) == list(range(len(cases)))


def test_the_papers_patients_make_folds_of_29_or_30_and_13_or_14() -> None:  # science.md §8
    cases = people(PATIENTS["malignant"], PATIENTS["benign"])
    folds = make_folds(cases, PAPER)
    malignant = np.array([case.malignant for case in cases])
    for fold in range(10):
        assert (folds.of_case[malignant] == fold).sum() in (29, 30)
        assert (folds.of_case[~malignant] == fold).sum() in (13, 14)


def test_the_order_of_the_cases_decides_nothing() -> None:
    cases = people(14, 9)
    there, back = make_folds(cases, QUICK), make_folds(cases[::-1], QUICK)
    assert there.of_case.tolist() == back.of_case.tolist()[::-1]
    assert make_folds(cases, replace(QUICK, seed=1)).of_case.tolist() != there.of_case.tolist()


def test_the_paper_read_literally_stops_on_the_tested() -> None:
    cases, literal = people(14, 9), replace(QUICK, validation="paper literal")
    split = split_fold(cases, make_folds(cases, literal), 0, literal)
    assert split.validation == split.test
    assert not set(split.train) & set(split.test)


def test_a_network_of_all_cases_tests_nobody() -> None:
    cases = people(14, 9)
    split = split_all(cases, QUICK)
    assert split.test == ()
    assert sorted(split.train + split.validation) == list(range(23))


def test_a_dozen_cases_have_one_validation_patient_of_each_class() -> None:
    cases, config = people(6, 6), replace(QUICK, folds=2)
    for fold in range(2):
        split = split_fold(cases, make_folds(cases, config), fold, config)
        assert [cases[i].malignant for i in split.validation].count(True) == 1
        assert len(split.validation) == 2


def test_a_class_with_too_few_patients_is_refused_in_one_line() -> None:
    with pytest.raises(VfracError, match="the smaller class has 2 patients, expected at least 3"):
        make_folds(people(14, 2), QUICK)


def test_a_patient_of_two_classes_is_refused() -> None:
    cases = people(5, 5)
    cases.append(replace(cases[0], case="again", malignant=False))
    with pytest.raises(VfracError, match="a benign and a malignant case"):
        make_folds(cases, QUICK)
