"""How smooth scrolling and windowing are on a stack of 512 × 512. ``-s`` prints the figures that docs/performance.md tells.

Time is printed and not asserted: a shared machine that draws by software is no reader's machine. What is asserted needs no clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from app_process import App
from desk import Desk
from noise_stack import start_with_stack
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(600)]

SHAPE = (240, 512, 512)
NOTCHES = 200
DRAG_S = 3.0
# Frames as the browser makes them, and for each the slice and the window that the viewer has painted by then.
RECORD = """() => {
    const viewer = document.querySelector('#ct-viewer');
    const record = window.record = { on: true, frames: [] };
    const frame = (now) => {
        const { slice, windowWidth, windowCenter } = viewer.dataset;
        record.frames.push([now, slice, `${windowWidth} ${windowCenter}`]);
        if (record.on) requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
}"""
STOP = "() => { record.on = false; return record.frames; }"


@pytest.fixture(scope="module")
def stack_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    running = start_with_stack(tmp_path_factory.mktemp("frames") / "home", SHAPE)
    yield running
    running.kill()


@pytest.fixture
def desk(stack_app: App, page: Page) -> Desk:
    """The whole stack is in the browser, the first slice on the screen."""
    desk = Desk(page).open(stack_app.url)
    expect(page.get_by_label("Loading the images")).to_be_hidden(timeout=300_000)
    desk.canvas.focus()
    page.keyboard.press("Home")
    expect(desk.viewer).to_have_attribute("data-slice", "0")
    return desk


def test_two_hundred_notches_of_the_wheel(desk: Desk, requests_of: Callable[[], list[str]]) -> None:
    place = desk.rectangle()
    desk.page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    requests_of()
    desk.page.evaluate(RECORD)
    for _ in range(NOTCHES):
        desk.page.mouse.wheel(0, 100)
    expect(desk.viewer).to_have_attribute("data-slice", str(NOTCHES))
    frames = desk.page.evaluate(STOP)
    tell(f"wheel, {NOTCHES} notches", frames, painted={slice_index for _, slice_index, _ in frames})
    assert requests_of() == []


def test_dragging_the_window_for_three_seconds(desk: Desk, requests_of: Callable[[], list[str]]) -> None:
    place = desk.rectangle()
    desk.page.mouse.move(place["x"] + place["width"] / 2, place["y"] + place["height"] / 2)
    desk.page.mouse.down(button="right")
    requests_of()
    desk.page.evaluate(RECORD)
    begun = time.monotonic()
    while (now := time.monotonic() - begun) < DRAG_S:
        x, y = 0.5 + 0.3 * np.sin(2 * now), 0.5 + 0.3 * np.sin(3 * now)
        desk.page.mouse.move(place["x"] + x * place["width"], place["y"] + y * place["height"])
    frames = desk.page.evaluate(STOP)
    desk.page.mouse.up(button="right")
    windows = {window for _, _, window in frames}
    tell(f"window drag, {DRAG_S:.0f} s", frames, painted=windows)
    assert len(windows) > 10
    assert requests_of() == []


def tell(what: str, frames: list[list], painted: set[str]) -> None:
    times = np.diff([now for now, *_ in frames])
    median, late, longest = np.median(times), np.quantile(times, 0.95), times.max()
    print(
        f"\n{what}: {len(times)} frames in {times.sum() / 1000:.1f} s, median {median:.1f} ms, p95 {late:.1f}, "
        f"longest {longest:.1f}; {np.mean(times <= 17):.0%} within 17 ms; {len(painted)} different pictures"
    )
