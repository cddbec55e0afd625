"""The question for the reader's name comes with the first change, and never in the middle of a word."""

from __future__ import annotations

import pytest
from app_process import App
from desk import Desk
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]

WORDS = "wedge of L1, old? 2 mm"


def test_a_comment_that_comes_first_is_typed_to_its_end_before_the_name_is_asked_for(app: App, clean_page: Page) -> None:
    page, desk = clean_page, Desk(clean_page).open(f"{app.url}/annotate")
    comment, dialog = page.locator("#comment"), page.get_by_role("dialog")
    comment.focus()
    page.keyboard.type(WORDS, delay=60)
    expect(page.locator("#save-state")).to_contain_text("NOT SAVED: who is reading?")
    expect(comment).to_have_value(WORDS)
    expect(dialog).to_be_hidden()
    page.keyboard.press("Tab")
    expect(dialog).to_be_visible()
    desk.sign_in()
    desk.wait_saved()
    expect(comment).to_have_value(WORDS)
    desk.open(f"{app.url}/annotate")
    expect(comment).to_have_value(WORDS)


def test_put_off_once_it_does_not_come_again_at_every_change(app: App, clean_page: Page) -> None:
    page = clean_page
    Desk(page).open(f"{app.url}/annotate")
    page.locator("#comment").focus()
    page.keyboard.type("x")
    expect(page.locator("#save-state")).to_contain_text("who is reading?")
    page.locator("#give-name").click()
    expect(page.get_by_role("dialog")).to_have_count(1)
    page.get_by_role("button", name="Not now").click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator("#comment").focus()
    page.keyboard.type("y")
    page.keyboard.press("Tab")
    expect(page.locator("#comment")).to_have_value("xy")
    page.wait_for_timeout(1000)  # longer than it would take to come
    expect(page.get_by_role("dialog")).to_have_count(0)
