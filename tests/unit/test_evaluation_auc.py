"""vfrac_core/evaluation/auc.py and bootstrap.py.

Reference values: scikit-learn's AUC and ROC curve, also on rows repeated by hand; coverage in simulated studies.
"""

from __future__ import annotations

import numpy as np
import pytest
from evaluation_tables import one_each, sliced_study
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm
from sklearn import metrics

from vfrac_core.errors import VfracError
from vfrac_core.evaluation import bootstrap
from vfrac_core.evaluation.auc import auc, auc_by_fold, auc_difference, newcombe, rank_auc, roc_curve, weighted_auc
from vfrac_core.evaluation.bootstrap import patient_draws
from vfrac_core.evaluation.paper_results import counts_of

SCORES = st.lists(st.integers(-5, 5), min_size=2, max_size=40).flatmap(
    lambda s: st.tuples(st.just(s), st.lists(st.booleans(), min_size=len(s), max_size=len(s)))
)


def arrays(drawn: tuple[list[int], list[bool]]) -> tuple[np.ndarray, np.ndarray]:
    return np.array(drawn[0], dtype=float), np.array(drawn[1])


@given(SCORES)
def test_the_rank_sum_is_scikit_learns_auc_ties_and_all(drawn: tuple[list[int], list[bool]]) -> None:
    scores, truth = arrays(drawn)
    if truth.all() or not truth.any():
        return
    assert rank_auc(scores, truth) == pytest.approx(metrics.roc_auc_score(truth, scores))


@given(SCORES)
def test_only_the_order_counts(drawn: tuple[list[int], list[bool]]) -> None:
    scores, truth = arrays(drawn)
    if truth.all() or not truth.any():
        return
    value = rank_auc(scores, truth)
    for stretched in (np.exp(scores), 3 * scores - 7, scores**3):
        assert rank_auc(stretched, truth) == pytest.approx(value)
    assert rank_auc(-scores, truth) == pytest.approx(1 - value)
    assert rank_auc(scores, ~truth) == pytest.approx(1 - value)


@given(SCORES, st.integers(0, 1000))
def test_weights_are_repeated_rows(drawn: tuple[list[int], list[bool]], seed: int) -> None:
    scores, truth = arrays(drawn)
    weights = np.random.default_rng(seed).integers(0, 4, (3, truth.size))
    rows = [np.repeat(np.arange(truth.size), w) for w in weights if w[truth].any() and w[~truth].any()]
    kept = np.array([w for w in weights if w[truth].any() and w[~truth].any()], dtype=float).reshape(-1, truth.size)
    expected = [metrics.roc_auc_score(truth[r], scores[r]) for r in rows]
    assert weighted_auc(scores, truth, kept).tolist() == pytest.approx(expected)


def test_who_only_says_yes_or_no_has_balanced_accuracy() -> None:
    """The network's assumed counts, 0.8761."""
    counts = counts_of(281, 110)
    cells = (counts.true_positive, counts.false_negative, counts.true_negative, counts.false_positive)
    said, truth = np.repeat([1.0, 0.0, 0.0, 1.0], cells), np.repeat([True, True, False, False], cells)
    assert auc(said, truth, one_each(433), seed=0).value == pytest.approx(0.8761, abs=5e-5)


def test_the_curve_is_scikit_learns_and_goes_from_corner_to_corner() -> None:
    rng = np.random.default_rng(0)
    truth = rng.random(200) < 0.6
    scores = rng.normal(size=200) + truth
    curve = roc_curve(scores, truth)
    assert curve is not None
    assert (curve.false_positive_rate[0], curve.sensitivity[0]) == (0, 0)
    assert (curve.false_positive_rate[-1], curve.sensitivity[-1]) == (1, 1)
    assert np.trapezoid(curve.sensitivity, curve.false_positive_rate) == pytest.approx(rank_auc(scores, truth))


@pytest.mark.parametrize("malignant", [True, False])
def test_one_class_has_no_auc(malignant: bool) -> None:
    truth = np.full(12, malignant)
    found = auc(np.arange(12.0), truth, one_each(12), seed=0)
    assert not found.defined
    assert "only one class" in found.reason
    assert not auc_difference(np.arange(12.0), np.arange(12.0), truth, one_each(12), seed=0).defined
    assert roc_curve(np.arange(12.0), truth) is None


def test_equal_scores_are_a_coin_with_an_interval() -> None:
    truth = np.arange(60) < 40
    found = auc(np.zeros(60), truth, one_each(60), seed=0)
    assert found.value == 0.5
    assert found.ends.low < 0.5 < found.ends.high
    assert "Newcombe" in found.method


def test_a_missing_score_is_refused() -> None:
    scores = np.array([1.0, np.nan, 2.0, 0.0])
    with pytest.raises(VfracError, match="a score is not a finite number in 1 of 4 rows"):
        auc(scores, np.array([True, False, True, False]), one_each(4), seed=0)


@pytest.mark.parametrize(("settings", "says"), [({"seed": -1}, "seed -1"), ({"seed": 0, "draws": 99}, "99 bootstrap draws")])
def test_settings_that_cannot_be_are_refused(settings: dict[str, int], says: str) -> None:
    truth = np.arange(40) < 20
    with pytest.raises(VfracError, match=says):
        auc(np.arange(40.0), truth[::-1] ^ (np.arange(40) % 3 == 0), one_each(40), **settings)


def test_the_seed_decides_and_is_told() -> None:
    scores, truth, patients = sliced_study(
        np.random.default_rng(3), malignant=60, benign=30, slices=(3, 5), right=0.8, between=0.6
    )
    one, again, other = (auc(scores, truth, patients, seed=seed) for seed in (5, 5, 6))
    assert one == again
    assert one.ends != other.ends
    assert one.method == "percentile bootstrap of patients within class, 2000 draws, seed 5"


def test_memory_does_not_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    scores, truth, patients = sliced_study(
        np.random.default_rng(3), malignant=30, benign=20, slices=(1, 3), right=0.8, between=0.6
    )
    at_once = auc(scores, truth, patients, seed=5)
    monkeypatch.setattr(bootstrap, "WEIGHTS_AT_ONCE", 700)
    assert auc(scores, truth, patients, seed=5) == at_once


def test_neither_the_order_of_rows_nor_the_numbers_of_patients_decide() -> None:
    scores, truth, patients = sliced_study(
        np.random.default_rng(3), malignant=30, benign=20, slices=(2, 4), right=0.8, between=0.6
    )
    order = np.random.default_rng(0).permutation(truth.size)
    assert auc(scores[order], truth[order], 7 * patients[order] + 100, seed=5).ends == pytest.approx(
        auc(scores, truth, patients, seed=5).ends
    )


def test_a_draw_takes_patients_with_all_their_slices_and_as_many_of_each_class() -> None:
    _, truth, patients = sliced_study(np.random.default_rng(1), malignant=12, benign=10, slices=(1, 5), right=0.8, between=0.6)
    for weights in patient_draws(truth, patients, draws=100, seed=0):
        first = np.unique(patients, return_index=True)[1]
        assert np.array_equal(weights, weights[:, first][:, patients])
        assert (weights[:, first][:, truth[first]].sum(axis=1) == 12).all()
        assert (weights[:, first][:, ~truth[first]].sum(axis=1) == 10).all()


def test_a_patient_with_a_case_of_either_class_is_drawn_with_both() -> None:
    patients = np.array([0, 0, 1, 2, 3, 3], dtype=np.int64)
    truth = np.array([True, False, True, False, True, False])
    (weights,) = patient_draws(truth, patients, draws=200, seed=0)
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, [0, 4]].sum(axis=1) == 2).all()
    assert (weights[:, 2] == 1).all()


def test_slices_are_less_sure_than_as_many_patients() -> None:
    scores, truth, patients = sliced_study(
        np.random.default_rng(3), malignant=80, benign=40, slices=(5, 5), right=0.8, between=0.6
    )
    slices = auc(scores, truth, patients, seed=0)
    falsely = auc(scores, truth, one_each(truth.size), seed=0)
    assert slices.value == falsely.value
    assert np.diff(slices.ends) > 1.4 * np.diff(falsely.ends)


def test_draws_of_patients_cover_the_truth_where_draws_of_slices_do_not() -> None:
    """100 studies of 80 + 40 patients. Simulated outside of this program: 91 % by patient, 73.5 % by slice."""
    rng = np.random.default_rng(11)
    true = norm.cdf(2 * norm.ppf(0.83) / np.sqrt(2))
    hits = np.zeros(2)
    for _ in range(100):
        scores, truth, patients = sliced_study(rng, malignant=80, benign=40, slices=(3, 5), right=0.83, between=0.6)
        for way, whose in enumerate((patients, one_each(truth.size))):
            low, high = auc(scores, truth, whose, draws=300, seed=0).ends
            hits[way] += low <= true <= high
    assert hits[0] >= 86
    assert hits[1] <= 82


@pytest.mark.parametrize(("malignant", "benign"), [(20, 10), (5, 5), (1, 1), (296, 137)])
def test_full_separation_is_not_certainty(malignant: int, benign: int) -> None:
    """The bootstrap's interval would be [1, 1]."""
    truth = np.arange(malignant + benign) < malignant
    found = auc(truth.astype(float), truth, one_each(truth.size), seed=0)
    assert found.value == 1
    assert found.ends.high == 1
    assert 0 < found.ends.low < 1
    assert found.method == f"Newcombe's method 5 for {malignant} and {benign} patients"


@given(st.floats(0, 1), st.integers(1, 300), st.integers(1, 300))
def test_newcombes_interval_is_symmetric_holds_the_value_and_stays_in_range(value: float, malignant: int, benign: int) -> None:
    low, high = newcombe(value, malignant, benign)
    assert -1e-9 <= low <= value + 1e-9
    assert value - 1e-9 <= high <= 1 + 1e-9
    assert newcombe(1 - value, malignant, benign) == pytest.approx((1 - high, 1 - low), abs=1e-6)


def test_newcombes_interval_covers_where_few_patients_leave_the_bootstrap_short() -> None:
    """10 + 10 patients, true AUC 0.9. Simulated outside of this program: 96 %, percentile bootstrap 86 %."""
    rng = np.random.default_rng(2)
    truth = np.arange(20) < 10
    found = [rank_auc(rng.normal(size=20) + truth * norm.ppf(0.9) * np.sqrt(2), truth) for _ in range(400)]
    covered = [low <= 0.9 <= high for low, high in (newcombe(value, 10, 10) for value in found)]
    assert 0.92 <= np.mean(covered) <= 0.99


def test_two_networks_on_the_same_patients_are_compared_on_the_same_draws() -> None:
    scores, truth, patients = sliced_study(
        np.random.default_rng(3), malignant=60, benign=30, slices=(3, 5), right=0.8, between=0.6
    )
    itself = auc_difference(scores, 2 * scores + 1, truth, patients, seed=0)
    assert (itself.value, *itself.ends) == (0, 0, 0)
    worse = scores + np.random.default_rng(4).normal(size=scores.size)
    found = auc_difference(scores, worse, truth, patients, seed=0)
    assert found.value == pytest.approx(rank_auc(scores, truth) - rank_auc(worse, truth))
    alone = [np.diff(auc(each, truth, patients, seed=0).ends)[0] for each in (scores, worse)]
    assert np.diff(found.ends)[0] < np.hypot(*alone)
    few = auc_difference(scores[:60], worse[:60], truth[:60] & (patients[:60] < 9), patients[:60], seed=0)
    assert few.low is None


def test_folds_are_told_one_by_one() -> None:
    scores = np.array([3.0, 1.0, 2.0, 4.0, 0.0, 9.0])
    truth = np.array([True, False, True, False, True, True])
    found = auc_by_fold(scores, truth, np.array([0, 0, 1, 1, 2, 2], dtype=np.int64))
    assert found.values == (1.0, 0.0)
    assert (found.mean, found.sd, found.left_out) == (0.5, pytest.approx(np.sqrt(0.5)), 1)
    lonely = auc_by_fold(scores, truth, np.zeros(6, np.int64))
    assert (len(lonely.values), lonely.sd) == (1, None)
