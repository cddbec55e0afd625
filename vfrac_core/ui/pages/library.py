"""Library: bring series in, take readings out. For whoever runs the program; closed on a public server."""

from __future__ import annotations

import html
from pathlib import Path

import gradio as gr

from vfrac_core.dicom import Refusal
from vfrac_core.errors import VfracError
from vfrac_core.library.importing import ImportedCase, import_path
from vfrac_core.library.incoming import incoming_inputs
from vfrac_core.settings import MB, Limits
from vfrac_core.signs import SAFETY
from vfrac_core.store import CaseRecord
from vfrac_core.study.access import require_owner
from vfrac_core.ui.pages.desk import build_header
from vfrac_core.ui.refusals import refusals_as_toasts
from vfrac_core.ui.routes.cases import case_title
from vfrac_core.ui.services import Services

HOW = (
    "Drop a **zip** of a CT series, its **DICOM files**, or a **NIfTI** file (.nii, .nii.gz). Names, dates, identifiers and "
    "file names are not kept. Burned-in text cannot be found from headers: look at the pictures before others do."
)
CLOSED = "Importing and exporting are closed on a public server. Run vfrac on your own machine to read your own series."


def build_library(services: Services, page: gr.Blocks) -> None:
    """The page at /library."""
    build_header("Library")
    if services.settings.public:
        gr.Markdown(CLOSED)
        return
    gr.Markdown(HOW)
    upload = gr.File(label="CT series", file_count="multiple", elem_id="upload", height=180)
    folder = gr.UploadButton("or choose a folder …", file_count="directory", elem_id="upload-folder")
    result = gr.HTML(elem_id="import-result", apply_default_css=False)

    @refusals_as_toasts
    def import_upload(
        files: list[str] | None,
        in_folder: list[str] | None,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio fills it in because it is the default
    ) -> tuple[str, None, None]:
        require_owner(services.caller(None), "import")
        uploaded = [Path(name) for name in [*(files or []), *(in_folder or [])]]
        _refuse_too_much(uploaded, services.settings.limits)
        return _report(_import(services, uploaded, progress)), None, None

    gr.on(
        [upload.upload, folder.upload],
        import_upload,
        inputs=[upload, folder],
        outputs=[result, upload, folder],
        concurrency_id="import",
        concurrency_limit=1,
        api_visibility="private",
    )
    listed = gr.HTML(elem_id="case-table", apply_default_css=False)
    gr.HTML(_exports(), apply_default_css=False)

    @refusals_as_toasts
    def case_table() -> str:
        return _table(services.store.cases())

    gr.on([page.load, result.change], case_table, outputs=listed, show_progress="hidden", api_visibility="private")


def _refuse_too_much(files: list[Path], limits: Limits) -> None:
    total = sum(file.stat().st_size for file in files if file.exists())
    if total > limits.session_bytes:
        raise VfracError(
            f"the upload has {total // MB} MB, at most {limits.session_bytes // MB} MB are taken at once; "
            "upload fewer series, or use the command line"
        )


def _import(services: Services, files: list[Path], progress: gr.Progress) -> list[ImportedCase | Refusal]:
    found: list[ImportedCase | Refusal] = []
    with incoming_inputs(services.settings.data_home, files) as inputs:
        for one in inputs:
            found += import_path(
                one,
                services.library,
                secret=services.secret,
                limits=services.settings.limits,
                progress=lambda fraction, sentence: progress(fraction, desc=sentence),
            )
    return found


def _report(found: list[ImportedCase | Refusal]) -> str:
    """What came of it, line by line. Positions, never file names."""
    lines = [f'<li class="refused">{html.escape(_refused(f))}</li>' for f in found if isinstance(f, Refusal)]
    cases = [f'<li class="imported">{html.escape(_imported(f))}</li>' for f in found if isinstance(f, ImportedCase)]
    if not found:
        lines = ["<li>no CT series was found; expected DICOM files of one CT series, a zip of them, or NIfTI</li>"]
    done = '<p><a href="annotate" target="_self">Open Annotate</a> to read.</p>' if cases else ""
    return f'<ul class="import-report">{"".join(cases + lines)}</ul>{done}'


def _imported(found: ImportedCase) -> str:
    record = found.record
    state = "imported" if found.new else "was in the library already"
    notes = "".join(f" · {note}" for note in record.info.notes)
    return f"{case_title(record)} {state}: {record.slices} sagittal slices of {record.rows} × {record.columns}{notes}"


def _refused(found: Refusal) -> str:
    return f"Refused: {found.position}: {found.reason}" if found.position else f"Refused: {found.reason}"


def _table(records: list[CaseRecord]) -> str:
    """What is in the library, newest first."""
    rows = "".join(
        f"<tr><td>{case_title(one)}</td><td>{one.slices} × {one.rows} × {one.columns}</td>"
        f"<td>{' × '.join(f'{side:.2f}' for side in one.spacing_mm)}</td>"
        f"<td>{one.imported_at:%Y-%m-%d %H:%M} UTC</td><td>{html.escape('; '.join(_remarks(one)))}</td></tr>"
        for one in reversed(records)
    )
    head = "".join(f"<th>{name}</th>" for name in ("Case", "Slices × rows × columns", "Spacing in mm", "Imported", "Remarks"))
    return f'<section class="vfrac-cases"><h2>Cases ({len(records)})</h2><table><tr>{head}</tr>{rows}</table></section>'


def _remarks(record: CaseRecord) -> list[str]:
    return [*(["SYNTHETIC"] if record.info.synthetic else []), *record.info.notes]


def _exports() -> str:
    links = {
        "csv": ("CSV", "one row a reading"),
        "json": ("JSON", "the same, with the geometry of each case"),
        "coco": ("COCO", "boxes in pixels and in mm of the patient"),
        "crops": ("Crops", "HU around each box (.npz): a training set without DICOM"),
    }
    items = "".join(
        f'<li><a href="export/{form}" download><strong>{name}</strong> {text}</a></li>' for form, (name, text) in links.items()
    )
    return (
        f'<section class="vfrac-exports"><h2>Export</h2><ul>{items}</ul>'
        f"<p>Readers appear as codes. Look through the comments before you pass a file on. {html.escape(SAFETY)}</p></section>"
    )
