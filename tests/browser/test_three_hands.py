"""One case from its box to its submission: by the keyboard alone, by the mouse alone, and by fingers on a phone."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest
from app_process import App
from desk import Desk
from playwright.sync_api import Browser, Locator, Page, expect
from reading import draw_first_box, events_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def name_yourself(page: Page) -> None:
    """The name is asked for once, at the first save; by keyboard."""
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    page.keyboard.type("Ada Lovelace")
    page.keyboard.press("Tab")
    page.keyboard.type("7")
    page.keyboard.press("Enter")
    expect(dialog).to_have_count(0)


def test_a_case_by_keyboard_alone(own_app: App, clean_page: Page):
    page, desk = clean_page, Desk(clean_page).open(f"{own_app.url}/annotate")
    expect(desk.canvas).to_be_focused()  # from the start: no click is needed
    middle = int(desk.state("slice"))
    for key, slice_index in (("ArrowDown", middle + 1), ("PageUp", middle - 4), ("PageDown", middle + 1), ("ArrowUp", middle)):
        page.keyboard.press(key)
        expect(desk.viewer).to_have_attribute("data-slice", str(slice_index))
    page.keyboard.press("2")
    expect(desk.viewer).to_have_attribute("data-window-width", "400")

    page.keyboard.press("r")
    first = desk.wait_for_box()
    name_yourself(page)
    page.keyboard.press("r")
    for key in ("ArrowUp", "Shift+ArrowLeft", "Control+ArrowDown"):
        page.keyboard.press(key)
    moved = [first[0] - 1, first[1] - 10, first[2] - 1 + 1, first[3] - 10]
    expect(desk.viewer).to_have_attribute("data-box", json.dumps(moved, separators=(",", ":")))
    page.keyboard.press("Escape")

    page.keyboard.press("a")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+A")
    for key in "CXT":
        page.keyboard.press(key.lower())
    page.keyboard.press("Shift+G")
    page.keyboard.press("y")
    page.keyboard.press("l")
    page.keyboard.type("L2")
    page.keyboard.press("Enter")
    page.keyboard.press("b")
    page.keyboard.press("Shift+Digit4")
    desk.wait_saved()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#save-state")).to_contain_text("Submitted")
    assert events_of(own_app, "submit") == 1
    reading = page.locator("#sign-vertebral_compression input:checked")
    expect(reading).to_have_value("present")
    expect(page.locator("#sign-multiple_segments input:checked")).to_have_value("not_assessable")
    expect(page.locator("#sign-bone_destruction input:checked")).to_have_value("absent")


def test_undo_goes_back_to_the_start_and_redo_to_the_end(own_app: App, clean_page: Page):
    page, desk = clean_page, Desk(clean_page).open(f"{own_app.url}/annotate")
    page.keyboard.press("r")
    box = desk.wait_for_box()
    name_yourself(page)
    desk.canvas.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("c")
    page.keyboard.press("x")
    page.keyboard.press("a")
    page.locator("#comment").fill("steps")
    desk.canvas.focus()
    expect(page.locator(".vfrac-form input:checked")).to_have_count(2)

    for _ in range(6):
        page.keyboard.press("Control+z")
    expect(desk.viewer).to_have_attribute("data-box", "")
    expect(page.locator("#sign-vertebral_compression input:checked")).to_have_count(0)
    expect(page.locator("#comment")).to_have_value("")
    page.keyboard.press("Control+z")  # there is nothing before the start
    for _ in range(6):
        page.keyboard.press("Control+y")
    moved = [box[0], box[1] + 1, box[2], box[3] + 1]
    expect(desk.viewer).to_have_attribute("data-box", json.dumps(moved, separators=(",", ":")))
    expect(page.locator("#comment")).to_have_value("steps")
    expect(page.locator(".vfrac-form input:checked")).to_have_count(2)
    desk.wait_saved()
    page.reload()
    Desk(page).open(f"{own_app.url}/annotate")
    expect(page.locator("#comment")).to_have_value("steps")


def test_a_case_by_mouse_alone(own_app: App, clean_page: Page):
    """But for the name and the years, which are words."""
    page, desk = clean_page, Desk(clean_page).open(f"{own_app.url}/annotate")
    desk.scroll_to(int(desk.state("slice")) + 3)
    page.locator("[data-action=window-soft]").click()
    desk.drag((0.4, 0.4), (0.6, 0.4), button="right")
    assert desk.state("window-width") != "400"
    draw_first_box(desk)
    page.locator("#mark-slice").click()
    page.locator("#vertebral-level").select_option("L1")
    for sign in page.locator(".vfrac-sign").all():
        sign.locator("label", has_text="Absent").click()
    diagnose_and_submit(own_app, desk, Locator.click)


@pytest.fixture
def phone(browser: Browser, own_app: App):
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=3)
    yield context.new_page()
    context.close()


def test_a_case_by_touch(own_app: App, phone: Page):
    desk = Desk(phone).open(f"{own_app.url}/annotate")
    fingers = Fingers(phone, desk)
    before = int(desk.state("slice"))
    fingers.drag((0.5, 0.3), (0.5, 0.6))  # one finger scrolls
    assert int(desk.state("slice")) > before
    assert desk.box() is None

    fingers.pinch(0.1, 0.3)  # two zoom
    assert fingers.zoomed()
    fingers.drag((0.4, 0.4), (0.65, 0.6), still_first=700)  # a long press starts the box
    desk.wait_for_box()
    desk.sign_in()
    phone.locator("#others-absent").tap()
    phone.locator("#vertebral-level").select_option("T12")
    diagnose_and_submit(own_app, desk, Locator.tap)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390  # nothing is cut off at the side


def diagnose_and_submit(app: App, desk: Desk, press: Callable[[Locator], None]) -> None:
    """What both hands end with: ``press`` is a click or a tap."""
    press(desk.page.locator("#diagnosis label", has_text="Benign"))
    press(desk.page.locator("#confidence label", has_text="3"))
    desk.wait_saved()
    press(desk.page.locator("#submit"))
    expect(desk.page.locator("#save-state")).to_contain_text("Submitted")
    assert events_of(app, "submit") == 1


class Fingers:
    """Touches through Chromium's own protocol: a page's own events would not be believed. Places are shares of the picture."""

    def __init__(self, page: Page, desk: Desk) -> None:
        self.page, self.desk = page, desk
        self.session = page.context.new_cdp_session(page)

    def at(self, *places: tuple[float, float]) -> list[dict]:
        box = self.desk.canvas.bounding_box()
        return [
            {"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"], "id": number}
            for number, (x, y) in enumerate(places)
        ]

    def send(self, kind: str, *places: tuple[float, float]) -> None:
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": self.at(*places)})

    def drag(self, start: tuple[float, float], end: tuple[float, float], *, still_first: int = 0) -> None:
        self.desk.canvas.scroll_into_view_if_needed()
        self.send("touchStart", start)
        self.page.wait_for_timeout(still_first)
        for step in range(1, 11):
            self.send("touchMove", *[tuple(a + (b - a) * step / 10 for a, b in zip(start, end, strict=True))])
        self.send("touchEnd")
        self.page.wait_for_timeout(100)

    def pinch(self, start: float, end: float) -> None:
        """Two fingers beside the middle, from ``start`` to ``end`` away from it."""
        self.before = self.page.evaluate(PIXELS)
        self.send("touchStart", (0.5 - start, 0.5), (0.5 + start, 0.5))
        for step in range(1, 11):
            apart = start + (end - start) * step / 10
            self.send("touchMove", (0.5 - apart, 0.5), (0.5 + apart, 0.5))
        self.send("touchEnd")
        self.page.wait_for_timeout(100)

    def zoomed(self) -> bool:
        return self.page.evaluate(PIXELS) != self.before


PIXELS = """() => { const canvas = document.querySelector('#ct-viewer canvas');
  return Array.from(canvas.getContext('2d').getImageData(0, canvas.height / 2 | 0, canvas.width, 1).data).join() }"""
