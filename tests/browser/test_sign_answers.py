"""The six signs' probabilities beside the reader's ticks, and a sign's map by a click; nothing of them while the AI is off."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from app_process import App
from desk import STRIP_SIDE_PX, Desk
from fitted import fit
from fixed_answers import answer_always
from painted import near, painted
from playwright.sync_api import Locator, Page, Response, expect
from reading import draw_first_box, give_all_answers
from test_accessibility import serious_findings

from vfrac_core.imaging.roi import box_to_mm, square_box
from vfrac_core.model.record import UNTRAINED_KIND, Training
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.model.untrained import untrained_network
from vfrac_core.model.weight_set import save_set
from vfrac_core.paper import SIGNS
from vfrac_core.types import PixelBox

pytestmark = pytest.mark.browser

OPACITY = 0.6  # ai_session.js: where the slider stands at first
MIDDLE = (38, 100, 52, 134)
KNOWN = dict(zip(SIGNS, (0.9, 0.1, 0.75, 0.5, 0.02, 0.83), strict=True))
TOP, BOTTOM = np.kron([[1.0], [0.0]], np.ones((2, 4))), np.kron([[0.0], [1.0]], np.ones((2, 4)))  # halves of a map
CROWN_PX, FLOOR_PX = 13, 9  # strip.js: what the bars leave free above and below
HIGH_INK = (255, 157, 69)


@pytest.fixture(scope="module")
def app(fresh_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app whose weights have a sign head. They are random: here only what is done with their answers is tested."""
    folder = tmp_path_factory.mktemp("signs")
    save_set(untrained_network(NetworkSpec(sign_head=True), seed=3), folder, Training(UNTRAINED_KIND, "0" * 64))
    running = App(folder / "home", like=fresh_home, VFRAC_WEIGHTS=str(folder))
    running.start()
    yield running
    running.kill()


@pytest.fixture
def answers(page: Page) -> list[dict[str, Any]]:
    """What the server has said of the signs of five slices, the newest last."""
    heard: list[dict[str, Any]] = []

    def hear(response: Response) -> None:
        if "/predict/" in response.url and response.ok and len(response.json()["slices"]) == 5:
            heard.append(response.json())

    page.on("response", hear)
    return heard


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


def test_explore_shows_the_six_numbers_of_the_answer(app: App, clean_page: Page, answers: list) -> None:
    desk = Desk(clean_page).open(app.url)
    expect(buttons(clean_page)).to_have_count(0)  # no box, no answer
    desk.drag((0.45, 0.4), (0.6, 0.55))
    desk.wait_for_prediction()
    expect(buttons(clean_page)).to_have_count(6)
    expect_numbers_of(clean_page, answers[-1])
    desk.drag((0.6, 0.6), (0.75, 0.75))
    expect(desk.viewer).to_have_attribute("data-predictions", "21")
    expect(desk.viewer).to_have_attribute("data-predicting", "false")
    assert answers[-1]["patient_signs"] != answers[0]["patient_signs"]
    expect_numbers_of(clean_page, answers[-1])


def test_while_the_box_is_dragged_no_old_number_stands_there(app: App, clean_page: Page) -> None:
    desk = ask_in_explore(app, clean_page)
    expect(buttons(clean_page)).to_have_count(6)
    place = desk.rectangle()
    clean_page.mouse.move(place["x"] + 0.2 * place["width"], place["y"] + 0.2 * place["height"])
    clean_page.mouse.down()
    clean_page.mouse.move(place["x"] + 0.3 * place["width"], place["y"] + 0.3 * place["height"], steps=4)
    expect(buttons(clean_page)).to_have_count(0)
    clean_page.mouse.up()
    expect(buttons(clean_page)).to_have_count(6)


def test_annotate_shows_them_only_after_the_ai_was_switched_on(app: App, clean_page: Page, answers: list) -> None:
    desk = open_annotate(app, clean_page)
    expect(buttons(clean_page)).to_have_count(0)
    assert answers == []
    clean_page.locator("#ai-toggle").click()
    desk.wait_for_prediction()
    expect(clean_page.locator(".vfrac-form [data-sign-ai]:visible")).to_have_count(6)
    expect(clean_page.locator("#ct-viewer [data-sign-ai]")).to_have_count(0)
    expect_numbers_of(clean_page, answers[-1])
    clean_page.locator("#ai-toggle").click()
    expect(buttons(clean_page)).to_have_count(0)
    assert not any(button(clean_page, sign).text_content() for sign in SIGNS)
    assert not any(button(clean_page, sign).get_attribute("title") for sign in SIGNS)


def test_in_annotate_with_the_ai_off_no_answer_of_the_server_tells_of_them(app: App, page: Page) -> None:
    told: list[str] = []
    page.on("response", lambda one: told.append(one.text()) if "json" in one.headers.get("content-type", "") else None)
    desk = Desk(page).open(f"{app.url}/annotate")
    give_all_answers(desk)
    ticket = page.evaluate(
        """async (caseId) => (await (await fetch(`api/case/${caseId}?mode=annotate`)).json()).study.ticket""", desk.state("case")
    )
    refused = page.evaluate(
        """async ([caseId, ticket]) => {
            const body = JSON.stringify({ slice: 29, box: [38, 86, 58, 144], slices: [29], cam: { target: 'bone_destruction' } });
            const answer = await fetch(`predict/${caseId}`, { method: 'POST', headers: { 'X-Vfrac-Ticket': ticket }, body });
            return [answer.status, Object.keys(await answer.json())];
        }""",
        [desk.state("case"), ticket],
    )
    assert refused == [403, ["error"]]
    assert len(told) > 3
    assert not any("patient_signs" in text or '"probability"' in text for text in told)
    assert desk.state("cam-target") == ""


def test_a_click_shows_the_signs_own_map_and_a_second_one_the_malignant_map_again(app: App, clean_page: Page) -> None:
    Desk(clean_page).open(app.url)
    answer_always(clean_page, {}, TOP, otherwise=0.99, signs=KNOWN, grids={"bone_destruction": BOTTOM})
    desk = ask_in_explore(app, clean_page)
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
    upper, lower = halves(app, desk)
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


def test_the_strip_has_the_signs_probabilities_while_its_map_is_shown(app: App, clean_page: Page) -> None:
    Desk(clean_page).open(app.url)
    answer_always(clean_page, {}, TOP, otherwise=0.99, signs=KNOWN)
    desk = ask_in_explore(app, clean_page)
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


def test_the_real_maps_differ_and_the_map_goes_with_the_slice(app: App, clean_page: Page) -> None:
    desk = ask_in_explore(app, clean_page)
    malignant = shows(desk, "malignant")
    button(clean_page, "vertebral_compression").click()
    sign = shows(desk, "vertebral_compression")
    assert (np.abs(sign - malignant).max(axis=2) > 8).sum() > 200
    desk.scroll_to(int(desk.state("slice")) + 1)
    expect(desk.viewer).to_have_attribute("data-cam-target", "vertebral_compression")


def test_a_sign_is_reached_and_pressed_by_keyboard_and_keeps_the_focus(app: App, clean_page: Page) -> None:
    desk = open_annotate(app, clean_page)
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


def test_after_the_submission_the_maps_can_be_looked_at_and_the_answers_stay_locked(app: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(f"{app.url}/annotate")
    give_all_answers(desk)
    clean_page.keyboard.press("Control+Enter")
    expect(clean_page.locator("#sign-bone_destruction input").first).to_be_disabled()
    clean_page.locator("#ai-toggle").click()
    desk.wait_for_prediction()
    button(clean_page, "bone_destruction").click()
    shows(desk, "bone_destruction")
    for sign in SIGNS:
        assert all(one.is_disabled() for one in clean_page.locator(f"#sign-{sign} input").all())


def test_the_ai_switched_off_and_on_begins_with_the_malignant_map(app: App, clean_page: Page) -> None:
    desk = ask_in_explore(app, clean_page)
    button(clean_page, "multiple_segments").click()
    shows(desk, "multiple_segments")
    clean_page.keyboard.press("h")
    expect(buttons(clean_page)).to_have_count(0)
    expect(desk.viewer).to_have_attribute("data-cam-target", "")
    clean_page.keyboard.press("h")
    shows(desk, "malignant")
    expect(buttons(clean_page)).to_have_count(6)


def test_weights_without_a_sign_head_show_nothing(one_case: App, clean_page: Page, answers: list) -> None:
    desk = Desk(clean_page).open(one_case.url)
    desk.drag((0.45, 0.4), (0.6, 0.55))
    desk.wait_for_prediction()
    assert answers[-1]["patient_signs"] is None
    expect(buttons(clean_page)).to_have_count(0)
    expect(clean_page.locator(".ctv-signs")).to_be_hidden()


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


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/", "/annotate"])
def test_axe_finds_nothing_serious_with_a_signs_map_on_the_screen(app: App, page: Page, path: str, theme: str) -> None:
    desk = answered(page, app, path, f"?__theme={theme}")
    button(page, "bone_destruction").click()
    shows(desk, "bone_destruction")
    assert serious_findings(page) == []


@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
@pytest.mark.parametrize("path", ["/", "/annotate"])
def test_the_numbers_fit_their_page(app: App, page: Page, path: str, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    answered(page, app, path)
    expect(buttons(page)).to_have_count(6)
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    for place in (one.bounding_box() for one in buttons(page).all()):
        assert place is not None
        assert place["height"] >= 24  # WCAG 2.5.8
        assert 0 <= place["x"] < place["x"] + place["width"] <= size[0]


def test_the_form_does_not_jump_while_a_box_is_dragged(app: App, clean_page: Page) -> None:
    desk = open_annotate(app, clean_page)
    clean_page.locator("#ai-toggle").click()
    desk.wait_for_prediction()
    tops = "() => [...document.querySelectorAll('.vfrac-sign')].map((one) => one.getBoundingClientRect().top)"
    before = clean_page.evaluate(tops)
    place = desk.rectangle()
    clean_page.mouse.move(place["x"] + 0.2 * place["width"], place["y"] + 0.2 * place["height"])
    clean_page.mouse.down()
    clean_page.mouse.move(place["x"] + 0.3 * place["width"], place["y"] + 0.3 * place["height"], steps=4)
    expect(buttons(clean_page)).to_have_count(0)
    during = clean_page.evaluate(tops)
    clean_page.mouse.up()
    assert np.ptp(np.subtract(during, before)) < 1  # the line above them may be another one
