"""The API for programs (gradio_client): /cases, /predict, /save_annotation, /export. The same rules as the screens."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import gradio as gr

from vfrac_core.errors import VfracError
from vfrac_core.library.case_prediction import predict_case
from vfrac_core.library.prediction import PredictionRequest
from vfrac_core.model.answer import answer_json
from vfrac_core.model.cam_request import shown_cam
from vfrac_core.store.export import export
from vfrac_core.study.access import require_owner, require_prediction
from vfrac_core.types import PixelBox, Roi
from vfrac_core.ui.annotation_json import receipt_json
from vfrac_core.ui.payloads import PredictPayload, SavePayload, export_format, parse
from vfrac_core.ui.refusals import refusals_as_toasts
from vfrac_core.ui.saving import save
from vfrac_core.ui.services import Services


def add_api(services: Services) -> None:
    """Register the four endpoints on the Blocks that is being built."""

    @refusals_as_toasts
    def cases() -> list[dict]:
        """All cases by their ids: slices, rows, columns, spacing in mm [slice, row, column], synthetic or not."""
        return [
            {
                "case": record.case_id,
                "slices": record.slices,
                "rows": record.rows,
                "columns": record.columns,
                "spacing_mm": list(record.spacing_mm),
                "synthetic": record.info.synthetic,
            }
            for record in sorted(services.store.cases(), key=lambda record: record.case_id)  # no order that may tell the truth
        ]

    @refusals_as_toasts
    def predict(case: str, slice_index: int, box: list, slices: list | None = None, cam: str = "malignant") -> dict:
        """Malignancy probability, the six signs' where the weights have them, and raw CAM grid for a half-open box
        [row_min, col_min, row_max, col_max]. ``cam``: malignant, benign or a sign's name."""
        asked = {"slice": slice_index, "box": box, "slices": slices or [slice_index], "cam": {"target": cam}}
        payload = parse(PredictPayload, json.dumps(asked))
        require_prediction("explore", ai_visible=False, submitted=False)
        roi = Roi(slice_index=payload.slice, box=PixelBox(*payload.box))
        request = PredictionRequest(roi=roi, slices=tuple(payload.slices) if slices else (), cam=shown_cam(payload.cam.target))
        return answer_json(case, predict_case(services.library, case, services.predictor(), services.held_out, request))

    @refusals_as_toasts
    def save_annotation(case: str, reader_token: str, reading: dict, save_id: str, submit: bool = False) -> dict:
        """Save a draft, or submit it. The token is the one that the reader's browser made; the answer is the receipt."""
        payload = parse(SavePayload, json.dumps({"save_id": save_id, "reading": reading}))
        return receipt_json(save(services, services.caller(reader_token), case, payload, "submit" if submit else "draft"))

    @refusals_as_toasts
    def export_text(form: str = "json") -> str:
        """All readings as text: csv, json or coco. Closed on a public server."""
        require_owner(services.caller(None), "export")
        chosen = export_format(form)
        if chosen == "crops":
            raise VfracError("crops are not text; download them from the Library page or use the command line")
        with tempfile.TemporaryDirectory() as folder:
            return export(services.store, services.library.volumes, chosen, Path(folder)).file.read_text(encoding="utf-8")

    gr.api(cases, api_name="cases")
    gr.api(predict, api_name="predict")
    gr.api(save_annotation, api_name="save_annotation")
    gr.api(export_text, api_name="export")
