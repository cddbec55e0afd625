"""vfrac_core/evaluation/agreement.py and paired.py.

Reference values: Fleiss' table of 1971; scikit-learn's and statsmodels' kappa; scipy's exact binomial test; the margins of the
readers in the paper's Table 1 and the network's assumed 281/110, run over all pairings outside of this program.
"""

from __future__ import annotations

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import cohen_kappa_score
from statsmodels.stats.contingency_tables import cochrans_q as reference_q
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.agreement import agreement, fleiss, weighted_kappa
from vfrac_core.evaluation.paired import Margin, cochran_q, exact_p, mcnemar, mcnemar_from_margins
from vfrac_core.evaluation.proportions import wilson

FLEISS_1971 = (  # ten subjects, fourteen raters, five categories; kappa 0.20993
    (0, 0, 0, 0, 14),
    (0, 2, 6, 4, 2),
    (0, 0, 3, 5, 6),
    (0, 3, 9, 2, 0),
    (2, 2, 8, 1, 1),
    (7, 7, 0, 0, 0),
    (3, 2, 6, 3, 0),
    (2, 5, 3, 2, 2),
    (6, 5, 2, 1, 0),
    (0, 2, 2, 3, 7),
)


def answers(both_yes: int, only_first: int, only_second: int, both_no: int) -> tuple[np.ndarray, np.ndarray]:
    cells = (both_yes, only_first, only_second, both_no)
    return np.repeat([True, True, False, False], cells), np.repeat([True, False, True, False], cells)


def test_kappa_of_the_textbook_table() -> None:
    """[[20, 5], [10, 15]] is 0.4."""
    found = agreement(*answers(20, 5, 10, 15))
    assert found.kappa.value == pytest.approx(0.4)
    assert found.kappa.ends == pytest.approx((0.1511, 0.6489), abs=5e-3)
    assert found.agreement == wilson(35, 50)
    assert found.on_yes.value == pytest.approx(40 / 55)
    assert found.on_no.value == pytest.approx(30 / 45)
    assert found.pabak.value == pytest.approx(0.4)


def test_the_paradox_of_prevalence_is_shown_by_what_stands_beside_kappa() -> None:
    """96 % agreement, 97 to 3: kappa 0.31 [-0.18, 0.81], PABAK 0.92."""
    found = agreement(*answers(95, 2, 2, 1))
    assert found.agreement.value == 0.96
    assert found.kappa.value == pytest.approx(0.31, abs=5e-3)
    assert found.kappa.ends == pytest.approx((-0.18, 0.81), abs=6e-3)
    assert found.pabak.value == pytest.approx(0.92)
    assert found.on_no.value == pytest.approx(1 / 3)


@given(st.tuples(*[st.integers(0, 30)] * 4))
def test_kappa_is_scikit_learns_within_its_range(cells: tuple[int, int, int, int]) -> None:
    first, second = answers(*cells)
    found = agreement(first, second)
    if not found.kappa.defined:
        assert first.size == 0 or (first.all() and second.all()) or not (first.any() or second.any())
        return
    assert found.kappa.value == pytest.approx(cohen_kappa_score(first, second, labels=[False, True]))
    if found.kappa.low is not None:
        assert -1 <= found.kappa.ends.low <= found.kappa.ends.high <= 1


def test_all_answers_equal_is_said_in_words() -> None:
    for both in ((9, 0, 0, 0), (0, 0, 0, 9)):
        found = agreement(*answers(*both))
        assert found.kappa.text == "– (all answers are equal, agreement 100 %)"
        assert found.agreement.value == 1
    assert agreement(*answers(9, 0, 0, 0)).on_no.text == "– (nobody said no)"
    assert agreement(*answers(0, 0, 0, 0)).kappa.text == "– (no case was read by both)"
    assert not agreement(*answers(0, 0, 0, 0)).pabak.defined


def test_one_who_always_says_the_same_has_kappa_0_at_85_percent() -> None:
    found = agreement(*answers(17, 3, 0, 0))
    assert (found.kappa.value, found.agreement.value) == (0, 0.85)


def test_kappas_interval_ends_at_1() -> None:
    """[[1, 1], [0, 1]]: statsmodels' goes from -0.37 to 1.17."""
    found = agreement(*answers(1, 1, 0, 1))
    assert found.kappa.value == pytest.approx(0.4)
    assert found.kappa.ends == pytest.approx((-0.368, 1.0), abs=5e-4)


def test_full_agreement_has_no_interval_of_no_width() -> None:
    found = agreement(*answers(5, 0, 0, 5))
    assert found.kappa.value == 1
    assert found.kappa.low is None
    assert found.agreement.ends.low < 0.75


GRADED = (np.array([1, 1, 1, 5, 5, 4]), np.array([5, 1, 4, 5, 4, 4]))


def test_grades_that_nobody_used_still_keep_their_distance() -> None:
    """Grades 2 and 3 are unused: scikit-learn gives 0.2941 without its ``labels``, 0.3143 with them."""
    assert cohen_kappa_score(*GRADED, weights="linear") == pytest.approx(0.2941, abs=5e-5)
    assert weighted_kappa(*GRADED).value == pytest.approx(0.3143, abs=5e-5)


@given(
    st.lists(st.tuples(st.integers(1, 5), st.integers(1, 5)), min_size=1, max_size=40), st.sampled_from(["linear", "quadratic"])
)
def test_weighted_kappa_is_scikit_learns(pairs: list[tuple[int, int]], weights: str) -> None:
    first, second = (np.array(column, dtype=np.int64) for column in zip(*pairs, strict=True))
    found = weighted_kappa(first, second, weights)
    if found.defined:
        assert found.value == pytest.approx(cohen_kappa_score(first, second, weights=weights, labels=[1, 2, 3, 4, 5]))
    else:
        assert len({*first.tolist(), *second.tolist()}) == 1


def test_a_grade_that_is_none_is_refused() -> None:
    with pytest.raises(VfracError, match="the grade 0; expected one of 1, 2, 3, 4, 5"):
        weighted_kappa(np.array([0, 1]), np.array([1, 1]))


def test_fleiss_of_his_own_table() -> None:
    ratings = np.array([np.repeat(np.arange(5), row) for row in FLEISS_1971])
    found = fleiss(ratings, seed=0)
    assert found.kappa.value == pytest.approx(0.20993, abs=5e-6)
    assert found.kappa.ends.low < 0.20993 < found.kappa.ends.high
    assert (found.cases, found.left_out) == (10, 0)
    assert fleiss(ratings, seed=0) == found


def test_fleiss_of_two_readers_is_about_cohens() -> None:
    first, second = answers(40, 10, 12, 38)
    ratings = np.column_stack([first, second]).astype(np.int64)
    assert fleiss(ratings, seed=0).kappa.value == pytest.approx(agreement(first, second).kappa.value, abs=0.01)


def test_cases_that_not_all_have_read_fall_out_and_are_counted() -> None:
    ratings = np.array([[1, 1, 0], [0, 0, 0], [1, -1, 1], [0, 1, 1], [-1, -1, -1]])
    found = fleiss(ratings, seed=0)
    assert (found.cases, found.left_out) == (3, 2)
    assert found.kappa.value == pytest.approx(fleiss(ratings[[0, 1, 3]], seed=0).kappa.value)


def test_fleiss_where_there_is_nothing_to_say() -> None:
    assert fleiss(np.ones((4, 3), np.int64), seed=0).kappa.text == "– (all answers are equal, agreement 100 %)"
    assert fleiss(np.array([[1, -1]]), seed=0).kappa.text == "– (no case was read by all)"
    nearly = np.zeros((3, 3), np.int64)
    nearly[0, 0] = 1
    assert fleiss(nearly, seed=0).kappa.low is None
    with pytest.raises(VfracError, match="1 reader; expected at least 2"):
        fleiss(np.ones((4, 1), np.int64), seed=0)
    with pytest.raises(VfracError, match="the seed -1; expected 0 or more"):
        fleiss(nearly, seed=-1)


@pytest.mark.parametrize(("first", "second", "p"), [(10, 2, 0.0386), (6, 0, 0.03125), (5, 0, 0.0625), (0, 0, 1.0)])
def test_mcnemar_is_exact(first: int, second: int, p: float) -> None:
    """With the chi-square 10 against 2 would be 0.0433 or 0.0209, and 0 against 0 would be p = 0."""
    assert exact_p(first, second) == pytest.approx(p, abs=5e-5)
    assert exact_p(second, first) == exact_p(first, second)


@given(st.tuples(*[st.integers(0, 30)] * 4))
def test_mcnemar_of_answers_is_statsmodels_exact_one(cells: tuple[int, int, int, int]) -> None:
    found = mcnemar(*answers(*cells))
    assert (found.only_first, found.only_second) == cells[1:3]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert found.p == pytest.approx(reference_mcnemar([cells[:2], cells[2:]], exact=True).pvalue)
    if sum(cells):
        assert found.difference.value == pytest.approx((cells[1] - cells[2]) / sum(cells))
        assert -1 <= found.difference.ends.low <= found.difference.ends.high <= 1
    else:
        assert not found.difference.defined


def test_the_difference_of_paired_shares_has_bonetts_and_prices_interval() -> None:
    """b = 10, c = 2, n = 50: 9/52 - 3/52... by hand: (11 - 3)/52 ± 1.96 sqrt((14/52 - (8/52)^2)/52)."""
    found = mcnemar(*answers(30, 10, 2, 8)).difference
    half = 1.959964 * np.sqrt((14 / 52 - (8 / 52) ** 2) / 52)
    assert found.value == 0.16
    assert found.ends == pytest.approx((8 / 52 - half, 8 / 52 + half), abs=1e-6)


NETWORK = (281, 110)
READERS = {"R1": (294, 135), "R2": (281, 131), "R3": (275, 127)}


def margins(first: tuple[int, int], second: tuple[int, int]) -> list[Margin]:
    return [Margin(first[0], second[0], 296), Margin(first[1], second[1], 137)]


@pytest.mark.parametrize(("reader", "low", "high"), [("R1", 0, 5.1e-9), ("R2", 9.5e-7, 0.011), ("R3", 0.0347, 0.24)])
def test_accuracy_of_network_and_reader_whatever_the_pairing(reader: str, low: float, high: float) -> None:
    """By class: the network is ahead of reader 3 on 6 malignant and behind on 17 benign patients, so 6 against 17 at least."""
    found = mcnemar_from_margins(margins(READERS[reader], NETWORK))
    assert found.high == pytest.approx(high, rel=0.05)
    if low:
        assert found.low == pytest.approx(low, rel=0.05)


def test_without_the_classes_pairings_would_be_allowed_that_cannot_be() -> None:
    """Reader 3 against the network, 402 and 391 of 433: p could be 0.001, with 11 against 0."""
    assert mcnemar_from_margins([Margin(402, 391, 433)]).low == pytest.approx(exact_p(11, 0))
    assert exact_p(11, 0) == pytest.approx(0.001, rel=0.05)


@pytest.mark.parametrize(("reader", "high"), [("R1", 1.6e-6), ("R2", 3.2e-4), ("R3", 0.0076)])
def test_every_reader_is_more_specific_than_the_network(reader: str, high: float) -> None:
    assert mcnemar_from_margins(margins(READERS[reader], NETWORK)[1:]).high == pytest.approx(high, rel=0.05)


@pytest.mark.parametrize(("reader", "low", "high"), [("R1", 0.0002, 0.0024), ("R2", 1, 1), ("R3", 0.03, 0.41)])
def test_sensitivity_of_network_and_reader_whatever_the_pairing(reader: str, low: float, high: float) -> None:
    found = mcnemar_from_margins(margins(READERS[reader], NETWORK)[:1])
    assert found.high == pytest.approx(high, rel=0.05)
    assert found.low == pytest.approx(low, rel=0.3)


@pytest.mark.parametrize(
    ("first", "second", "low", "high"), [("R1", "R2", 1.5e-5, 0.0009), ("R2", "R3", 0.002, 0.21), ("R1", "R3", 0, 3.5e-6)]
)
def test_readers_among_themselves_whatever_the_pairing(first: str, second: str, low: float, high: float) -> None:
    found = mcnemar_from_margins(margins(READERS[first], READERS[second]))
    assert found.high == pytest.approx(high, rel=0.06)
    if low:
        assert found.low == pytest.approx(low, rel=0.3)


@given(st.integers(1, 12).flatmap(lambda n: st.tuples(st.integers(0, n), st.integers(0, n), st.just(n))))
def test_the_range_over_pairings_is_that_of_trying_them_all(margin: tuple[int, int, int]) -> None:
    first, second, n = margin
    tried = [
        exact_p(first - both, second - both) for both in range(n + 1) if both <= min(first, second) and first + second - both <= n
    ]
    found = mcnemar_from_margins([Margin(*margin)])
    assert (found.low, found.high) == pytest.approx((min(tried), max(tried)))


def test_cochrans_q_is_statsmodels() -> None:
    right = np.random.default_rng(0).random((40, 3)) < (0.95, 0.9, 0.7)
    found = cochran_q(right)
    reference = reference_q(right.astype(int))
    assert (found.statistic, found.p) == pytest.approx((reference.statistic, reference.pvalue))
    assert (found.df, found.cases) == (2, 40)


def test_cochrans_q_where_nothing_divides_the_readers() -> None:
    assert cochran_q(np.ones((5, 3), bool)).p == 1
    assert cochran_q(np.ones((5, 3), bool)).statistic is None
    with pytest.raises(VfracError, match="1 reader"):
        cochran_q(np.ones((5, 1), bool))
