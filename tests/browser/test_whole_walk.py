"""A reader's whole way through a case, without a break: scroll, window, box, AI, answers, kill -9, all still there, submit."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from app_process import App
from desk import Desk
from playwright.sync_api import Page, expect
from reading import events_of

from vfrac_core.paper import SIGNS

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SLICES, MIDDLE = 59, 29
CORNERS = (0.34, 0.42), (0.56, 0.58)  # around the collapsed vertebra of the first example, as fractions of the canvas
INSIDE = [(x / 100, y / 100) for x in range(38, 52, 2) for y in range(44, 55, 2)]
OUTSIDE = [(x / 100, y / 100) for x in range(20, 90, 5) for y in (15, 25, 35, 65, 75, 85)]
PRESENT = ("vertebral_compression", "bone_destruction")


def test_a_reader_goes_through_a_case_and_a_killed_server_loses_nothing(
    own_app: App, clean_page: Page, requests_of: Callable[[], list[str]]
) -> None:
    page = clean_page
    desk = Desk(page).open(f"{own_app.url}/annotate")
    save_state, ai_toggle = page.locator("#save-state"), page.locator("#ai-toggle")
    expect(save_state).to_have_text("not saved yet")
    assert (desk.state("slices"), desk.state("slice")) == (str(SLICES), str(MIDDLE))

    # Scroll: 60 notches of the wheel, each with a picture of its own. Window: another picture. Nothing is asked for.
    desk.scroll_to(0)
    page.wait_for_load_state("networkidle")
    requests_of()
    pictures = [desk.picture()]
    for index in range(1, SLICES):
        desk.scroll_to(index)
        pictures.append(desk.picture())
    assert all(one != next_one for one, next_one in pairwise(pictures))
    desk.scroll_to(MIDDLE)
    assert desk.picture() == pictures[MIDDLE]

    expect(desk.viewer).to_have_attribute("data-window-width", "1800")
    expect(desk.viewer).to_have_attribute("data-window-center", "400")
    desk.drag((0.5, 0.5), (0.6, 0.45), button="right")
    expect(desk.viewer).not_to_have_attribute("data-window-width", "1800")
    expect(desk.viewer).not_to_have_attribute("data-window-center", "400")
    assert float(desk.state("window-width")) > 1800  # to the right: wider; upwards: brighter
    assert float(desk.state("window-center")) < 400
    assert desk.picture() != pictures[MIDDLE]
    assert requests_of() == []

    # Box: it is saved once the reader has a name, and the AI has said nothing about it.
    desk.drag(*CORNERS)
    desk.sign_in()
    desk.wait_saved()
    box = desk.box()
    assert (desk.state("cam"), desk.state("probability"), desk.strip_bars()) == ("off", "", [])
    assert colour(desk, INSIDE) == 0
    around = desk.pixels(OUTSIDE)

    # AI: two numbers, a bar for each of 21 slices, and colours over the box and nowhere else.
    ai_toggle.click()
    patient = desk.wait_for_prediction()
    page.wait_for_selector("#ct-viewer[data-predictions='21'][data-predicting=false]")
    probability = float(desk.state("probability"))
    assert 0 < probability <= patient < 1
    expect(page.locator("[data-role=probability]")).to_contain_text(f"Malignant {probability:.2f} (slice {MIDDLE + 1})")
    expect(page.locator("[data-role=probability]")).to_contain_text(f"patient {patient:.2f} (max of 5")
    assert desk.strip_bars() == list(range(MIDDLE - 10, MIDDLE + 11))
    assert desk.state("cam") == "on"
    assert colour(desk, INSIDE) > 20
    assert desk.pixels(OUTSIDE) == around

    # Answers: six signs, level, diagnosis, confidence, a comment. "Saved" carries time and number of the event on disk.
    for sign in SIGNS:
        desk.answer(sign, expected_answer(sign))
    page.locator("#vertebral-level").select_option("L2")
    page.locator("#diagnosis input[value=malignant]").check()
    page.locator("#confidence input[value='4']").check()
    page.get_by_label("Comment").fill("posterior wall gone")
    saved = desk.wait_saved().rpartition(" · ")[0]  # without the hash

    own_app.kill()
    own_app.start()

    # All is there again, for the same reader, and nothing waits to be saved.
    desk.open(f"{own_app.url}/annotate")
    assert desk.wait_for_box() == box
    assert desk.state("slice") == str(MIDDLE)
    expect(save_state).to_have_text(saved)
    expect(page.get_by_role("dialog")).to_be_hidden()
    for sign in SIGNS:
        expect(page.locator(f"#sign-{sign} input[value={expected_answer(sign)}]")).to_be_checked()
    expect(page.locator("#vertebral-level")).to_have_value("L2")
    expect(page.locator("#diagnosis input[value=malignant]")).to_be_checked()
    expect(page.locator("#confidence input[value='4']")).to_be_checked()
    expect(page.get_by_label("Comment")).to_have_value("posterior wall gone")
    expect(ai_toggle).to_have_text("AI off – switch on (H)")  # having seen it is on record

    page.locator("#submit").click()
    expect(save_state).to_contain_text("Submitted")
    expect(page.locator("#submit")).to_be_hidden()
    assert events_of(own_app, "submit", where="json_extract(payload, '$.ai_visible') = 1") == 1


def expected_answer(sign: str) -> str:
    return "present" if sign in PRESENT else "absent"


def colour(desk: Desk, places: list[tuple[float, float]]) -> int:
    """How far the most coloured of the pixels is from gray."""
    return max(max(pixel) - min(pixel) for pixel in desk.pixels(places))
