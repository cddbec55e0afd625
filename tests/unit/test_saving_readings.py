"""What a reader may save and when: draft, submission and correction, in the order of the log."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from store_samples import NOON, a_reading, save

from vfrac_core.errors import AlreadySubmittedError, InvalidRoiError, StoreError
from vfrac_core.signs import SIGNS_VERSION
from vfrac_core.store import Reading
from vfrac_core.types import PixelBox


class TestDraftsAndSubmission:
    def test_the_receipt_says_what_the_reader_sees(self, store, reader):
        receipt = save(store.save_draft, reader, "s1")
        assert str(receipt) == f"saved #{receipt.seq} · {receipt.hash[:4]}"
        assert store.head() == (receipt.seq, receipt.hash)

    def test_a_draft_may_be_empty_and_the_last_one_counts(self, store, reader):
        save(store.save_draft, reader, "s1", Reading())
        save(store.save_draft, reader, "s2", a_reading(comment="second"))
        answer = store.annotation("case1", reader.reader_id)
        assert answer.reading == a_reading(comment="second")
        assert (answer.submitted_at, answer.corrected, answer.signs_version) == (None, False, SIGNS_VERSION)

    def test_an_answer_tells_when_its_last_save_was_made(self, store, reader, clock):
        save(store.save_draft, reader, "s1")
        clock.now += timedelta(minutes=5)
        receipt = save(store.save_draft, reader, "s2", a_reading(comment="later"))
        answer = store.annotation("case1", reader.reader_id)
        assert (answer.seq, answer.saved_at) == (receipt.seq, receipt.at)
        assert answer.saved_at == clock.now

    def test_before_the_first_save_no_time_is_told(self, store, reader):
        store.show_ai("a1", case_id="case1", reader_id=reader.reader_id, weights_sha256="0" * 64)
        answer = store.annotation("case1", reader.reader_id)
        assert (answer.seq, answer.saved_at) == (0, None)

    def test_a_save_that_arrives_twice_is_kept_once(self, store, reader):
        first = save(store.save_draft, reader, "s1")
        assert save(store.save_draft, reader, "s1") == first
        assert store.head().seq == first.seq

    def test_a_save_id_cannot_be_used_for_another_answer(self, store, reader):
        save(store.save_draft, reader, "s1")
        other = store.register_reader("two", "Bob", 1)
        with pytest.raises(StoreError, match="belongs to another save"):
            save(store.save_draft, other, "s1")

    @pytest.mark.parametrize("save_id", ["", "@case", "a b", "x" * 65, "ä"])
    def test_a_save_id_of_another_shape_is_refused(self, store, reader, save_id):
        with pytest.raises(StoreError, match="save id"):
            save(store.save_draft, reader, save_id)

    def test_a_gap_blocks_the_submission_and_is_named(self, store, reader):
        with pytest.raises(StoreError, match="still missing vertebral level, confidence"):
            save(store.submit, reader, "s1", a_reading(vertebral_level=None, confidence=None))
        assert store.annotation("case1", reader.reader_id) is None

    def test_the_first_submission_locks_and_says_when(self, store, reader, clock):
        clock.now = NOON.replace(hour=14, minute=2)
        save(store.submit, reader, "s1")
        for method in (store.submit, store.save_draft):
            with pytest.raises(AlreadySubmittedError, match="already submitted at 14:02"):
                save(method, reader, "s2")
        assert store.annotation("case1", reader.reader_id).submitted_at == clock.now

    def test_the_same_submission_sent_again_is_no_second_one(self, store, reader):
        assert save(store.submit, reader, "s1") == save(store.submit, reader, "s1")

    def test_what_the_stack_does_not_have_is_refused(self, store, reader):
        for reading in (a_reading(slice_index=9), a_reading(marked_slices=(9,)), a_reading(box=PixelBox(0, 0, 41, 10))):
            with pytest.raises(InvalidRoiError, match="outside"):
                save(store.save_draft, reader, "s1", reading)

    @pytest.mark.parametrize(("field", "what"), [("case_id", "case"), ("reader_id", "reader"), ("study_id", "study")])
    def test_an_answer_cannot_refer_to_what_is_not_there(self, store, reader, field, what):
        with pytest.raises(StoreError, match=f"no such {what}"):
            save(store.save_draft, reader, "s1", **{field: "nothing"})

    def test_repeats_and_phases_are_answers_of_their_own(self, store, reader):
        save(store.submit, reader, "s1")
        save(store.save_draft, reader, "s2", repeat_index=1)
        save(store.save_draft, reader, "s3", phase="with_cam")
        assert len(store.annotations("annotate")) == 3


class TestCorrection:
    def test_it_needs_a_submission_and_a_reason(self, store, reader):
        with pytest.raises(StoreError, match="nothing to correct"):
            save(store.correct, reader, "s1", reason="typo")
        save(store.submit, reader, "s2")
        with pytest.raises(StoreError, match="needs its reason"):
            save(store.correct, reader, "s3", reason=" \n")

    def test_it_changes_the_answer_keeps_the_time_of_submission_and_the_first_answer(self, store, reader, clock):
        first = save(store.submit, reader, "s1")
        clock.now += timedelta(hours=1)
        save(store.correct, reader, "s2", a_reading(diagnosis="malignant"), reason="looked again")
        answer = store.annotation("case1", reader.reader_id)
        assert (answer.reading.diagnosis, answer.corrected, answer.submitted_at) == ("malignant", True, NOON)
        payload = store.file.read(
            lambda db: db.conn.execute("SELECT payload FROM events WHERE seq = ?", [first.seq]).fetchone()[0]
        )
        assert '"diagnosis":"benign"' in payload


class TestTimes:
    def test_order_is_the_log_even_when_the_clock_goes_back_an_hour(self, store, reader, clock):
        save(store.save_draft, reader, "s1", a_reading(comment="first"))
        clock.now -= timedelta(hours=1)
        save(store.save_draft, reader, "s2", a_reading(comment="second"))
        assert store.annotation("case1", reader.reader_id).reading.comment == "second"

    def test_a_time_of_another_zone_is_kept_as_utc(self, store, reader):
        local = datetime(2026, 3, 1, 13, 0, tzinfo=timezone(timedelta(hours=2)))
        save(store.save_draft, reader, "s1", started_at=local)
        assert store.annotation("case1", reader.reader_id).started_at == local
        assert store.annotation("case1", reader.reader_id).started_at.tzinfo == UTC

    def test_without_a_start_the_first_save_is_the_start(self, store, reader, clock):
        save(store.save_draft, reader, "s1")
        clock.now += timedelta(minutes=3)
        save(store.submit, reader, "s2")
        assert store.annotation("case1", reader.reader_id).started_at == NOON
