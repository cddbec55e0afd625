"""Who may see what."""

from __future__ import annotations

import pytest

from vfrac_core.errors import NotAllowedError
from vfrac_core.study.access import Caller, ai_state, may_see_answer, require_owner, require_prediction, require_reader


def test_explore_shows_the_ai_to_everybody() -> None:
    assert ai_state("explore", ai_visible=False, submitted=False) == "live"


@pytest.mark.parametrize(
    ("ai_visible", "submitted", "state"), [(False, False, "off"), (True, False, "live"), (False, True, "live")]
)
def test_annotate_shows_the_ai_only_once_recorded_or_submitted(ai_visible: bool, submitted: bool, state: str) -> None:
    assert ai_state("annotate", ai_visible=ai_visible, submitted=submitted) == state


def test_a_prediction_in_annotate_is_refused_before_it_was_switched_on() -> None:
    with pytest.raises(NotAllowedError, match="switch it on"):
        require_prediction("annotate", ai_visible=False, submitted=False)


def test_nobody_saves_without_a_name() -> None:
    with pytest.raises(NotAllowedError, match="name"):
        require_reader(Caller(reader_id=None, owner=True))


def test_visitors_of_a_public_server_cannot_import_or_export() -> None:
    with pytest.raises(NotAllowedError, match="export"):
        require_owner(Caller(reader_id="r1", owner=False), "export")


@pytest.mark.parametrize(
    ("asked", "submitted", "may"), [(False, False, False), (True, False, True), (False, True, True), (True, True, True)]
)
def test_the_answer_of_a_teaching_case_is_for_those_who_asked_for_it_or_gave_their_own(
    asked: bool, submitted: bool, may: bool
) -> None:
    assert may_see_answer(asked=asked, submitted=submitted) is may
