"""One reader, two tabs on the same case: each says so and shows what the other has saved, and nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from app_process import App
from desk import Desk
from more_cases import import_another_case
from playwright.sync_api import Page, expect
from reading import draw_first_box, events_of, give_all_answers

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_change_in_a_second_tab_after_the_submission_is_kept_and_does_not_trap_the_reader(
    own_app: App, page: Page, tmp_path: Path
) -> None:
    import_another_case(own_app, tmp_path / "series")
    first = Desk(page).open(f"{own_app.url}/annotate")
    give_all_answers(first)
    deaf = page.context.new_page()  # as another window of a browser without the channel
    deaf.add_init_script("delete window.BroadcastChannel")
    second = Desk(deaf).open(f"{own_app.url}/annotate")
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


def test_both_tabs_say_so_and_each_shows_what_the_other_has_saved(own_app: App, page: Page) -> None:
    first = Desk(page).open(f"{own_app.url}/annotate")
    draw_first_box(first)
    first.answer("vertebral_compression", "present")
    first.wait_saved()
    expect(page.locator("#beside")).to_be_hidden()

    second = Desk(page.context.new_page()).open(f"{own_app.url}/annotate")
    for tab in (first, second):
        expect(tab.page.locator("#beside")).to_contain_text("open in another tab")
    second.answer("bone_cortex_interruption", "absent")
    second.wait_saved()
    expect(page.locator("#sign-bone_cortex_interruption input[value=absent]")).to_be_checked()
    first.answer("bone_destruction", "absent")
    for sign, value in (
        ("vertebral_compression", "present"),
        ("bone_cortex_interruption", "absent"),
        ("bone_destruction", "absent"),
    ):
        expect(second.page.locator(f"#sign-{sign} input[value={value}]")).to_be_checked()

    finish(first)
    page.locator("#submit").click()
    expect(page.locator("#save-state")).to_contain_text("Submitted")
    expect(second.page.locator("#save-state")).to_contain_text("Submitted")
    expect(second.page.locator("#comment")).to_be_disabled()


def test_ctrl_enter_submits_from_the_list_of_levels_and_sends_a_correction(own_app: App, page: Page) -> None:
    desk = Desk(page).open(f"{own_app.url}/annotate")
    give_all_answers(desk)
    page.locator("#vertebral-level").focus()
    page.keyboard.press("Control+Enter")
    expect(page.locator("#save-state")).to_contain_text("Submitted")
    page.locator("#correct").click()
    page.locator("#correction-reason").fill("seen again")
    page.locator("#vertebral-level").select_option("L3")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#save-state")).to_contain_text("Correction saved")


def finish(desk: Desk) -> None:
    """All that is still missing for a submission."""
    desk.page.locator("#others-absent").click()
    desk.page.locator("#vertebral-level").select_option("L2")
    desk.page.locator("#diagnosis input[value=benign]").check()
    desk.page.locator("#confidence input[value='2']").check()
    desk.wait_saved()
