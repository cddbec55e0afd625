"""Nothing overlaps and nothing is cut off, on a laptop, on a large screen and on a phone."""

from __future__ import annotations

import pytest
from app_process import App
from cut_off import cut_off
from desk import Desk
from playwright.sync_api import Page, expect

from vfrac_core.signs import SAFETY

pytestmark = pytest.mark.browser

SIZES = [(1280, 800), pytest.param((1920, 1080), marks=pytest.mark.slow), (390, 844)]
PAGES = {"": None, "annotate": None, "library": "#upload", "training": "#runs section"}  # what is waited for; None: the desk


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("path", PAGES, ids=["explore", "annotate", "library", "training"])
def test_a_page_fits_its_width_and_shows_the_safety_line(app: App, clean_page: Page, path: str, size: tuple[int, int]) -> None:
    clean_page.set_viewport_size({"width": size[0], "height": size[1]})
    if awaited := PAGES[path]:
        clean_page.goto(f"{app.url}/{path}")
        clean_page.wait_for_selector(awaited)
    else:
        Desk(clean_page).open(f"{app.url}/{path}")
    expect(clean_page.get_by_text(SAFETY).first).to_be_in_viewport()
    overflow = clean_page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
    assert overflow <= 0
    assert cut_off(clean_page) == []


@pytest.mark.parametrize("path", ["", "annotate"], ids=["explore", "annotate"])
def test_picture_and_strip_are_seen_without_scrolling_at_1280_800(app: App, clean_page: Page, path: str) -> None:
    desk = Desk(clean_page).open(f"{app.url}/{path}")
    expect(desk.viewer.locator("canvas").first).to_be_in_viewport(ratio=1)
    expect(desk.viewer.locator(".ctv-strip")).to_be_in_viewport(ratio=1)


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_the_answer_of_an_example_fits_too(app: App, clean_page: Page, size: tuple[int, int]) -> None:
    clean_page.set_viewport_size({"width": size[0], "height": size[1]})
    desk = Desk(clean_page).open(app.url)
    clean_page.locator("#show-answer").click()
    expect(desk.viewer).to_have_attribute("data-arrows", "1")
    assert clean_page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0
    assert cut_off(clean_page) == []
    if size[0] > 900:
        expect(clean_page.get_by_label("The answer").get_by_role("heading")).to_be_in_viewport()
        expect(desk.viewer.locator("canvas").first).to_be_in_viewport(ratio=1)
