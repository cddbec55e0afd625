"""vfrac_core/evaluation/calibration.py and reliability.py.

Reference values: scikit-learn's Brier score and log loss, statsmodels' regressions on raw logits, and logits whose calibration is
known because the truth was drawn from them.
"""

from __future__ import annotations

import numpy as np
import pytest
import statsmodels.api as sm
from evaluation_tables import one_each
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import expit
from sklearn import metrics

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.calibration import calibration_line, losses, separated
from vfrac_core.evaluation.proportions import wilson
from vfrac_core.evaluation.reliability import reliability_curve


def drawn(n: int = 433, steepness: float = 1.0, added: float = 0.0, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Logits and truth: said = steepness × right logit + added."""
    rng = np.random.default_rng(seed)
    right = rng.normal(0.8, 1.5, n)
    return steepness * right + added, rng.random(n) < expit(right)


def test_losses_are_scikit_learns() -> None:
    logits, truth = drawn()
    found = losses(logits, truth, one_each(433), seed=0)
    assert found.brier.value == pytest.approx(metrics.brier_score_loss(truth, expit(logits)))
    assert found.log_loss.value == pytest.approx(metrics.log_loss(truth, expit(logits)))
    share = truth.mean()
    assert found.scaled_brier.value == pytest.approx(1 - found.brier.value / (share * (1 - share)))
    for figure in (found.brier, found.scaled_brier, found.log_loss):
        assert figure.ends.low < figure.value < figure.ends.high


def test_who_says_the_prevalence_has_0_2163_in_the_paper() -> None:
    truth = np.arange(433) < 296
    found = losses(np.full(433, np.log(296 / 137)), truth, one_each(433), seed=0)
    assert found.brier.value == pytest.approx(0.2163, abs=5e-5)
    assert found.scaled_brier.value == pytest.approx(0, abs=1e-12)


def test_one_confident_error_costs_no_more_than_the_clip() -> None:
    logits, truth = np.full(40, 800.0), np.arange(40) < 39
    found = losses(logits, truth, one_each(40), seed=0)
    assert found.log_loss.value == pytest.approx(-np.log(1e-7) / 40, rel=1e-3)


def test_losses_of_one_class_of_nobody_and_of_few() -> None:
    one = losses(np.zeros(20), np.ones(20, bool), one_each(20), seed=0)
    assert one.brier.value == 0.25
    assert not one.scaled_brier.defined
    assert not losses(np.zeros(0), np.zeros(0, bool), one_each(0), seed=0).brier.defined
    few = losses(np.zeros(12), np.arange(12) < 3, one_each(12), seed=0)
    assert few.brier.low is None
    assert few.brier.method == "no interval: a class has fewer than 10 patients"


def test_right_logits_have_slope_1_and_intercept_0() -> None:
    found = calibration_line(*drawn(n=20_000), one_each(20_000))
    assert found.slope.ends.low < 1 < found.slope.ends.high
    assert found.intercept.ends.low < 0 < found.intercept.ends.high
    assert found.in_the_large.ends.low < 0 < found.in_the_large.ends.high
    assert found.slope.value == pytest.approx(1, abs=0.05)


def test_too_steep_and_too_high_logits_are_told() -> None:
    """said = 2.5 × right + 1, so right = said / 2.5 - 0.4."""
    found = calibration_line(*drawn(n=20_000, steepness=2.5, added=1.0), one_each(20_000))
    assert found.slope.value == pytest.approx(0.4, abs=0.02)
    assert found.intercept.value == pytest.approx(-0.4, abs=0.05)
    assert found.in_the_large.value < -0.5


@pytest.mark.parametrize(("steepness", "added"), [(1.0, 0.0), (2.5, -1.0), (0.3, 4.0)])
def test_the_line_is_statsmodels_regression(steepness: float, added: float) -> None:
    logits, truth = drawn(steepness=steepness, added=added)
    found = calibration_line(logits, truth, one_each(433))
    line = sm.Logit(truth.astype(float), sm.add_constant(logits)).fit(disp=0)
    assert (found.intercept.value, found.slope.value) == pytest.approx(tuple(line.params), abs=1e-6)
    assert found.slope.ends == pytest.approx(tuple(line.conf_int()[1]), abs=1e-5)
    assert found.intercept.ends == pytest.approx(tuple(line.conf_int()[0]), abs=1e-5)
    large = sm.GLM(truth.astype(float), np.ones(433), family=sm.families.Binomial(), offset=logits).fit()
    assert found.in_the_large.value == pytest.approx(large.params[0], abs=1e-6)
    assert found.in_the_large.ends == pytest.approx(tuple(large.conf_int()[0]), abs=1e-5)


def test_slices_get_sandwich_errors_over_patients() -> None:
    logits, truth = drawn()
    one = calibration_line(logits, truth, one_each(433))
    five = calibration_line(np.repeat(logits, 5), np.repeat(truth, 5), np.repeat(one_each(433), 5))
    for name in ("slope", "intercept", "in_the_large"):
        plain, sliced = getattr(one, name), getattr(five, name)
        assert sliced.value == pytest.approx(plain.value, abs=1e-6)
        assert np.diff(sliced.ends) == pytest.approx(np.diff(plain.ends), rel=0.15), name
        assert sliced.method == "Wald, sandwich over patients"


@pytest.mark.parametrize("size", [1e-4, 1.0, 700.0, 1e6])
def test_the_size_of_logits_makes_no_trouble(size: float) -> None:
    """No warning either: all are errors here."""
    logits, truth = drawn()
    found = calibration_line(size * logits, truth, one_each(433))
    assert found.slope.value * size == pytest.approx(calibration_line(logits, truth, one_each(433)).slope.value, rel=1e-5)
    losses(size * logits, truth, one_each(433), seed=0)


def test_what_cannot_be_fitted_is_said() -> None:
    truth = np.arange(30) < 20
    whose = one_each(30)
    apart = calibration_line(np.where(truth, 2.0, -2.0), truth, whose)
    assert apart.slope.text == "– (the classes are fully separated)"
    assert apart.in_the_large.defined
    assert calibration_line(np.zeros(30), truth, whose).slope.text == "– (all logits are equal)"
    assert calibration_line(np.zeros(30), truth, whose).in_the_large.value == pytest.approx(np.log(2))
    assert calibration_line(np.zeros(30), ~truth, whose).in_the_large.value == pytest.approx(-np.log(2))
    assert calibration_line(np.zeros(30), np.ones(30, bool), whose).in_the_large.text == "– (only one class)"
    with pytest.raises(VfracError, match="a logit is not a finite number in 1 of 30 rows"):
        calibration_line(np.where(whose == 3, np.inf, 0.0), truth, whose)


def test_separation_counts_a_tie_on_the_threshold() -> None:
    """Quasi-complete separation: maximum likelihood would run away, statsmodels with a standard error of 13,450 and no error."""
    truth = np.array([True, True, False, False])
    assert separated(np.array([3.0, 1.0, 1.0, 0.0]), truth)
    assert separated(np.array([0.0, 1.0, 1.0, 3.0]), truth)
    assert not separated(np.array([3.0, 1.0, 2.0, 0.0]), truth)


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=80), st.integers(1, 12))
def test_bins_take_every_case_once_in_order_and_part_no_ties(rows: list[tuple[float, bool]], bins: int) -> None:
    p, truth = np.array([row[0] for row in rows], dtype=float), np.array([row[1] for row in rows], dtype=bool)
    curve = reliability_curve(p, truth, one_each(len(rows)), bins)
    assert curve.n == len(rows)
    assert len(curve.bins) <= min(bins, len(set(p)))
    for lower, upper in zip(curve.bins, curve.bins[1:], strict=False):
        assert lower.highest < upper.lowest
    for one in curve.bins:
        inside = (p >= one.lowest) & (p <= one.highest)
        assert one.n == inside.sum()
        assert one.malignant == wilson(int(truth[inside].sum()), one.n)
        assert one.lowest - 1e-12 <= one.mean_probability <= one.highest + 1e-12


def test_ten_bins_hold_equally_many() -> None:
    logits, truth = drawn(n=433)
    curve = reliability_curve(expit(logits), truth, one_each(433))
    assert len(curve.bins) == 10
    assert {one.n for one in curve.bins} <= {43, 44}


def test_many_equal_probabilities_stay_in_one_bin() -> None:
    """scikit-learn's quantile bins fall together there, and cases on the edge change sides."""
    p = np.concatenate([np.full(60, 1.0), np.linspace(0.1, 0.9, 40)])
    curve = reliability_curve(p, np.arange(100) < 50, one_each(100))
    assert [one.n for one in curve.bins] == [10, 10, 10, 10, 60]


def test_the_error_is_the_weighted_distance() -> None:
    p = np.array([0.2, 0.2, 0.9, 0.9])
    curve = reliability_curve(p, np.array([False, True, True, True]), one_each(4), bins=2)
    assert curve.expected_calibration_error == pytest.approx(0.5 * 0.3 + 0.5 * 0.1)
    assert reliability_curve(np.zeros(0), np.zeros(0, bool), one_each(0)).expected_calibration_error is None
