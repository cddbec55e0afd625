"""Downloads of the readings. Served here and not through Gradio's file cache, where anyone who knows a path could fetch them."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.responses import FileResponse, Response

from vfrac_core.store.export import export
from vfrac_core.study.access import require_owner
from vfrac_core.ui.payloads import export_format
from vfrac_core.ui.routes.door import NO_STORE, Call
from vfrac_core.ui.services import Services


def download(services: Services, call: Call) -> Response:
    """One export as a file: csv, json, coco, or crops as a zip. Its folder is gone once it was sent."""
    require_owner(services.caller(call.reader_token), "export")
    form = export_format(call.path["form"])
    folder = Path(tempfile.mkdtemp(prefix="vfrac-export-"))
    try:
        file = export(services.store, services.library.volumes, form, folder).file
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    gone = BackgroundTask(shutil.rmtree, folder, ignore_errors=True)
    return FileResponse(file, headers=NO_STORE, media_type="application/octet-stream", filename=file.name, background=gone)
