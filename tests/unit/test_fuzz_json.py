"""Whatever a browser sends: accepted, or one line that quotes nothing of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vfrac_core.errors import VfracError
from vfrac_core.ui.payloads import (
    AiShownPayload,
    PredictPayload,
    ReaderPayload,
    ReadingPayload,
    SavePayload,
    parse,
)

MODELS = [AiShownPayload, PredictPayload, ReaderPayload, ReadingPayload, SavePayload]
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=5) | st.dictionaries(st.text(max_size=12), inner, max_size=5),
    max_leaves=12,
)
FIELDS = sorted({name for model in MODELS for name in model.model_fields})


@given(model=st.sampled_from(MODELS), content=st.dictionaries(st.sampled_from(FIELDS), VALUES, max_size=8) | VALUES)
def test_any_json_is_accepted_or_refused_in_one_line(model: type, content: object) -> None:
    try:
        payload = parse(model, json.dumps(content))
        if isinstance(payload, ReadingPayload):
            payload.reading()
    except VfracError as refused:
        assert "\n" not in str(refused)
        assert len(str(refused)) < 200


@given(model=st.sampled_from(MODELS), body=st.binary(max_size=60))
def test_any_bytes_are_accepted_or_refused_in_one_line(model: type, body: bytes) -> None:
    try:
        parse(model, body)
    except VfracError as refused:
        assert "\n" not in str(refused)


@pytest.mark.parametrize(
    "body",
    [
        b'{"slice": true, "box": [1, 2, 30, 40], "slices": [1]}',
        b'{"slice": 1.0, "box": [1, 2, 30, 40], "slices": [1]}',
        b'{"slice": "1", "box": [1, 2, 30, 40], "slices": [1]}',
        b'{"slice": 1, "box": [1, 2, 30], "slices": [1]}',
        b'{"slice": 1, "box": [1, 2, 30, NaN], "slices": [1]}',
        b'{"slice": 1, "box": [1, 2, 30, 1e999], "slices": [1]}',
        b'{"slice": 99999999999999999999, "box": [1, 2, 30, 40], "slices": [1]}',
        b'{"slice": 1, "box": [1, 2, 30, 40], "slices": []}',
        b'{"slice": 1, "box": [1, 2, 30, 40], "slices": [1], "truth": 1}',
        b"[" * 5000,
        b"",
    ],
)
def test_a_prediction_request_that_is_not_exactly_one_is_refused(body: bytes) -> None:
    with pytest.raises(VfracError, match="was not understood"):
        parse(PredictPayload, body)


def test_a_refusal_names_the_field_and_not_its_content() -> None:
    with pytest.raises(VfracError, match="display_name") as refused:
        parse(ReaderPayload, json.dumps({"display_name": "MUELLER" * 50, "years_experience": 3}))
    assert "MUELLER" not in str(refused.value)


def test_a_reading_of_an_unknown_level_is_refused() -> None:
    with pytest.raises(VfracError, match="level"):
        ReadingPayload(vertebral_level="C7").reading()
