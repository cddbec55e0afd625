"""What the tests of the six signs' numbers and maps do on the screen."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from app_process import App
from desk import Desk
from fitted import fit
from painted import painted
from playwright.sync_api import Locator, Page, expect
from reading import draw_first_box

from vfrac_core.paper import SIGNS

MIDDLE = (38, 100, 52, 134)


def buttons(page: Page) -> Locator:
    return page.locator("[data-sign-ai]:visible")


def button(page: Page, sign: str) -> Locator:
    return page.locator(f"[data-sign-ai={sign}]")


def expect_numbers_of(page: Page, answer: dict[str, Any]) -> None:
    """On the screen stands what the answer says, sign by sign, and what it is."""
    for sign in SIGNS:
        expect(button(page, sign)).to_have_text(f"AI {answer['patient_signs'][sign]:.2f}")
        bar = button(page, sign).locator(".vfrac-sign-bar > span")
        assert bar.evaluate("one => one.offsetWidth / one.parentElement.offsetWidth") == pytest.approx(
            answer["patient_signs"][sign], abs=0.03
        )
        title = button(page, sign).get_attribute("title") or ""
        assert "Weights: vfrac-" in title
        assert "highest of the five slices" in title
    assert answer["patient_signs"] == {sign: max(one["signs"][sign] for one in answer["slices"]) for sign in SIGNS}


def ask_in_explore(app: App, page: Page) -> Desk:
    desk = Desk(page).open(app.url)
    fitted = fit(app, desk)
    desk.drag(fitted.fraction(MIDDLE[0] - 0.5, MIDDLE[1] - 0.5), fitted.fraction(MIDDLE[2] - 0.5, MIDDLE[3] - 0.5))
    desk.wait_for_prediction()
    page.keyboard.press("Escape")  # no handles
    return desk


def open_annotate(app: App, page: Page) -> Desk:
    desk = Desk(page).open(f"{app.url}/annotate")
    draw_first_box(desk)
    return desk


def shows(desk: Desk, target: str) -> np.ndarray:
    """The picture as soon as it shows this map on every slice that was asked for."""
    expect(desk.viewer).to_have_attribute("data-cam-target", target)
    expect(desk.viewer).to_have_attribute("data-predicting", "false")
    desk.page.mouse.move(1, 1)  # nothing is written of what lies under the pointer
    expect(desk.viewer).to_have_attribute("data-probe", "")
    return painted(desk.canvas)


def answered(page: Page, app: App, path: str, query: str = "") -> Desk:
    """The page with a box and the network's answer to it."""
    desk = Desk(page).open(f"{app.url}{path}{query}")
    if path == "/annotate":
        draw_first_box(desk)
        page.locator("#ai-toggle").click()
    else:
        desk.drag((0.45, 0.4), (0.6, 0.55))
    desk.wait_for_prediction()
    return desk
