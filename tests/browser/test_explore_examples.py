"""The teaching examples: nothing of an answer before it is asked for, then words, arrows and signs; to be read, any case."""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from app_process import App
from desk import Desk
from painted import painted
from playwright.sync_api import Page, Response, expect
from reading import events_of, give_all_answers

from vfrac_core.paper import SIGNS
from vfrac_core.phantom.teaching import EXAMPLES
from vfrac_core.phantom.teaching_texts import TEXTS
from vfrac_core.store import AnnotationStore, verify

pytestmark = pytest.mark.browser

GREEN = np.array([141, 255, 106])  # arrows.js


@pytest.fixture
def payloads(page: Page) -> Callable[[], list[tuple[str, str]]]:
    """(address, text) of everything that the browser got so far."""
    answers: list[Response] = []

    def keep(response: Response) -> None:
        answers.append(response)

    page.on("response", keep)

    def texts() -> list[tuple[str, str]]:
        page.wait_for_load_state("networkidle")
        return [(one.url, _text(one)) for one in answers]

    return texts


def _text(response: Response) -> str:
    try:
        return response.body().decode("latin-1") + json.dumps(response.headers)
    except Exception:  # a redirect or an answer from the cache has no body
        return ""


def test_nothing_of_the_answer_is_anywhere_until_it_is_asked_for(
    own_app: App, clean_page: Page, payloads: Callable[[], list[tuple[str, str]]]
) -> None:
    page = clean_page
    desk = Desk(page).open(own_app.url)
    expect(page.locator("#case-select")).to_contain_text("Example 1 · synthetic")
    expect(page.get_by_text("SYNTHETIC: computer-generated images, no patient.").first).to_be_visible()
    desk.scroll_to(int(desk.state("slice")) + 1)
    desk.open(f"{own_app.url}/annotate")
    give_all_answers(desk)
    page.goto(f"{own_app.url}/library")
    page.wait_for_selector("#case-table table")
    page.goto(own_app.url)
    page.wait_for_selector("#show-answer")

    text, data = page.content(), ""
    for url, body in payloads():
        text += body
        data += body if "/api/" in url and "/api/draft" not in url else ""  # a draft's answer is the reader's own
    for number in TEXTS:
        words = TEXTS[number]
        assert not [told for told in (words.title, words.seen, words.means) if told in text and len(told) > 30], number
    assert not [word for word in ("arrows", "sentences", "difficulty", '"truth"') if word in data]
    assert EXAMPLES[0].spec.level not in data.replace('"L2"', "")  # L2 is what the reader chose

    page.locator("#show-answer").click()
    expect(page.get_by_role("heading", name=TEXTS[1].title)).to_be_visible()
    assert TEXTS[1].means in "".join(body for _, body in payloads())


@pytest.mark.slow
def test_show_the_answer_draws_arrows_that_can_be_switched_off_and_leads_to_the_signs(own_app: App, clean_page: Page) -> None:
    page = clean_page
    desk = Desk(page).open(own_app.url)
    assert desk.state("arrows") == ""
    assert green(desk) == 0
    page.locator("#show-answer").click()
    answer = page.get_by_label("The answer")
    expect(answer.get_by_role("heading")).to_have_text(f"Example 1: {TEXTS[1].title}")
    expect(answer).to_contain_text(TEXTS[1].seen)
    expect(answer).to_contain_text("Benign · L1")
    for sign in SIGNS:
        expect(answer.locator(f"[data-sign={sign}]")).to_have_attribute(
            "data-present", str(sign in EXAMPLES[0].spec.signs).lower()
        )
    expect(page.locator("#show-answer")).to_be_hidden()

    expect(desk.viewer).to_have_attribute("data-arrows", "1")
    assert green(desk) > 100
    page.keyboard.press("e")
    expect(desk.viewer).to_have_attribute("data-arrows", "")
    assert green(desk) == 0
    page.keyboard.press("e")
    expect(desk.viewer).to_have_attribute("data-arrows", "1")
    own = desk.state("slice")
    page.keyboard.press("Home")
    expect(desk.viewer).to_have_attribute("data-arrows", "0")
    answer.locator("[data-sign=vertebral_compression]").get_by_role("button").click()
    expect(desk.viewer).to_have_attribute("data-slice", own)

    page.wait_for_url(f"**slice={own}**")  # the address follows a moment later, and a reload opens what it says
    page.reload()
    expect(page.get_by_label("The answer").get_by_role("heading")).to_be_visible()  # this browser has seen it
    expect(desk.viewer).to_have_attribute("data-arrows", "1")
    assert events_of(own_app, "answer_shown") == 0  # nobody has given a name


@pytest.mark.slow
def test_seen_in_explore_before_a_name_was_given_it_makes_the_reading_assisted(own_app: App, clean_page: Page) -> None:
    page = clean_page
    desk = Desk(page).open(own_app.url)
    page.locator("#show-answer").click()
    expect(page.get_by_label("The answer").get_by_role("heading")).to_be_visible()
    desk.open(f"{own_app.url}/annotate")
    expect(page.get_by_label("The answer")).to_be_hidden()
    expect(page.locator("#assisted")).to_have_text(
        "You saw the answer for this case in Explore: your reading counts as assisted."
    )
    give_all_answers(desk)
    page.locator("#submit").click()
    expect(page.locator("#save-state")).to_contain_text("Submitted")
    assert events_of(own_app, "submit", where="json_extract(payload, '$.answer_visible') = 1") == 1


@pytest.mark.slow
def test_in_annotate_the_answer_comes_with_the_submission(own_app: App, clean_page: Page) -> None:
    page = clean_page
    desk = Desk(page).open(f"{own_app.url}/annotate")
    expect(page.locator(".vfrac-head h2")).to_contain_text("Case ")
    page.keyboard.press("e")
    give_all_answers(desk)
    answer = page.get_by_label("The answer")
    expect(answer).to_be_hidden()
    assert desk.state("arrows") == ""
    page.locator("#submit").click()
    expect(answer.get_by_role("heading")).to_have_text(f"Example 1: {TEXTS[1].title}")
    expect(answer.get_by_role("heading")).to_be_in_viewport()
    answer.locator("[data-sign=vertebral_compression]").get_by_role("button").click()
    expect(desk.viewer).to_have_attribute("data-arrows", "1")
    assert events_of(own_app, "answer_shown") == 1
    assert events_of(own_app, "submit", where="json_extract(payload, '$.answer_visible') = 1") == 0

    desk.open(f"{own_app.url}/annotate")
    expect(answer.get_by_role("heading")).to_be_visible()
    assert events_of(own_app, "answer_shown") == 1


@pytest.mark.slow
def test_killed_while_it_makes_examples_the_app_goes_on_at_the_next_start_and_the_page_with_it(
    tmp_path: Path, fresh_home: Path, clean_page: Page
) -> None:
    app = App(tmp_path / "home", like=fresh_home, VFRAC_EXAMPLES="3")
    app.start()
    app.kill()
    app.start()
    try:
        desk = Desk(clean_page).open(app.url)
        options = clean_page.locator("#case-select option")
        box = draw_a_box(desk)
        expect(options).to_have_count(3, timeout=120_000)
        expect(clean_page.locator(".vfrac-making")).to_be_hidden(timeout=20_000)
        assert [text.split(" · ")[0] for text in options.all_inner_texts()] == ["Example 1", "Example 2", "Example 3"]
        assert desk.box() == box  # the case on the screen stayed as it was
        assert json.loads(urllib.request.urlopen(f"{app.url}/api/examples").read())["examples"]["made"] == 3
    finally:
        app.kill()
    assert verify(app.home).problems == ()
    assert pixels(app.home) == pixels(made_without_a_break(tmp_path / "again", fresh_home))


def draw_a_box(desk: Desk) -> list[int]:
    """The box as it stays: right after the drag the page may still show the one before its last step."""
    desk.drag((0.45, 0.45), (0.55, 0.55))
    box = desk.wait_for_box()
    desk.page.wait_for_timeout(500)
    return desk.box() or box


def made_without_a_break(home: Path, fresh_home: Path) -> Path:
    """Another home with the same secret: the ids are the same."""
    app = App(home, like=fresh_home, VFRAC_EXAMPLES="3")
    app.start()
    until = time.monotonic() + 120
    while json.loads(urllib.request.urlopen(f"{app.url}/api/examples").read())["examples"]["making"]:
        assert time.monotonic() < until
        time.sleep(0.3)
    app.kill()
    return home


def pixels(home: Path) -> dict[str, str]:
    with AnnotationStore(home) as store:
        return {record.case_id: record.sha256 for record in store.cases()}


def green(desk: Desk) -> int:
    """How many pixels of the picture have the arrows' colour."""
    return int((np.abs(painted(desk.canvas) - GREEN).max(axis=2) < 12).sum())
