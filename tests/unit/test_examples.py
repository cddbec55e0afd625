"""The teaching examples in a library: ids that say nothing, made once whatever happens, truth and arrows in the store."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from example_fake import ARROW, FINDING, Maker

from vfrac_core.library.cases import CaseLibrary
from vfrac_core.library.example_maker import make_first, make_missing, missing
from vfrac_core.library.examples import add_example, answer_of, example_cases, is_made
from vfrac_core.paper import SIGNS
from vfrac_core.phantom.teaching import EXAMPLES
from vfrac_core.phantom.teaching_texts import TEXTS
from vfrac_core.settings import Settings
from vfrac_core.store import AnnotationStore, VolumeLibrary, verify
from vfrac_core.types import PixelBox

SECRET = b"k" * 32


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def library(home: Path) -> Iterator[CaseLibrary]:
    with AnnotationStore(home) as store:
        yield CaseLibrary(store, VolumeLibrary(home), secret=SECRET, cache_bytes=10**7)


class TestIds:
    def test_there_are_twenty_four_and_no_two_are_alike(self) -> None:
        ids = example_cases(SECRET)
        assert [example.number for example in ids.values()] == list(range(1, 25))
        assert Settings().examples == len(TEXTS) == 24

    def test_another_secret_gives_other_ids_in_another_order(self) -> None:
        ours, theirs = list(example_cases(SECRET)), list(example_cases(b"o" * 32))
        assert not set(ours) & set(theirs)
        assert sorted(range(24), key=ours.__getitem__) != sorted(range(24), key=theirs.__getitem__)

    def test_an_example_with_other_pixels_is_another_case(self) -> None:
        first = EXAMPLES[0]
        assert replace(first, spec=replace(first.spec, index=first.spec.index + 1)).key != first.key
        assert replace(first, extra=EXAMPLES[8].extra).key != first.key


class TestMaking:
    def test_an_empty_library_gets_its_first_case_at_once(self, library: CaseLibrary) -> None:
        make_first(library, example_cases(SECRET), make=Maker())
        assert [record.case_id for record in library.store.cases()] == [next(iter(example_cases(SECRET)))]

    def test_a_library_with_cases_does_not_wait_for_it(self, library: CaseLibrary) -> None:
        examples = example_cases(SECRET, 2)
        add_example(library, list(examples)[1], EXAMPLES[1], Maker())
        make_first(library, examples, make=(maker := Maker()))
        assert maker.made == []

    def test_what_is_made_is_not_made_again(self, library: CaseLibrary) -> None:
        examples = example_cases(SECRET, 4)
        make_first(library, examples, make=Maker())
        make_missing(library, examples, make=(maker := Maker()))
        assert maker.made == [2, 3, 4]
        make_missing(library, examples, make=(again := Maker()))
        assert again.made == []
        assert missing(library, examples) == {}

    @pytest.mark.parametrize(
        "step",
        [
            "vfrac_core.library.importing.case_record",  # the pixels are there, the row is not
            "vfrac_core.store.AnnotationStore.set_reference",
            "vfrac_core.library.examples.add_arrows",
        ],
    )
    def test_killed_at_any_step_it_is_finished_at_the_next_start(
        self, library: CaseLibrary, home: Path, step: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        examples = example_cases(SECRET, 1)
        (case_id,) = examples

        def killed(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(step, killed)
            with pytest.raises(KeyboardInterrupt):
                make_missing(library, examples, make=Maker())
        assert not is_made(library, case_id)
        make_missing(library, examples, make=Maker())
        assert is_made(library, case_id)
        assert verify(home).problems == ()

    def test_one_that_cannot_be_made_does_not_hold_up_the_others(
        self, library: CaseLibrary, caplog: pytest.LogCaptureFixture
    ) -> None:
        examples = example_cases(SECRET, 3)
        with caplog.at_level(logging.INFO):
            make_missing(library, examples, make=Maker(2))
        assert [example.number for example in missing(library, examples).values()] == [2]
        assert "example 2 was not made" in caplog.text

    def test_the_log_says_nothing_but_the_number(self, library: CaseLibrary, caplog: pytest.LogCaptureFixture) -> None:
        with caplog.at_level(logging.DEBUG):
            make_missing(library, example_cases(SECRET), make=Maker())
        said = caplog.text
        assert "example 24 is ready" in said
        assert not [text.title for text in TEXTS.values() if text.title in said]
        assert not [word for word in ("benign", "malignant", *SIGNS) if word in said]


class TestAnswer:
    def test_is_the_truth_and_the_arrows_and_our_words(self, library: CaseLibrary) -> None:
        examples = example_cases(SECRET, 1)
        (case_id,) = examples
        assert answer_of(library, case_id, examples[case_id]) is None
        make_missing(library, examples, make=Maker())
        answer = answer_of(library, case_id, examples[case_id])
        assert answer is not None
        assert answer.text == TEXTS[1]
        assert answer.arrows == (ARROW, FINDING)
        assert answer.truth.diagnosis == EXAMPLES[0].spec.diagnosis
        assert {name for name, value in answer.truth.signs.items() if value == "present"} == EXAMPLES[0].spec.signs
        assert answer.truth.box == PixelBox(10, 20, 16, 40)


def test_the_pixels_lie_in_volumes_like_any_case_and_no_file_tells_more(library: CaseLibrary, home: Path) -> None:
    examples = example_cases(SECRET, 2)
    make_missing(library, examples, make=Maker())
    names = {path.name for path in (home / "volumes").rglob("*")}
    assert names == {*examples, "stack.npy", "stack_affine.npy", "volume.npy", "volume_affine.npy", "SHA256SUMS"}
    sums = {hashlib.sha256((home / "volumes" / case_id / "stack.npy").read_bytes()).hexdigest() for case_id in examples}
    assert len(sums) == 2
