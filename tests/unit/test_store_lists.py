"""What the store lists of readings: the worklist, the reference standard, the view for those who analyse."""

from __future__ import annotations

import pytest
from store_samples import a_case, a_reading, save

from vfrac_core.errors import StoreError
from vfrac_core.paper import SIGNS
from vfrac_core.store import Reading


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
