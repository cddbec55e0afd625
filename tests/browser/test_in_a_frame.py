"""In a frame of another site: the keyboard, the wheel, a drag that leaves the frame, and a narrow column."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from app_process import App
from cut_off import cut_off
from desk import Desk
from framed import desk_in_frame, framed_desk, outer_page
from PIL import Image
from playwright.sync_api import Page, expect
from problems import without_problems

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FOCUS_INK = (29, 111, 224)  # viewer.css: --ctv-focus
SCROLLED_PX = 30  # of the outer page, from the start: it could go both ways


@pytest.fixture
def page(page: Page) -> Iterator[Page]:
    """A page high enough for the desk in a frame. Any console error or exception fails the test at its end."""
    page.set_viewport_size({"width": 1280, "height": 1100})
    with without_problems(page):
        yield page


def stage_is_marked(desk: Desk) -> bool:
    """Whether a line in the colour of the focus is painted all around the picture."""
    place = desk.viewer.locator(".ctv-stage").bounding_box()
    clip = {"x": place["x"] - 3, "y": place["y"] - 3, "width": place["width"] + 6, "height": place["height"] + 6}
    with Image.open(io.BytesIO(desk.page.outer.screenshot(clip=clip))) as shot:
        pixels = np.asarray(shot.convert("RGB")).astype(int)
    marked = np.abs(pixels - FOCUS_INK).max(axis=2) < 40
    middle = slice(20, -20)
    sides = (marked[:3, middle], marked[-3:, middle], marked[middle, :3].T, marked[middle, -3:].T)
    return all(side.any(axis=0).mean() > 0.95 for side in sides)


def scrolled(page: Page) -> tuple[float, float]:
    return page.evaluate("scrollY"), page.frames[1].evaluate("scrollY")


def test_a_click_on_the_picture_takes_the_keyboard_visibly_and_no_key_scrolls_a_page(app: App, page: Page) -> None:
    with outer_page(app.url) as url:
        desk = framed_desk(page, url)
        page.locator("#outer").focus()
        page.evaluate(f"scrollTo(0, {SCROLLED_PX})")
        place, before = desk.canvas.bounding_box(), int(desk.state("slice"))
        assert not stage_is_marked(desk)
        page.keyboard.press("ArrowDown")
        page.mouse.click(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
        expect(page.locator("iframe")).to_be_focused()
        expect(desk.canvas).to_be_focused()
        assert stage_is_marked(desk)
        at, last = scrolled(page), int(desk.state("slices")) - 1
        steps = {"ArrowDown": before + 1, "PageDown": before + 6, "ArrowUp": before + 5, "End": last, "Home": 0}
        for key, index in steps.items():
            page.keyboard.press(key)
            expect(desk.viewer).to_have_attribute("data-slice", str(index))
        for key in ("ArrowUp", "PageUp", "Space", "ArrowLeft", "ArrowRight"):  # nothing is left to scroll to
            page.keyboard.press(key)
        page.keyboard.press("ArrowDown")
        expect(desk.viewer).to_have_attribute("data-slice", "1")
        assert scrolled(page) == at


def test_the_wheel_over_the_picture_scrolls_slices_and_beside_the_frame_the_page(app: App, page: Page) -> None:
    with outer_page(app.url) as url:
        desk = framed_desk(page, url)
        page.evaluate(f"scrollTo(0, {SCROLLED_PX})")
        place, before = desk.canvas.bounding_box(), int(desk.state("slice"))
        page.mouse.move(place["x"] + 50, place["y"] + 50)
        page.mouse.wheel(0, 100)  # before any click
        expect(desk.viewer).to_have_attribute("data-slice", str(before + 1))
        desk.canvas.focus()
        page.keyboard.press("End")
        expect(desk.viewer).to_have_attribute("data-slice", str(int(desk.state("slices")) - 1))
        page.mouse.wheel(0, 100)  # there is no further slice
        page.mouse.wheel(0, -100)
        expect(desk.viewer).to_have_attribute("data-slice", str(int(desk.state("slices")) - 2))
        assert scrolled(page) == (SCROLLED_PX, 0)
        page.mouse.move(1000, 500)
        page.mouse.wheel(0, 100)
        page.wait_for_function(f"scrollY > {SCROLLED_PX}")


def test_a_case_that_opens_does_not_take_the_keyboard_from_the_outer_page(app: App, page: Page) -> None:
    with outer_page(f"{app.url}/annotate") as url:
        page.goto(url)
        page.locator("#outer").focus()
        desk = desk_in_frame(page)
        page.keyboard.type("vcf d2")
        expect(page.locator("#outer")).to_have_value("vcf d2")
        assert desk.state("window-width") == "1800"
        expect(desk.page.locator(".vfrac-form input:checked")).to_have_count(0)
        expect(desk.page.locator("#flag")).to_have_attribute("aria-pressed", "false")


def test_what_is_released_outside_of_the_frame_has_ended_and_is_kept(app: App, page: Page) -> None:
    with outer_page(f"{app.url}/annotate") as url:
        desk = framed_desk(page, url)
        strip = desk.viewer.locator(".ctv-strip").bounding_box()
        page.keyboard.down("Shift")
        page.mouse.move(strip["x"] + strip["width"] / 2, strip["y"] + 30)
        page.mouse.down()
        page.mouse.move(1200, strip["y"] + 30, steps=5)
        page.mouse.up()
        page.keyboard.up("Shift")
        first, last = int(desk.state("slices")) // 2, int(desk.state("slices")) - 1
        expect(desk.viewer).to_have_attribute("data-slice", str(last))
        page.mouse.move(strip["x"] + 50, strip["y"] + 30)  # back without a button
        desk.sign_in()
        expect(desk.page.locator(".vfrac-marks button").first).to_have_text(str(first + 1))
        expect(desk.page.locator(".vfrac-marks button").last).to_have_text(str(last + 1))
        assert desk.state("slice") == str(last)

        place = desk.canvas.bounding_box()
        page.mouse.move(place["x"] + 0.5 * place["width"], place["y"] + 0.4 * place["height"])
        page.mouse.down()
        page.mouse.move(1200, place["y"] + 0.5 * place["height"], steps=5)
        page.mouse.up()
        box = desk.wait_for_box()
        page.mouse.move(place["x"] + 0.6 * place["width"], place["y"] + 0.8 * place["height"], steps=3)
        expect(desk.page.locator("#reading-box")).to_contain_text("Box drawn on slice")
        assert desk.box() == box


@pytest.mark.parametrize("path", ["", "annotate", "library"])
def test_in_a_frame_of_390_px_nothing_is_cut_off(app: App, page: Page, path: str) -> None:
    with outer_page(f"{app.url}/{path}", width=390, height=844) as url:
        page.goto(url)
        frame = page.frames[1]
        frame.wait_for_selector("#upload" if path == "library" else "#ct-viewer[data-state=ready]", timeout=60_000)
        assert frame.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
        assert cut_off(frame) == []
        if path != "library":
            expect(frame.locator("#ct-viewer canvas").first).to_be_visible()
            assert frame.locator("#ct-viewer canvas").first.bounding_box()["width"] >= 350
