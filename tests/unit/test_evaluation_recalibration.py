"""vfrac_core/evaluation/recalibration.py: temperature and shift.

Reference values: scikit-learn's logistic regression with balanced classes, logits whose right temperature and threshold are known
because they were drawn with them.
"""

from __future__ import annotations

import numpy as np
import pytest
from evaluation_tables import one_each
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import balanced_accuracy_score, log_loss

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.auc import rank_auc
from vfrac_core.evaluation.recalibration import (
    Recalibration,
    cross_fit,
    fit_shift,
    fit_shift_then_temperature,
    fit_temperature,
)


def two_normals(malignant: int = 296, benign: int = 137, *, middle: float = 0.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits with equal spread, ±1.2 about ``middle``: there both classes are equally likely if equally frequent."""
    rng = np.random.default_rng(seed)
    truth = np.arange(malignant + benign) < malignant
    return rng.normal(middle + np.where(truth, 1.2, -1.2), 1.5), truth


def steep(times: float, n: int = 20_000) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(0)
    right = rng.normal(0.8, 1.5, n)
    return times * right, rng.random(n) < expit(right)


@pytest.mark.parametrize("times", [0.4, 1.0, 2.5, 8.0])
def test_the_temperature_is_how_much_too_steep_the_logits_were(times: float) -> None:
    assert fit_temperature(*steep(times)).temperature == pytest.approx(times, rel=0.03)


def test_no_other_temperature_has_less_log_loss() -> None:
    logits, truth = steep(2.5, 433)
    best = fit_temperature(logits, truth)
    least = log_loss(truth, expit(best.apply(logits)))
    for other in (0.97, 1.03):
        assert log_loss(truth, expit(logits / (other * best.temperature))) > least


def test_a_temperature_changes_neither_ranks_nor_verdicts() -> None:
    logits, truth = steep(2.5, 433)
    mended = fit_temperature(logits, truth).apply(logits)
    assert ((mended >= 0) == (logits >= 0)).all()
    assert rank_auc(mended, truth) == rank_auc(logits, truth)


def test_separated_classes_get_no_temperature_and_a_shift_to_the_middle_of_the_gap() -> None:
    truth = np.arange(30) < 20
    logits = np.where(truth, 5.0, 1.0)
    assert fit_temperature(logits, truth) == Recalibration(note="temperature not fitted: the classes are fully separated")
    found = fit_shift(logits, truth)
    assert found.shift == -3
    assert "fully separated" in found.note


def test_a_temperature_at_the_end_of_its_range_says_so() -> None:
    logits, truth = steep(1.0, 433)
    assert "end of its range" in fit_temperature(1000 * logits, truth).note


@pytest.mark.parametrize("middle", [-2.0, 0.0, 3.0])
def test_the_shift_brings_the_even_point_to_half(middle: float) -> None:
    found = fit_shift(*two_normals(middle=middle))
    assert found.shift == pytest.approx(-middle, abs=0.2)
    assert (found.temperature, found.note) == (1, "")


@given(st.integers(0, 1000), st.floats(-5, 5), st.floats(0.01, 100))
@settings(max_examples=10)
def test_the_shift_is_that_of_balanced_logistic_regression(seed: int, middle: float, size: float) -> None:
    """scikit-learn, without a penalty: the logit where its p is 0.5."""
    logits, truth = two_normals(120, 40, middle=middle, seed=seed)
    fit = LogisticRegression(C=np.inf, class_weight="balanced", tol=1e-10, max_iter=1000).fit(logits[:, None], truth)
    expected = float(fit.intercept_[0] / fit.coef_[0, 0])
    assert fit_shift(size * logits, truth).shift == pytest.approx(size * expected, abs=2e-3 * size)


def test_the_share_of_malignant_cases_does_not_move_the_shift() -> None:
    logits, truth = two_normals(middle=1.0)
    many = np.concatenate([np.flatnonzero(truth), *[np.flatnonzero(~truth)] * 7])
    assert fit_shift(logits[many], truth[many]).shift == pytest.approx(fit_shift(logits, truth).shift, abs=1e-4)


def test_a_threshold_that_was_off_becomes_a_good_one() -> None:
    logits, truth = two_normals(middle=2.0)
    other, answer = two_normals(middle=2.0, seed=1)
    shift = fit_shift(logits, truth)
    before, after = (balanced_accuracy_score(answer, each >= 0) for each in (other, shift.apply(other)))
    best = max(balanced_accuracy_score(answer, other >= t) for t in np.linspace(-3, 7, 200))
    assert before < 0.7
    assert after > best - 0.03


@pytest.mark.parametrize("seed", range(5))
def test_logits_that_know_nothing_get_a_shift_within_their_range(seed: int) -> None:
    rng = np.random.default_rng(seed)
    logits, truth = rng.normal(2, 0.3, 200), rng.random(200) < 0.7
    for which in (truth, ~truth):
        shift = fit_shift(logits, which).shift
        assert -logits.max() < shift < -logits.min()


def test_equal_logits_are_shifted_to_half() -> None:
    assert fit_shift(np.full(10, 4.0), np.arange(10) < 5) == Recalibration(shift=-4.0, note="all logits are equal")


@pytest.mark.parametrize("size", [1e-6, 700.0, 1e6])
def test_the_size_of_logits_makes_no_trouble(size: float) -> None:
    logits, truth = two_normals(middle=1.0)
    assert fit_shift(size * logits, truth).shift == pytest.approx(size * fit_shift(logits, truth).shift, rel=1e-3)
    fit_temperature(size * logits, truth)


def test_both_together_keep_the_threshold_of_the_shift() -> None:
    logits, truth = two_normals(middle=2.0)
    both, shift = fit_shift_then_temperature(3 * logits, truth), fit_shift(3 * logits, truth)
    assert both.shift == shift.shift
    assert both.temperature > 1
    assert ((both.apply(3 * logits) >= 0) == (shift.apply(3 * logits) >= 0)).all()


@pytest.mark.parametrize("fit", [fit_temperature, fit_shift, fit_shift_then_temperature])
@pytest.mark.parametrize(
    ("n", "malignant", "says"), [(5, True, "only malignant"), (5, False, "only benign"), (0, True, "no cases")]
)
def test_one_class_cannot_be_fitted(fit, n: int, malignant: bool, says: str) -> None:
    with pytest.raises(VfracError, match=says):
        fit(np.arange(float(n)), np.full(n, malignant))


def test_a_missing_logit_is_refused() -> None:
    with pytest.raises(VfracError, match="not a finite number"):
        fit_shift(np.array([0.0, np.nan]), np.array([True, False]))


def test_a_fold_is_mended_by_the_others_alone() -> None:
    logits, truth = two_normals(middle=1.0)
    folds = one_each(433) % 4
    found = cross_fit(logits, truth, one_each(433), folds, fit_shift)
    for fold in range(4):
        test = folds == fold
        alone = fit_shift(logits[~test], truth[~test])
        assert found.without[fold] == alone
        assert np.array_equal(found.logits[test], alone.apply(logits[test]))


def test_what_a_fold_holds_does_not_change_how_it_is_mended() -> None:
    logits, truth = two_normals(middle=1.0)
    folds = one_each(433) % 3
    changed = np.where(folds == 2, logits + 50, logits)
    first, second = (cross_fit(each, truth, one_each(433), folds, fit_shift) for each in (logits, changed))
    assert first.without[2] == second.without[2]
    assert first.without[1] != second.without[1]


def test_folds_that_cannot_be_crossed_are_refused() -> None:
    logits, truth = two_normals(20, 20)
    whose, folds = one_each(40), one_each(40) % 2
    with pytest.raises(VfracError, match="1 fold; expected at least 2"):
        cross_fit(logits, truth, whose, np.zeros(40, np.int64), fit_shift)
    with pytest.raises(VfracError, match="a patient is in two folds"):
        cross_fit(logits, truth, whose // 2, folds, fit_shift)
    with pytest.raises(VfracError, match="only malignant"):
        cross_fit(logits, truth, whose, truth.astype(np.int64), fit_shift)
