"""The 24 teaching examples: their specs and words fit together, and their arrows point at what they name."""

from __future__ import annotations

import re
from functools import cache

import numpy as np
import pytest
from scipy import ndimage

from vfrac_core.imaging.reformat import reformat_mask, reformat_sagittal
from vfrac_core.paper import SIGNS
from vfrac_core.phantom.case import PhantomCase
from vfrac_core.phantom.seeds import TEACHING
from vfrac_core.phantom.teaching import EXAMPLES, TeachingExample, make_example
from vfrac_core.phantom.teaching_texts import TEXTS
from vfrac_core.types import Arrow

NUMBERED = pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: str(example.number))
REACH_MM = 4.0  # from an arrow's tip to what it points at
HEDGES = re.compile(
    r"\b(may|might|perhaps|probably|possibly|likely|usually|often|typical\w*|could|seems?|suggests?)\b", re.IGNORECASE
)


class TestWords:
    @NUMBERED
    def test_are_two_sentences_without_hedging(self, example: TeachingExample) -> None:
        text = TEXTS[example.number]
        for sentence in (text.seen, text.means):
            assert re.fullmatch(r"[A-Z][^.!?]*\.", sentence), sentence
            assert not HEDGES.search(sentence), sentence
        assert len(text.title) <= 70

    def test_differ_from_one_another(self) -> None:
        assert list(TEXTS) == list(range(1, 25))
        said = [words for text in TEXTS.values() for words in (text.title, text.seen, text.means)]
        assert len(set(said)) == len(said)

    @NUMBERED
    def test_name_the_worst_vertebra_and_no_level_that_is_not_changed(self, example: TeachingExample) -> None:
        text = TEXTS[example.number]
        named = set(re.findall(r"\b[TL]\d+\b", f"{text.title} {text.seen} {text.means}"))
        assert example.spec.level in named
        assert named <= {example.spec.level, *(change.level for change in example.extra)}

    @NUMBERED
    def test_name_the_finding_that_has_an_arrow(self, example: TeachingExample) -> None:
        assert bool(TEXTS[example.number].finding) == bool(example.extra)


class TestOrder:
    def test_first_one_sign_each_then_benign_mimics(self) -> None:
        assert [example.number for example in EXAMPLES] == list(range(1, 25))
        first = [example.spec.signs for example in EXAMPLES[:6]]
        expected = [SIGNS[index] for index in (0, 3, 1, 5, 2, 4)]  # C, T, X, D, M, G
        assert all(sign in signs for sign, signs in zip(expected, first, strict=True))
        assert [len(signs) for signs in first] == [1, 1, 1, 1, 1, 2]  # further segments need a worst one
        assert {example.spec.diagnosis for example in EXAMPLES[6:12]} == {"benign"}
        assert all(TEXTS[number].title.startswith("Mimic") for number in range(7, 13))

    def test_the_papers_figures_have_the_classes_of_the_paper(self) -> None:
        benign = [example.spec.diagnosis == "benign" for example in EXAMPLES[18:]]
        assert benign == [False, False, True, False, False, True]

    def test_every_seed_is_a_teaching_seed(self) -> None:
        seeds = [example.spec.seed for example in EXAMPLES]
        assert len(set(seeds)) == 24
        assert set(seeds) <= set(TEACHING)


@cache
def made(number: int) -> tuple[PhantomCase, tuple[Arrow, ...]]:
    return make_example(EXAMPLES[number - 1])


def check_arrows(number: int) -> None:
    """One arrow for each sign present and one for the finding; each tip is near what it names, on the arrow's own slice."""
    example, (case, arrows) = EXAMPLES[number - 1], made(number)
    named = [arrow.sign for arrow in arrows]
    assert named == [sign for sign in SIGNS if sign in example.spec.signs] + [None] * bool(example.extra)
    stack = reformat_sagittal(case.volume)
    lesion = reformat_mask(case.masks.lesion, case.volume.affine, np.bitwise_or)
    assert lesion.shape == stack.hu.shape
    for arrow in arrows:
        assert 0 <= arrow.slice_index < stack.slices
        assert 0 <= arrow.row < stack.rows
        assert 0 <= arrow.column < stack.columns
        assert np.hypot(arrow.down, arrow.right) == pytest.approx(1, abs=1e-3)
        if arrow.sign is not None:
            mask = (lesion[arrow.slice_index] >> SIGNS.index(arrow.sign)) & 1
            away = ndimage.distance_transform_edt(mask == 0, sampling=(stack.spacing_mm.row, stack.spacing_mm.column))
            assert away[int(arrow.row), int(arrow.column)] <= REACH_MM, arrow


def test_the_first_example_points_at_its_sunken_plate() -> None:
    check_arrows(1)


@pytest.mark.slow
def test_a_mimics_arrow_points_at_it() -> None:
    """Gas, the one finding that HU give away: some of it lies before the tip."""
    check_arrows(12)
    case, arrows = made(12)
    (gas,) = [arrow for arrow in arrows if arrow.sign is None]
    stack = reformat_sagittal(case.volume)
    row, column = (round(at - 0.5) for at in (gas.row, gas.column))
    near = stack.hu[gas.slice_index, row - 3 : row + 4, column - 8 : column + 9]
    assert near.min() < -150


@pytest.mark.slow
@NUMBERED
def test_every_example_can_be_made_and_its_arrows_point_at_what_they_name(example: TeachingExample) -> None:
    check_arrows(example.number)
    case, _ = made(example.number)
    assert case.truth.level == example.spec.level
    assert case.truth.slice_index in case.truth.abnormal_slices


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "least", "most"), [(1, 0.5, 0.8), (2, -0.1, 0.1), (7, 0.1, 0.15), (22, 0.2, 0.35), (24, 0.2, 0.3)]
)
def test_what_the_words_say_of_the_height_is_so(number: int, least: float, most: float) -> None:
    """More than half; kept; below 20 %; a little lower; hardly."""
    assert least <= made(number)[0].truth.loss <= most
