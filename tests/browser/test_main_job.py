"""The main job in its parts: scroll, window, box, answer, save, correct. test_whole_walk.py goes the whole way in one go."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable

import pytest
from app_process import App
from desk import Desk
from playwright.sync_api import Browser, Page, expect
from reading import draw_first_box

from vfrac_core.store import AnnotationStore

pytestmark = pytest.mark.browser


def test_scrolling_and_windowing_change_the_picture_and_send_no_request(
    app: App, clean_page: Page, requests_of: Callable[[], list[str]]
) -> None:
    desk = Desk(clean_page).open(app.url)
    clean_page.wait_for_load_state("networkidle")
    desk.scroll_to(0)
    clean_page.wait_for_load_state("networkidle")
    requests_of()

    first = desk.picture()
    desk.scroll_to(int(desk.state("slices")) - 1)
    assert desk.picture() != first

    width, center = float(desk.state("window-width")), float(desk.state("window-center"))
    before = desk.picture()
    desk.drag((0.5, 0.5), (0.8, 0.3), button="right")
    assert float(desk.state("window-width")) > width
    assert float(desk.state("window-center")) != center
    assert desk.picture() != before
    assert requests_of() == []


def test_a_box_in_explore_is_answered_for_five_slices_with_a_cam_over_the_square(app: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(app.url)
    expect(desk.viewer.get_by_text("SYNTHETIC: computer-generated images, no patient.")).to_be_visible()
    expect(clean_page.get_by_text("UNTRAINED: the network's weights are random")).to_be_visible()
    expect(desk.canvas).to_have_attribute("aria-label", re.compile("SYNTHETIC, UNTRAINED"))
    outside, before = desk.pixel(0.05, 0.5), desk.picture()
    desk.drag((0.5, 0.4), (0.65, 0.55))
    r0, c0, r1, c1 = desk.wait_for_box()
    assert r0 < r1
    assert c0 < c1
    patient = desk.wait_for_prediction()
    assert 0 <= float(desk.state("probability")) <= patient <= 1
    assert desk.state("cam") == "on"
    assert desk.pixel(0.05, 0.5) == outside
    assert desk.picture() != before


@pytest.mark.slow
def test_the_command_line_answers_the_same_numbers_for_the_same_box(app: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(app.url)
    desk.drag((0.48, 0.42), (0.6, 0.56))
    box = desk.wait_for_box()
    patient = desk.wait_for_prediction()
    asked = ["--slice", desk.state("slice"), "--box", ",".join(map(str, box)), "--data", str(app.home), "--json"]
    done = subprocess.run(
        [sys.executable, "-m", "vfrac_core", "predict", desk.state("case"), *asked], capture_output=True, text=True, check=True
    )
    answer = json.loads(done.stdout)
    shown = next(one for one in answer["slices"] if one["slice"] == int(desk.state("slice")))
    assert answer["patient_probability"] == pytest.approx(patient, abs=1e-5)
    assert shown["probability"] == pytest.approx(float(desk.state("probability")), abs=1e-5)


def test_a_submitted_reading_is_locked_and_a_correction_needs_a_reason(app: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(f"{app.url}/annotate")
    draw_first_box(desk)
    clean_page.locator("#submit").click()
    expect(clean_page.get_by_text("Vertebral compression").first).to_be_visible()
    expect(clean_page.locator("#missing")).to_contain_text("diagnosis", ignore_case=True)

    clean_page.locator("#others-absent").click()
    clean_page.locator("#vertebral-level").select_option("unknown")
    clean_page.locator("#diagnosis input[value=benign]").check()
    clean_page.locator("#confidence input[value='2']").check()
    clean_page.locator("#submit").click()
    expect(clean_page.locator("#save-state")).to_contain_text("Submitted")
    expect(clean_page.locator("#diagnosis input[value=malignant]")).to_be_disabled()


def test_two_browsers_read_at_the_same_time_without_seeing_each_other(app: App, browser: Browser) -> None:
    desks = [Desk(browser.new_context(viewport={"width": 1280, "height": 800}).new_page()) for _ in range(2)]
    for desk, left in zip(desks, (0.3, 0.55), strict=True):
        desk.open(f"{app.url}/annotate")
        desk.drag((left, 0.4), (left + 0.15, 0.55))
        desk.wait_for_box()
    boxes = []
    for desk, name in zip(desks, ("Reader", "Reader"), strict=True):
        desk.sign_in(name)
        desk.wait_saved()
        boxes.append(desk.box())
    assert boxes[0] != boxes[1]
    for desk, box in zip(desks, boxes, strict=True):
        desk.open(f"{app.url}/annotate")
        assert desk.wait_for_box() == box
        desk.page.context.close()


def test_the_ai_is_off_in_annotate_until_it_is_switched_on_and_that_is_recorded(app: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(f"{app.url}/annotate")
    assert desk.state("cam") == "off"
    draw_first_box(desk)
    desk.wait_saved()
    assert desk.state("probability") == ""
    clean_page.locator("#ai-toggle").click()
    desk.wait_for_prediction()
    desk.open(f"{app.url}/annotate")
    with AnnotationStore(app.home) as store:
        newest = max(store.annotations(), key=lambda annotation: annotation.seq)
    assert newest.ai_visible
