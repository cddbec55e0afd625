"""What a reading may hold and what is refused: answers, comment, boxes of single slices, the height aid."""

from __future__ import annotations

import pytest
from store_samples import a_reading, save

from vfrac_core.errors import InvalidRoiError, StoreError
from vfrac_core.paper import SIGNS
from vfrac_core.signs import UNKNOWN_LEVEL
from vfrac_core.store import BodyHeights, Reading
from vfrac_core.types import PixelBox


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
