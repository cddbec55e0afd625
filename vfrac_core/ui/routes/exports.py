"""Downloads of the readings. Served here and not through Gradio's file cache, where anyone who knows a path could fetch them."""

from __future__ import annotations

import tempfile
from pathlib import Path

from starlette.responses import Response

from vfrac_core.store.export import export
from vfrac_core.study.access import require_owner
from vfrac_core.ui.payloads import export_format
from vfrac_core.ui.routes.door import NO_STORE, Call
from vfrac_core.ui.services import Services


def download(services: Services, call: Call) -> Response:
    """One export as a file: csv, json, coco, or crops as a zip."""
    require_owner(services.caller(call.reader_token), "export")
    form = export_format(call.path["form"])
    with tempfile.TemporaryDirectory() as folder:
        file = export(services.store, services.library.volumes, form, Path(folder)).file
        headers = {**NO_STORE, "Content-Disposition": f'attachment; filename="{file.name}"'}
        return Response(file.read_bytes(), media_type="application/octet-stream", headers=headers)
