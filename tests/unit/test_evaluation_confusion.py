"""vfrac_core/evaluation/confusion.py: the four counts and every figure of them.

Reference values: the readers' counts of the paper's Table 1 and the network's assumed 281/110, computed with scipy, scikit-learn
and statsmodels outside of this program; scikit-learn's metrics on random verdicts.
"""

from __future__ import annotations

import numpy as np
import pytest
from evaluation_tables import one_each
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.confusion import Counts, called_malignant, confusion, confusion_by_patient, count
from vfrac_core.evaluation.figure import Figure
from vfrac_core.evaluation.paper_results import counts_of

CELLS = st.tuples(*[st.integers(0, 60)] * 4)

READERS = [  # TP, TN, sensitivity, specificity, accuracy with ends, balanced, PPV, NPV, LR+, LR-, MCC
    (294, 135, 0.9932, 0.9854, (0.9908, 0.9765, 0.9964), 0.9893, 0.9932, 0.9854, 68.04, 0.0069, 0.9786),
    (281, 131, 0.9493, 0.9562, (0.9515, 0.9270, 0.9681), 0.9528, 0.9791, 0.8973, 21.68, 0.0530, 0.8908),
    (275, 127, 0.9291, 0.9270, (0.9284, 0.9002, 0.9491), 0.9280, 0.9649, 0.8581, 12.73, 0.0765, 0.8394),
    (281, 110, 0.9493, 0.8029, (0.9030, 0.8715, 0.9274), 0.8761, 0.9123, 0.8800, 4.82, 0.0631, 0.7720),
]


@pytest.mark.parametrize("row", READERS, ids=["reader 1", "reader 2", "reader 3", "network (assumed)"])
def test_the_readers_table(row: tuple) -> None:
    found = confusion(counts_of(row[0], row[1]))
    assert found.sensitivity.value == pytest.approx(row[2], abs=5e-5)
    assert found.specificity.value == pytest.approx(row[3], abs=5e-5)
    assert (found.accuracy.value, *found.accuracy.ends) == pytest.approx(row[4], abs=5e-5)
    assert found.balanced_accuracy.value == pytest.approx(row[5], abs=6e-5)  # 0.95277 is printed as 0.9528
    assert (found.ppv.value, found.npv.value) == pytest.approx(row[6:8], abs=5e-5)
    assert found.lr_positive.value == pytest.approx(row[8], abs=5e-3)
    assert found.lr_negative.value == pytest.approx(row[9], abs=5e-5)
    assert found.mcc.value == pytest.approx(row[10], abs=5e-5)
    assert found.majority_baseline.value == pytest.approx(0.6836, abs=5e-5)


def test_accuracy_is_not_balanced_accuracy() -> None:
    """The network's 0.88 in the paper is the second, not the first (decision 11)."""
    found = confusion(counts_of(281, 110))
    assert round(found.accuracy.value, 2) == 0.90
    assert round(found.balanced_accuracy.value, 2) == 0.88


def test_who_always_says_malignant_has_the_majority_and_half() -> None:
    found = confusion(counts_of(296, 0))
    assert found.accuracy.value == found.majority_baseline.value == 296 / 433
    assert found.balanced_accuracy.value == 0.5
    assert found.npv.text == "– (nobody was called benign)"
    assert found.mcc.text == "– (all verdicts are the same)"


def test_half_is_malignant() -> None:
    assert called_malignant(np.array([0.49999, 0.5, 0.50001])).tolist() == [False, True, True]


def test_a_missing_probability_is_refused() -> None:
    with pytest.raises(VfracError, match="not a finite number in 1 of 2 rows"):
        called_malignant(np.array([0.5, np.nan]))


@given(CELLS)
def test_counts_come_back_from_verdicts(cells: tuple[int, int, int, int]) -> None:
    called, truth = verdicts(Counts(*cells))
    assert count(called, truth) == Counts(*cells)


@settings(max_examples=40)
@given(CELLS)
def test_scikit_learn_says_the_same(cells: tuple[int, int, int, int]) -> None:
    counts = Counts(*cells)
    if min(counts.malignant, counts.benign) == 0:
        return
    called, truth = verdicts(counts)
    found = confusion(counts)
    assert found.accuracy.value == pytest.approx(metrics.accuracy_score(truth, called))
    assert found.balanced_accuracy.value == pytest.approx(metrics.balanced_accuracy_score(truth, called))
    if found.mcc.defined:
        assert found.mcc.value == pytest.approx(metrics.matthews_corrcoef(truth, called))
    else:
        assert called.all() or not called.any()
    if found.ppv.defined:
        assert found.ppv.value == pytest.approx(metrics.precision_score(truth, called))


@settings(max_examples=40)
@given(CELLS)
def test_intervals_hold_their_value_and_stay_in_range(cells: tuple[int, int, int, int]) -> None:
    found = confusion(Counts(*cells))
    for name in ("sensitivity", "specificity", "accuracy", "balanced_accuracy", "ppv", "npv", "mcc"):
        figure: Figure = getattr(found, name)
        if figure.defined:
            assert -(name == "mcc") - 1e-12 <= figure.ends.low <= figure.value + 1e-12, name
            assert figure.value - 1e-12 <= figure.ends.high <= 1 + 1e-12, name


@pytest.mark.parametrize("cells", [(0, 0, 7, 3), (7, 3, 0, 0), (0, 0, 0, 0)])
def test_an_absent_class_is_said_and_never_averaged_away(cells: tuple[int, int, int, int]) -> None:
    """scikit-learn's balanced accuracy would quietly be the sensitivity, or the specificity."""
    found = confusion(Counts(*cells))
    for figure in (found.balanced_accuracy, found.mcc, found.lr_positive, found.lr_negative):
        assert not figure.defined
        assert figure.reason.startswith("no ")


@pytest.mark.slow
@pytest.mark.parametrize(
    ("malignant", "benign", "sensitivity", "specificity"), [(296, 137, 0.95, 0.8), (80, 40, 0.6, 0.5), (20, 10, 0.97, 0.7)]
)
def test_balanced_accuracy_and_mcc_are_covered_in_95_of_100(
    malignant: int, benign: int, sensitivity: float, specificity: float
) -> None:
    """300 studies. Summed over all counts outside of this program: 94.9, 94.7 and 95.5 %; MCC 94.6, 94.6 and 95.5 %."""
    rng = np.random.default_rng(1)
    share = malignant / (malignant + benign)
    called = share * sensitivity + (1 - share) * (1 - specificity)
    balanced = (sensitivity + specificity) / 2
    mcc = (sensitivity + specificity - 1) * np.sqrt(share * (1 - share) / (called * (1 - called)))
    covered = np.zeros(2)
    for _ in range(300):
        tp, tn = int(rng.binomial(malignant, sensitivity)), int(rng.binomial(benign, specificity))
        found = confusion(Counts(tp, malignant - tp, tn, benign - tn))
        for place, (figure, truth) in enumerate(((found.balanced_accuracy, balanced), (found.mcc, mcc))):
            covered[place] += figure.ends.low <= truth <= figure.ends.high
    assert (covered / 300 > 0.92).all()
    assert (covered / 300 < 0.985).all()


def test_one_case_a_patient_is_the_plain_table() -> None:
    called, truth = verdicts(counts_of(281, 110))
    assert confusion_by_patient(called, truth, one_each(433)) == confusion(counts_of(281, 110))


def test_slices_have_the_same_values_and_wider_intervals() -> None:
    called, truth = verdicts(counts_of(281, 110))
    plain = confusion(counts_of(281, 110))
    fives = confusion_by_patient(np.repeat(called, 5), np.repeat(truth, 5), np.repeat(one_each(433), 5))
    for name in ("sensitivity", "specificity", "accuracy", "balanced_accuracy", "ppv", "npv", "mcc"):
        one, five = getattr(plain, name), getattr(fives, name)
        assert five.value == pytest.approx(one.value)
        assert five.ends == pytest.approx(one.ends, abs=0.002), name  # five equal slices tell as much as one
    assert fives.lr_positive.low is None
    assert fives.counts.n == 5 * 433


def verdicts(counts: Counts) -> tuple[np.ndarray, np.ndarray]:
    cells = (counts.true_positive, counts.false_negative, counts.true_negative, counts.false_positive)
    called = np.repeat([True, False, False, True], cells)
    return called, np.repeat([True, True, False, False], cells)
