"""vfrac_core/phantom/seeds.py: a case that a network was taught is never one that it is tested on."""

from __future__ import annotations

import ast
import itertools
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from vfrac_core.phantom import seeds
from vfrac_core.phantom.streams import Streams

PACKAGE = Path(seeds.__file__).parents[1]
RANGES = {name: value for name, value in vars(seeds).items() if isinstance(value, range)}
SEED_FIRST = {"Streams", "CaseSpec", "CohortSettings", "sample_cohort", "sample_case"}  # what takes a cohort's seed, as its first


def test_every_purpose_has_seeds() -> None:
    assert {"TEACHING", "PRETRAINING", "CROSS_VALIDATION", "EVALUATION", "INDEPENDENT", "LEAK_CONTROLS", "TESTS"} == set(RANGES)
    assert all(len(one) and one.step == 1 and one.start > 0 for one in RANGES.values())
    assert len(seeds.LEAK_CONTROLS) == 5


@pytest.mark.parametrize(("one", "other"), list(itertools.combinations(sorted(RANGES), 2)))
def test_no_seed_has_two_purposes(one: str, other: str) -> None:
    a, b = RANGES[one], RANGES[other]
    assert a.stop <= b.start or b.stop <= a.start


def test_the_default_seed_of_the_command_is_nobodys() -> None:
    assert not any(0 in one for one in RANGES.values())


def test_no_two_cases_share_a_random_number() -> None:
    some = [one[k] for one in RANGES.values() for k in (0, len(one) // 2, -1)]
    starts = {float(Streams(seed, index).named("patient").random()) for seed in some for index in range(20)}
    assert len(starts) == 20 * len(set(some))
    assert np.ptp(list(starts)) > 0.9


def numbers_as_seeds(source: str) -> Iterator[int]:
    """Lines where a cohort's seed is a number, or a module's name for one."""
    tree = ast.parse(source)
    named = {
        target.id
        for node in tree.body
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Constant)
        for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            given = [word.value for word in node.keywords if word.arg == "seed"]
            given += node.args[:1] if name in SEED_FIRST else []
            for value in given:
                if isinstance(value, ast.Constant) or (isinstance(value, ast.Name) and value.id in named):
                    yield node.lineno


@pytest.mark.parametrize(
    "line", ["sample_cohort(7, 10)", "X = 7\nsampling.sample_case(X, 0)", "X: Final = 7\nf(seed=X)", "Streams(7, 1)"]
)
def test_a_number_as_seed_is_found(line: str) -> None:
    assert list(numbers_as_seeds(line))


@pytest.mark.parametrize("line", ["sample_cohort(TEACHING[7], 10)", "Streams(spec.seed, spec.index)", "np.random.default_rng(7)"])
def test_a_seed_out_of_a_range_is_fine(line: str) -> None:
    assert not list(numbers_as_seeds(line))


def test_no_module_has_seeds_of_its_own() -> None:
    found = [
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for line in numbers_as_seeds(path.read_text())
    ]
    assert found == []
