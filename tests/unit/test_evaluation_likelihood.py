"""vfrac_core/evaluation/likelihood.py and decision_curve.py.

Reference values: likelihood ratios (log method) and odds ratios of the six signs from the counts of the paper's Table 1,
posteriors by Bayes, and net benefits, computed outside of this program; odds ratios by scipy as well.
"""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats.contingency import odds_ratio

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.confusion import Counts
from vfrac_core.evaluation.decision_curve import decision_curve, net_benefit, treat_all
from vfrac_core.evaluation.likelihood import LikelihoodRatios, likelihood_ratios, posterior, predictive_values
from vfrac_core.evaluation.paper_results import counts_of
from vfrac_core.paper import PATIENTS, SIGN_PATIENTS

TABLE = {  # LR+ with ends, LR- with ends, odds ratio
    "vertebral_compression": ((0.8700, 0.8219, 0.9209), (5.323, 1.955, 14.49), 0.1635),
    "bone_cortex_interruption": ((1.074, 1.017, 1.134), (0.2314, 0.0887, 0.6037), 4.640),
    "paravertebral_soft_tissue_mass": ((63.87, 16.13, 252.9), (0.0686, 0.0449, 0.1047), 931.5),
    "transverse_fracture_line": ((0.0127, 0.0041, 0.0394), (4.843, 3.480, 6.741), 0.0026),
    "multiple_segments": ((2.484, 1.780, 3.465), (0.5840, 0.5012, 0.6803), 4.254),
    "bone_destruction": ((136.1, 19.31, 959.1), (0.0068, 0.0017, 0.0271), 19992),
}
POSTERIORS = {  # at a prior of 296/433, 0.20, 0.05
    "bone_destruction": (0.997, 0.971, 0.877),
    "paravertebral_soft_tissue_mass": (0.993, 0.941, 0.771),
    "transverse_fracture_line": (0.027, 0.003, 0.001),
    "multiple_segments": (0.84, 0.38, 0.12),
    "bone_cortex_interruption": (0.70, 0.21, 0.05),
    "vertebral_compression": (0.65, 0.18, 0.04),
}


def of_sign(sign: str) -> LikelihoodRatios:
    return likelihood_ratios(
        present_malignant=SIGN_PATIENTS["malignant"][sign],
        malignant=PATIENTS["malignant"],
        present_benign=SIGN_PATIENTS["benign"][sign],
        benign=PATIENTS["benign"],
    )


@pytest.mark.parametrize("sign", TABLE)
def test_likelihood_ratios_of_the_signs(sign: str) -> None:
    positive, negative, odds = TABLE[sign]
    found = of_sign(sign)
    assert (found.positive.value, *found.positive.ends) == pytest.approx(positive, rel=5e-4, abs=6e-5)
    assert (found.negative.value, *found.negative.ends) == pytest.approx(negative, rel=5e-4, abs=6e-5)
    assert found.odds_ratio.value == pytest.approx(odds, rel=5e-4, abs=6e-5)
    assert not found.corrected
    assert found.positive.n == 433


@pytest.mark.parametrize("sign", TABLE)
def test_the_odds_ratio_is_scipys(sign: str) -> None:
    present = [SIGN_PATIENTS[d][sign] for d in ("malignant", "benign")]
    table = [present, [PATIENTS["malignant"] - present[0], PATIENTS["benign"] - present[1]]]
    assert of_sign(sign).odds_ratio.value == pytest.approx(odds_ratio(table, kind="sample").statistic)


def test_compression_points_to_benign_here_and_its_absence_to_malignant() -> None:
    found = of_sign("vertebral_compression")
    assert found.positive.ends.high < 1 < found.negative.ends.low


def test_a_zero_cell_adds_half_everywhere_and_says_so() -> None:
    found = likelihood_ratios(present_malignant=9, malignant=10, present_benign=0, benign=8)
    assert found.corrected
    assert found.positive.value == pytest.approx(9.5 / 11 / (0.5 / 9))
    assert "0.5 added" in found.positive.method
    assert "0.5 added" in found.odds_ratio.method


@pytest.mark.parametrize(("malignant", "benign", "reason"), [(0, 5, "no malignant patient"), (5, 0, "no benign patient")])
def test_without_a_class_there_is_no_ratio(malignant: int, benign: int, reason: str) -> None:
    found = likelihood_ratios(present_malignant=0, malignant=malignant, present_benign=0, benign=benign)
    assert {found.positive.reason, found.negative.reason, found.odds_ratio.reason} == {reason}


@pytest.mark.parametrize("sign", POSTERIORS)
def test_what_one_sign_makes_of_a_prior(sign: str) -> None:
    ratio = of_sign(sign).positive.value
    digits = 5e-4 if sign in list(POSTERIORS)[:3] else 5e-3
    assert [posterior(prior, ratio) for prior in (296 / 433, 0.20, 0.05)] == pytest.approx(POSTERIORS[sign], abs=digits)


@pytest.mark.parametrize(("prevalence", "ppv", "npv"), [(296 / 433, 0.912, 0.880), (0.20, 0.546, 0.984), (0.10, 0.349, 0.993)])
def test_the_networks_verdict_is_worth_less_where_fewer_are_malignant(prevalence: float, ppv: float, npv: float) -> None:
    found = predictive_values(281 / 296, 110 / 137, prevalence)
    assert (found.ppv, found.npv) == pytest.approx((ppv, npv), abs=5e-4)


@pytest.mark.parametrize("share", [0.0, 1.0, -0.1, float("nan")])
def test_a_prior_that_is_none_is_refused(share: float) -> None:
    with pytest.raises(VfracError, match="expected a number between 0 and 1"):
        posterior(share, 2.0)
    with pytest.raises(VfracError, match="expected a number between 0 and 1"):
        predictive_values(0.9, 0.8, share)


def test_a_verdict_that_nobody_gets_has_no_predictive_value() -> None:
    found = predictive_values(1.0, 0.0, 0.3)
    assert (found.ppv, found.npv) == (pytest.approx(0.3), None)
    assert predictive_values(0.0, 1.0, 0.3).ppv is None


def test_predictive_values_by_counting_a_thousand_patients() -> None:
    """Sensitivity 0.9, specificity 0.8. 100 malignant: 90 found, 10 missed; 900 benign: 720 right, 180 wrong."""
    found = predictive_values(0.9, 0.8, 0.1)
    assert (found.ppv, found.npv) == pytest.approx((90 / 270, 720 / 730))


NET_BENEFIT = {  # at 0.1, 0.2, 0.5
    (294, 135): (0.678, 0.678, 0.674),  # the first is 294/433 - 2/433 / 9 = 0.67847
    (281, 131): (0.647, 0.645, 0.635),  # the second is 281/433 - 6/433 / 4 = 0.64550
    (275, 127): (0.633, 0.629, 0.612),
    (281, 110): (0.642, 0.633, 0.587),
}


@pytest.mark.parametrize("right", NET_BENEFIT)
def test_net_benefit_of_readers_and_network(right: tuple[int, int]) -> None:
    found = [net_benefit(counts_of(*right), threshold) for threshold in (0.1, 0.2, 0.5)]
    assert found == pytest.approx(NET_BENEFIT[right], abs=5e-4)


def test_net_benefit_of_treating_all() -> None:
    assert [treat_all(counts_of(281, 110), t) for t in (0.1, 0.2, 0.5)] == pytest.approx((0.648, 0.605, 0.367), abs=5e-4)


def test_the_curve_is_net_benefit_at_each_threshold() -> None:
    p = np.array([0.1, 0.3, 0.3, 0.6, 0.9, 0.95])
    truth = np.array([False, False, True, True, False, True])
    curve = decision_curve(p, truth, np.array([0.05, 0.3, 0.7]))
    assert curve.model[0] == curve.treat_all[0]
    assert curve.model[1] == pytest.approx(3 / 6 - 2 / 6 * 0.3 / 0.7)  # p = 0.3 acts at 0.3
    assert curve.model[2] == pytest.approx(net_benefit(Counts(1, 2, 2, 1), 0.7))
    assert (curve.prevalence, curve.n) == (0.5, 6)


@pytest.mark.parametrize("threshold", [0.0, 1.0])
def test_a_threshold_that_is_no_probability_is_refused(threshold: float) -> None:
    with pytest.raises(VfracError, match="threshold"):
        net_benefit(counts_of(281, 110), threshold)


def test_net_benefit_of_nobody_is_refused() -> None:
    with pytest.raises(VfracError, match="no patient"):
        decision_curve(np.zeros(0), np.zeros(0, bool), np.array([0.5]))
