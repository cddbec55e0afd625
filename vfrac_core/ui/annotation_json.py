"""A reader's answer as the browser and programs get it."""

from __future__ import annotations

from vfrac_core.store import Annotation, Reader, Reading, Receipt
from vfrac_core.store.rows import heights_to_json


def reading_json(reading: Reading) -> dict[str, object]:
    """The content of a reading; an unanswered item is None or missing, never a default."""
    return {
        "vertebral_level": reading.vertebral_level,
        "slice_index": reading.slice_index,
        "box": list(reading.box.as_tuple()) if reading.box else None,
        "marked_slices": list(reading.marked_slices),
        "signs": dict(reading.signs),
        "diagnosis": reading.diagnosis,
        "confidence": reading.confidence,
        "comment": reading.comment,
        "slice_boxes": {str(index): list(box.as_tuple()) for index, box in reading.slice_boxes.items()},
        "heights": heights_to_json(reading.heights) if reading.heights else None,
        "flagged": reading.flagged,
    }


def annotation_json(annotation: Annotation | None) -> dict[str, object] | None:
    """The current state of one reader's answer."""
    if annotation is None:
        return None
    return {
        "reading": reading_json(annotation.reading),
        "ai_visible": annotation.ai_visible,
        "answer_visible": annotation.answer_visible,
        "started_at": annotation.started_at.isoformat() if annotation.started_at else None,
        "submitted_at": annotation.submitted_at.isoformat() if annotation.submitted_at else None,
        "corrected": annotation.corrected,
        "seq": annotation.seq,
        "saved_at": annotation.saved_at.isoformat() if annotation.saved_at else None,
    }


def receipt_json(receipt: Receipt) -> dict[str, object]:
    """What the reader may keep as proof: sequence number, hash and time of the event."""
    return {"seq": receipt.seq, "hash": receipt.hash, "text": str(receipt), "at": receipt.at.isoformat()}


def reader_json(reader: Reader | None) -> dict[str, object] | None:
    """The caller's own name card."""
    if reader is None:
        return None
    return {
        "reader_id": reader.reader_id,
        "display_name": reader.display_name,
        "years_experience": reader.years_experience,
    }
