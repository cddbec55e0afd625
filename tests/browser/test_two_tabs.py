"""One reader, two tabs on the same case: the first submits, the second must neither lose its text nor hold the reader."""

from __future__ import annotations

from pathlib import Path

import pytest
from app_process import App
from desk import Desk
from more_cases import import_another_case
from playwright.sync_api import Page, expect
from reading import events_of, give_all_answers

pytestmark = pytest.mark.browser


def test_a_change_in_a_second_tab_after_the_submission_is_kept_and_does_not_trap_the_reader(
    own_app: App, page: Page, tmp_path: Path
) -> None:
    import_another_case(own_app, tmp_path / "series")
    first = Desk(page).open(f"{own_app.url}/annotate")
    give_all_answers(first)
    second = Desk(page.context.new_page()).open(f"{own_app.url}/annotate")
    case = first.state("case")
    assert second.state("case") == case
    page.locator("#submit").click()
    expect(page.locator("#save-state")).to_contain_text("Submitted")

    second.page.get_by_label("Comment").fill("seen later")
    state = second.page.locator("#save-state")
    expect(state).to_contain_text("already submitted")
    expect(second.page.locator("#discard-late")).to_be_visible()
    assert second.page.evaluate("() => Object.values(localStorage).some((kept) => kept.includes('seen later'))")

    is_first = second.page.locator(".vfrac-cases button").first.get_attribute("data-case") == case
    there, back = ("#next-case", "#previous-case") if is_first else ("#previous-case", "#next-case")
    second.page.locator(there).click()
    expect(second.viewer).not_to_have_attribute("data-case", case)
    second.page.locator(back).click()
    expect(second.viewer).to_have_attribute("data-case", case)
    expect(state).to_contain_text("already submitted")
    second.page.locator("#correct").click()
    expect(second.page.get_by_label("Comment")).to_have_value("seen later")
    assert events_of(own_app, "submit") == 1
