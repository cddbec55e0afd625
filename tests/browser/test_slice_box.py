"""A slice may have a box of its own (J): it alone, while all others keep the case's; saved, undone, and asked about."""

from __future__ import annotations

import json

import numpy as np
import pytest
from app_process import App
from desk import Desk
from fixed_answers import answer_always
from painted import painted
from playwright.sync_api import Page, expect
from reading import kept_reading

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def shows(desk: Desk, box: list[int]) -> None:
    expect(desk.viewer).to_have_attribute("data-box", json.dumps(box, separators=(",", ":")))


def frame_rows(desk: Desk) -> tuple[int, int]:
    """First and last row of the picture in which much blue ink lies: the frame's upper and lower line."""
    desk.page.mouse.move(1, 1)
    expect(desk.viewer).to_have_attribute("data-probe", "")
    pixels = painted(desk.canvas)
    ink = (pixels[..., 2] - pixels[..., 0]).clip(0).sum(axis=1)
    lines = np.nonzero(ink > ink.max() / 2)[0]
    return int(lines[0]), int(lines[-1])


def box_and_own_box(desk: Desk) -> tuple[int, list[int], list[int]]:
    """A box for the case; on the next slice the same, ten pixels lower. Returns that slice, the case's box and its own."""
    desk.drag((0.42, 0.4), (0.56, 0.5))
    shared = desk.wait_for_box()
    if desk.page.locator("dialog[open]").count():
        desk.sign_in()
    own_slice = int(desk.state("slice")) + 1
    desk.scroll_to(own_slice)
    shows(desk, shared)
    desk.page.keyboard.press("j")
    expect(desk.viewer).to_have_attribute("data-slice-boxes", str(own_slice))
    desk.page.keyboard.press("Shift+ArrowDown")
    own = [shared[0] + 10, shared[1], shared[2] + 10, shared[3]]
    shows(desk, own)
    return own_slice, shared, own


def test_it_is_painted_and_saved_for_this_slice_alone(one_case: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(f"{one_case.url}/annotate")
    own_slice, shared, own = box_and_own_box(desk)
    clean_page.keyboard.press("Escape")
    painted_own = frame_rows(desk)
    for other in (own_slice - 1, own_slice + 1):
        desk.scroll_to(other)
        shows(desk, shared)
        painted_shared = frame_rows(desk)
        assert painted_own[0] - painted_shared[0] == painted_own[1] - painted_shared[1] > 20
    kept = kept_reading(one_case, once=lambda reading: bool(reading.slice_boxes))
    assert (kept.slice_index, list(kept.box.as_tuple())) == (own_slice - 1, shared)

    kept = kept_reading(one_case, once=lambda reading: list(reading.slice_boxes[own_slice].as_tuple()) == own)
    assert set(kept.slice_boxes) == {own_slice}
    desk.wait_saved()
    desk.open(f"{one_case.url}/annotate")
    shows(desk, shared)
    assert desk.state("slice-boxes") == str(own_slice)
    desk.scroll_to(own_slice)
    shows(desk, own)
    assert frame_rows(desk) == pytest.approx(painted_own, abs=1)


def test_undo_takes_it_back_step_by_step_and_redo_brings_it_again(one_case: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(f"{one_case.url}/annotate")
    own_slice, shared, own = box_and_own_box(desk)
    clean_page.keyboard.press("Control+z")
    shows(desk, shared)
    assert desk.state("slice-boxes") == str(own_slice)
    clean_page.keyboard.press("Control+z")
    expect(desk.viewer).to_have_attribute("data-slice-boxes", "")
    kept_reading(one_case, once=lambda reading: reading.box is not None and not reading.slice_boxes)
    clean_page.keyboard.press("Control+y")
    clean_page.keyboard.press("Control+y")
    shows(desk, own)
    kept_reading(one_case, once=lambda reading: own_slice in reading.slice_boxes)


def test_j_again_or_delete_gives_the_case_s_box_back_and_the_case_s_slice_has_no_other(one_case: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(f"{one_case.url}/annotate")
    own_slice, shared, _ = box_and_own_box(desk)
    for key in ("j", "Delete"):
        clean_page.keyboard.press(key)
        expect(desk.viewer).to_have_attribute("data-slice-boxes", "")
        shows(desk, shared)
        clean_page.keyboard.press("j")
        expect(desk.viewer).to_have_attribute("data-slice-boxes", str(own_slice))
    clean_page.keyboard.press("Escape")
    desk.scroll_to(own_slice - 1)
    clean_page.keyboard.press("j")
    clean_page.keyboard.press("ArrowDown")  # nothing is selected: it scrolls
    expect(desk.viewer).to_have_attribute("data-slice", str(own_slice))
    assert desk.state("slice-boxes") == str(own_slice)


def test_the_mouse_moves_the_slices_own_box_and_leaves_the_case_s(one_case: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(f"{one_case.url}/annotate")
    own_slice, shared, own = box_and_own_box(desk)
    upper, lower = frame_rows(desk)
    height = desk.rectangle()["height"]
    middle = (upper + lower) / 2 / height
    desk.drag((0.49, middle), (0.49, middle + 50 / height))
    now = desk.box()
    assert (now[0] > own[0], now[2] - now[0]) == (True, own[2] - own[0])
    desk.scroll_to(own_slice - 1)
    shows(desk, shared)


def test_the_network_is_asked_about_the_slice_s_own_box(one_case: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(one_case.url)
    asked = answer_always(clean_page, {}, np.ones((4, 4)))
    own_slice, shared, own = box_and_own_box(desk)
    expect(desk.viewer).to_have_attribute("data-predictions", "21")
    last = [question for question in asked if own_slice in question["slices"]][-1]
    assert (last["slice_boxes"], last["box"], last["slice"]) == ({str(own_slice): own}, shared, own_slice - 1)
    assert len(last["slices"]) == 5
    clean_page.keyboard.press("Control+z")
    clean_page.keyboard.press("Control+z")
    expect(desk.viewer).to_have_attribute("data-slice-boxes", "")
    shows(desk, shared)
