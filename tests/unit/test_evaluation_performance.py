"""vfrac_core/evaluation/score_table.py, sign_figures.py and performance.py.

Reference values: scikit-learn's metrics on the table's own columns.
"""

from __future__ import annotations

import dataclasses
import json
import math
import subprocess
import sys
from functools import cache
from typing import Any

import numpy as np
import pytest
from evaluation_tables import sliced_study, table_of
from scipy.special import expit
from sklearn import metrics

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.performance import Performance, performance
from vfrac_core.evaluation.score_table import ScoreTable, SignScores, case_scores, logits_of
from vfrac_core.evaluation.sign_figures import sign_figures

FIGURE = {"value", "low", "high", "n", "method"}


def signs(patients: np.ndarray, seed: int = 5) -> tuple[SignScores, ...]:
    """One that goes by halves, seen well, with every tenth case unanswered; one that only malignant cases have."""
    rng = np.random.default_rng(seed)
    cases = patients.max() + 1
    half = np.where(np.arange(cases) % 10 == 0, np.nan, np.arange(cases) % 2)
    noise = rng.normal(size=patients.size)
    seen = np.nan_to_num(half)[patients] * 3 - 1.5 + noise
    rare = (np.arange(cases) < 30).astype(float)
    return (SignScores("multiple_segments", seen, half[patients]), SignScores("bone_destruction", noise, rare[patients]))


@cache
def study() -> ScoreTable:
    scores, truth, patients = sliced_study(
        np.random.default_rng(0), malignant=80, benign=60, slices=(3, 5), right=0.85, between=0.6
    )
    return table_of(2 * scores, truth, patients, folds=5, signs=signs(patients))


@cache
def found() -> Performance:
    return performance(study(), seed=3, draws=500)


def rows_of(table: ScoreTable, keep: np.ndarray) -> dict[str, Any]:
    """The columns of some rows, without signs and folds."""
    return {
        "cases": tuple(np.array(table.cases)[keep].tolist()),
        "patients": tuple(np.array(table.patients)[keep].tolist()),
        "slices": table.slices[keep],
        "logits": table.logits[keep],
        "malignant": table.malignant[keep],
    }


def test_slices_have_scikit_learns_values() -> None:
    table, slices = study(), found().per_slice
    said = expit(table.logits) >= 0.5
    assert slices.n == len(table.cases)
    assert slices.patients == 140
    assert slices.confusion.sensitivity.value == pytest.approx(metrics.recall_score(table.malignant, said))
    assert slices.confusion.balanced_accuracy.value == pytest.approx(metrics.balanced_accuracy_score(table.malignant, said))
    assert slices.auc.value == pytest.approx(metrics.roc_auc_score(table.malignant, table.logits))
    assert slices.loss.brier.value == pytest.approx(metrics.brier_score_loss(table.malignant, expit(table.logits)))
    assert "patients" in slices.confusion.sensitivity.method
    assert "patients" in slices.auc.method


@pytest.mark.parametrize(("rule", "combine"), [("max", np.max), ("mean", np.mean), ("top2", lambda p: np.sort(p)[-2:].mean())])
def test_cases_have_scikit_learns_values_under_each_rule(rule: str, combine) -> None:
    table = study()
    names = np.array(table.cases)
    p = np.array([combine(expit(table.logits[names == name])) for name in np.unique(names)])
    truth = np.arange(140) < 80
    cases = found().per_case[rule]
    assert (cases.n, cases.patients) == (140, 140)
    assert cases.confusion.accuracy.value == pytest.approx(((p >= 0.5) == truth).mean())
    assert cases.confusion.accuracy.method == "Wilson"
    assert cases.auc.value == pytest.approx(metrics.roc_auc_score(truth, p))
    assert cases.loss.brier.value == pytest.approx(metrics.brier_score_loss(truth, p))


def test_slices_are_counted_and_folds_are_told() -> None:
    malignant, benign = found().slices
    assert (malignant.cases, benign.cases) == (80, 60)
    assert malignant.slices + benign.slices == found().per_slice.n
    assert (malignant.fewest, malignant.most) == (3, 5)
    assert found().by_fold is not None
    assert len(found().by_fold.values) == 5
    bare = performance(ScoreTable(**rows_of(study(), np.ones(len(study().cases), bool))), seed=3, draws=100)
    assert bare.by_fold is None
    assert bare.as_json()["folds"] is None


def test_the_json_is_the_public_one() -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    document = json.loads(json.dumps(found().as_json()), parse_constant=refuse)
    assert {"per_slice", "per_patient", "signs"} <= set(document)
    assert document["per_patient"]["n"] == 140
    for name in ("sensitivity", "specificity", "accuracy", "balanced_accuracy", "auc", "brier"):
        for level in ("per_slice", "per_patient"):
            assert set(document[level][name]) == FIGURE
            assert math.isfinite(document[level][name]["value"])
    assert document["per_patient"] == json.loads(json.dumps(found().per_case["max"].as_json()))
    assert set(document["other_rules"]) == {"mean", "top2"}
    assert set(document["signs"]) == {"multiple_segments", "bone_destruction"}
    assert set(document["signs"]["multiple_segments"]["auc"]) == FIGURE
    assert set(document["signs"]["multiple_segments"]["kappa"]) == FIGURE
    assert document["slices"]["benign"]["cases"] == 60


def test_the_same_seed_gives_the_same_numbers_in_any_order_of_rows() -> None:
    table = study()
    order = np.random.default_rng(1).permutation(len(table.cases))
    first, again = (
        performance(ScoreTable(**rows_of(table, which)), seed=3, draws=100).as_json() for which in (np.arange(order.size), order)
    )
    for name, figure in first["per_slice"].items():
        if isinstance(figure, dict) and "low" in figure:
            assert again["per_slice"][name]["value"] == pytest.approx(figure["value"])
            assert again["per_slice"][name]["high"] == pytest.approx(figure["high"])
    assert performance(ScoreTable(**rows_of(table, np.arange(order.size))), seed=3, draws=100).as_json() == first


def test_unanswered_signs_are_left_out_and_counted() -> None:
    table = study()
    sign = table.signs[0]
    found_sign = sign_figures(table, sign, draws=200, seed=0)
    assert (found_sign.n, found_sign.missing) == (126, 14)
    names = np.array(table.cases)
    p = np.array([expit(sign.logits[names == name]).max() for name in np.unique(names)])
    present = np.array([sign.present[names == name][0] for name in np.unique(names)])
    known = ~np.isnan(present)
    assert found_sign.auc.value == pytest.approx(metrics.roc_auc_score(present[known] == 1, p[known]))
    assert found_sign.kappa.value == pytest.approx(metrics.cohen_kappa_score(present[known] == 1, p[known] >= 0.5))
    changed = dataclasses.replace(sign, logits=np.where(np.isnan(sign.present), 99.0, sign.logits))
    assert sign_figures(table, changed, draws=200, seed=0) == found_sign


def test_within_a_class_a_sign_needs_20_with_and_20_without_it() -> None:
    halves, rare = found().signs["multiple_segments"], found().signs["bone_destruction"]
    assert set(halves.within) == {"malignant", "benign"}
    assert halves.within["malignant"].n == 72
    assert set(rare.within) == {"malignant"}  # 30 of 80 malignant, none of the benign
    assert rare.missing == 0


def test_a_sign_that_nobody_could_answer_has_no_figures() -> None:
    table = study()
    sign = SignScores("multiple_segments", table.logits, np.full(table.logits.size, np.nan))
    nothing = sign_figures(table, sign, draws=200, seed=0)
    assert (nothing.n, nothing.missing) == (0, 140)
    assert not nothing.auc.defined
    assert nothing.kappa.text == "– (no case was read by both)"


def test_two_cases_of_a_patient_are_two_verdicts_of_one_patient() -> None:
    table = study()
    columns = rows_of(table, np.ones(len(table.cases), bool))
    columns["patients"] = tuple(f"patient {int(name[-4:]) // 2:04d}" for name in table.cases)
    both_levels = performance(ScoreTable(**columns), seed=3, draws=500)
    assert both_levels.per_slice.patients == 70
    assert "over 70 patients" in both_levels.per_slice.confusion.accuracy.method
    paired = both_levels.per_case["max"]
    alone = found().per_case["max"]
    assert (paired.n, paired.patients) == (140, 70)
    assert paired.confusion.accuracy.value == alone.confusion.accuracy.value
    assert "over 70 patients" in paired.confusion.accuracy.method
    assert "sandwich" in paired.calibration.slope.method


def test_a_patient_may_have_a_case_of_either_class() -> None:
    table = study()
    columns = rows_of(table, np.ones(len(table.cases), bool))
    columns["patients"] = tuple(f"patient {int(name[-4:]) % 60:04d}" for name in table.cases)
    both = performance(ScoreTable(**columns), seed=3, draws=200).per_case["max"]
    assert both.patients == 60
    assert both.auc.ends.low < both.auc.value < both.auc.ends.high


@pytest.mark.parametrize("malignant", [True, False])
def test_one_class_is_reported_as_far_as_it_goes(malignant: bool) -> None:
    table = study()
    columns = rows_of(table, table.malignant == malignant)
    cases = performance(ScoreTable(**columns), seed=3, draws=100).as_json()["per_patient"]
    there, absent = ("sensitivity", "specificity") if malignant else ("specificity", "sensitivity")
    assert cases[there]["value"] is not None
    for name in (absent, "balanced_accuracy", "auc", "mcc", "scaled_brier"):
        assert cases[name]["value"] is None
        assert cases[name]["reason"]


def test_scores_that_are_all_equal_are_a_coin() -> None:
    table = study()
    columns = rows_of(table, np.ones(len(table.cases), bool)) | {"logits": np.zeros(len(table.cases))}
    cases = performance(ScoreTable(**columns), seed=3, draws=100).per_case["max"]
    assert cases.auc.value == 0.5
    assert cases.confusion.sensitivity.value == 1  # p = 0.5 is malignant
    assert not cases.calibration.slope.defined


def test_one_slice_of_one_case_is_no_crash() -> None:
    tiny = performance(ScoreTable(**rows_of(study(), np.arange(1))), seed=0, draws=100)
    assert tiny.per_case["max"].n == 1


def small(**changes: Any) -> ScoreTable:
    columns = {
        "cases": ("a", "a", "b"),
        "patients": ("p", "p", "q"),
        "slices": np.array([3, 4, 3], dtype=np.int64),
        "logits": np.array([0.5, 1.5, -1.0]),
        "malignant": np.array([True, True, False]),
    }
    return ScoreTable(**(columns | changes))


def test_cases_stand_in_the_order_of_their_names() -> None:
    cases = case_scores(small(), "max")
    assert cases.names == ("a", "b")
    assert cases.logits.tolist() == [1.5, -1.0]
    assert cases.malignant.tolist() == [True, False]


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"slices": np.array([3, 3, 3], dtype=np.int64)}, "stands twice"),
        ({"patients": ("p", "q", "q")}, "more than one patient"),
        ({"malignant": np.array([True, False, False])}, "more than one diagnosis"),
        ({"folds": np.array([0, 1, 1], dtype=np.int64)}, "a case with more than one fold"),
        ({"folds": np.array([0, 0, 1], dtype=np.int64), "patients": ("p", "p", "p")}, "a patient with more than one fold"),
        ({"logits": np.array([0.5, np.nan, 1.0])}, "a logit is not a finite number in 1 of 3 rows"),
        ({"signs": (SignScores("fracture", np.zeros(3), np.zeros(3)),)}, "the sign fracture; expected one of"),
        ({"signs": (SignScores("bone_destruction", np.zeros(3), np.array([1.0, 0.0, 1.0])),)}, "more than one answer"),
        ({"signs": (SignScores("bone_destruction", np.zeros(3), np.array([1.0, np.nan, 1.0])),)}, "more than one answer"),
        ({"signs": (SignScores("bone_destruction", np.zeros(3), np.array([2.0, 2.0, 1.0])),)}, "neither 0, 1 nor missing"),
        ({"signs": (SignScores("bone_destruction", np.full(3, np.inf), np.ones(3)),)}, "a sign's logit is not a finite"),
        ({"patients": ("p", "p")}, "a column of 2 rows beside 3 cases"),
        ({"cases": ()}, "the table of scores is empty"),
    ],
)
def test_a_table_that_cannot_be_is_refused_in_one_line(changes: dict[str, Any], says: str) -> None:
    with pytest.raises(VfracError, match=says) as refused:
        small(**changes)
    assert "expected" in str(refused.value)
    assert "\n" not in str(refused.value)


def test_probabilities_become_logits() -> None:
    assert expit(logits_of(np.array([0.0, 0.25, 1.0]))) == pytest.approx([1e-7, 0.25, 1 - 1e-7])
    with pytest.raises(VfracError, match="outside of 0 to 1"):
        logits_of(np.array([1.5]))
    with pytest.raises(VfracError, match="not a finite number"):
        logits_of(np.array([np.nan]))


def test_evaluation_starts_without_torch_data_frames_or_sql() -> None:
    """And statsmodels comes only when it is needed: it is a second of start-up."""
    program = """
import sys, pkgutil, importlib, vfrac_core.evaluation as package
for module in pkgutil.iter_modules(package.__path__):
    importlib.import_module(f"vfrac_core.evaluation.{module.name}")
print([name for name in ("torch", "pandas", "sqlite_utils", "statsmodels", "sklearn", "gradio") if name in sys.modules])
"""
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert run.stdout.strip() == "[]"
