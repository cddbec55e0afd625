"""The largest stack that a reader meets, 300 × 1,000 × 512: shown at once, loaded with a progress bar, within its memory.

``-s`` prints the figures that docs/performance.md tells.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from app_process import App
from desk import Desk
from noise_stack import start_with_stack
from playwright.sync_api import Browser, Page, expect

from vfrac_core.library.cases import CHUNK_SLICES

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(900)]

SHAPE = (300, 1000, 512)
STACK_MB = 300 * 1000 * 512 * 2 / 1e6
CHUNKS = -(-SHAPE[0] // CHUNK_SLICES)
MEMORY_FACTOR = 2.5
LOADED_MS = 300_000
SCROLL = """async frames => {
    const canvas = document.querySelector('#ct-viewer canvas');
    const frame = () => new Promise(requestAnimationFrame);
    const times = [];
    await frame();
    for (let i = 0; i < frames; i += 1) {
        const start = performance.now();
        const deltaY = i % 20 < 10 ? 100 : -100;
        canvas.dispatchEvent(new WheelEvent('wheel', { deltaY, bubbles: true, cancelable: true }));
        await frame();
        await frame();
        times.push((performance.now() - start) / 2);
    }
    return times.sort((a, b) => a - b)[frames / 2];
}"""


@pytest.fixture(scope="module")
def large_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app with that one case."""
    running = start_with_stack(tmp_path_factory.mktemp("large") / "home", SHAPE)
    yield running
    running.kill()


def peak_mb(browser: Browser) -> float:
    """The largest peak of resident memory of a tab's process, code and shared pages included."""
    processes = browser.new_browser_cdp_session().send("SystemInfo.getProcessInfo")["processInfo"]
    status = [Path(f"/proc/{one['id']}/status").read_text() for one in processes if one["type"] == "renderer"]
    return max(int(re.search(r"VmHWM:\s+(\d+) kB", text)[1]) * 1024 / 1e6 for text in status)


def test_the_middle_comes_first_and_is_usable_while_the_rest_loads(large_app: App, browser: Browser, page: Page) -> None:
    asked: list[int] = []
    page.on("request", lambda request: asked.append(int(request.url.rsplit("/", 1)[1])) if "/volume/" in request.url else None)
    begun = time.monotonic()
    desk = Desk(page).open(large_app.url)
    first_s = time.monotonic() - begun
    bar = page.get_by_label("Loading the images")
    expect(bar).to_be_visible()
    assert asked[0] == SHAPE[0] // 2 // CHUNK_SLICES
    assert float(bar.get_attribute("value") or 1) < 0.5
    desk.scroll_to(SHAPE[0] // 2 + 1)  # inside the chunk that came first
    expect(desk.viewer).to_have_attribute("data-state", "ready")
    expect(bar).to_be_visible()

    expect(bar).to_be_hidden(timeout=LOADED_MS)
    all_s, frame_ms, tab_mb = time.monotonic() - begun, page.evaluate(SCROLL, 60), peak_mb(browser)
    assert sorted(asked) == list(range(CHUNKS))
    page.keyboard.press("o")
    opened = time.monotonic()
    expect(desk.viewer).to_have_attribute("data-linked", "ready", timeout=LOADED_MS)
    linked_s, with_linked_mb = time.monotonic() - opened, peak_mb(browser)
    print(
        f"\nstack {STACK_MB:.0f} MB: first picture {first_s:.1f} s, all {all_s:.1f} s, {frame_ms:.1f} ms a slice, "
        f"tab {tab_mb:.0f} MB ({tab_mb / STACK_MB:.2f} ×); axial and coronal {linked_s:.1f} s, tab {with_linked_mb:.0f} MB"
    )
    assert tab_mb < MEMORY_FACTOR * STACK_MB
