"""What there is to read, and everything that the desk needs to open one case."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, get_args

from starlette.responses import Response

from vfrac_core import __version__
from vfrac_core.errors import VfracError
from vfrac_core.library.cases import CHUNK_SLICES
from vfrac_core.model.cam_request import CAM_METHODS
from vfrac_core.signs import SYNTHETIC
from vfrac_core.store import Annotation, CaseRecord, Progress
from vfrac_core.store.records import WorklistItem
from vfrac_core.study.access import Caller, Mode, ai_state
from vfrac_core.study.worklist_order import USUAL
from vfrac_core.ui.annotation_json import annotation_json, reader_json
from vfrac_core.ui.routes.answers import reader_may_see
from vfrac_core.ui.routes.case_order import Ordered, order_cases
from vfrac_core.ui.routes.door import Call, answer
from vfrac_core.ui.services import Services
from vfrac_core.ui.tickets import Ticket, issue_ticket

AnswerState = Literal["none", "closed", "open"]


def case_list(services: Services, call: Call) -> Response:
    """All cases with this caller's own progress. Nobody else's."""
    reader = services.reader(call.reader_token)
    own = {item.case_id: item for item in services.store.worklist(reader.reader_id)} if reader else {}
    mode, records = _mode(call), services.store.cases()
    ordered = _in_order(services, call, mode, {record.case_id: _progress_of(own, record) for record in records})
    by_id = {record.case_id: record for record in records}
    cases = [
        {
            "case": record.case_id,
            "title": shown_title(services, record, mode),
            "state": _progress_of(own, record),
            "flagged": record.case_id in own and own[record.case_id].flagged,
            "synthetic": record.info.synthetic,
        }
        for record in (by_id[case_id] for case_id in ordered.cases)
    ]
    more = {"order": ordered.as_json(), "examples": _progress(services), "reader": reader_json(reader), "version": __version__}
    return answer({"cases": cases, **more})


def example_progress(services: Services, _: Call) -> Response:
    """How many of the examples are made. Asked now and then while they are being made."""
    return answer({"examples": _progress(services)})


def _progress(services: Services) -> dict[str, object]:
    made = len(services.examples.keys() & {record.case_id for record in services.store.cases()})
    return {"made": made, "wanted": len(services.examples), "making": services.making_examples}


def _progress_of(own: Mapping[str, WorklistItem], record: CaseRecord) -> Progress:
    return own[record.case_id].progress if record.case_id in own else "todo"


def _in_order(services: Services, call: Call, mode: Mode, progress: Mapping[str, Progress]) -> Ordered:
    """For reading by the keyed id, unless the reader wants another order: the order of import may tell the diagnosis (folders
    benign/, malignant/), and so may the number of an example. In Explore the examples come first, by their numbers."""
    if mode == "annotate":
        unread = [case_id for case_id, state in progress.items() if state == "todo"]
        others = [case_id for case_id, state in progress.items() if state != "todo"]
        return order_cases(services, call.query.get("order", USUAL), services.caller(call.reader_token), unread, others)
    place = {case_id: number for number, case_id in enumerate(services.examples)}
    return Ordered(sorted(progress, key=lambda case_id: place.get(case_id, len(place))), USUAL)


def open_case(services: Services, call: Call) -> Response:
    """The viewer's study, and in Annotate the caller's own reading of it."""
    mode = _mode(call)
    caller = services.caller(call.reader_token)
    record = services.library.record(call.case_id)
    own = services.store.annotation(record.case_id, caller.reader_id) if caller.reader_id else None
    shown = own if mode == "annotate" else None
    return answer({"study": study_json(services, record, mode, caller, shown), "annotation": annotation_json(shown)})


def case_title(record: CaseRecord) -> str:
    """A name that says nothing about the patient or the diagnosis."""
    return f"Case {record.case_id[:6].upper()}"


def shown_title(services: Services, record: CaseRecord, mode: Mode) -> str:
    """In Explore the examples are numbered; to be read, they are cases like any other."""
    example = services.examples.get(record.case_id) if mode == "explore" else None
    return case_title(record) if example is None else f"Example {example.number}"


def study_json(services: Services, record: CaseRecord, mode: Mode, caller: Caller, own: Annotation | None) -> dict[str, object]:
    """What the viewer needs: where the pixels are, their geometry, what it may ask, and where the reader stopped."""
    info, reading = record.info, own.reading if own else None
    window = None
    if info.window_center_hu is not None and info.window_width_hu is not None:
        window = {"center": info.window_center_hu, "width": info.window_width_hu}
    ai = ai_state(mode, ai_visible=bool(own and own.ai_visible), submitted=bool(own and own.submitted_at))
    return {
        "case": record.case_id,
        "title": shown_title(services, record, mode),
        "volume_url": f"volume/{record.case_id}/{services.library.version(record)}",
        "predict_url": f"predict/{record.case_id}",
        "ticket": issue_ticket(services.secret, Ticket(record.case_id, mode, caller.reader_id)),
        "shape": [record.slices, record.rows, record.columns],
        "chunk_slices": CHUNK_SLICES,
        "spacing_mm": list(record.spacing_mm),
        "affine": record.affine.tolist(),
        "axial": _axial(services, record),
        "header_window": window,
        "synthetic": info.synthetic,
        "remarks": [*([SYNTHETIC] if info.synthetic else []), *info.notes],
        "ai": ai,
        "answer": _answer_state(services, record, mode, caller),
        "weights": services.weights_json(),
        "cam_methods": list(CAM_METHODS) if mode == "explore" else None,
        "slice": reading.slice_index if reading else None,
        "box": list(reading.box.as_tuple()) if reading and reading.box else None,
        "marked": list(reading.marked_slices) if reading else [],
        "slice_boxes": {str(index): list(box.as_tuple()) for index, box in reading.slice_boxes.items()} if reading else {},
    }


def _axial(services: Services, record: CaseRecord) -> dict[str, object] | None:
    """Where the second volume is, and how it lies beside the sagittal stack; no place in the scanner's room. None without one."""
    grid = services.library.axial_grid(record.case_id)
    if grid is None:
        return None
    return {
        "url": f"axial/{record.case_id}/{services.library.axial_version(record)}",
        "shape": list(grid.shape),
        "chunk_slices": CHUNK_SLICES,
        "spacing_mm": list(grid.spacing_mm),
        "start_mm": list(grid.start_mm(record.affine)),
    }


def _answer_state(services: Services, record: CaseRecord, mode: Mode, caller: Caller) -> AnswerState:
    """Whether Explore can show an answer. To be read, all cases look alike: after the submission the browser asks for one."""
    if mode == "annotate" or record.case_id not in services.examples:
        return "none"
    seen = caller.reader_id is not None and reader_may_see(services, record.case_id, caller.reader_id)
    return "open" if seen else "closed"


def _mode(call: Call) -> Mode:
    mode = call.query.get("mode", "explore")
    if mode not in get_args(Mode):
        raise VfracError("the page asked for an unknown mode; expected explore or annotate; reload it")
    return "annotate" if mode == "annotate" else "explore"
