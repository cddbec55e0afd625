"""Take the pictures of docs/screenshots anew: every screen at three sizes, on the first example. ``make screenshots``."""

from __future__ import annotations

import json
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "browser")]

from app_process import App
from browser.conftest import CHROMIUM, FLAGS
from desk import Desk

from vfrac_core.paper import SIGNS

OUT = ROOT / "docs" / "screenshots"
SIZES = {"laptop": (1280, 800), "large": (1920, 1080), "phone": (390, 844), "dark": (1280, 800)}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        app = App(Path(folder) / "home", VFRAC_EXAMPLES="24")
        app.start()
        wait_for_examples(app)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        try:
            for name, (width, height) in SIZES.items():
                page = browser.new_page(viewport={"width": width, "height": height})
                take(page, app, name, "?__theme=dark" if name.endswith("dark") else "?__theme=light")
                page.close()
        finally:
            app.kill()


def wait_for_examples(app: App) -> None:
    """Two minutes: the worklist of the pictures has all of them."""
    while json.loads(urllib.request.urlopen(f"{app.url}/api/examples").read())["examples"]["making"]:
        time.sleep(1)


def take(page: Page, app: App, name: str, query: str) -> None:
    explore = Desk(page).open(f"{app.url}/{query}")
    draw(explore)
    explore.wait_for_prediction()
    page.wait_for_selector("#ct-viewer[data-predictions='21']", timeout=60_000)
    shoot(page, f"explore-{name}")

    annotate = Desk(page).open(f"{app.url}/annotate{query}")
    draw(annotate)
    annotate.wait_for_box()
    page.get_by_role("dialog").wait_for()
    shoot(page, f"reader-{name}")
    annotate.sign_in()
    for sign in SIGNS[:3]:
        annotate.answer(sign, "present")
    annotate.wait_saved()
    shoot(page, f"annotate-{name}", whole=True)

    page.goto(f"{app.url}/library{query}")
    page.wait_for_selector("#case-table table")
    shoot(page, f"library-{name}")

    Desk(page).open(f"{app.url}/{query}")
    page.locator("#show-answer").click()
    page.wait_for_selector("#ct-viewer[data-arrows='1']")
    shoot(page, f"answer-{name}", whole=name == "phone")


def draw(desk: Desk) -> None:
    """A box around the collapsed L1 of the first example."""
    place = desk.rectangle()
    across = min(place["height"] / place["width"], 1)  # the slice fills the height; fractions of the width follow from it
    desk.drag((0.5 - 0.18 * across, 0.43), (0.5 + 0.06 * across, 0.57))


def shoot(page: Page, name: str, *, whole: bool = False) -> None:
    page.screenshot(path=OUT / f"{name}.png", full_page=whole)


if __name__ == "__main__":
    main()
