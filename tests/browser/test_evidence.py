"""Little evidence looks like little: p = 0.01 and p = 0.99 in the map, on the strip and in words, as they were painted.

Both slices have the same map, so that nothing but the probability makes the difference.
"""

from __future__ import annotations

import json

import numpy as np
import pytest
from app_process import App
from desk import STRIP_SIDE_PX, Desk
from fitted import Fitted, fit
from fixed_answers import answer_always
from held_back import hold_back
from painted import near, painted
from playwright.sync_api import Page, expect

from vfrac_core.imaging.roi import box_to_mm, square_box
from vfrac_core.types import PixelBox

pytestmark = pytest.mark.browser

HOTTEST = np.array((252, 255, 164))  # the last colour of matplotlib's "inferno", #fcffa4
OPACITY = 0.6  # where the slider stands at first
HIGH_INK, LOW_INK = (255, 157, 69), (90, 169, 255)  # strip.js: from 0.5 on, and below
CROWN_PX, FLOOR_PX = 13, 9  # strip.js: what the bars leave free above and below
EVERYWHERE = np.ones((4, 4))
MIDDLE = (38, 100, 52, 134)
AT_THE_FRONT = (30, 1, 54, 20)  # the square does not fit around it: it is pushed back into the slice


def ask(app: App, page: Page, box: tuple[int, int, int, int]) -> tuple[Desk, int, int]:
    """A box, and a slice with p = 0.01 beside one with p = 0.99."""
    desk = Desk(page).open(app.url)
    faint = int(desk.state("slice"))
    answer_always(page, {faint: 0.01, faint + 1: 0.99}, EVERYWHERE)
    fitted = fit(app, desk)
    desk.drag(fitted.fraction(box[0] - 0.5, box[1] - 0.5), fitted.fraction(box[2] - 0.5, box[3] - 0.5))
    desk.wait_for_prediction()
    assert desk.box() == list(box)
    expect(desk.viewer).to_have_attribute("data-predictions", "21")  # the strip is full
    page.keyboard.press("Escape")  # no handles
    return desk, faint, faint + 1


def show(desk: Desk, index: int, *, cam: bool = True) -> np.ndarray:
    """The picture of a slice with its map, or without."""
    desk.scroll_to(index)
    desk.page.get_by_label("CAM", exact=True).set_checked(cam)
    expect(desk.viewer).to_have_attribute("data-cam", "on" if cam else "off")
    desk.page.mouse.move(1, 1)
    expect(desk.viewer).to_have_attribute("data-probe", "")
    return painted(desk.canvas)


def square_on_screen(desk: Desk, fitted: Fitted) -> tuple[slice, slice]:
    """The square of the box in canvas px, by the server's own geometry."""
    stack = fitted.stack
    square = square_box(box_to_mm(PixelBox(*desk.box()), stack.spacing_mm), stack.rows, stack.columns, stack.spacing_mm)
    corner = np.array(fitted.fraction(-0.5, -0.5)) * (fitted.width, fitted.height)
    left, top = corner + np.array((square.col_min, square.row_min)) * fitted.px_per_mm
    side = square.width * fitted.px_per_mm
    return slice(round(top), round(top + side)), slice(round(left), round(left + side))


def test_the_map_of_little_evidence_is_hardly_seen_and_that_of_much_is_bright(app: App, clean_page: Page) -> None:
    desk, faint, strong = ask(app, clean_page, MIDDLE)
    for index, p in ((faint, 0.01), (strong, 0.99)):
        bare, mapped = show(desk, index, cam=False), show(desk, index)
        rows, columns = square_on_screen(desk, fit(app, desk))
        inside = slice(rows.start + 9, rows.stop - 9), slice(columns.start + 9, columns.stop - 9)
        expected = bare[inside] * (1 - OPACITY * p) + HOTTEST * OPACITY * p
        off = np.abs(mapped[inside] - expected).max(axis=2)
        assert np.percentile(off, 90) <= 4  # the rest is the box's own lines
        added = np.abs(mapped[inside] - bare[inside]).max(axis=2)
        assert np.percentile(added, 99) <= 2 if p < 0.5 else np.median(added) > 40


@pytest.mark.slow
def test_for_benign_it_is_the_other_way_round(app: App, clean_page: Page) -> None:
    desk, faint, strong = ask(app, clean_page, MIDDLE)
    clean_page.get_by_label("for", exact=False).select_option("benign")
    added = {}
    for index in (faint, strong):
        bare, mapped = show(desk, index, cam=False), show(desk, index)
        added[index] = np.abs(mapped - bare).max()
    assert added[faint] > 60
    assert added[strong] <= 2


@pytest.mark.parametrize("box", [MIDDLE, AT_THE_FRONT], ids=["middle", "at the front"])
def test_the_map_covers_the_whole_square_and_nothing_beside_it(app: App, clean_page: Page, box) -> None:
    desk, _, strong = ask(app, clean_page, box)
    changed = np.abs(show(desk, strong) - show(desk, strong, cam=False)).max(axis=2) > 2
    rows, columns = square_on_screen(desk, fit(app, desk))
    outside = np.ones_like(changed)
    outside[rows.start - 1 : rows.stop + 1, columns.start - 1 : columns.stop + 1] = False
    assert not (changed & outside).any()
    inside = changed[rows.start + 1 : rows.stop - 1, columns.start + 1 : columns.stop - 1]
    assert inside.mean() > 0.85  # the lines of box and square lie over the map
    for edge in (inside[:8].mean(), inside[-8:].mean(), inside[:, :8].mean(), inside[:, -8:].mean()):
        assert edge > 0.5


@pytest.mark.slow
def test_while_the_box_is_dragged_the_last_map_does_not_stick_out_of_the_square(app: App, clean_page: Page) -> None:
    desk, _, strong = ask(app, clean_page, MIDDLE)
    desk.scroll_to(strong)
    held = hold_back(clean_page, "**/predict/*")  # the answer for the moved box is late
    fitted = fit(app, desk)
    rows, columns = square_on_screen(desk, fitted)
    place = desk.rectangle()
    x, y = place["x"] + (columns.start + columns.stop) / 2, place["y"] + (rows.start + rows.stop) / 2
    clean_page.mouse.move(x, y)
    clean_page.mouse.down()
    clean_page.mouse.move(x + 40, y, steps=4)
    expect(desk.viewer).not_to_have_attribute("data-box", json.dumps(MIDDLE, separators=(",", ":")))
    _, moved = square_on_screen(desk, fitted)
    mapped = np.ptp(painted(desk.canvas), axis=2) > 20  # nothing else is coloured but the lines
    clean_page.mouse.up()
    held[0].fallback()
    assert moved.start - columns.start == pytest.approx(40, abs=2)
    left_behind = slice(columns.start + 3, moved.start - 3)
    assert mapped[rows.start + 9 : rows.stop - 9, moved.start + 3 : columns.stop - 3].mean() > 0.8
    assert mapped[rows.start + 9 : rows.stop - 9, left_behind].mean() < 0.05


@pytest.mark.slow
def test_the_bar_of_little_evidence_is_a_low_blue_one_and_that_of_much_a_high_orange_one(app: App, clean_page: Page) -> None:
    desk, faint, strong = ask(app, clean_page, MIDDLE)
    strip = painted(desk.viewer.locator(".ctv-strip"))
    tall = strip.shape[0] - CROWN_PX - FLOOR_PX
    step = (strip.shape[1] - 2 * STRIP_SIDE_PX) / int(desk.state("slices"))
    bars = {index: strip[:-FLOOR_PX, int(STRIP_SIDE_PX + (index + 0.5) * step)] for index in (faint, strong)}
    assert near(bars[strong], HIGH_INK).sum() == pytest.approx(0.99 * tall, abs=1.5)
    assert near(bars[strong], LOW_INK).sum() == 0
    assert near(bars[faint], LOW_INK).sum() <= 1
    assert near(bars[faint], HIGH_INK).sum() == 0


@pytest.mark.slow
def test_the_number_says_it_too(app: App, clean_page: Page) -> None:
    desk, faint, strong = ask(app, clean_page, MIDDLE)
    number = clean_page.locator("#ct-viewer [data-role=probability]")
    for index, words in ((faint, "Malignant 0.01"), (strong, "Malignant 0.99")):
        desk.scroll_to(index)
        expect(number).to_contain_text(words)
        expect(number).to_contain_text("patient 0.99")
