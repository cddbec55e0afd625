"""A series uploaded in the app: imported, reported line by line, and nothing of the patient is left anywhere."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest
from app_process import App
from desk import Desk
from dicom_files import write_axial_series
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

MARK = "ZZPHI"
TEXTS = {
    "PatientName": f"{MARK}^HANS",
    "PatientID": f"{MARK}4711",
    "PatientComments": MARK,
    "StudyDescription": MARK,
    "SeriesDescription": MARK,
    "InstitutionName": MARK,
    "ReferringPhysicianName": MARK,
    "AccessionNumber": MARK,
    "StudyID": MARK,
    "ImageComments": MARK,
    "Manufacturer": f"{MARK}*works",  # free text from some scanners: kept only where it is short and plain
}


def marked_zip(folder: Path) -> Path:
    """A good series and a file that is none, named after the patient, in a zip that is named after him too."""
    hu = np.random.default_rng(3).integers(-200, 900, (30, 64, 64), dtype=np.int16)
    files = write_axial_series(folder / "series", hu, (3.0, 1.5, 1.5), name=MARK + "{:03d}.dcm", **TEXTS)
    file = folder / f"{MARK}^HANS 1961-02-03.zip"
    with zipfile.ZipFile(file, "w") as archive:
        for one in files:
            archive.write(one, f"{MARK}/{one.name}")
        archive.writestr(f"{MARK}/letter.txt", f"Dear {MARK}")
    return file


def test_an_uploaded_series_is_read_saved_and_exported_without_a_trace_of_the_patient(
    own_app: App, clean_page: Page, tmp_path: Path
) -> None:
    clean_page.goto(f"{own_app.url}/library")
    clean_page.locator("#upload input[type=file]").set_input_files(marked_zip(tmp_path))
    report = clean_page.locator("#import-result .imported")
    expect(report).to_contain_text("32 sagittal slices of 30 × 64", timeout=60_000)
    shown = clean_page.content()

    title = report.inner_text().split(" imported")[0]
    desk = Desk(clean_page).open(f"{own_app.url}/annotate")
    clean_page.get_by_text(title).first.click()
    clean_page.wait_for_selector("#ct-viewer[data-slices='32'][data-state=ready]")
    desk.drag((0.45, 0.45), (0.6, 0.6))
    desk.wait_for_box()
    desk.sign_in()
    desk.wait_saved()
    exports = [clean_page.request.get(f"{own_app.url}/export/{form}").body() for form in ("csv", "json", "coco", "crops")]
    storage = clean_page.evaluate("JSON.stringify(localStorage) + JSON.stringify(sessionStorage)")
    clean_page.goto("about:blank")  # an open page would complain of the server that is gone
    own_app.kill()

    assert MARK not in shown
    assert MARK not in storage
    assert all(MARK.encode() not in export for export in exports)
    assert traces(own_app.home) == []
    assert traces(own_app.uploads) == []
    assert MARK not in own_app.log.read_text()


def traces(folder: Path) -> list[str]:
    """Files below the folder that have the mark in their name or bytes."""
    files = [path for path in folder.rglob("*") if path.is_file()] if folder.exists() else []
    return [str(path) for path in files if MARK in str(path) or MARK.encode() in path.read_bytes()]


def test_what_is_no_ct_is_refused_in_one_line(app: App, clean_page: Page, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("no image")
    clean_page.goto(f"{app.url}/library")
    clean_page.locator("#upload input[type=file]").set_input_files(tmp_path / "letter.txt")
    refused = clean_page.locator("#import-result .refused")
    expect(refused).to_have_count(1, timeout=60_000)
    assert "letter" not in refused.inner_text()
