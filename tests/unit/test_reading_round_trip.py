"""Any reading that may be saved comes back equal."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from store_samples import draft

from vfrac_core.paper import SIGNS
from vfrac_core.signs import LEVELS, UNKNOWN_LEVEL
from vfrac_core.store import BodyHeights, Reading
from vfrac_core.store.records import HEIGHT_POINTS
from vfrac_core.types import PixelBox

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
