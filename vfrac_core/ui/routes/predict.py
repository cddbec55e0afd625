"""Box in, probabilities and raw CAM grids out: less than 2 kB of JSON, painted by the browser (decision 2)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import Response

from vfrac_core.library.case_prediction import nearby_for_case, predict_case
from vfrac_core.library.prediction import NearbyRequest, PredictionRequest
from vfrac_core.model.answer import answer_json, nearby_json
from vfrac_core.model.cam_request import CamRequest
from vfrac_core.study.access import require_prediction
from vfrac_core.types import BoxMm, PixelBox, Roi
from vfrac_core.ui.payloads import NearbyPayload, PredictPayload, parse
from vfrac_core.ui.routes.door import Call, answer
from vfrac_core.ui.services import Services
from vfrac_core.ui.tickets import Ticket, check_ticket
from vfrac_core.ui.weights_json import weights_json

if TYPE_CHECKING:  # torch is imported in the background, after the first page
    from vfrac_core.model.predictor import Predictor


def predict(services: Services, call: Call) -> Response:
    """Answer for the box of one case, if its ticket's reader may see the AI now."""
    ticket = check_ticket(services.secret, call.ticket, call.case_id)
    payload = parse(PredictPayload, call.body)
    reader_id = services.caller(call.reader_token).reader_id or ticket.reader_id  # a name may have come after the ticket
    predictor = _open_predictor(services, ticket, reader_id)
    request = PredictionRequest(
        roi=Roi(slice_index=payload.slice, box=PixelBox(*payload.box)),
        slices=tuple(payload.slices),
        slice_boxes={int(index): PixelBox(*box) for index, box in payload.slice_boxes.items()},
        cam=CamRequest(target=payload.cam.target, layer=payload.cam.layer, method=payload.cam.method),
    )
    prediction = predict_case(services.library, call.case_id, predictor, services.held_out, request)
    return answer({**answer_json(call.case_id, prediction), "seq": payload.seq, "network": weights_json(prediction.weights)})


def nearby(services: Services, call: Call) -> Response:
    """How stable an answer is: the same slice for some boxes near the drawn one, under the same rules as the answer itself."""
    ticket = check_ticket(services.secret, call.ticket, call.case_id)
    payload = parse(NearbyPayload, call.body)
    predictor = _open_predictor(services, ticket, services.caller(call.reader_token).reader_id or ticket.reader_id)
    request = NearbyRequest(payload.slice, tuple(BoxMm(*box) for box in payload.boxes_mm))
    probabilities = nearby_for_case(services.library, call.case_id, predictor, services.held_out, request)
    return answer(nearby_json(call.case_id, payload.slice, probabilities))


def _open_predictor(services: Services, ticket: Ticket, reader_id: str | None) -> Predictor:
    """The network that answers this request, if it may. Decided from the store, at every call, before the network is touched.

    A named reader who looks at the AI has seen it, in Explore too and after the submission: it is recorded, else a later
    answer or correction would pass as unaided.
    """
    now = services.store.annotation(ticket.case_id, reader_id) if reader_id else None
    ai_visible = now is not None and now.ai_visible
    require_prediction(ticket.mode, ai_visible=ai_visible, submitted=now is not None and now.submitted_at is not None)
    predictor = services.predictor()
    if reader_id is not None and not ai_visible:
        services.store.show_ai(
            f"seen-{reader_id}-{ticket.case_id}",  # the same event however often the box moves
            case_id=ticket.case_id,
            reader_id=reader_id,
            weights_sha256=predictor.weights.sha256,
        )
    return predictor
