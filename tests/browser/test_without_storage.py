"""In a frame whose browser keeps nothing for it (third-party cookies and storage blocked): reading, saving, uploading go on."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from app_process import App
from desk import Desk
from dicom_files import write_axial_series
from framed import desk_in_frame, framed_desk, outer_page
from playwright.sync_api import Page, expect
from problems import without_problems
from reading import events_of, give_all_answers, kept_reading

pytestmark = [pytest.mark.browser, pytest.mark.slow]

DENY = """() => {
    if (window === top) return;
    const denied = { get() { throw new DOMException('Access is denied for this document.', 'SecurityError'); } };
    for (const name of ['localStorage', 'sessionStorage', 'indexedDB']) Object.defineProperty(window, name, denied);
    Object.defineProperty(Document.prototype, 'cookie', { get: () => '', set() {} });
    LockManager.prototype.request = () => Promise.reject(new DOMException('The request was denied.', 'SecurityError'));
}"""


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A browser that denies storage in frames. Any console error or exception fails the test at its end."""
    page.context.add_init_script(f"({DENY})()")
    page.set_viewport_size({"width": 1280, "height": 1100})
    with without_problems(page):
        yield page


def test_a_reading_is_saved_and_submitted_without_any_cookie(own_app: App, page: Page) -> None:
    with outer_page(f"{own_app.url}/annotate") as url:
        desk = framed_desk(page, url)
        give_all_answers(desk)
        assert kept_reading(own_app, once=lambda reading: reading.confidence == 2).vertebral_level == "L2"
        desk.page.locator("#submit").click()
        expect(desk.page.locator("#save-state")).to_contain_text("Submitted")
        assert events_of(own_app, "submit") == 1
        assert page.context.cookies() == []


def test_the_reader_is_told_that_a_reload_makes_a_new_one_and_offered_a_window_of_its_own(own_app: App, page: Page) -> None:
    with outer_page(f"{own_app.url}/annotate") as url:
        desk = framed_desk(page, url)
        desk.page.locator("#flag").click()
        dialog = desk.page.get_by_role("dialog")
        expect(dialog).to_contain_text("after a reload you are a new reader")
        with page.context.expect_page() as opened:
            dialog.get_by_role("link", name="window of its own").click()
        own = Desk(opened.value)
        own.page.wait_for_selector("#ct-viewer[data-state=ready]", timeout=60_000)
        own.page.locator("#flag").click()
        expect(own.page.get_by_role("dialog")).to_be_visible()
        expect(own.page.get_by_role("dialog")).not_to_contain_text("new reader")
        own.sign_in("In a window of its own")
        own.wait_saved()
        own.open(f"{own_app.url}/annotate")
        expect(own.page.locator("#flag")).to_have_attribute("aria-pressed", "true")

        desk.sign_in("In the frame")
        desk.wait_saved()
        desk.page.goto(f"{own_app.url}/annotate")
        expect(desk_in_frame(page).page.locator("#flag")).to_have_attribute("aria-pressed", "false")  # it was told


def test_a_series_is_uploaded_and_read(own_app: App, page: Page, tmp_path: Path) -> None:
    hu = np.random.default_rng(3).integers(-200, 900, (30, 64, 64), dtype=np.int16)
    files = write_axial_series(tmp_path / "series", hu, (3.0, 1.5, 1.5))
    with outer_page(f"{own_app.url}/library") as url:
        page.goto(url)
        frame = page.frames[1]
        frame.locator("#upload input[type=file]").set_input_files(files)
        report = frame.locator("#import-result .imported")
        expect(report).to_contain_text("32 sagittal slices of 30 × 64", timeout=60_000)
        title = report.inner_text().split(" imported")[0]
        frame.goto(f"{own_app.url}/annotate")
        desk = desk_in_frame(page)
        desk.page.locator(".vfrac-worklist summary").click()
        desk.page.get_by_text(title).first.click()
        desk.page.wait_for_selector("#ct-viewer[data-slices='32'][data-state=ready]")
        assert page.context.cookies() == []
