"""vfrac_core/phantom/sampling.py: cohorts with Table 1's numbers, or with its frequencies, or with signs without a class.

Reference values: the paper's Table 1, its chi-squares by scipy (Pearson, no Yates), and 20,000 simulated cohorts of 433 with
Table 1's rates, simulated outside this program.
"""

from __future__ import annotations

import itertools
import subprocess
import sys
from collections import Counter
from collections.abc import Sequence
from functools import cache

import numpy as np
import pytest
from scipy.stats import chi2_contingency, multivariate_normal, norm, rankdata, ttest_ind

from vfrac_core.errors import VfracError
from vfrac_core.paper import SIGNS
from vfrac_core.phantom.copula import LOADINGS, NEEDED, draw_latents, highest, is_coherent, thresholds
from vfrac_core.phantom.sampling import CLASSES, LEVEL_WEIGHTS, sample_case, sample_cohort
from vfrac_core.phantom.seeds import TESTS
from vfrac_core.phantom.spec import LEVELS, CaseSpec, Mode
from vfrac_core.types import Diagnosis

PRESENT = {"malignant": (250, 290, 276, 3, 161, 294), "benign": (133, 125, 2, 109, 30, 1)}
PATIENTS = {"malignant": 296, "benign": 137}
MALE = {"malignant": 170, "benign": 53}
AGES = {"malignant": (57.8, 11.3, 27, 84), "benign": (62.8, 16.1, 14, 93)}
INDEPENDENT_CASES = 8_000
CHI_SQUARES = (14.61, 10.65, 343.28, 301.34, 40.11, 419.28, 13.18)  # six signs, sex
SIMULATED = {  # mean and SD of 20,000 cohorts; the SD of sex is its 95 % range / 3.92
    **dict(zip(SIGNS, ((15.0, 4.9), (11.7, 7.1), (343.8, 16.4), (301.8, 19.6), (41.0, 11.3), (419.5, 7.7)), strict=True)),
    "sex": (14.1, 7.1),
    "age (Welch)": (-3.31, 1.00),
}


@cache
def cohort(seed: int, cases: int, mode: Mode | None) -> tuple[CaseSpec, ...]:
    return sample_cohort(seed, cases, mode)


def pooled() -> tuple[CaseSpec, ...]:
    """8660 cases of 20 expected cohorts."""
    return tuple(spec for seed in TESTS[:20] for spec in cohort(seed, 433, "expected"))


def of_class(specs: Sequence[CaseSpec], diagnosis: Diagnosis) -> list[CaseSpec]:
    return [spec for spec in specs if spec.diagnosis == diagnosis]


def bits(specs: Sequence[CaseSpec]) -> np.ndarray:
    return np.array([[sign in spec.signs for sign in SIGNS] for spec in specs])


def ages(specs: Sequence[CaseSpec]) -> np.ndarray:
    return np.array([spec.age_years for spec in specs])


def chi_squares(specs: Sequence[CaseSpec]) -> list[float]:
    groups = [of_class(specs, diagnosis) for diagnosis in CLASSES]
    columns = [np.column_stack([bits(group), [spec.sex == "M" for spec in group]]) for group in groups]
    counts = [(column.sum(axis=0), (~column).sum(axis=0)) for column in columns]
    return [
        float(chi2_contingency([[yes[k], no[k]] for yes, no in counts], correction=False).statistic)
        for k in range(len(SIGNS) + 1)
    ]


def order_auc(specs: Sequence[CaseSpec]) -> float:
    """The chance that a malignant case comes later than a benign one."""
    malignant = np.array([spec.diagnosis == "malignant" for spec in specs])
    n = malignant.sum()
    return float((rankdata(np.arange(len(specs)))[malignant].sum() - n * (n + 1) / 2) / (n * (len(specs) - n)))


@pytest.mark.parametrize("seed", TESTS[:5])
def test_quota_is_table_1_to_the_patient(seed: int) -> None:
    specs = cohort(seed, 433, None)
    for diagnosis in CLASSES:
        group = of_class(specs, diagnosis)
        assert len(group) == PATIENTS[diagnosis]
        assert tuple(bits(group).sum(axis=0)) == PRESENT[diagnosis]
        assert sum(spec.sex == "M" for spec in group) == MALE[diagnosis]
    assert [round(value, 2) for value in chi_squares(specs)] == list(CHI_SQUARES)


@pytest.mark.parametrize("mode", ["quota", "expected", "independent"])
def test_a_case_knows_its_place(mode: Mode) -> None:
    specs = cohort(TESTS[0], 433, mode)
    assert [spec.index for spec in specs] == list(range(433))
    assert {spec.seed for spec in specs} == {TESTS[0]}
    assert {type(spec.age_years) for spec in specs} == {int}
    assert {spec.diagnosis for spec in specs} == ({None} if mode == "independent" else {"malignant", "benign"})


@pytest.mark.parametrize("mode", ["quota", "expected"])
def test_every_case_shows_what_its_diagnosis_can_rest_on(mode: Mode) -> None:
    for seed in TESTS[:20]:
        for spec in cohort(seed, 433, mode):
            assert spec.diagnosis is not None
            assert spec.signs & set(NEEDED[spec.diagnosis]), (seed, spec)


def test_coherence_is_bought_by_a_swap_that_costs_one_bit_of_one_other_case() -> None:
    swapped = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        latents = np.array([draw_latents(rng, "malignant")[1] for _ in range(296)])
        counts = np.array(PRESENT["malignant"])
        ranked = np.argsort(np.argsort(-latents, axis=0), axis=0) < counts
        made = highest(latents, counts, "malignant")
        lost = int((~is_coherent(ranked, "malignant")).sum())
        assert is_coherent(made, "malignant").all()
        assert tuple(made.sum(axis=0)) == PRESENT["malignant"]
        assert (made != ranked).sum() == 2 * lost
        swapped += lost
    assert swapped > 0


@pytest.mark.parametrize("mode", ["quota", "expected"])
def test_the_order_says_nothing_of_the_class(mode: Mode) -> None:
    aucs = [order_auc(cohort(seed, 433, mode)) for seed in TESTS[:20]]
    one = np.sqrt(434 / (12 * 296 * 137))  # SD of a rank AUC where nothing is to be found
    assert abs(np.mean(aucs) - 0.5) < 3 * one / np.sqrt(20)
    assert max(abs(auc - 0.5) for auc in aucs) < 4 * one


def test_expected_cohorts_scatter_about_the_simulated_ones() -> None:
    found = []
    for seed in TESTS[:20]:
        specs = cohort(seed, 433, "expected")
        welch = ttest_ind(*(ages(of_class(specs, diagnosis)) for diagnosis in CLASSES), equal_var=False).statistic
        found.append([*chi_squares(specs), float(welch)])
    for (name, (mean, sd)), values in zip(SIMULATED.items(), np.array(found).T, strict=True):
        print(f"{name}: {values.mean():.2f} ± {values.std(ddof=1):.2f} ({values.min():.2f} to {values.max():.2f})")
        assert abs(values.mean() - mean) < 3 * sd / np.sqrt(20), name


@pytest.mark.parametrize("diagnosis", CLASSES)
def test_thresholds_keep_the_frequencies_after_rejection(diagnosis: Diagnosis) -> None:
    """The same probabilities by another way: rectangles of a six-dimensional normal instead of an integral over the latent."""
    loadings = np.array(LOADINGS[diagnosis])
    normal = multivariate_normal(np.zeros(6), np.outer(loadings, loadings) + np.diag(1 - loadings**2))
    limits = np.array(thresholds(diagnosis))
    needed = np.array([sign in NEEDED[diagnosis] for sign in SIGNS])
    rejected = normal.cdf(np.where(needed, limits, np.inf), rng=np.random.default_rng(0))
    for k in range(6):
        also_absent = np.where(needed | (np.arange(6) == k), limits, np.inf)
        rejected_and_present = rejected - normal.cdf(also_absent, rng=np.random.default_rng(0))
        present = (norm.sf(limits[k]) - rejected_and_present) / (1 - rejected)
        assert present == pytest.approx(PRESENT[diagnosis][k] / PATIENTS[diagnosis], abs=2e-5), SIGNS[k]


def test_frequencies_of_many_expected_cases() -> None:
    assert_table_1(pooled())


@pytest.mark.slow
def test_frequencies_of_a_very_large_expected_cohort() -> None:
    assert_table_1(sample_cohort(TESTS[20], 100_000, "expected"))


def assert_table_1(specs: Sequence[CaseSpec]) -> None:
    assert_share(sum(spec.diagnosis == "malignant" for spec in specs), len(specs), 296 / 433)
    for diagnosis in CLASSES:
        group = of_class(specs, diagnosis)
        for count, present in zip(bits(group).sum(axis=0), PRESENT[diagnosis], strict=True):
            assert_share(int(count), len(group), present / PATIENTS[diagnosis])
        assert_share(sum(spec.sex == "M" for spec in group), len(group), MALE[diagnosis] / PATIENTS[diagnosis])
        levels = Counter(spec.level for spec in group)
        for level, weight in zip(LEVELS, LEVEL_WEIGHTS, strict=True):
            assert_share(levels[level], len(group), weight)


def assert_share(count: int, n: int, share: float) -> None:
    assert abs(count / n - share) < 4 * np.sqrt(share * (1 - share) / n)


@pytest.mark.parametrize("diagnosis", CLASSES)
def test_ages_are_the_papers_and_do_not_pile_up_at_the_ends(diagnosis: Diagnosis) -> None:
    mean, sd, low, high = AGES[diagnosis]
    found = ages(of_class(pooled(), diagnosis))
    assert found.min() >= low
    assert found.max() <= high
    assert found.mean() == pytest.approx(mean, abs=4 * sd / np.sqrt(found.size))
    assert found.std() == pytest.approx(sd, abs=4 * sd / np.sqrt(2 * found.size))
    for end, inside in ((low, low + 1), (high, high - 1)):
        at_end, next_to_it = (found == end).sum(), (found == inside).sum()
        assert at_end < next_to_it + 4 * np.sqrt(next_to_it + 1)


def test_the_latent_of_a_class_joins_its_signs() -> None:
    """Severity has SD 1 and goes along with each sign in the direction of its loading."""
    specs = pooled()
    for diagnosis in CLASSES:
        group = of_class(specs, diagnosis)
        severity = np.array([spec.severity for spec in group])
        assert severity.mean() == pytest.approx(0, abs=0.05)
        assert severity.std() == pytest.approx(1, abs=0.05)
        for column, loading in zip(bits(group).T, LOADINGS[diagnosis], strict=True):
            difference = severity[column].mean() - severity[~column].mean()
            assert difference * np.sign(loading) > 0


@pytest.mark.parametrize("mode", ["expected", "independent"])
def test_the_first_cases_are_the_same_however_many_follow(mode: Mode) -> None:
    longest = cohort(TESTS[0], 433, mode)
    for cases in (1, 7, 60):
        assert sample_cohort(TESTS[0], cases, mode) == longest[:cases]
    assert sample_case(TESTS[0], 432, mode) == longest[432]


def test_the_same_seed_gives_the_same_cohort_in_another_process() -> None:
    def facts(specs: Sequence[CaseSpec]) -> str:
        return repr([(s.diagnosis, sorted(s.signs), s.level, s.age_years, s.sex, s.severity) for s in specs])

    program = f"""
from vfrac_core.phantom.sampling import sample_cohort
for mode in ("quota", "expected", "independent"):
    specs = sample_cohort({TESTS[0]}, 433, mode)
    print([(s.diagnosis, sorted(s.signs), s.level, s.age_years, s.sex, s.severity) for s in specs])
"""
    run = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)
    assert run.stdout.splitlines() == [facts(cohort(TESTS[0], 433, mode)) for mode in ("quota", "expected", "independent")]


def test_another_seed_gives_another_cohort() -> None:
    for mode in ("quota", "expected", "independent"):
        one, other = (cohort(seed, 433, mode) for seed in TESTS[:2])
        assert sum(a.severity == b.severity for a, b in zip(one, other, strict=True)) == 0
        assert [spec.signs for spec in one] != [spec.signs for spec in other]


def test_the_mode_follows_from_the_size() -> None:
    assert sample_cohort(TESTS[0], 433) == sample_cohort(TESTS[0], 433, "quota")
    assert sample_cohort(TESTS[0], 40) == sample_cohort(TESTS[0], 40, "expected")


def test_independent_signs_are_coins() -> None:
    specs = cohort(TESTS[21], INDEPENDENT_CASES, "independent")
    matrix = bits(specs)
    for count in matrix.sum(axis=0):
        assert_share(int(count), len(specs), 0.5)
    others = [
        ages(specs),
        [spec.sex == "M" for spec in specs],
        [LEVELS.index(s.level) for s in specs],
        [s.severity for s in specs],
    ]
    columns = [*matrix.T.astype(float), *(np.array(other, dtype=float) for other in others)]
    for one, other in itertools.product(range(6), range(len(columns))):
        if one < other:
            assert abs(np.corrcoef(columns[one], columns[other])[0, 1]) < 4 / np.sqrt(len(specs))
    patterns = Counter(map(tuple, matrix.tolist()))
    assert len(patterns) == 64
    expected = len(specs) / 64
    chi_square = sum((count - expected) ** 2 / expected for count in patterns.values())
    assert chi_square < 63 + 4 * np.sqrt(2 * 63)


def test_independent_people_are_the_mixture() -> None:
    specs = cohort(TESTS[21], INDEPENDENT_CASES, "independent")
    assert_share(sum(spec.sex == "M" for spec in specs), len(specs), 223 / 433)
    assert ages(specs).mean() == pytest.approx(59.38, abs=4 * 13.2 / np.sqrt(len(specs)))


@pytest.mark.parametrize(
    ("seed", "cases", "mode", "says"),
    [
        (-1, 10, None, "seed -1"),
        (0, 0, None, "0 cases"),
        (0, 432, "quota", "433"),
    ],
)
def test_refusals_are_one_line_that_says_what_was_expected(seed: int, cases: int, mode: Mode | None, says: str) -> None:
    with pytest.raises(VfracError, match=says) as refused:
        sample_cohort(seed, cases, mode)
    assert "expected" in str(refused.value)
    assert "\n" not in str(refused.value)
