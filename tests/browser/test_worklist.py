"""From case to case: filter, flag, next unread, and links that lead to a case and a slice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from app_process import App
from desk import Desk
from more_cases import import_another_case
from playwright.sync_api import Page, expect
from reading import give_all_answers

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shelf(fresh_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app with three cases. Each test is another reader in another browser, and so finds nothing done."""
    folder = tmp_path_factory.mktemp("shelf")
    app = App(folder / "home", like=fresh_home)
    for seed in (3, 4):
        import_another_case(app, folder / f"series{seed}", seed)
    app.start()
    yield app
    app.kill()


def listed(page: Page) -> list[str]:
    return [one.get_attribute("data-case") or "" for one in page.locator(".vfrac-cases button").all()]


@pytest.mark.slow
def test_a_flag_is_saved_and_the_filter_stays_while_the_reader_moves_on(shelf: App, clean_page: Page) -> None:
    page = clean_page
    desk = Desk(page).open(f"{shelf.url}/annotate")
    first, second, third = listed(page)
    assert desk.state("case") == first
    page.keyboard.press("f")
    desk.sign_in()
    desk.wait_saved()
    item = page.locator(f".vfrac-cases button[data-case='{first}']")
    expect(item).to_contain_text("draft · ⚑ flagged")
    expect(page.locator("#flag")).to_have_attribute("aria-pressed", "true")

    page.locator("#case-filter").select_option(label="⚑ Flagged (1)")
    assert listed(page) == [first]
    page.locator("#next-case").click()
    expect(page.locator(".vfrac-desk-status")).to_have_text("This is the last case of those that are shown.")
    page.locator("#case-filter").select_option("todo")
    assert listed(page) == [first, second, third]  # the open case is a draft, and stays
    page.locator("#next-case").click()
    expect(desk.viewer).to_have_attribute("data-case", second)
    assert listed(page) == [second, third]
    expect(page.locator("#case-filter")).to_have_value("todo")

    page.goto(f"{shelf.url}/annotate")
    expect(item).to_have_attribute("data-flagged", "true")
    expect(page.locator("#flag")).to_have_text("⚑ Flagged (F)")
    expect(page.locator("#save-state")).to_have_text(re.compile(r"^Saved \d\d:\d\d:\d\d · #\d+$"))
    page.locator("#flag").click()
    expect(item).to_have_attribute("data-flagged", "false")
    desk.wait_saved()


def test_after_the_submission_the_focus_offers_the_next_unread_case(shelf: App, clean_page: Page) -> None:
    page = clean_page
    desk = Desk(page).open(f"{shelf.url}/annotate")
    _, second, third = listed(page)
    give_all_answers(desk)
    page.locator("#submit").click()
    expect(page.locator("#save-state")).to_contain_text("Submitted")
    expect(page.locator(".vfrac-progress")).to_have_text("1 of 3 done")
    expect(page.locator("#next-unread")).to_be_focused()
    page.keyboard.press("Enter")
    expect(desk.viewer).to_have_attribute("data-case", second)
    page.keyboard.press("Shift+N")
    expect(desk.viewer).to_have_attribute("data-case", third)
    page.keyboard.press("Shift+N")  # past the end, and past the one that is done
    expect(desk.viewer).to_have_attribute("data-case", second)


@pytest.mark.parametrize("path", ["annotate", ""], ids=["annotate", "explore"])
def test_a_link_leads_to_its_case_and_slice_and_the_address_follows(shelf: App, clean_page: Page, path: str) -> None:
    page = clean_page
    first = Desk(page).open(shelf.url).state("case")  # of Explore; ids are random, and it may come later in Annotate
    Desk(page).open(f"{shelf.url}/annotate")
    wanted = next(case for case in listed(page)[1:] if case != first)  # one before which there is another on both pages
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])

    desk = Desk(page).open(f"{shelf.url}/{path}?__theme=dark&case={wanted}&slice=12")
    expect(desk.viewer).to_have_attribute("data-case", wanted)
    expect(desk.viewer).to_have_attribute("data-slice", "12")
    desk.scroll_to(14)
    page.wait_for_url(f"**/{path}?__theme=dark&case={wanted}&slice=14")
    page.locator("#copy-link").click()
    expect(page.locator("#copy-link")).to_have_text("Link copied ✓")
    assert page.evaluate("navigator.clipboard.readText()") == f"{shelf.url}/{path}?case={wanted}&slice=14"

    page.get_by_role("button", name="Previous case").click()
    expect(desk.viewer).not_to_have_attribute("data-case", wanted)
    page.wait_for_url(re.compile(f"case={desk.state('case')}"))
    desk.open(page.url)
    expect(desk.viewer).not_to_have_attribute("data-case", wanted)


@pytest.mark.slow
def test_a_link_to_a_case_that_is_not_there_says_so_and_opens_the_usual_one(shelf: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(f"{shelf.url}/annotate?case=0000gone&slice=3")
    expect(clean_page.locator(".vfrac-desk-status")).to_have_text(
        "The case that the link names is not here; this is another one."
    )
    assert desk.state("case") == listed(clean_page)[0]


@pytest.mark.slow
def test_the_level_is_chosen_by_key_and_the_picture_takes_the_keys_again(shelf: App, clean_page: Page) -> None:
    page = clean_page
    desk = Desk(page).open(f"{shelf.url}/annotate")
    level = page.locator("#vertebral-level")
    desk.canvas.focus()
    page.keyboard.press("l")
    expect(level).to_be_focused()
    page.keyboard.type("l1")
    expect(level).to_have_value("L1")
    desk.sign_in()
    desk.wait_saved()
    level.focus()
    page.keyboard.press("Escape")
    expect(desk.canvas).to_be_focused()
    page.keyboard.press("l")
    page.keyboard.type("unk")
    expect(level).to_have_value("unknown")
