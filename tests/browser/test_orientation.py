"""The letters of orientation, as they were painted: at the right sides of all three views and of the strip.

That the pixels lie the same way is what test_pixels.py, test_box_pixels.py and test_linked_views.py compare.
"""

from __future__ import annotations

import string

import numpy as np
import pytest
from app_process import App
from desk import Desk
from fitted import shown_stack
from painted import painted
from playwright.sync_api import Locator, Page, expect
from scipy.signal import fftconvolve

pytestmark = pytest.mark.browser

SIDES = {"top": (0, 0.5), "bottom": (1, 0.5), "left": (0.5, 0), "right": (0.5, 1)}  # as shares of height and width
REACH_PX = 40  # from the edge: here the letter stands, and nothing else
SAGITTAL = {"top": "H", "bottom": "F", "left": "A", "right": "P"}
AXIAL = {"top": "A", "bottom": "P", "left": "R", "right": "L"}
CORONAL = {"top": "H", "bottom": "F", "left": "R", "right": "L"}


def darken(desk: Desk) -> None:
    """Window out of the picture: what is left is what is written over it."""
    desk.page.keyboard.press("1")
    desk.drag((0.5, 0.02), (0.5, 0.98), button="right")
    assert float(desk.state("window-center")) - float(desk.state("window-width")) / 2 > 1176  # HU of the phantom's hardest bone


def letter_at(canvas: Locator, side: str, font: str = "bold 16px") -> str:
    """Which capital letter the pixels in the middle of a side resemble most."""
    pixels = painted(canvas)
    gray = np.where(np.ptp(pixels, axis=2) < 30, pixels[..., 0], 0)  # badges and bars are coloured
    down, right = SIDES[side]
    top, left = (int(share * (length - REACH_PX)) for share, length in zip((down, right), gray.shape, strict=True))
    place = gray[top : top + REACH_PX, left : left + REACH_PX] / 255
    assert place.max() > 0.5, f"nothing is written at the {side}"
    likeness = {letter: resemblance(place, glyph) for letter, glyph in glyphs(canvas.page, font).items()}
    return max(likeness, key=lambda letter: likeness[letter])


def glyphs(page: Page, font: str) -> dict[str, np.ndarray]:
    """Each capital letter, white on black."""
    made = page.evaluate(
        """([letters, font]) => {
            const canvas = Object.assign(document.createElement('canvas'), { width: 24, height: 24 });
            const context = canvas.getContext('2d');
            Object.assign(context, { font: `${font} system-ui, sans-serif`, textAlign: 'center', textBaseline: 'middle' });
            return [...letters].map((letter) => {
                context.fillStyle = '#000';
                context.fillRect(0, 0, 24, 24);
                context.fillStyle = '#fff';
                context.fillText(letter, 12, 12);
                return Array.from(context.getImageData(0, 0, 24, 24).data).filter((_, i) => i % 4 === 0);
            });
        }""",
        [string.ascii_uppercase, font],
    )
    return {letter: np.array(one).reshape(24, 24) / 255 for letter, one in zip(string.ascii_uppercase, made, strict=True)}


def resemblance(place: np.ndarray, glyph: np.ndarray) -> float:
    """The highest overlap over all shifts, less for ink that only one of both has."""
    overlap = fftconvolve(place, glyph[::-1, ::-1], mode="same").max()
    return overlap / np.sqrt((place**2).sum() * (glyph**2).sum())


def test_each_letter_stands_at_its_side_of_the_sagittal_slice_whatever_the_zoom(app: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(app.url)
    darken(desk)
    assert {side: letter_at(desk.canvas, side) for side in SIDES} == SAGITTAL
    clean_page.keyboard.press("+")
    clean_page.keyboard.press("+")
    desk.drag((0.5, 0.5), (0.7, 0.4), button="middle")
    desk.scroll_to(int(desk.state("slice")) + 1)
    assert {side: letter_at(desk.canvas, side) for side in SIDES} == SAGITTAL


@pytest.mark.slow
@pytest.mark.parametrize(("plane", "letters"), [("axial", AXIAL), ("coronal", CORONAL)])
def test_each_letter_stands_at_its_side_of_the_linked_views(
    app: App, clean_page: Page, plane: str, letters: dict[str, str]
) -> None:
    desk = Desk(clean_page).open(app.url)
    clean_page.keyboard.press("o")
    expect(desk.viewer).to_have_attribute("data-linked", "ready", timeout=60_000)
    darken(desk)
    canvas = desk.viewer.locator(f"canvas[data-plane={plane}]")
    assert {side: letter_at(canvas, side) for side in SIDES} == letters


@pytest.mark.slow
def test_the_strip_begins_at_the_patients_right(app: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(app.url)
    strip = desk.viewer.locator(".ctv-strip")
    assert [letter_at(strip, side, "600 12px") for side in ("left", "right")] == ["R", "L"]
    clean_page.keyboard.press("Home")
    expect(desk.viewer).to_have_attribute("data-slice", "0")
    blue = painted(strip)[..., 2] - painted(strip)[..., 0] > 80  # the mark under the shown slice
    assert np.nonzero(blue)[1].mean() < 0.1 * blue.shape[1]
    axes = shown_stack(app, desk).affine[:3, :3]
    assert np.array_equal(np.sign(np.round(axes, 6)), [[1, 0, 0], [0, 0, 1], [0, -1, 0]])  # LPS: to the left, down, to the back
