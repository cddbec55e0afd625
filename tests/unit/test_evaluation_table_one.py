"""vfrac_core/evaluation/table_one.py, paper_results.py and subgroups.py.

Reference values: the paper's Table 1 and Results; its tests by scipy 1.17 on the printed counts, with what Yates' correction and
Student's t would give, which must not come out.
"""

from __future__ import annotations

import numpy as np
import pytest
from evaluation_tables import one_each
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact, ttest_ind, ttest_ind_from_stats

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.confusion import confusion
from vfrac_core.evaluation.paper_results import (
    NETWORK_COUNTS_ASSUMED,
    NETWORK_PER_PATIENT,
    NETWORK_PER_SLICE,
    READERS,
    TABLE_1_P,
    network_counts_possible,
    table_one_age,
    table_one_presence,
)
from vfrac_core.evaluation.proportions import wilson
from vfrac_core.evaluation.subgroups import AGE_GROUPS, Grouping, age_group, by_group
from vfrac_core.evaluation.table_one import Moments, mean_row, moments, p_text, presence_row
from vfrac_core.paper import AGE_MEAN_SD_YEARS, PATIENTS

ROWS = {row.name: row for row in table_one_presence()}
GOLDEN = {  # chi-square, p, chi-square with Yates' correction, smallest expected count
    "male": (13.1767, 2.834e-4, 12.4369, 66.44),
    "vertebral_compression": (14.6052, 1.325e-4, 13.3957, 15.82),
    "bone_cortex_interruption": (10.6532, 1.099e-3, 9.0305, 5.70),
    "paravertebral_soft_tissue_mass": (343.2827, 1.230e-76, 339.3007, 49.04),
    "transverse_fracture_line": (301.3375, 1.684e-67, 297.2552, 35.44),
    "multiple_segments": (40.1107, 2.400e-10, 38.8035, 60.43),
    "bone_destruction": (419.2794, 3.502e-93, 414.7510, 43.66),
}


@pytest.mark.parametrize("name", GOLDEN)
def test_pearsons_chi_square_without_yates(name: str) -> None:
    chi_square, p, yates, expected = GOLDEN[name]
    row = ROWS[name]
    assert row.test == "Pearson chi-square"
    assert row.statistic == pytest.approx(chi_square, abs=5e-5)
    assert row.statistic != pytest.approx(yates, rel=0.005)
    assert row.p == pytest.approx(p, rel=5e-4)
    assert min(row.expected) == pytest.approx(expected, abs=5e-3)
    assert sum(row.expected) == pytest.approx(433)


@pytest.mark.parametrize("name", GOLDEN)
def test_the_printed_p_comes_out(name: str) -> None:
    assert p_text(ROWS[name].p) == TABLE_1_P[name]


def test_the_cortex_is_the_one_sign_above_0_001() -> None:
    """The paper's text says p < 0.001 for all six; with Yates 0.0027, with Fisher 0.0028 would have been printed."""
    assert [name for name, row in ROWS.items() if p_text(row.p) != "<0.001"] == ["bone_cortex_interruption"]
    assert fisher_exact([[290, 6], [125, 12]]).pvalue == pytest.approx(0.0028, abs=5e-5)


def test_age_is_welchs_t_not_students() -> None:
    row = table_one_age()
    assert (row.test, row.name) == ("Welch t", "age_years")
    assert row.statistic == pytest.approx(-3.2802, abs=5e-5)
    assert row.df == pytest.approx(200.29, abs=5e-3)
    assert row.p == pytest.approx(1.2233e-3, rel=5e-5)
    assert p_text(row.p) == TABLE_1_P["age_years"]
    student = ttest_ind_from_stats(57.8, 11.3, 296, 62.8, 16.1, 137)
    assert student.statistic == pytest.approx(-3.7200, abs=5e-5)
    assert p_text(float(student.pvalue)) == "<0.001"


def test_age_of_all() -> None:
    mean = sum(PATIENTS[d] * AGE_MEAN_SD_YEARS[d][0] for d in PATIENTS) / 433
    assert mean == pytest.approx(59.382, abs=5e-4)


@given(st.integers(0, 1000))
def test_raw_ages_give_what_their_moments_give(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.normal(58, 11, 30), rng.normal(63, 16, 12)
    row = mean_row("age_years", moments(np.append(first, np.nan)), moments(second))
    reference = ttest_ind(first, second, equal_var=False)
    assert (row.statistic, row.df, row.p) == pytest.approx((reference.statistic, reference.df, reference.pvalue))
    assert row.malignant.n == 30


def test_few_expected_cases_call_for_fisher_and_the_row_says_so() -> None:
    row = presence_row("multiple_segments", {"malignant": 7, "benign": 1}, {"malignant": 12, "benign": 9})
    assert (row.test, row.statistic) == ("Fisher exact", None)
    assert row.p == pytest.approx(fisher_exact([[7, 5], [1, 8]]).pvalue)
    assert min(row.expected) == pytest.approx(8 * 9 / 21)
    assert row.malignant == wilson(7, 12)


@pytest.mark.parametrize(
    ("present", "patients"),
    [((0, 0), (9, 5)), ((9, 5), (9, 5)), ((4, 0), (9, 0)), ((0, 0), (0, 0))],
    ids=["nobody has it", "all have it", "no benign patient", "nobody"],
)
def test_where_nothing_can_be_tested_there_is_no_p(present: tuple[int, int], patients: tuple[int, int]) -> None:
    row = presence_row("x", {"malignant": present[0], "benign": present[1]}, {"malignant": patients[0], "benign": patients[1]})
    assert (row.test, row.statistic, row.p) == ("none", None, None)
    assert p_text(row.p) == "–"


def test_means_that_cannot_be_tested_have_no_p() -> None:
    assert mean_row("age_years", Moments(60.0, 0.0, 1), Moments(50.0, 9.0, 9)).p is None
    assert mean_row("age_years", Moments(60.0, 0.0, 5), Moments(60.0, 0.0, 9)).test == "none"
    assert moments(np.array([60.0, np.nan])) == Moments(60.0, 0.0, 1)
    with pytest.raises(VfracError, match="no value in a class"):
        moments(np.array([np.nan]))


@pytest.mark.parametrize(
    ("p", "text"), [(0.0009999, "<0.001"), (0.001, "0.001"), (0.0499, "0.050"), (1.0, "1.000"), (None, "–"), (float("nan"), "–")]
)
def test_p_has_three_decimals(p: float | None, text: str) -> None:
    assert p_text(p) == text


@pytest.mark.parametrize(("reader", "accuracy"), list(zip(READERS, (0.9908, 0.9515, 0.9284), strict=True)))
def test_the_readers_accuracy_is_plain(reader, accuracy: float) -> None:
    found = confusion(reader.counts).accuracy.value
    assert found == pytest.approx(accuracy, abs=5e-5)
    printed = float(reader.printed_accuracy.removesuffix(" %"))
    assert round(100 * found, 0 if printed.is_integer() else 1) == printed


def test_the_networks_accuracy_is_its_balanced_one() -> None:
    """No counts that round to 0.95 and 0.80 have a plain accuracy of 88 %; their mean has it, within its rounding."""
    possible = [confusion(counts) for counts in network_counts_possible()]
    assert {(c.counts.true_positive, c.counts.true_negative) for c in possible} == {
        (tp, tn) for tp in (280, 281, 282) for tn in (109, 110)
    }
    plain = [c.accuracy.value for c in possible]
    assert (min(plain), max(plain)) == pytest.approx((0.8984, 0.9053), abs=5e-5)
    balanced = [c.balanced_accuracy.value for c in possible]
    assert (min(balanced), max(balanced)) == pytest.approx((0.8708, 0.8778), abs=5e-5)
    assert any(round(each, 2) == NETWORK_PER_PATIENT.balanced_accuracy for each in balanced)
    assert NETWORK_COUNTS_ASSUMED in [c.counts for c in possible]


@pytest.mark.parametrize(("malignant", "benign", "accuracy"), [(3, 5, 0.852), (4, 5, 0.860), (5, 3, 0.876), (4, 4, 0.865)])
def test_plain_accuracy_of_slices_depends_on_how_many_a_class_gives(malignant: int, benign: int, accuracy: float) -> None:
    slices = PATIENTS["malignant"] * malignant, PATIENTS["benign"] * benign
    right = NETWORK_PER_SLICE.sensitivity * slices[0] + NETWORK_PER_SLICE.specificity * slices[1]
    assert right / sum(slices) == pytest.approx(accuracy, abs=6e-4)


@pytest.mark.parametrize(
    ("age", "group"),
    [
        (49.9, "< 50"),
        (50, "50–70"),
        (70, "50–70"),
        (70.5, "> 70"),
        ("90+", "> 70"),
        ("66", "50–70"),
        (None, "unknown"),
        ("", "unknown"),
        (float("nan"), "unknown"),
    ],
)
def test_age_groups(age: float | str | None, group: str) -> None:
    assert age_group(age) == group


def test_subgroups_have_n_and_wilson_and_no_p() -> None:
    called = np.array([True, True, False, False, True, False])
    truth = np.array([True, True, True, False, False, False])
    ages = tuple(age_group(age) for age in (30, 60, 60, 80, 60, None))
    rows = by_group(Grouping("age", ages, AGE_GROUPS), called, truth, one_each(6))
    assert [(row.group, row.n) for row in rows] == [("< 50", 1), ("50–70", 3), ("> 70", 1), ("unknown", 1)]
    assert rows[1].sensitivity == wilson(1, 2)
    assert rows[1].specificity == wilson(0, 1)
    assert rows[1].accuracy == wilson(1, 3)
    assert rows[0].specificity.reason == "no benign patient"
    assert not rows[0].balanced_accuracy.defined
    assert not any("p" in name.split("_") for name in type(rows[0]).__slots__)


def test_subgroups_sum_up_to_all() -> None:
    rng = np.random.default_rng(0)
    truth, called = rng.random(200) < 0.6, rng.random(200) < 0.6
    rows = by_group(Grouping("sex", tuple(rng.choice(["M", "F", "O"], 200).tolist())), called, truth, one_each(200))
    assert [row.group for row in rows] == ["F", "M", "O"]
    assert sum(row.n for row in rows) == 200
    assert sum(row.accuracy.value * row.n for row in rows) == pytest.approx((called == truth).sum())


def test_a_group_for_each_case_or_none() -> None:
    with pytest.raises(VfracError, match="2 values of level for 3 cases"):
        by_group(Grouping("level", ("L1", "T12")), np.ones(3, bool), np.ones(3, bool), one_each(3))
