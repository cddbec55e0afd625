"""Side by side: both maps on one scale, and how stable the answer is; closed as long as the AI is."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

import numpy as np
import pytest
from app_process import App
from desk import Desk
from playwright.sync_api import Locator, Page, expect
from reading import draw_first_box

pytestmark = pytest.mark.browser

SIZES = [(1280, 800), (390, 844)]
RANGE = re.compile(r'^\{"low":.*"n":75\}$')
OPACITY = 0.6  # ai_session.js: where the slider stands at first


def pixels(canvas: Locator) -> np.ndarray:
    """Red, green and blue of a canvas of 64 × 64."""
    return np.array(
        canvas.evaluate("c => Array.from(c.getContext('2d').getImageData(0, 0, c.width, c.height).data)"), np.int16
    ).reshape(64, 64, 4)[..., :3]


def open_comparison(app: App, page: Page) -> Desk:
    desk = Desk(page).open(app.url)
    desk.drag((0.48, 0.42), (0.6, 0.56))
    desk.wait_for_prediction()
    page.keyboard.press("w")
    expect(page.locator("[data-role=compare-most]")).to_contain_text("highest of both")
    return desk


def colours(page: Page, shares: np.ndarray) -> np.ndarray:
    """The colour map's colours, by the page's own module."""
    return np.array(
        page.evaluate(
            """async (shares) => {
                const style = document.querySelector('link[href$="viewer.css"]').href;
                const { heat } = await import(new URL('cam.js', style));
                return shares.map(heat);
            }""",
            shares.ravel().tolist(),
        )
    ).reshape(*shares.shape, 3)


@pytest.mark.slow
def test_both_maps_lie_over_the_middle_channel_on_one_scale(app: App, clean_page: Page) -> None:
    answers = []
    clean_page.on("response", lambda response: answers.append(response) if "/predict/" in response.url else None)
    desk = open_comparison(app, clean_page)
    panel = clean_page.get_by_label("Side by side", exact=True)
    panel.get_by_label("native grid").check()
    gray = pixels(panel.locator("canvas[data-channel='1']"))
    grids = {}
    for response in answers:
        asked = response.request.post_data_json
        if asked["slices"] == [int(desk.state("slice"))] and asked["box"] == desk.box():
            grids[asked["cam"]["target"]] = np.array(response.json()["slices"][0]["cam"]["grid"])
    most = max(grid.max() for grid in grids.values())
    shown = {target: pixels(panel.locator(f"canvas[data-target={target}]")) for target in grids}
    assert set(shown) == {"malignant", "benign"}
    assert (shown["malignant"] != shown["benign"]).any()
    for target, grid in grids.items():
        share = np.kron(grid / most, np.ones((64 // len(grid), 64 // len(grid))))
        alpha = (OPACITY * share)[..., None]
        expected = gray * (1 - alpha) + colours(clean_page, share) * alpha
        assert np.abs(shown[target] - expected).max() <= 4


@pytest.mark.slow
def test_75_nearby_boxes_are_answered_and_the_drawn_one_is_the_shown_answer(app: App, clean_page: Page) -> None:
    desk = open_comparison(app, clean_page)
    assert desk.state("stability") == ""
    clean_page.locator("[data-role=stability-run]").click()
    expect(clean_page.locator("[data-role=stability-count]")).to_contain_text("of 75")
    expect(desk.viewer).to_have_attribute("data-stability", RANGE, timeout=120_000)
    found = json.loads(desk.state("stability"))
    cells = clean_page.locator(".ctv-map [role=gridcell]")
    numbers = [float(text) for text in cells.evaluate_all("cells => cells.map(cell => cell.dataset.probability)")]
    assert (len(numbers), found["n"]) == (75, 75)
    assert (min(numbers), max(numbers)) == (found["low"], found["high"])
    centre = clean_page.locator("[data-drawn]")
    expect(centre).to_have_attribute("data-probability", desk.state("probability"))
    expect(clean_page.locator("[data-role=stability-summary]")).to_contain_text("over 75 nearby boxes")

    cells.nth(3).hover()
    expect(clean_page.locator(".ctv-place")).to_contain_text(f"{numbers[3]:.2f}")
    centre.focus()
    clean_page.keyboard.press("ArrowUp")
    expect(clean_page.locator(".ctv-place")).to_contain_text("2 mm up")
    before = desk.state("slice")
    clean_page.keyboard.press("ArrowDown")
    assert desk.state("slice") == before

    desk.scroll_to(int(before) + 1)  # another slice: its answer is not yet known
    expect(desk.viewer).to_have_attribute("data-stability", "")
    expect(centre).to_be_hidden()


@pytest.mark.slow
def test_a_run_can_be_stopped_and_a_moved_box_ends_it(app: App, clean_page: Page, requests_of: Callable[[], list[str]]) -> None:
    desk = open_comparison(app, clean_page)
    clean_page.locator("[data-role=stability-run]").click()
    clean_page.locator("[data-role=stability-stop]").click()
    expect(clean_page.locator("[data-role=stability-summary]")).to_contain_text("Stopped at")
    assert desk.state("stability") == ""
    clean_page.locator("[data-role=stability-run]").click()
    expect(clean_page.locator("[data-role=stability-count]")).to_be_visible()
    desk.canvas.focus()
    clean_page.keyboard.press("r")
    clean_page.keyboard.press("Shift+ArrowDown")
    expect(clean_page.locator("[data-role=stability-count]")).to_be_hidden()
    clean_page.wait_for_load_state("networkidle")
    requests_of()
    clean_page.wait_for_timeout(500)
    assert [url for url in requests_of() if "nearby" in url] == []


def test_in_annotate_it_is_closed_while_the_ai_is_off_and_asks_nothing(
    app: App, clean_page: Page, requests_of: Callable[[], list[str]]
) -> None:
    desk = Desk(clean_page).open(f"{app.url}/annotate")
    draw_first_box(desk)
    desk.wait_saved()
    requests_of()
    desk.canvas.focus()
    clean_page.keyboard.press("w")
    expect(clean_page.locator("#ct-viewer [data-role=status]")).to_contain_text("switch it on first")
    expect(clean_page.get_by_label("Side by side", exact=True)).to_be_hidden()
    clean_page.wait_for_timeout(500)
    assert [url for url in requests_of() if "/predict/" in url] == []

    clean_page.locator("#ai-toggle").click()
    desk.wait_for_prediction()
    desk.canvas.focus()
    clean_page.keyboard.press("w")
    expect(clean_page.get_by_label("Side by side", exact=True)).to_be_visible()
    clean_page.locator("#ai-toggle").click()
    expect(clean_page.get_by_label("Side by side", exact=True)).to_be_hidden()


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_panel_fits(app: App, clean_page: Page, size: tuple[int, int]) -> None:
    clean_page.set_viewport_size({"width": size[0], "height": size[1]})
    desk = open_comparison(app, clean_page)
    assert clean_page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    panel = clean_page.get_by_label("Side by side", exact=True)
    expect(panel.locator("canvas[data-target=benign]")).to_be_in_viewport(ratio=1)
    for button in panel.get_by_role("button").all():
        place = button.bounding_box()
        assert place is None or place["x"] + place["width"] <= size[0]
    if size[0] >= 1280:
        expect(desk.canvas).to_be_in_viewport(ratio=1)
