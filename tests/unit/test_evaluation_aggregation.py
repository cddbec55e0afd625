"""vfrac_core/evaluation/aggregation.py: from slices to cases.

Reference values: a toy model of slices (right in 83 %, 60 % of the variance between patients) integrated outside of this program.
"""

from __future__ import annotations

import numpy as np
import pytest
from evaluation_tables import sliced_study
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit

from vfrac_core.evaluation.aggregation import RULES, SliceCounts, case_logits, slice_counts

SLICES = st.lists(st.tuples(st.integers(0, 4), st.floats(-30, 30)), min_size=1, max_size=40)


def arrays(rows: list[tuple[int, float]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array([row[1] for row in rows], dtype=float), np.array([row[0] for row in rows], dtype=np.int64)


@given(SLICES)
def test_each_rule_is_what_it_says(rows: list[tuple[int, float]]) -> None:
    logits, cases = arrays(rows)
    own = [np.sort(expit(logits[cases == case]))[::-1] for case in np.unique(cases)]
    assert expit(case_logits(logits, cases, "max")) == pytest.approx([p[0] for p in own], abs=1e-12)
    assert expit(case_logits(logits, cases, "mean")) == pytest.approx([p.mean() for p in own], abs=1e-12)
    assert expit(case_logits(logits, cases, "top2")) == pytest.approx([p[:2].mean() for p in own], abs=1e-12)


@given(SLICES)
def test_the_maximum_is_never_below_the_top_two_nor_these_below_the_mean(rows: list[tuple[int, float]]) -> None:
    highest, top, mean = (expit(case_logits(*arrays(rows), rule)) for rule in ("max", "top2", "mean"))
    assert (highest >= top - 1e-12).all()
    assert (top >= mean - 1e-12).all()


@given(SLICES, st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_matter(rows: list[tuple[int, float]], random) -> None:
    shuffled = random.sample(rows, len(rows))
    for rule in RULES:
        assert case_logits(*arrays(shuffled), rule) == pytest.approx(case_logits(*arrays(rows), rule), abs=1e-9)


def test_one_slice_is_the_case() -> None:
    logits, cases = np.array([0.3, -2.0]), np.array([7, 3], dtype=np.int64)
    for rule in RULES:
        assert case_logits(logits, cases, rule).tolist() == [-2.0, 0.3]


def test_two_certain_slices_stay_different() -> None:
    """In probabilities both are 1.0, and their cases would be tied."""
    logits = np.array([40.0, 45.0])
    assert expit(logits)[0] == expit(logits)[1] == 1
    for rule in RULES:
        found = case_logits(np.repeat(logits, 2) + np.array([0.0, 0.1, 0.0, 0.1]), np.array([0, 0, 1, 1], dtype=np.int64), rule)
        assert found[0] < found[1]


@pytest.mark.parametrize(
    ("slices", "specificity", "sensitivity", "mean"),
    [(1, 0.83, 0.83, 0.83), (3, 0.68, 0.95, 0.87), (5, 0.60, 0.97, 0.88), (9, 0.51, 0.99, 0.88)],
)
def test_the_maximum_grows_with_the_number_of_slices_and_the_mean_does_not(
    slices: int, specificity: float, sensitivity: float, mean: float
) -> None:
    scores, truth, patients = sliced_study(
        np.random.default_rng(0), malignant=20_000, benign=20_000, slices=(slices, slices), right=0.83, between=0.6
    )
    by_case = scores.reshape(40_000, slices)
    malignant = truth.reshape(40_000, slices)[:, 0]
    some = np.isin(patients, np.concatenate([np.arange(300), np.arange(20_000, 20_300)]))
    highest = case_logits(scores[some], patients[some], "max")
    assert highest.tolist() == [*by_case[:300].max(axis=1), *by_case[20_000:20_300].max(axis=1)]
    called = by_case.max(axis=1) >= 0
    assert (~called[~malignant]).mean() == pytest.approx(specificity, abs=0.012)
    assert called[malignant].mean() == pytest.approx(sensitivity, abs=0.012)
    assert ((by_case.mean(axis=1) >= 0) == malignant).mean() == pytest.approx(mean, abs=0.012)


def test_slices_are_counted_by_class() -> None:
    cases = np.array([4, 4, 4, 1, 1, 2], dtype=np.int64)
    assert slice_counts(cases, np.array([True, True, True, False, False, False])) == (
        SliceCounts("malignant", 1, 3, 3, 3),
        SliceCounts("benign", 2, 3, 1, 2),
    )
    assert slice_counts(cases, np.ones(6, bool))[1].mean is None
    assert slice_counts(cases, np.ones(6, bool))[0].mean == 2
