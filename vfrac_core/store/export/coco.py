"""Boxes in COCO's format: one image per case and slice, one annotation per submitted answer."""

from __future__ import annotations

import json
from typing import Any, Final

from vfrac_core.imaging.roi import box_to_mm
from vfrac_core.signs import SAFETY, SIGNS_VERSION
from vfrac_core.store.export.snapshot import Snapshot
from vfrac_core.store.records import Annotation, CaseRecord
from vfrac_core.types import PixelBox

CATEGORIES: Final = {"benign": 1, "malignant": 2}
NO_DIAGNOSIS: Final = {"no diagnosis": 3}  # listed where a reference standard has signs only


def coco_text(snapshot: Snapshot) -> str:
    """COCO as JSON. ``bbox`` is x, y, width, height in pixels from the outer corner of pixel (0, 0); ``bbox_mm`` the same
    in mm of the sagittal plane; ``corners_lps_mm`` the box's two outer corners in patient coordinates (DICOM, LPS).

    No comments, no names: readers are codes.
    """
    boxes = snapshot.submitted_boxes()
    keys = sorted({(one.case_id, one.reading.slice_index or 0) for one in boxes})
    image_ids = {key: number for number, key in enumerate(keys, start=1)}
    classless = any(one.reading.diagnosis is None for one in boxes)
    categories = CATEGORIES | (NO_DIAGNOSIS if classless else {})
    document = {
        "info": {
            "description": f"{SAFETY} Boxes only: the pictures that file_name names are not part of the export.",
            "log": {"seq": snapshot.anchor.seq, "hash": snapshot.anchor.hash},
            "signs_version": SIGNS_VERSION,
        },
        "images": [_image(number, snapshot.cases[case_id], index) for (case_id, index), number in image_ids.items()],
        "categories": [{"id": number, "name": name, "supercategory": "fracture"} for name, number in categories.items()],
        "annotations": [
            _annotation(number, one, snapshot.cases[one.case_id], image_ids[one.case_id, one.reading.slice_index or 0])
            for number, one in enumerate(boxes, start=1)
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=1)


def _image(number: int, case: CaseRecord, slice_index: int) -> dict[str, Any]:
    return {
        "id": number,
        "file_name": f"{case.case_id}-{slice_index}.png",  # COCO wants a name; no picture is exported
        "width": case.columns,
        "height": case.rows,
        "case_id": case.case_id,
        "slice_index": slice_index,
        "spacing_mm": list(case.spacing_mm),
        "synthetic": case.info.synthetic,
    }


def _annotation(number: int, one: Annotation, case: CaseRecord, image_id: int) -> dict[str, Any]:
    reading = one.reading
    box = reading.box
    assert box is not None  # what was submitted with a box has both of these
    assert reading.slice_index is not None
    width, height = box.col_max - box.col_min, box.row_max - box.row_min
    mm = box_to_mm(box, case.spacing_mm)
    return {
        "id": number,
        "image_id": image_id,
        "category_id": (CATEGORIES | NO_DIAGNOSIS)[reading.diagnosis or "no diagnosis"],
        "bbox": [box.col_min, box.row_min, width, height],
        "area": width * height,
        "iscrowd": 0,
        "bbox_mm": [round(value, 6) for value in (mm.col_min, mm.row_min, mm.width, mm.height)],
        "corners_lps_mm": _corners(case, box, reading.slice_index),
        "reader_id": one.reader_id,
        "study_id": one.study_id,
        "repeat_index": one.repeat_index,
        "phase": one.phase,
        "vertebral_level": reading.vertebral_level,
        "marked_slices": list(reading.marked_slices),
        "slice_boxes": {str(index): list(box.as_tuple()) for index, box in reading.slice_boxes.items()},
        "signs": dict(reading.signs),
        "signs_version": one.signs_version,
        "confidence": reading.confidence,
        "ai_visible": one.ai_visible,
        "answer_visible": one.answer_visible,
    }


def _corners(case: CaseRecord, box: PixelBox, slice_index: int) -> list[list[float]]:
    """Outer corners: half a pixel before the first voxel's centre, half a pixel behind the last one's."""
    corners = ((box.row_min, box.col_min), (box.row_max, box.col_max))
    return [
        [round(float(value), 6) for value in (case.affine @ (slice_index, row - 0.5, column - 0.5, 1.0))[:3]]
        for row, column in corners
    ]
