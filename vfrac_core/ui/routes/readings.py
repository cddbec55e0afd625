"""A reader's answers on their way into the store. Answered only after the store has them."""

from __future__ import annotations

from starlette.responses import Response

from vfrac_core.errors import VfracError
from vfrac_core.study.access import require_reader
from vfrac_core.ui.annotation_json import reader_json, receipt_json
from vfrac_core.ui.payloads import AiShownPayload, ReaderPayload, SavePayload, parse
from vfrac_core.ui.routes.door import Call, answer
from vfrac_core.ui.saving import Kind, save
from vfrac_core.ui.services import Services


def sign_in(services: Services, call: Call) -> Response:
    """Tie the browser's random token to a name and years of experience. A name is no identity: the token is."""
    payload = parse(ReaderPayload, call.body)
    if not call.reader_token or len(call.reader_token) < 32:
        raise VfracError("the browser sent no reader token; allow this page to use local storage and reload it")
    reader = services.store.register_reader(call.reader_token, payload.display_name, payload.years_experience)
    return answer(reader_json(reader))


def draft(services: Services, call: Call) -> Response:
    """Autosave."""
    return _save(services, call, "draft")


def submit(services: Services, call: Call) -> Response:
    """Lock the reading. What is missing is named and nothing is lost: the draft stands."""
    return _save(services, call, "submit")


def correct(services: Services, call: Call) -> Response:
    """A correction is a new event with its reason; the first answer stays in the history."""
    return _save(services, call, "correct")


def ai_shown(services: Services, call: Call) -> Response:
    """The reader switches the AI on before submitting: recorded first, shown then (decision 7)."""
    reader_id = require_reader(services.caller(call.reader_token))
    payload = parse(AiShownPayload, call.body)
    services.library.record(call.case_id)
    weights = services.predictor().weights
    receipt = services.store.show_ai(payload.save_id, case_id=call.case_id, reader_id=reader_id, weights_sha256=weights.sha256)
    return answer({"receipt": receipt_json(receipt)})


def _save(services: Services, call: Call, kind: Kind) -> Response:
    payload = parse(SavePayload, call.body)
    receipt = save(services, services.caller(call.reader_token), call.case_id, payload, kind)
    return answer({"receipt": receipt_json(receipt), "state": "draft" if kind == "draft" else "submitted"})
