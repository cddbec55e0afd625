"""A sign's own map by a click on its number, and the strip with it."""

from __future__ import annotations

import numpy as np
import pytest
from app_process import App
from desk import STRIP_SIDE_PX, Desk
from fitted import fit
from fixed_answers import answer_always
from painted import near, painted
from playwright.sync_api import Page, expect
from reading import give_all_answers
from sign_screen import MIDDLE, answered, ask_in_explore, button, buttons, open_annotate, shows
from test_accessibility import serious_findings

from vfrac_core.imaging.roi import box_to_mm, square_box
from vfrac_core.paper import SIGNS
from vfrac_core.types import PixelBox

pytestmark = [pytest.mark.browser, pytest.mark.slow]

OPACITY = 0.6  # ai_session.js: where the slider stands at first
KNOWN = dict(zip(SIGNS, (0.9, 0.1, 0.75, 0.5, 0.02, 0.83), strict=True))
TOP, BOTTOM = np.kron([[1.0], [0.0]], np.ones((2, 4))), np.kron([[0.0], [1.0]], np.ones((2, 4)))  # halves of a map
CROWN_PX, FLOOR_PX = 13, 9  # strip.js: what the bars leave free above and below
HIGH_INK = (255, 157, 69)


def halves(app: App, desk: Desk) -> tuple[tuple[slice, slice], tuple[slice, slice]]:
    """Rows and columns of the canvas in the upper and the lower half of the square, away from its lines."""
    fitted = fit(app, desk)
    stack = fitted.stack
    square = square_box(box_to_mm(PixelBox(*MIDDLE), stack.spacing_mm), stack.rows, stack.columns, stack.spacing_mm)
    top, left = (
        (fitted.height / 2 + (square.row_min - stack.rows * stack.spacing_mm.row / 2) * fitted.px_per_mm),
        (fitted.width / 2 + (square.col_min - stack.columns * stack.spacing_mm.column / 2) * fitted.px_per_mm),
    )
    side = (square.row_max - square.row_min) * fitted.px_per_mm
    columns = slice(int(left + 6), int(left + side - 6))
    return (slice(int(top + 4), int(top + 0.3 * side)), columns), (slice(int(top + 0.7 * side), int(top + side - 4)), columns)


def test_a_click_shows_the_signs_own_map_and_a_second_one_the_malignant_map_again(sign_app: App, clean_page: Page) -> None:
    Desk(clean_page).open(sign_app.url)
    answer_always(clean_page, {}, TOP, otherwise=0.99, signs=KNOWN, grids={"bone_destruction": BOTTOM})
    desk = ask_in_explore(sign_app, clean_page)
    malignant = shows(desk, "malignant")
    clean_page.get_by_label("CAM", exact=True).uncheck()
    bare = shows(desk, "")
    clean_page.get_by_label("CAM", exact=True).check()
    shows(desk, "malignant")

    button(clean_page, "bone_destruction").click()
    sign = shows(desk, "bone_destruction")
    expect(button(clean_page, "bone_destruction")).to_have_attribute("aria-pressed", "true")
    expect(clean_page.locator("[data-sign-ai][aria-pressed=true]")).to_have_count(1)
    expect(clean_page.locator("[data-role=map]")).to_have_text("CAM: bone destruction, 0.83 on this slice")
    expect(clean_page.get_by_label("for", exact=False)).to_have_value("bone_destruction")
    upper, lower = halves(sign_app, desk)
    for picture, mapped, free, p in ((malignant, upper, lower, 0.99), (sign, lower, upper, KNOWN["bone_destruction"])):
        assert np.abs(picture[free] - bare[free]).max() <= 2
        alpha = OPACITY * p  # where the map is at its highest
        expected = (1 - alpha) * bare[mapped] + alpha * np.array((252, 255, 164))  # the last colour of "inferno"
        assert np.median(np.abs(picture[mapped] - expected)) <= 2  # the box's lines lie over the map

    button(clean_page, "bone_destruction").click()
    assert (shows(desk, "malignant") == malignant).all()
    expect(clean_page.locator("[data-sign-ai][aria-pressed=true]")).to_have_count(0)
    expect(clean_page.locator("[data-role=map]")).to_have_text("CAM: malignant")
    expect(clean_page.get_by_label("for", exact=False).locator("option")).to_have_text(["malignant", "benign"])


def test_the_strip_has_the_signs_probabilities_while_its_map_is_shown(sign_app: App, clean_page: Page) -> None:
    Desk(clean_page).open(sign_app.url)
    answer_always(clean_page, {}, TOP, otherwise=0.99, signs=KNOWN)
    desk = ask_in_explore(sign_app, clean_page)
    expect(desk.viewer).to_have_attribute("data-predictions", "21")
    strip = desk.viewer.locator(".ctv-strip")

    def bar() -> float:
        """Height of the shown slice's bar, as a share of the room for it."""
        pixels = painted(strip)
        step = (pixels.shape[1] - 2 * STRIP_SIDE_PX) / int(desk.state("slices"))
        column = pixels[:-FLOOR_PX, int(STRIP_SIDE_PX + (int(desk.state("slice")) + 0.5) * step)]
        return near(column, HIGH_INK).sum() / (pixels.shape[0] - CROWN_PX - FLOOR_PX)

    assert bar() == pytest.approx(0.99, abs=0.04)
    button(clean_page, "paravertebral_soft_tissue_mass").click()
    shows(desk, "paravertebral_soft_tissue_mass")
    assert bar() == pytest.approx(KNOWN["paravertebral_soft_tissue_mass"], abs=0.04)
    expect(strip).to_have_attribute("aria-label", "Probability of paravertebral soft-tissue mass by slice")


def test_the_real_maps_differ_and_the_map_goes_with_the_slice(sign_app: App, clean_page: Page) -> None:
    desk = ask_in_explore(sign_app, clean_page)
    malignant = shows(desk, "malignant")
    button(clean_page, "vertebral_compression").click()
    sign = shows(desk, "vertebral_compression")
    assert (np.abs(sign - malignant).max(axis=2) > 8).sum() > 200
    desk.scroll_to(int(desk.state("slice")) + 1)
    expect(desk.viewer).to_have_attribute("data-cam-target", "vertebral_compression")


def test_a_sign_is_reached_and_pressed_by_keyboard_and_keeps_the_focus(sign_app: App, clean_page: Page) -> None:
    desk = open_annotate(sign_app, clean_page)
    clean_page.locator("#ai-toggle").click()
    desk.wait_for_prediction()
    clean_page.locator("#sign-bone_destruction input").last.focus()
    clean_page.keyboard.press("Tab")
    expect(button(clean_page, "bone_destruction")).to_be_focused()
    for target in ("bone_destruction", "malignant", "bone_destruction"):
        clean_page.keyboard.press("Enter")
        shows(desk, target)
        expect(button(clean_page, "bone_destruction")).to_be_focused()
    expect(clean_page.locator("#sign-bone_destruction")).to_have_attribute("data-answer", "")  # no answer of the reader's
    expect(clean_page.get_by_role("button", name="AI", exact=False).filter(has_text="AI 0").first).to_be_visible()


def test_after_the_submission_the_maps_can_be_looked_at_and_the_answers_stay_locked(sign_app: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(f"{sign_app.url}/annotate")
    give_all_answers(desk)
    clean_page.keyboard.press("Control+Enter")
    expect(clean_page.locator("#sign-bone_destruction input").first).to_be_disabled()
    clean_page.locator("#ai-toggle").click()
    desk.wait_for_prediction()
    button(clean_page, "bone_destruction").click()
    shows(desk, "bone_destruction")
    for sign in SIGNS:
        assert all(one.is_disabled() for one in clean_page.locator(f"#sign-{sign} input").all())


def test_the_ai_switched_off_and_on_begins_with_the_malignant_map(sign_app: App, clean_page: Page) -> None:
    desk = ask_in_explore(sign_app, clean_page)
    button(clean_page, "multiple_segments").click()
    shows(desk, "multiple_segments")
    clean_page.keyboard.press("h")
    expect(buttons(clean_page)).to_have_count(0)
    expect(desk.viewer).to_have_attribute("data-cam-target", "")
    clean_page.keyboard.press("h")
    shows(desk, "malignant")
    expect(buttons(clean_page)).to_have_count(6)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/annotate"])
def test_axe_finds_nothing_serious_with_a_signs_map_on_the_screen(sign_app: App, page: Page, path: str, theme: str) -> None:
    desk = answered(page, sign_app, path, f"?__theme={theme}")
    button(page, "bone_destruction").click()
    shows(desk, "bone_destruction")
    assert serious_findings(page) == []
