"""One way in for a reader's answer, used by the browser's routes and by the API for programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Literal

from vfrac_core.errors import IncompleteReadingError, InvalidRoiError, VfracError
from vfrac_core.imaging.roi import fit_box
from vfrac_core.store import AnnotationStore, CaseRecord, Reading, Receipt
from vfrac_core.study.access import Caller, require_reader
from vfrac_core.types import PixelBox
from vfrac_core.ui.payloads import SavePayload
from vfrac_core.ui.services import Services

Kind = Literal["draft", "submit", "correct"]


def save(services: Services, caller: Caller, case_id: str, payload: SavePayload, kind: Kind) -> Receipt:
    """Check the reading against its case and hand it to the store. Returns only when the store has it."""
    reader_id = require_reader(caller)
    reading = on_case(payload.reading.reading(), services.library.record(case_id))
    missing = () if kind == "draft" else reading.missing()
    if missing:
        raise IncompleteReadingError(missing)
    keep = _keeper(services.store, payload, kind)
    return keep(
        payload.save_id,
        case_id=case_id,
        reader_id=reader_id,
        reading=reading,
        ai_visible=payload.ai_visible,
        answer_visible=payload.answer_visible,
        started_at=payload.started_at,
    )


def _keeper(store: AnnotationStore, payload: SavePayload, kind: Kind) -> Callable[..., Receipt]:
    if kind == "draft":
        return store.save_draft
    if kind == "submit":
        return store.submit
    reason = (payload.reason or "").strip()
    if not reason:
        raise VfracError("a correction needs its reason; write one sentence and send it again")
    return partial(store.correct, reason=reason)


def on_case(reading: Reading, record: CaseRecord) -> Reading:
    """The reading with its box clipped to the slice; InvalidRoiError for slices that the case does not have."""
    slices = [*reading.marked_slices, *reading.slice_boxes, *([] if reading.slice_index is None else [reading.slice_index])]
    slices += [] if reading.heights is None else [reading.heights.slice_index]
    if any(not 0 <= index < record.slices for index in slices):
        raise InvalidRoiError(f"a slice lies outside the case, which has {record.slices} slices; choose it again")
    if reading.box is None:
        return reading
    if reading.slice_index is None:
        raise InvalidRoiError("the box has no slice; draw it again")

    def fitted(box: PixelBox) -> PixelBox:
        return fit_box(box, record.rows, record.columns, record.spacing_mm)

    boxes = {index: fitted(box) for index, box in reading.slice_boxes.items()}
    return replace(reading, box=fitted(reading.box), slice_boxes=boxes)
