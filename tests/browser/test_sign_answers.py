"""The six signs' probabilities beside the reader's ticks; nothing of them while the AI is off."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from app_process import App
from desk import Desk
from playwright.sync_api import Page, Response, expect
from reading import give_all_answers
from sign_screen import answered, ask_in_explore, button, buttons, expect_numbers_of, open_annotate

from vfrac_core.paper import SIGNS

pytestmark = pytest.mark.browser


@pytest.fixture
def answers(page: Page) -> list[dict[str, Any]]:
    """What the server has said of the signs of five slices, the newest last."""
    heard: list[dict[str, Any]] = []

    def hear(response: Response) -> None:
        if "/predict/" in response.url and response.ok and len(response.json()["slices"]) == 5:
            heard.append(response.json())

    page.on("response", hear)
    return heard


def test_explore_shows_the_six_numbers_of_the_answer(sign_app: App, clean_page: Page, answers: list) -> None:
    desk = Desk(clean_page).open(sign_app.url)
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


def test_while_the_box_is_dragged_no_old_number_stands_there(sign_app: App, clean_page: Page) -> None:
    desk = ask_in_explore(sign_app, clean_page)
    expect(buttons(clean_page)).to_have_count(6)
    place = desk.rectangle()
    clean_page.mouse.move(place["x"] + 0.2 * place["width"], place["y"] + 0.2 * place["height"])
    clean_page.mouse.down()
    clean_page.mouse.move(place["x"] + 0.3 * place["width"], place["y"] + 0.3 * place["height"], steps=4)
    expect(buttons(clean_page)).to_have_count(0)
    clean_page.mouse.up()
    expect(buttons(clean_page)).to_have_count(6)


def test_annotate_shows_them_only_after_the_ai_was_switched_on(sign_app: App, clean_page: Page, answers: list) -> None:
    desk = open_annotate(sign_app, clean_page)
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


def test_in_annotate_with_the_ai_off_no_answer_of_the_server_tells_of_them(sign_app: App, page: Page) -> None:
    told: list[str] = []
    page.on("response", lambda one: told.append(one.text()) if "json" in one.headers.get("content-type", "") else None)
    desk = Desk(page).open(f"{sign_app.url}/annotate")
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


@pytest.mark.slow
def test_weights_without_a_sign_head_show_nothing(one_case: App, clean_page: Page, answers: list) -> None:
    desk = Desk(clean_page).open(one_case.url)
    desk.drag((0.45, 0.4), (0.6, 0.55))
    desk.wait_for_prediction()
    assert answers[-1]["patient_signs"] is None
    expect(buttons(clean_page)).to_have_count(0)
    expect(clean_page.locator(".ctv-signs")).to_be_hidden()


@pytest.mark.slow
@pytest.mark.parametrize("size", [(1280, 800), (390, 844)])
@pytest.mark.parametrize("path", ["/", "/annotate"])
def test_the_numbers_fit_their_page(sign_app: App, page: Page, path: str, size: tuple[int, int]) -> None:
    page.set_viewport_size({"width": size[0], "height": size[1]})
    answered(page, sign_app, path)
    expect(buttons(page)).to_have_count(6)
    assert page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth")
    for place in (one.bounding_box() for one in buttons(page).all()):
        assert place is not None
        assert place["height"] >= 24  # WCAG 2.5.8
        assert 0 <= place["x"] < place["x"] + place["width"] <= size[0]


@pytest.mark.slow
def test_the_form_does_not_jump_while_a_box_is_dragged(sign_app: App, clean_page: Page) -> None:
    desk = open_annotate(sign_app, clean_page)
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
