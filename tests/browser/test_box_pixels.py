"""A box drawn on a picture that was zoomed and moved is the box around what the reader saw there.

Nothing here knows the viewer's geometry: the reader's hand follows the pixels that were painted, and the truth is the array in
the file that was imported.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pytest
from app_process import App
from block_case import BLOCK, import_block_case
from desk import Desk
from fitted import shown_stack
from painted import painted
from playwright.sync_api import Page, expect

from vfrac_core.imaging.window import window_to_gray
from vfrac_core.store import AnnotationStore

pytestmark = [pytest.mark.browser, pytest.mark.slow]

HALF = ((450 - 399.5) / 1799 + 0.5) * 255  # the gray half way between tissue (0 HU) and block (900 HU) in the bone window
STEP_PX = 4  # Chromium interpolates by sixteenths of a pixel, and a row is nearly 50 px high at zoom 3
BESIDE_PX = 5  # a hand is never exact; less than half a pixel of the slice at zoom 3


@dataclass(frozen=True)
class Edges:
    """Of the bright block, in canvas px."""

    top: float
    left: float
    bottom: float
    right: float

    @property
    def width(self) -> float:
        return self.right - self.left

    @property
    def height(self) -> float:
        return self.bottom - self.top


@pytest.fixture(scope="module")
def block_app(fresh_home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[App, str]]:
    running = App(tmp_path_factory.mktemp("block") / "home", like=fresh_home)
    case_id = import_block_case(running, tmp_path_factory.mktemp("series"))
    running.start()
    yield running, case_id
    running.kill()


def seen_edges(desk: Desk) -> Edges:
    """Where gray passes from the tissue's to the block's, on the lines through the block's middle."""
    pixels = painted(desk.canvas)
    gray = np.where(np.ptp(pixels, axis=2) == 0, pixels[..., 0], 0).astype(float)  # a badge is coloured
    rows, columns = np.nonzero(gray[60:-60, 30:-30] > HALF)  # letters and ruler stand at the edges
    row, column = 60 + int(np.median(rows)), 30 + int(np.median(columns))
    left, right = crossings(gray[row], column, HALF)
    top, bottom = crossings(gray[:, column], row, HALF)
    return Edges(top, left, bottom, right)


def crossings(line: np.ndarray, inside: int, level: float) -> tuple[float, float]:
    """Where a line passes a level to both sides of a place, between the middles of its pixels; 0 is the edge of the first."""
    below = np.nonzero(line <= level)[0]
    before, after = below[below < inside].max(), below[below > inside].min()
    rise = before + (level - line[before]) / (line[before + 1] - line[before])
    fall = after - (level - line[after]) / (line[after - 1] - line[after])
    return rise + 0.5, fall + 0.5


def zoom_by_wheel(desk: Desk) -> None:
    """To the pointer, which is not in the middle: five notches with Ctrl."""
    place = desk.rectangle()
    desk.page.mouse.move(place["x"] + 0.47 * place["width"], place["y"] + 0.55 * place["height"])
    desk.page.keyboard.down("Control")
    for _ in range(5):
        desk.page.mouse.wheel(0, -110)
    desk.page.keyboard.up("Control")


def zoom_by_key(desk: Desk) -> None:
    for _ in range(5):
        desk.page.keyboard.press("+")


def wait_for_paint(desk: Desk) -> None:
    desk.page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")


def frame(desk: Desk) -> tuple[float, float, float, float]:
    """The middles of the box's four lines as they were painted: top, left, bottom, right. Nothing else is bluer than red."""
    pixels = painted(desk.canvas)
    blue = (pixels[..., 2] - pixels[..., 0]).clip(0)
    (top, bottom), (left, right) = (pair_of_lines(blue.sum(axis=axis).astype(float)) for axis in (1, 0))
    return top, left, bottom, right


def pair_of_lines(ink: np.ndarray) -> tuple[float, float]:
    places = np.arange(len(ink)) + 0.5
    ink = np.where(ink > ink.max() / 4, ink, 0)  # a line between two pixels is thinner in each
    middle = np.average(places, weights=ink > 0)
    return tuple(np.average(places[side], weights=ink[side]) for side in (places < middle, places > middle))


@pytest.mark.parametrize("zoom_in", [zoom_by_wheel, zoom_by_key])
def test_a_box_along_the_edges_that_are_seen_at_zoom_3_is_the_block_in_the_file(
    block_app: tuple[App, str], clean_page: Page, zoom_in
) -> None:
    app, case_id = block_app
    desk = Desk(clean_page).open(f"{app.url}/annotate?case={case_id}")
    fitted = seen_edges(desk)
    zoom_in(desk)
    wait_for_paint(desk)
    near_by = seen_edges(desk)
    assert near_by.width / fitted.width == pytest.approx(3, rel=0.03)
    assert near_by.height / fitted.height == pytest.approx(3, rel=0.03)

    width, height = desk.rectangle()["width"], desk.rectangle()["height"]
    desk.drag((0.5, 0.5), (0.5 + 60 / width, 0.5 - 35 / height), button="middle")
    wait_for_paint(desk)
    seen = seen_edges(desk)
    assert (seen.left - near_by.left, seen.top - near_by.top) == pytest.approx((60, -35), abs=1)

    corner = (seen.left + BESIDE_PX) / width, (seen.top - BESIDE_PX) / height
    desk.drag(corner, ((seen.right - BESIDE_PX) / width, (seen.bottom + BESIDE_PX) / height))
    assert desk.wait_for_box() == BLOCK
    clean_page.mouse.move(1, 1)
    desk.sign_in()
    desk.wait_saved()
    assert frame(desk) == pytest.approx((seen.top, seen.left, seen.bottom, seen.right), abs=STEP_PX)
    with AnnotationStore(app.home) as store:
        kept = max(store.annotations(), key=lambda one: one.seq)
    assert kept.case_id == case_id
    assert list(kept.reading.box.as_tuple()) == BLOCK
    assert kept.reading.slice_index == int(desk.state("slice"))


@pytest.mark.parametrize("zoom_in", [zoom_by_wheel, zoom_by_key])
def test_the_frame_holds_the_pixels_that_the_box_names(block_app: tuple[App, str], clean_page: Page, zoom_in) -> None:
    """On a spine, at zoom 3 and moved: what is painted inside the frame is HU[row_min:row_max, col_min:col_max], windowed."""
    app, block_id = block_app
    with AnnotationStore(app.home) as store:
        spine_id = next(case.case_id for case in store.cases() if case.case_id != block_id)
    desk = Desk(clean_page).open(f"{app.url}?case={spine_id}")
    stack = shown_stack(app, desk)
    clean_page.locator("#ct-viewer [aria-label='AI'] button").click()  # no map over the pixels
    expect(desk.viewer).to_have_attribute("data-cam", "off")
    zoom_in(desk)
    desk.drag((0.5, 0.5), (0.42, 0.57), button="middle")
    start, end = (0.31, 0.36), (0.66, 0.71)
    desk.drag(start, end)
    r0, c0, r1, c1 = desk.wait_for_box()
    clean_page.keyboard.press("Escape")
    clean_page.mouse.move(1, 1)
    expect(desk.viewer).to_have_attribute("data-probe", "")

    top, left, bottom, right = frame(desk)
    place = desk.rectangle()
    row_px, column_px = (bottom - top) / (r1 - r0), (right - left) / (c1 - c0)
    assert row_px / column_px == pytest.approx(stack.spacing_mm.row / stack.spacing_mm.column, rel=0.02)  # true aspect
    assert (top, bottom) == pytest.approx((start[1] * place["height"], end[1] * place["height"]), abs=row_px / 2 + 1)
    assert (left, right) == pytest.approx((start[0] * place["width"], end[0] * place["width"]), abs=column_px / 2 + 1)

    inside = painted(desk.canvas)[..., 0].astype(float)
    rows, columns = top + (np.arange(r1 - r0) + 0.5) * row_px, left + (np.arange(c1 - c0) + 0.5) * column_px
    shown = inside[np.ix_(rows.astype(int), columns.astype(int))]
    clear = np.ones_like(shown, bool)
    clear[:1], clear[-1:], clear[:, :3], clear[:, -3:] = False, False, False, False  # frame and handles

    def error(row: int, column: int) -> float:
        hu = stack.hu[int(desk.state("slice")), r0 + row : r1 + row, c0 + column : c1 + column]
        return float(np.abs(window_to_gray(hu, 400.0, 1800.0).astype(float) - shown)[clear].mean())

    assert error(0, 0) < 3
    assert min(error(row, column) for row in (-1, 0, 1) for column in (-1, 0, 1) if (row, column) != (0, 0)) > 2 * error(0, 0)
