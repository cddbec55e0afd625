"""The network and the server fail while a reader works: everything arrives, and nothing twice."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from app_process import App
from desk import Desk
from playwright.sync_api import Page, Route, expect
from reading import draw_first_box, events_of, give_all_answers

pytestmark = pytest.mark.browser

DRAFT = re.compile(r"/api/draft/")


def test_a_save_that_was_committed_but_not_acknowledged_is_one_event(own_app: App, page: Page) -> None:
    desk = Desk(page).open(f"{own_app.url}/annotate")
    draw_first_box(desk)
    desk.wait_saved()
    assert events_of(own_app, "draft") == 1

    page.route(DRAFT, _lose_the_answer_of(2))
    page.locator("#vertebral-level").select_option("L2")
    expect(page.locator("#save-state")).to_contain_text("NOT SAVED")
    expect(page.locator("#save-state")).to_contain_text("Saved", timeout=20_000)
    assert events_of(own_app, "draft") == 2


def _lose_the_answer_of(times: int) -> Callable[[Route], None]:
    """The server commits; the browser sees a broken connection."""
    left = iter(range(times))

    def handle(route: Route) -> None:
        if next(left, None) is None:
            return route.continue_()
        route.fetch()
        return route.abort()

    return handle


@pytest.mark.slow
def test_a_comment_typed_while_the_server_is_dead_arrives_once_it_is_back(own_app: App, page: Page) -> None:
    desk = Desk(page).open(f"{own_app.url}/annotate")
    box = draw_first_box(desk)
    desk.wait_saved()

    own_app.kill()
    page.get_by_label("Comment").press_sequentially("posterior wall gone", delay=20)
    expect(page.locator("#save-state")).to_contain_text("Kept in this browser")
    own_app.start()

    expect(page.locator("#save-state")).to_contain_text("Saved", timeout=40_000)
    desk.open(f"{own_app.url}/annotate")
    assert desk.wait_for_box() == box
    expect(page.get_by_label("Comment")).to_have_value("posterior wall gone")
    drafts = events_of(own_app, "draft", distinct=True)
    assert drafts == events_of(own_app, "draft")


@pytest.mark.slow
def test_a_lost_network_is_told_before_anything_is_saved_and_what_was_typed_meanwhile_arrives_once(
    own_app: App, page: Page
) -> None:
    desk = Desk(page).open(f"{own_app.url}/annotate")
    draw_first_box(desk)
    desk.wait_saved()
    banner = page.locator("#offline-banner")
    expect(banner).to_be_hidden()

    page.context.set_offline(True)
    expect(banner).to_have_text("Offline: your answers are kept in this browser and sent when the server is back.")
    expect(page.locator("#save-state")).to_contain_text("Saved")  # nothing has been tried since
    page.get_by_label("Comment").fill("typed without a network")
    expect(page.locator("#save-state")).to_contain_text("NOT SAVED")
    page.context.set_offline(False)
    expect(banner).to_be_hidden(timeout=10_000)
    expect(page.locator("#save-state")).to_contain_text("Saved", timeout=20_000)
    assert events_of(own_app, "draft", where="json_extract(payload, '$.comment') = 'typed without a network'") == 1


@pytest.mark.slow
def test_a_server_that_is_gone_is_told_by_the_save_that_fails(own_app: App, page: Page) -> None:
    desk = Desk(page).open(f"{own_app.url}/annotate")
    draw_first_box(desk)
    own_app.kill()
    page.get_by_label("Comment").fill("nobody hears this")
    expect(page.locator("#offline-banner")).to_be_visible()
    own_app.start()
    expect(page.locator("#offline-banner")).to_be_hidden(timeout=10_000)
    expect(page.locator("#save-state")).to_contain_text("Saved", timeout=20_000)


@pytest.mark.slow
def test_a_correction_in_work_is_there_again_after_a_reload_and_is_sent_once(own_app: App, clean_page: Page) -> None:
    page = clean_page
    desk = Desk(page).open(f"{own_app.url}/annotate")
    give_all_answers(desk)
    page.locator("#submit").click()
    expect(page.locator("#save-state")).to_contain_text("Submitted")

    page.locator("#correct").click()
    page.locator("#correction-reason").fill("second look")
    page.locator("#confidence input[value='5']").check()
    expect(page.locator("#save-state")).to_have_text("Correction not sent yet: kept in this browser.")
    case = desk.state("case")
    desk.open(f"{own_app.url}/annotate")
    page.locator(f".vfrac-cases button[data-case='{case}']").click()
    expect(page.locator("#correction-reason")).to_have_value("second look")
    expect(page.locator("#confidence input[value='5']")).to_be_checked()
    expect(page.locator("#save-state")).to_have_text("Correction not sent yet: kept in this browser.")
    page.locator("#send-correction").click()
    expect(page.locator("#save-state")).to_contain_text("Correction saved")
    assert events_of(own_app, "correct") == 1


@pytest.mark.slow
def test_the_ai_seen_in_explore_before_a_name_was_given_makes_the_reading_assisted(own_app: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(own_app.url)
    desk.drag((0.5, 0.4), (0.65, 0.55))
    desk.wait_for_prediction()
    case = desk.state("case")

    desk.open(f"{own_app.url}/annotate")
    clean_page.locator(f".vfrac-cases button[data-case='{case}']").click()
    expect(desk.viewer).to_have_attribute("data-case", case)
    expect(clean_page.locator("#assisted")).to_be_visible()
    draw_first_box(desk)
    desk.wait_saved()
    assert events_of(own_app, "draft", where="json_extract(payload, '$.ai_visible') = 1") == 1


@pytest.mark.slow
def test_the_ai_looked_at_after_the_submission_makes_the_correction_assisted_and_not_the_answer(
    own_app: App, clean_page: Page
) -> None:
    desk = Desk(clean_page).open(f"{own_app.url}/annotate")
    give_all_answers(desk)
    clean_page.locator("#submit").click()
    expect(clean_page.locator("#save-state")).to_contain_text("Submitted")
    clean_page.locator("#ai-toggle").click()
    desk.wait_for_prediction()
    assert events_of(own_app, "ai_shown") >= 1

    clean_page.locator("#correct").click()
    clean_page.locator("#correction-reason").fill("the network is right")
    clean_page.locator("#confidence input[value='5']").check()
    clean_page.locator("#send-correction").click()
    expect(clean_page.locator("#save-state")).to_contain_text("Correction saved")
    seen = "json_extract(payload, '$.ai_visible') = 1"
    assert [events_of(own_app, kind, where=seen) for kind in ("submit", "correct")] == [0, 1]
