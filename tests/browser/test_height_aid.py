"""The height aid: twelve corners, the middles with them, the loss, and a sign that is set only when the reader agrees."""

from __future__ import annotations

import re

import pytest
from app_process import App
from desk import Desk
from playwright.sync_api import Browser, Page, expect
from reading import give_all_answers

from vfrac_core.store import AnnotationStore

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Place = tuple[float, float]  # x, y as fractions of the canvas

FRONT, BACK = 0.46, 0.56
BODIES = {"worst": (0.44, 0.50), "above": (0.30, 0.40), "below": (0.56, 0.66)}  # y of the upper and lower plate
INK = (255, 179, 244)  # height_drawing.js


def corners(body: str) -> list[Place]:
    """In the order in which the guide asks for them."""
    upper, lower = BODIES[body]
    return [(FRONT, upper), (BACK, upper), (FRONT, lower), (BACK, lower)]


def click(desk: Desk, place: Place) -> None:
    canvas = desk.rectangle()
    desk.page.mouse.click(canvas["x"] + place[0] * canvas["width"], canvas["y"] + place[1] * canvas["height"])


def measure(desk: Desk, *bodies: str) -> None:
    """Put the four corners of each body, each seen before the next."""
    placed = int(desk.state("heights"))
    for body in bodies:
        for i, place in enumerate(corners(body), start=1):
            click(desk, place)
            expect(desk.viewer).to_have_attribute("data-heights", str(placed + (i if i < 4 else 6)))
        placed += 6


def has_ring(desk: Desk, place: Place) -> bool:
    """Whether the ink of a point is painted within a few pixels of a place."""
    canvas = desk.rectangle()
    around = [(place[0] + dx / canvas["width"], place[1] + dy / canvas["height"]) for dx in range(-5, 6) for dy in range(-5, 6)]
    near = [pixel for pixel in desk.pixels(around) if max(abs(a - b) for a, b in zip(pixel, INK, strict=True)) < 30]
    return len(near) >= 8


def shown_mm(desk: Desk, body: str) -> list[float]:
    """Anterior, middle and posterior height as the form has them."""
    cells = desk.page.locator(f"#height-aid tr[data-body={body}] td").all_inner_texts()
    return [float(re.sub(r"[^0-9.]", "", text)) for text in cells]


def test_three_bodies_are_measured_corrected_agreed_saved_and_shown_again(app: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(f"{app.url}/annotate")
    guide, loss = clean_page.locator("[data-role=height-guide]"), clean_page.locator("#height-loss")
    desk.canvas.focus()
    clean_page.keyboard.press("k")
    expect(desk.viewer).to_have_attribute("data-tool", "height-tool")
    expect(guide).to_have_text("Worst body: upper plate, front (1 of 4)")
    middle = ((FRONT + BACK) / 2, BODIES["worst"][0])
    assert not has_ring(desk, middle)
    measure(desk, "worst")
    assert has_ring(desk, middle)
    assert all(has_ring(desk, place) for place in corners("worst"))
    desk.sign_in()
    expect(loss).to_contain_text("measure a neighbour")
    measure(desk, "above", "below")
    expect(guide).to_contain_text("Drag to correct")

    anterior, _, posterior = shown_mm(desk, "worst")
    assert shown_mm(desk, "above")[0] / anterior == pytest.approx(0.10 / 0.06, abs=0.05)
    assert posterior == pytest.approx(anterior, abs=0.2)
    expect(loss).to_contain_text("against the mean of both neighbours")
    expect(loss).to_contain_text(re.compile(r"loss 40\.\d % |loss 39\.\d % "))

    desk.drag(middle, (middle[0], middle[1] + 0.03))  # half of the height is gone
    expect(loss).to_contain_text("middle")
    assert shown_mm(desk, "worst")[1] == pytest.approx(anterior / 2, abs=0.3)
    assert has_ring(desk, (middle[0], middle[1] + 0.03))

    sign = clean_page.locator("#sign-vertebral_compression input[value=present]")
    expect(sign).not_to_be_checked()
    clean_page.get_by_role("button", name="Set vertebral compression: present").click()
    expect(sign).to_be_checked()
    desk.wait_saved()
    with AnnotationStore(app.home) as store:
        kept = max(store.annotations(), key=lambda annotation: annotation.seq).reading
    assert kept.heights is not None
    assert kept.heights.slice_index == int(desk.state("slice"))
    assert kept.signs["vertebral_compression"] == "present"

    before = [loss.inner_text(), *(shown_mm(desk, body) for body in BODIES)]
    desk.open(f"{app.url}/annotate")
    expect(desk.viewer).to_have_attribute("data-heights", "18")
    assert desk.state("tool") == "box-tool"
    assert [loss.inner_text(), *(shown_mm(desk, body) for body in BODIES)] == before
    desk.canvas.focus()
    clean_page.keyboard.press("k")  # goes to the slice of the measurement
    expect(desk.viewer).to_have_attribute("data-slice", str(kept.heights.slice_index))
    assert has_ring(desk, corners("above")[0])
    desk.page.keyboard.press("Escape")
    expect(desk.viewer).to_have_attribute("data-tool", "box-tool")

    clean_page.locator("#remove-heights").click()
    expect(desk.viewer).to_have_attribute("data-heights", "0")
    expect(sign).to_be_checked()  # the reader's answer stays
    expect(clean_page.locator("#height-aid table")).to_be_hidden()


def test_in_explore_the_tool_measures_and_nothing_is_stored(app: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(app.url)
    clean_page.get_by_role("button", name="Heights").click()
    measure(desk, "worst", "above")
    clean_page.get_by_role("button", name="Skip this body").click()
    expect(clean_page.locator("[data-role=height-guide]")).to_contain_text("Drag to correct. Loss 40")
    clean_page.get_by_role("button", name="Done").click()
    expect(desk.viewer).to_have_attribute("data-tool", "box-tool")
    assert has_ring(desk, corners("worst")[0])
    desk.scroll_to(int(desk.state("slice")) + 1)
    assert not has_ring(desk, corners("worst")[0])


def test_a_submitted_reading_shows_its_measurement_and_a_correction_may_change_it(app: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(f"{app.url}/annotate")
    give_all_answers(desk)
    clean_page.get_by_role("button", name="Heights").click()
    measure(desk, "worst", "above")
    before = shown_mm(desk, "worst")
    clean_page.locator("#submit").click()
    expect(clean_page.locator("#save-state")).to_contain_text("Submitted", timeout=20_000)
    expect(desk.viewer).to_have_attribute("data-tool", "box-tool")
    desk.canvas.focus()
    clean_page.keyboard.press("k")
    clean_page.keyboard.press("Delete")
    desk.drag(corners("worst")[0], (FRONT, 0.4))
    expect(desk.viewer).to_have_attribute("data-heights", "12")
    expect(clean_page.locator("#remove-heights")).to_be_disabled()
    desk.open(f"{app.url}/annotate")
    assert shown_mm(desk, "worst") == before

    clean_page.locator("#correct").click()
    clean_page.locator("#correction-reason").fill("the front of the upper plate was too low")
    clean_page.get_by_role("button", name="Heights").click()
    desk.drag(corners("worst")[0], (FRONT, 0.42))
    after = shown_mm(desk, "worst")
    assert after[0] > before[0]
    clean_page.locator("#send-correction").click()
    expect(clean_page.locator("#correct")).to_be_enabled(timeout=20_000)
    desk.open(f"{app.url}/annotate")
    assert shown_mm(desk, "worst") == after


def test_a_finger_puts_corners_and_drags_one(app: App, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True, device_scale_factor=2)
    desk = Desk(context.new_page()).open(app.url)
    desk.page.get_by_role("button", name="Heights").tap()
    canvas = desk.rectangle()
    at = [(canvas["x"] + x * canvas["width"], canvas["y"] + y * canvas["height"]) for x, y in corners("worst")]
    for i, (x, y) in enumerate(at, start=1):
        desk.page.touchscreen.tap(x, y)
        expect(desk.viewer).to_have_attribute("data-heights", str(i if i < 4 else 6))
    assert has_ring(desk, corners("worst")[0])
    touch = context.new_cdp_session(desk.page)
    for kind, way in (("touchStart", 0), ("touchMove", 20), ("touchMove", 40)):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": at[0][0] - way, "y": at[0][1] - way}]})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    desk.page.wait_for_function(
        "() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))"
    )
    assert has_ring(desk, (FRONT - 40 / canvas["width"], corners("worst")[0][1] - 40 / canvas["height"]))
    assert not has_ring(desk, corners("worst")[0])
    context.close()
