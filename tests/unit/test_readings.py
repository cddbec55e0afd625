"""What a reader may save, when, and what is found afterwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_samples import NOON, a_case, a_reading, draft

from vfrac_core.errors import AlreadySubmittedError, InvalidRoiError, StoreError
from vfrac_core.paper import SIGNS
from vfrac_core.signs import LEVELS, SIGNS_VERSION, UNKNOWN_LEVEL
from vfrac_core.store import AnnotationStore, BodyHeights, Reading
from vfrac_core.store.records import HEIGHT_POINTS
from vfrac_core.types import PixelBox, SeriesInfo


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path, clock):
    with AnnotationStore(tmp_path, clock=clock) as store:
        store.add_case(a_case())
        yield store


@pytest.fixture
def reader(store):
    return store.register_reader("secret of a browser", "Ada Example", 7)


def save(method, reader, save_id, reading=None, **changes):
    fields = {"case_id": "case1", "reader_id": reader.reader_id, "reading": reading or a_reading(), "ai_visible": False}
    return method(save_id, **(fields | changes))


class TestReading:
    def test_an_empty_reading_names_everything_in_the_order_of_the_form(self):
        assert Reading().missing() == (
            "vertebral level",
            "box",
            "Vertebral compression",
            "Bone cortex interruption",
            "Paravertebral soft-tissue mass",
            "Transverse fracture line",
            "Multiple segments",
            "Bone destruction",
            "diagnosis",
            "confidence",
        )

    def test_unknown_and_not_assessable_are_answers(self):
        reading = a_reading(vertebral_level=UNKNOWN_LEVEL, signs=dict.fromkeys(SIGNS, "not_assessable"))
        assert reading.missing() == ()

    def test_a_comment_loses_controls_and_becomes_nfc_and_keeps_its_lines(self):
        assert a_reading(comment="\x00Wirbelko\u0308rper\x1b\nL1\t ").comment == "Wirbelk\u00f6rper\nL1"

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"comment": "x" * 2001}, "2001 characters; at most 2000"),
            ({"vertebral_level": "C7"}, "vertebral level is not known"),
            ({"slice_index": -1}, "negative"),
            ({"marked_slices": (3, -2)}, "negative"),
            ({"slice_index": None}, "box has no slice"),
            ({"signs": {"fever": "present"}}, "not one of the six"),
            ({"confidence": 0}, "outside 1 to 5"),
            ({"confidence": 6}, "outside 1 to 5"),
        ],
    )
    def test_a_wrong_value_is_refused_in_one_line_that_names_the_rule(self, changes, words):
        with pytest.raises(StoreError, match=words) as refused:
            a_reading(**changes)
        assert "\n" not in str(refused.value)


class TestCases:
    def test_a_case_comes_back_equal_and_is_added_once(self, store):
        info = SeriesInfo("coronal", True, True, 40.0, 400.0, "F", "90+", 120.0, 1.25, "BONE", "vfrac phantom", "x", ("a", "b"))
        case = a_case("other", info=info)
        assert store.add_case(case) is True
        assert store.add_case(case) is False
        assert store.case("other") == case
        assert (store.case("other").affine == case.affine).all()
        assert [one.case_id for one in store.cases()] == ["case1", "other"]

    def test_a_case_that_is_not_there_is_none(self, store):
        assert store.case("nothing") is None

    @pytest.mark.parametrize("case_id", ["", "../x", "a/b", ".hidden", "x" * 41, "ü"])
    def test_an_id_that_is_no_folder_name_is_refused(self, case_id):
        with pytest.raises(StoreError, match="case id"):
            a_case(case_id)


class TestReaders:
    def test_the_token_is_the_reader_and_only_its_hash_is_kept(self, store, tmp_path):
        reader = store.register_reader("the-very-secret-token", "Ada", 3)
        assert store.reader_of_token("the-very-secret-token") == reader
        assert store.reader_of_token("another") is None
        assert b"the-very-secret-token" not in b"".join(path.read_bytes() for path in tmp_path.glob("vfrac*"))

    def test_the_same_name_with_another_token_is_another_reader(self, store):
        first, second = (store.register_reader(token, "Ada", 3) for token in ("one", "two"))
        assert first.reader_id != second.reader_id
        assert len(store.readers()) == 2

    def test_new_years_change_the_reader_and_leave_an_event(self, store):
        before = store.register_reader("one", "Ada", 3)
        seq = store.head().seq
        assert store.register_reader("one", "Ada", 3) == before
        assert store.head().seq == seq
        after = store.register_reader("one", "Ada", 4)
        assert (after.reader_id, after.years_experience) == (before.reader_id, 4)
        assert store.head().seq == seq + 1
        assert store.reader_of_token("one") == after

    @pytest.mark.parametrize(
        ("name", "years"), [("", 3), (" \n", 3), ("x" * 81, 3), ("Ada", -1), ("Ada", float("nan")), ("Ada", 81)]
    )
    def test_a_name_or_years_that_cannot_be_are_refused(self, store, name, years):
        with pytest.raises(StoreError):
            store.register_reader("one", name, years)


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


class TestAiVisible:
    def show(self, store, reader, save_id="ai1"):
        return store.show_ai(save_id, case_id="case1", reader_id=reader.reader_id, weights_sha256="0" * 64)

    def visible(self, store, reader):
        return store.annotation("case1", reader.reader_id).ai_visible

    def test_off_unless_shown(self, store, reader):
        save(store.submit, reader, "s1")
        assert self.visible(store, reader) is False

    def test_shown_once_it_stays_whatever_later_drafts_say(self, store, reader):
        self.show(store, reader)
        assert self.visible(store, reader) is True
        assert store.worklist(reader.reader_id) == [("case1", "todo", False)]
        save(store.submit, reader, "s1", ai_visible=False)
        assert self.visible(store, reader) is True

    def test_a_draft_that_says_so_is_enough(self, store, reader):
        save(store.save_draft, reader, "s1", ai_visible=True)
        save(store.save_draft, reader, "s2", ai_visible=False)
        assert self.visible(store, reader) is True

    def test_shown_after_the_submission_it_counts_for_the_correction_only(self, store, reader):
        save(store.submit, reader, "s1")
        self.show(store, reader)
        assert self.visible(store, reader) is False
        save(store.correct, reader, "s2", reason="the AI made me look again")
        assert self.visible(store, reader) is True


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


class TestLists:
    def test_the_worklist_knows_how_far_each_reader_is_and_hides_the_order_of_import(self, store, reader):
        for case_id in ("zz", "aa", "mm"):
            store.add_case(a_case(case_id))
        save(store.submit, reader, "s1", case_id="zz")
        save(store.save_draft, reader, "s2", Reading(), case_id="aa")
        assert store.worklist(reader.reader_id) == [
            ("aa", "draft", False),
            ("case1", "todo", False),
            ("mm", "todo", False),
            ("zz", "submitted", False),
        ]
        assert {progress for _, progress, _ in store.worklist("nobody")} == {"todo"}

    def test_the_reference_standard_is_an_answer_of_its_own_reader(self, store, reader):
        truth = a_reading(confidence=None, diagnosis="malignant")
        first = store.set_reference("case1", truth)
        assert store.set_reference("case1", truth) == first
        store.set_reference("case1", a_reading(confidence=None), reason="pathology came back")
        (answer,) = store.annotations("reference")
        assert (answer.reader_id, answer.reading.diagnosis, answer.corrected) == ("reference", "benign", True)
        assert {one.reader_id: one.kind for one in store.readers()} == {reader.reader_id: "reader", "reference": "reference"}
        assert store.annotations("annotate") == []

    def test_a_reference_may_have_signs_without_a_diagnosis_but_not_the_other_way(self, store):
        store.set_reference("case1", a_reading(diagnosis=None))
        (answer,) = store.annotations("reference")
        assert (answer.reading.diagnosis, answer.submitted_at is None) == (None, False)
        with pytest.raises(StoreError, match="still missing Vertebral compression"):
            store.set_reference("case1", a_reading(signs={}))


class TestSingleSlicesAndHeights:
    BODY = tuple((float(row), float(row + 1)) for row in range(6))

    def test_a_slice_may_have_a_box_of_its_own(self, store, reader):
        own = PixelBox(11, 21, 29, 39)
        save(store.save_draft, reader, "s1", a_reading(slice_boxes={5: own}))
        reading = store.annotation("case1", reader.reader_id).reading
        assert (reading.box_on(5), reading.box_on(4)) == (own, reading.box)

    def test_such_a_box_needs_the_cases_box_and_lies_inside(self, store, reader):
        with pytest.raises(StoreError, match="draw the case's box first"):
            a_reading(box=None, slice_boxes={5: PixelBox(0, 0, 9, 9)})
        with pytest.raises(StoreError, match="draw the case's box first"):
            a_reading(slice_boxes={a_reading().slice_index: PixelBox(0, 0, 9, 9)})
        with pytest.raises(InvalidRoiError, match="outside the slice"):
            save(store.save_draft, reader, "s1", a_reading(slice_boxes={5: PixelBox(0, 0, 9999, 9)}))

    def test_the_height_aid_is_six_finite_points_a_body(self):
        for body in (self.BODY[:5], ((float("nan"), 0.0), *self.BODY[1:])):
            with pytest.raises(StoreError, match="height aid"):
                BodyHeights(4, self.BODY, above=body)

    def test_the_worklist_knows_the_readers_flag(self, store, reader):
        save(store.save_draft, reader, "s1", a_reading(flagged=True))
        assert ("case1", "draft", True) in store.worklist(reader.reader_id)


class TestTheView:
    def test_it_has_the_columns_that_others_rely_on(self, store):
        columns = store.file.read(lambda db: [column.name for column in db["annotations"].columns])
        assert columns == [
            *("case_id", "reader_id", "study_id", "repeat_index", "phase", "vertebral_level", "slice_index"),
            *("box_row_min", "box_col_min", "box_row_max", "box_col_max", "marked_slices"),
            *SIGNS,
            *("diagnosis", "confidence", "comment", "slice_boxes", "heights", "flagged"),
            *("ai_visible", "answer_visible", "started_at", "submitted_at"),
        ]

    def test_signs_are_one_zero_or_null(self, store, reader):
        answers = {SIGNS[0]: "present", SIGNS[1]: "absent", SIGNS[2]: "not_assessable"}
        save(store.save_draft, reader, "s1", a_reading(signs=answers))
        query = f"SELECT {', '.join(SIGNS[:4])}, box_row_min, marked_slices, submitted_at FROM annotations"
        row = store.file.read(lambda db: db.conn.execute(query).fetchone())
        assert row == (1, 0, None, None, 10, "[3,4,5]", None)

    def test_it_finds_one_answer_by_an_index(self, store):
        query = "EXPLAIN QUERY PLAN SELECT * FROM answers WHERE case_id = 'a' AND reader_id = 'b' AND study_id = 'c'"
        plan = store.file.read(lambda db: " ".join(row[3] for row in db.conn.execute(query)))
        assert "events_by_answer (case_id=? AND reader_id=? AND study_id=?)" in plan


pixels = st.integers(0, 20)
boxes = st.builds(lambda r, c, h, w: PixelBox(r, c, r + h, c + w), pixels, pixels, st.integers(1, 20), st.integers(1, 20))
places = st.tuples(st.floats(0, 60), st.floats(0, 60))
bodies = st.tuples(*[places] * HEIGHT_POINTS)


def consistent(fields):
    """A slice has a box of its own only beside the case's box, and not on the case's own slice."""
    others = {index: box for index, box in fields["slice_boxes"].items() if index != fields["slice_index"]}
    return fields | {"slice_boxes": others if fields["box"] else {}}


fields = st.fixed_dictionaries(
    {
        "vertebral_level": st.sampled_from([None, UNKNOWN_LEVEL, *LEVELS]),
        "slice_index": st.integers(0, 8),
        "box": st.none() | boxes,
        "marked_slices": st.lists(st.integers(0, 8)).map(tuple),
        "signs": st.dictionaries(st.sampled_from(SIGNS), st.sampled_from(["absent", "present", "not_assessable"])),
        "diagnosis": st.sampled_from([None, "benign", "malignant"]),
        "confidence": st.none() | st.integers(1, 5),
        "comment": st.text(max_size=300),
        "heights": st.none() | st.tuples(st.integers(0, 8), bodies, st.none() | bodies, st.none() | bodies),
        "flagged": st.booleans(),
        "slice_boxes": st.dictionaries(st.integers(0, 8), boxes, max_size=3),
    }
).map(consistent)


@given(fields=fields)
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_what_is_saved_comes_back_equal(store, fields):
    heights = fields["heights"] and BodyHeights(*fields["heights"])
    reading = Reading(**fields | {"heights": heights})
    reader = store.register_reader("secret", "Ada", 1)
    draft(store, reader, f"s{store.head().seq}", reading=reading)
    assert store.annotation("case1", reader.reader_id).reading == reading
