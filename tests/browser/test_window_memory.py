"""The five presets and their keys, and the last window: it comes again with the next case and after a reload."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from app_process import App
from block_case import HEADER_WINDOW, import_block_case
from desk import Desk
from fitted import shown_stack
from held_back import hold_back
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

Window = tuple[int, float]  # width, center
BONE, SOFT, WIDE = (1800, 400), (400, 40), (2500, 480)
HEADER = (HEADER_WINDOW["WindowWidth"], HEADER_WINDOW["WindowCenter"])


@dataclass(frozen=True)
class Shelf:
    """An app with two cases: one whose header has a window, and an example, whose header has none."""

    app: App
    with_header: str

    def open(self, page: Page) -> Desk:
        return Desk(page).open(f"{self.app.url}/annotate?case={self.with_header}")

    def full(self, desk: Desk) -> Window:
        """From the least HU of the shown case to the highest, least black and highest white."""
        hu = shown_stack(self.app, desk).hu
        least, most = int(hu.min()), int(hu.max())
        return most - least + 1, (least + most + 1) / 2


@pytest.fixture(scope="module")
def shelf(fresh_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shelf]:
    running = App(tmp_path_factory.mktemp("shelf") / "home", like=fresh_home)
    with_header = import_block_case(running, tmp_path_factory.mktemp("series"))
    running.start()
    yield Shelf(running, with_header)
    running.kill()


def has_window(desk: Desk, window: Window) -> None:
    width, center = window
    expect(desk.viewer).to_have_attribute("data-window-width", f"{width:g}")
    expect(desk.viewer).to_have_attribute("data-window-center", f"{center:g}")


def go_to_the_other_case(desk: Desk) -> None:
    before = desk.state("case")
    desk.canvas.focus()
    first = desk.page.locator(".vfrac-cases button").first.get_attribute("data-case")
    desk.page.keyboard.press("n" if before == first else "p")
    expect(desk.viewer).not_to_have_attribute("data-case", before)
    expect(desk.viewer).to_have_attribute("data-state", "ready")


def test_the_number_keys_and_the_buttons_give_the_five_windows(shelf: Shelf, clean_page: Page) -> None:
    desk = shelf.open(clean_page)
    windows = {"bone": BONE, "soft": SOFT, "wide": WIDE, "header": HEADER, "full": shelf.full(desk)}
    pictures = []
    for key, (name, window) in enumerate(windows.items(), start=1):
        clean_page.keyboard.press(str(key))
        has_window(desk, window)
        pressed = clean_page.locator("#ct-viewer [data-action^=window-][aria-pressed=true]")
        expect(pressed).to_have_attribute("data-action", f"window-{name}")
        pictures.append(desk.picture())
    assert all(a != b for a, b in pairwise(pictures))
    for name, window in reversed(windows.items()):
        clean_page.locator(f"#ct-viewer [data-action=window-{name}]").click()
        has_window(desk, window)


def test_a_series_without_a_window_in_its_header_offers_none(shelf: Shelf, clean_page: Page) -> None:
    desk = shelf.open(clean_page)
    clean_page.keyboard.press("4")
    has_window(desk, HEADER)
    go_to_the_other_case(desk)
    expect(clean_page.locator("[data-action=window-header]")).to_be_disabled()
    has_window(desk, BONE)
    clean_page.keyboard.press("2")
    clean_page.keyboard.press("4")
    has_window(desk, SOFT)


def by_dragging(desk: Desk) -> None:
    desk.drag((0.4, 0.5), (0.55, 0.42), button="right")


@pytest.mark.parametrize("choose", [by_dragging, "2", "3"], ids=["dragged", "soft", "wide"])
def test_the_last_window_comes_again_with_the_next_case_and_after_a_reload(
    shelf: Shelf, clean_page: Page, choose: str | Callable[[Desk], None]
) -> None:
    desk = shelf.open(clean_page)
    clean_page.keyboard.press(choose) if isinstance(choose, str) else choose(desk)
    expect(desk.viewer).not_to_have_attribute("data-window-width", "1800")
    window = int(desk.state("window-width")), float(desk.state("window-center"))
    go_to_the_other_case(desk)
    has_window(desk, window)
    clean_page.reload()
    desk.open(f"{shelf.app.url}/annotate")
    has_window(desk, window)
    desk.open(shelf.app.url)  # Explore is the same reader
    has_window(desk, window)


def test_the_header_s_and_the_full_window_come_again_as_each_case_s_own(shelf: Shelf, clean_page: Page) -> None:
    desk = shelf.open(clean_page)
    clean_page.keyboard.press("5")
    of_block = shelf.full(desk)
    has_window(desk, of_block)
    go_to_the_other_case(desk)
    of_example = shelf.full(desk)
    assert of_example != of_block
    has_window(desk, of_example)
    clean_page.keyboard.press("4")  # this series has none: the last choice stays the full range
    shelf.open(clean_page)
    has_window(desk, of_block)
    clean_page.keyboard.press("4")
    has_window(desk, HEADER)
    go_to_the_other_case(desk)
    go_to_the_other_case(desk)
    has_window(desk, HEADER)


def test_the_full_range_is_not_offered_before_all_pixels_are_there(shelf: Shelf, clean_page: Page) -> None:
    """Else it would be the range of those slices that came first."""
    held = hold_back(clean_page, "**/volume/**/0")
    desk = shelf.open(clean_page)
    expect(clean_page.locator("[data-action=window-full]")).to_be_disabled()
    clean_page.keyboard.press("5")
    has_window(desk, BONE)
    held[0].fallback()
    expect(clean_page.locator("[data-action=window-full]")).to_be_enabled()
    clean_page.keyboard.press("5")
    has_window(desk, shelf.full(desk))


def test_the_window_is_the_reader_s_own(shelf: Shelf, browser: Browser, clean_page: Page) -> None:
    desk = shelf.open(clean_page)
    clean_page.keyboard.press("2")
    has_window(desk, SOFT)
    other = shelf.open(browser.new_context(viewport={"width": 1280, "height": 800}).new_page())
    has_window(other, BONE)
    other.page.context.close()


def test_a_window_that_was_dragged_in_the_axial_view_is_the_last_one_too(shelf: Shelf, clean_page: Page) -> None:
    desk = shelf.open(clean_page)
    clean_page.keyboard.press("o")
    expect(desk.viewer).to_have_attribute("data-linked", "ready", timeout=60_000)
    axial = desk.viewer.locator("canvas[data-plane=axial]").bounding_box()
    clean_page.mouse.move(axial["x"] + 40, axial["y"] + 60)
    clean_page.mouse.down(button="right")
    clean_page.mouse.move(axial["x"] + 80, axial["y"] + 90, steps=4)
    clean_page.mouse.up(button="right")
    expect(desk.viewer).not_to_have_attribute("data-window-width", "1800")
    window = int(desk.state("window-width")), float(desk.state("window-center"))
    go_to_the_other_case(desk)
    has_window(desk, window)
