"""Arrows of a teaching case, and who was shown its answer: both are events, and neither is in a reading's way."""

from __future__ import annotations

from pathlib import Path

import pytest
from store_samples import save

from vfrac_core.errors import StoreError
from vfrac_core.store import (
    AnnotationStore,
    Reader,
    add_arrows,
    answer_was_shown,
    arrows_of,
    note_answer_shown,
    verify,
)
from vfrac_core.types import Arrow

ARROWS = (Arrow("bone_destruction", 4, 20.5, 31.25, 0.6, 0.8), Arrow(None, 5, 12.0, 9.0, 1.0, 0.0))


def answer_visible(store: AnnotationStore, reader: Reader) -> bool:
    annotation = store.annotation("case1", reader.reader_id)
    assert annotation is not None
    return annotation.answer_visible


class TestArrows:
    def test_come_back_as_they_were_given_and_are_written_once(self, store: AnnotationStore) -> None:
        assert arrows_of(store, "case1") is None
        add_arrows(store, "case1", ARROWS)
        head = store.head()
        add_arrows(store, "case1", ARROWS)
        assert store.head() == head
        assert arrows_of(store, "case1") == ARROWS

    def test_may_be_none_at_all(self, store: AnnotationStore) -> None:
        add_arrows(store, "case1", ())
        assert arrows_of(store, "case1") == ()

    def test_of_an_unknown_case_are_refused(self, store: AnnotationStore) -> None:
        with pytest.raises(StoreError, match="no such case"):
            add_arrows(store, "nothing", ARROWS)

    def test_are_no_answer_of_anybody(self, store: AnnotationStore) -> None:
        add_arrows(store, "case1", ARROWS)
        assert store.annotations() == []


class TestAnswerShown:
    def test_is_noted_once_with_reader_and_case(self, store: AnnotationStore, reader: Reader, tmp_path: Path) -> None:
        assert not answer_was_shown(store, "case1", reader.reader_id)
        first = note_answer_shown(store, "case1", reader.reader_id)
        assert note_answer_shown(store, "case1", reader.reader_id) == first
        assert first.kind == "answer_shown"
        assert answer_was_shown(store, "case1", reader.reader_id)
        assert verify(tmp_path).anchor.seq == first.seq

    def test_is_known_of_that_reader_alone_and_makes_no_row_of_its_own(self, store: AnnotationStore, reader: Reader) -> None:
        other = store.register_reader("another secret", "Bob Example", 3)
        note_answer_shown(store, "case1", reader.reader_id)
        assert not answer_was_shown(store, "case1", other.reader_id)
        assert store.annotations() == []
        save(store.save_draft, other, "1")
        assert not answer_visible(store, other)

    def test_before_the_reading_marks_it_in_every_study(self, store: AnnotationStore, reader: Reader) -> None:
        note_answer_shown(store, "case1", reader.reader_id)
        save(store.submit, reader, "1")
        assert answer_visible(store, reader)
        assert not store.annotations()[0].ai_visible

    def test_after_the_submission_marks_a_correction_only(self, store: AnnotationStore, reader: Reader) -> None:
        save(store.submit, reader, "1")
        note_answer_shown(store, "case1", reader.reader_id)
        assert not answer_visible(store, reader)
        save(store.correct, reader, "2", reason="second thoughts")
        assert answer_visible(store, reader)

    def test_in_the_browser_before_a_name_was_given_counts_once_it_is_told(self, store: AnnotationStore, reader: Reader) -> None:
        save(store.save_draft, reader, "1")
        assert not answer_visible(store, reader)
        save(store.save_draft, reader, "2", answer_visible=True)
        save(store.submit, reader, "3")
        assert answer_visible(store, reader)

    def test_by_somebody_unknown_or_of_an_unknown_case_is_refused(self, store: AnnotationStore, reader: Reader) -> None:
        with pytest.raises(StoreError, match="no such reader"):
            note_answer_shown(store, "case1", "nobody")
        with pytest.raises(StoreError, match="no such case"):
            note_answer_shown(store, "nothing", reader.reader_id)
