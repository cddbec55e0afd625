"""What is painted is what the store holds: the right slice, the right way round, windowed as the DICOM formula says."""

from __future__ import annotations

import numpy as np
import pytest
from app_process import App
from desk import Desk
from fitted import Fitted, fit
from painted import painted
from playwright.sync_api import Page, expect

from vfrac_core.imaging.window import window_to_gray
from vfrac_core.types import SagittalStack

pytestmark = pytest.mark.browser


@pytest.fixture
def desk(app: App, clean_page: Page) -> Desk:
    return Desk(clean_page).open(app.url)


@pytest.fixture
def fitted(app: App, desk: Desk) -> Fitted:
    return fit(app, desk)


def gray_errors(desk: Desk, fitted: Fitted) -> np.ndarray:
    """Painted minus expected gray at 60 pixels that lie away from letters and badges."""
    rng = np.random.default_rng(8)
    rows = rng.integers(fitted.stack.rows // 4, fitted.stack.rows * 3 // 4, 60)
    columns = rng.integers(fitted.stack.columns // 5, fitted.stack.columns * 4 // 5, 60)
    index = int(desk.state("slice"))
    width, center = float(desk.state("window-width")), float(desk.state("window-center"))
    expected = window_to_gray(fitted.stack.hu[index, rows, columns], center, width).astype(int)
    shown = np.array(desk.pixels([fitted.fraction(r, c) for r, c in zip(rows, columns, strict=True)]))[:, 0]
    return np.abs(shown - expected)


@pytest.mark.parametrize("index", [30, 33])
@pytest.mark.parametrize("preset", ["Bone", "Wide bone"])
def test_the_picture_is_the_slice_in_the_dicom_window(desk: Desk, fitted: Fitted, preset: str, index: int) -> None:
    desk.scroll_to(index)
    desk.page.get_by_role("button", name=preset).first.click()
    expect(desk.viewer).to_have_attribute("data-window-width", {"Bone": "1800", "Wide bone": "2500"}[preset])
    errors = gray_errors(desk, fitted)
    assert np.percentile(errors, 90) <= 4  # the canvas interpolates between pixels
    assert errors.mean() <= 3


def test_a_mirrored_or_neighbouring_slice_would_be_seen(desk: Desk, fitted: Fitted) -> None:
    """The check above can fail: the same samples against the wrong slice, and against the slice turned round."""
    for wrong in (np.roll(fitted.stack.hu, 1, axis=0), fitted.stack.hu[:, :, ::-1], fitted.stack.hu[:, ::-1]):
        stack = SagittalStack(np.ascontiguousarray(wrong), fitted.stack.affine, fitted.stack.info)
        assert gray_errors(desk, Fitted(stack, fitted.width, fitted.height)).mean() > 3


def test_the_map_is_painted_over_the_square_and_nowhere_else(desk: Desk, fitted: Fitted) -> None:
    row, column = 47, 114  # the first example's collapsed body
    start, end = fitted.fraction(row - 9, column - 28), fitted.fraction(row + 9, column + 28)
    desk.drag(start, end)
    r0, c0, r1, c1 = desk.wait_for_box()
    desk.wait_for_prediction()
    desk.page.wait_for_selector("#ct-viewer[data-predicting=false]")
    desk.page.keyboard.press("Escape")  # the box is left: no handles
    desk.page.mouse.move(1, 1)  # and nothing is written of what lies under the pointer
    desk.page.wait_for_selector("#ct-viewer[data-probe='']")
    shown = painted(desk.canvas)
    desk.page.get_by_label("CAM", exact=True).uncheck()
    desk.page.wait_for_selector("#ct-viewer[data-cam=off]")
    changed = np.argwhere(np.abs(shown - painted(desk.canvas)).max(axis=2) > 2)
    assert len(changed) > 100
    side = max((r1 - r0) * fitted.stack.spacing_mm.row, (c1 - c0) * fitted.stack.spacing_mm.column) * fitted.px_per_mm
    assert np.ptp(changed, axis=0).max() <= side + 3
    middle = fitted.fraction((r0 + r1) / 2 - 0.5, (c0 + c1) / 2 - 0.5)
    expected = np.array([middle[1] * fitted.height, middle[0] * fitted.width])
    assert np.abs((changed.min(axis=0) + changed.max(axis=0)) / 2 - expected).max() <= side / 2
