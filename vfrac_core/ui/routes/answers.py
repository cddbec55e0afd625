"""The answers of the teaching examples: nothing of them leaves the server but here, and who is shown one is recorded first."""

from __future__ import annotations

from starlette.responses import Response

from vfrac_core.errors import NotAllowedError
from vfrac_core.library.examples import answer_of
from vfrac_core.store import answer_was_shown, note_answer_shown
from vfrac_core.study.access import NOT_AVAILABLE, may_see_answer
from vfrac_core.ui.routes.door import Call, answer
from vfrac_core.ui.services import Services
from vfrac_core.ui.teaching_json import answer_json


def show_answer(services: Services, call: Call) -> Response:
    """What the button does. A visitor without a name is shown it too: the browser remembers, and tells once a name was given."""
    shown = _answer(services, call.case_id)
    if shown is None:
        raise NotAllowedError(NOT_AVAILABLE)
    reader_id = services.caller(call.reader_token).reader_id
    if reader_id is not None:
        note_answer_shown(services.store, call.case_id, reader_id)
    return answer({"answer": shown})


def answer_again(services: Services, call: Call) -> Response:
    """The answer for a reader who has seen it, or has submitted an answer of their own; null for everybody else and every other
    case."""
    services.library.record(call.case_id)
    reader_id = services.caller(call.reader_token).reader_id
    if reader_id is None or not reader_may_see(services, call.case_id, reader_id):
        return answer({"answer": None})
    shown = _answer(services, call.case_id)
    if shown is not None:
        note_answer_shown(services.store, call.case_id, reader_id)  # after the submission it counts for a correction
    return answer({"answer": shown})


def reader_may_see(services: Services, case_id: str, reader_id: str) -> bool:
    """Decided from the store, at every call."""
    own = services.store.annotation(case_id, reader_id)
    return may_see_answer(
        asked=answer_was_shown(services.store, case_id, reader_id), submitted=own is not None and own.submitted_at is not None
    )


def _answer(services: Services, case_id: str) -> dict[str, object] | None:
    example = services.examples.get(case_id)
    found = None if example is None else answer_of(services.library, case_id, example)
    return None if found is None else answer_json(found)
