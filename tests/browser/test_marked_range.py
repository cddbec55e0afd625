"""A range of abnormal slices, marked on the strip with Shift or by Shift+A: stored as drawn, the edges of a run drawn paler."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from app_process import App
from desk import STRIP_SIDE_PX, Desk
from painted import painted
from playwright.sync_api import Locator, Page, expect
from reading import give_all_answers, kept_reading

pytestmark = [pytest.mark.browser, pytest.mark.slow]

MARKS_PX = 4  # at the foot of the strip: there the marks lie, under the bars and under the sign of the shown slice


def strip_of(desk: Desk) -> Locator:
    return desk.viewer.locator(".ctv-strip")


def strip_x(desk: Desk, index: int) -> float:
    """Where a slice lies on the strip."""
    step = (strip_of(desk).bounding_box()["width"] - 2 * STRIP_SIDE_PX) / int(desk.state("slices"))
    return STRIP_SIDE_PX + (index + 0.5) * step


def mark_by_dragging(desk: Desk, first: int, last: int, *, meanwhile: Callable[[], None] = lambda: None) -> None:
    place = strip_of(desk).bounding_box()
    desk.page.keyboard.down("Shift")
    desk.page.mouse.move(place["x"] + strip_x(desk, first), place["y"] + 30)
    desk.page.mouse.down()
    desk.page.mouse.move(place["x"] + strip_x(desk, last), place["y"] + 30, steps=5)
    expect(desk.viewer).to_have_attribute("data-slice", str(last))
    meanwhile()
    desk.page.mouse.up()
    desk.page.keyboard.up("Shift")


def marks(desk: Desk) -> np.ndarray:
    """How bright each slice's place in the row of marks is painted, [row of px, slice]."""
    desk.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    foot = painted(strip_of(desk))[-MARKS_PX:].sum(axis=2)
    return np.stack([foot[:, int(strip_x(desk, index))] for index in range(int(desk.state("slices")))], axis=1)


def assert_marked(desk: Desk, first: int, last: int) -> None:
    """A run of at least three: nothing beside it, its two edges seen, and both paler and thinner than all that lies between."""
    seen = marks(desk)
    inner, edges, beside = seen[:, first + 1 : last], seen[:, [first, last]], np.delete(seen, np.arange(first, last + 1), axis=1)
    assert beside.max() == beside.min()
    assert edges.max(axis=0).min() > 3 * beside.max()
    assert edges.max() < 0.7 * inner.max(axis=0).min()
    thick = (inner > 2 * beside.max()).sum(axis=0).min()
    assert (edges > 2 * beside.max()).sum(axis=0).max() < thick


def test_a_range_dragged_with_shift_is_stored_and_its_edges_are_paler(one_case: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(f"{one_case.url}/annotate")
    mark_by_dragging(desk, 20, 26)
    desk.sign_in()
    assert_marked(desk, 20, 26)
    kept_reading(one_case, once=lambda reading: reading.marked_slices == tuple(range(20, 27)))
    expect(clean_page.locator(".vfrac-marks button")).to_have_text([str(index + 1) for index in range(20, 27)])

    mark_by_dragging(desk, 35, 31)  # another range takes its place; towards the right it is one too
    assert_marked(desk, 31, 35)
    kept_reading(one_case, once=lambda reading: reading.marked_slices == tuple(range(31, 36)))
    desk.wait_saved()
    desk.open(f"{one_case.url}/annotate")
    assert_marked(desk, 31, 35)
    desk.scroll_to(33)
    clean_page.keyboard.press("a")  # the middle one goes: two short runs, and a short run has no edges
    seen = marks(desk)
    assert (seen[:, [31, 32, 34]] == seen[:, [35]]).all()


def test_shift_a_marks_from_the_nearest_mark_to_here_and_undo_takes_it_back(one_case: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(f"{one_case.url}/annotate")
    start = int(desk.state("slice"))
    clean_page.keyboard.press("a")
    desk.sign_in()
    desk.canvas.focus()
    for _ in range(4):
        clean_page.keyboard.press("ArrowDown")
    clean_page.keyboard.press("Shift+A")
    assert_marked(desk, start, start + 4)
    kept_reading(one_case, once=lambda reading: reading.marked_slices == tuple(range(start, start + 5)))
    clean_page.keyboard.press("Control+z")
    kept_reading(one_case, once=lambda reading: reading.marked_slices == (start,))
    seen = marks(desk).max(axis=0)
    assert np.nonzero(seen > 2 * np.median(seen))[0].tolist() == [start]


def test_a_submitted_reading_is_scrolled_by_the_same_drag_and_not_marked(one_case: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(f"{one_case.url}/annotate")
    give_all_answers(desk)
    mark_by_dragging(desk, 20, 24)
    clean_page.locator("#submit").click()
    expect(clean_page.locator("#save-state")).to_contain_text("Submitted", timeout=20_000)
    mark_by_dragging(desk, 40, 44, meanwhile=lambda: assert_marked(desk, 20, 24))
    assert_marked(desk, 20, 24)
    assert kept_reading(one_case).marked_slices == tuple(range(20, 25))
