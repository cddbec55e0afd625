"""vfrac_core/phantom: nothing but the signs, and what is stated, says the class.

These are small and their bounds wide, three standard errors of an area by chance; docs/phantom-study.md has the figures of five
large cohorts. Seeds are those of ``seeds.TESTS``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from phantom_bench import cases, controls, drawn
from phantom_bench.cases import labels, made_once, make_samples
from phantom_bench.controls import Corners
from phantom_bench.network import Training
from phantom_bench.scores import auc

from vfrac_core.phantom.seeds import TESTS
from vfrac_core.phantom.spec import CaseSpec

PAIRS, NULL_PAIRS, DRAWN_PAIRS = 200, 60, 500
Drawn = tuple[list[dict[str, drawn.Value]], np.ndarray]


def bound(pairs: int) -> float:
    """Three standard errors of an AUC without information, of so many in each class."""
    return 3 * ((2 * pairs + 1) / (12 * pairs**2)) ** 0.5


@pytest.fixture(scope="module")
def parameters() -> Drawn:
    specs = drawn.any_signs(TESTS[10], DRAWN_PAIRS)
    return drawn.draw_parameters(specs), np.array([spec.diagnosis == "malignant" for spec in specs])


@pytest.fixture(scope="module")
def specs() -> tuple[CaseSpec, ...]:
    return controls.matched_cohort(TESTS[11], PAIRS)


@pytest.fixture(scope="module", autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory) -> None:
    cases.CACHE = tmp_path_factory.mktemp("cases")


@pytest.fixture(scope="module")
def samples(specs: tuple[CaseSpec, ...]) -> Sequence[Corners]:
    return made_once(controls.make_corners, specs)


def test_matched_classes_have_the_same_ages_and_sexes(specs: tuple[CaseSpec, ...]) -> None:
    sides = [sorted((s.age_years, s.sex) for s in specs if s.diagnosis == d) for d in ("malignant", "benign")]
    assert sides[0] == sides[1]
    assert len(sides[0]) == PAIRS


@pytest.mark.slow
def test_no_drawn_number_says_the_class(parameters: Drawn) -> None:
    ranks = drawn.rank_parameters(*parameters)
    assert [(rank.name, round(rank.auc, 3)) for rank in ranks if rank.leaks] == []
    ranked = {rank.name.split(".")[0] for rank in ranks if not rank.few}
    assert {"patient", "scanner", "Compression", "CortexInterruption", "SoftTissueMass", "FractureLine", "Destruction"} <= ranked


def test_a_number_that_says_the_class_is_found(parameters: Drawn) -> None:
    values, malignant = parameters
    worse = [
        of_case | {"scanner.noise_hu": float(of_case["scanner.noise_hu"]) * (1.1 if of_malignant else 1.0)}
        for of_case, of_malignant in zip(values, malignant, strict=True)
    ]
    assert [rank.name for rank in drawn.rank_parameters(worse, malignant) if rank.leaks] == ["scanner.noise_hu"]


def test_corners_painted_alone_are_those_of_the_case(specs: tuple[CaseSpec, ...]) -> None:
    whole, alone = cases.make_sample(specs[0]), controls.make_corners(specs[0])
    for name in ("upper", "lower", "noise"):
        np.testing.assert_array_equal(getattr(whole, name), getattr(alone, name))


@pytest.mark.slow
def test_corners_alone_say_nothing(samples: Sequence[Corners]) -> None:
    control = controls.corners(samples)
    assert all(abs(value - 0.5) <= bound(PAIRS) for value in control.values), control
    assert all(abs(value - 0.5) <= bound(PAIRS) for value in controls.corner_scalars(samples).values())


@pytest.mark.slow
def test_noise_alone_says_nothing(samples: Sequence[Corners]) -> None:
    for control in (controls.scanner_noise(samples, network=False), controls.residual_noise(samples)):
        assert all(abs(value - 0.5) <= bound(PAIRS) for value in control.values), control


@pytest.mark.slow
def test_noise_that_says_the_class_is_found(samples: Sequence[Corners]) -> None:
    louder = [replace(s, noise=s.noise * (1.4 if s.malignant else 1.0)) for s in samples]
    assert controls.scanner_noise(louder, network=False).linear > 0.5 + bound(PAIRS)


@pytest.mark.slow
def test_the_outline_of_the_skin_says_nothing(specs: tuple[CaseSpec, ...]) -> None:
    curves = np.stack(made_once(controls.skin_curve, specs))
    malignant = np.array([spec.diagnosis == "malignant" for spec in specs])
    control = controls.outline(curves, malignant, network=False)
    assert abs(control.linear - 0.5) <= bound(PAIRS)


@pytest.mark.slow
def test_without_signs_the_classes_look_alike(specs: tuple[CaseSpec, ...]) -> None:
    bare = make_samples(controls.without_any_sign(specs[: 2 * NULL_PAIRS]), controls.NULL_DIFFICULTY)
    control, _ = controls.null(bare, Training(epochs=10))
    assert all(abs(value - 0.5) <= bound(NULL_PAIRS) for value in control.values), control
    assert abs(auc(np.array([sample.box_side_mm for sample in bare]), labels(bare)) - 0.5) <= bound(NULL_PAIRS)
