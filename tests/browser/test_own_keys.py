"""A reader's own keys and mouse buttons: changed in the help sheet, kept in this browser, given back by one button."""

from __future__ import annotations

import pytest
from app_process import App
from desk import Desk
from playwright.sync_api import Locator, Page, expect

pytestmark = pytest.mark.browser


def sheet_of(page: Page) -> Locator:
    return page.locator("#help-sheet")


def note_of(page: Page) -> Locator:
    return page.locator("#help-sheet [role=status]")


def change_key(page: Page, action: str, key: str) -> None:
    page.locator(f"#help-sheet [data-id={action}]").click()
    expect(note_of(page)).to_contain_text("Press the new key")
    page.keyboard.press(key)


def open_sheet(page: Page) -> None:
    page.keyboard.press("?")
    expect(sheet_of(page)).to_be_visible()


def close_sheet(page: Page) -> None:
    page.keyboard.press("Escape")
    expect(sheet_of(page)).to_be_hidden()


def test_a_changed_key_does_the_new_thing_and_the_old_one_nothing_also_after_a_reload(app: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(app.url)
    open_sheet(clean_page)
    change_key(clean_page, "window-soft", "z")
    expect(note_of(clean_page)).to_have_text("Changed.")
    expect(clean_page.locator("#help-sheet [data-id=window-soft]")).to_have_text("Z")
    expect(desk.viewer).to_have_attribute("data-window-width", "1800")  # the key that was chosen does nothing yet
    close_sheet(clean_page)
    expect(desk.canvas).to_be_focused()
    for _ in range(2):
        clean_page.keyboard.press("2")
        clean_page.keyboard.press("3")  # a key after it: whatever the first one did is over
        expect(desk.viewer).to_have_attribute("data-window-width", "2500")
        clean_page.keyboard.press("2")
        clean_page.keyboard.press("ArrowDown")
        expect(desk.viewer).to_have_attribute("data-window-width", "2500")
        clean_page.keyboard.press("z")
        expect(desk.viewer).to_have_attribute("data-window-width", "400")
        expect(clean_page.locator("[data-action=window-soft]")).to_have_attribute("title", "Soft-tissue window (Z)")
        desk.open(app.url)


@pytest.mark.slow
def test_a_clash_is_told_and_changes_nothing(app: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(app.url)
    open_sheet(clean_page)
    change_key(clean_page, "window-soft", "h")
    expect(note_of(clean_page)).to_have_text("H is taken by “Show or hide the AI”.")
    expect(clean_page.locator("#help-sheet [data-id=window-soft]")).to_have_text("2")
    change_key(clean_page, "window-soft", "Escape")
    expect(note_of(clean_page)).to_have_text("Left as it was.")
    expect(sheet_of(clean_page)).to_be_visible()  # the first Esc ends the waiting, the second closes
    close_sheet(clean_page)
    assert desk.state("cam") == "on"
    clean_page.keyboard.press("h")
    expect(desk.viewer).to_have_attribute("data-cam", "off")
    clean_page.keyboard.press("2")
    expect(desk.viewer).to_have_attribute("data-window-width", "400")


@pytest.mark.slow
def test_a_mouse_button_with_another_tool_also_after_a_reload(app: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(app.url)
    open_sheet(clean_page)
    sheet_of(clean_page).get_by_label("Right-drag").select_option("scroll-drag")
    sheet_of(clean_page).get_by_label("Middle-drag").select_option("window-tool")
    close_sheet(clean_page)
    for _ in range(2):
        slice_index = int(desk.state("slice"))
        desk.drag((0.5, 0.4), (0.5, 0.6), button="right")
        assert int(desk.state("slice")) > slice_index
        assert desk.state("window-width") == "1800"
        before = desk.picture()
        desk.drag((0.4, 0.5), (0.6, 0.5), button="middle")
        assert int(desk.state("window-width")) > 1800
        assert desk.picture() != before
        clean_page.keyboard.press("1")
        expect(desk.viewer).to_have_attribute("data-window-width", "1800")
        desk.open(app.url)


@pytest.mark.slow
def test_all_as_shipped_gives_keys_and_buttons_back(app: App, clean_page: Page) -> None:
    desk = Desk(clean_page).open(app.url)
    open_sheet(clean_page)
    reset = clean_page.locator("#reset-keys")
    expect(reset).to_be_disabled()
    change_key(clean_page, "next-slice", "j")
    expect(note_of(clean_page)).to_contain_text("J is taken by")
    change_key(clean_page, "next-slice", "z")
    sheet_of(clean_page).get_by_label("Right-drag").select_option("scroll-drag")
    reset.click()
    expect(note_of(clean_page)).to_have_text("All keys are as shipped.")
    expect(clean_page.locator("#help-sheet [data-id=next-slice]")).to_have_text("↓")
    expect(sheet_of(clean_page).get_by_label("Right-drag")).to_have_value("window-tool")
    close_sheet(clean_page)
    for _ in range(2):
        slice_index = int(desk.state("slice"))
        clean_page.keyboard.press("z")
        clean_page.keyboard.press("ArrowDown")
        expect(desk.viewer).to_have_attribute("data-slice", str(slice_index + 1))
        desk.drag((0.5, 0.4), (0.5, 0.6), button="right")
        assert desk.state("slice") == str(slice_index + 1)
        assert desk.state("window-center") != "400"
        clean_page.keyboard.press("1")
        desk.open(app.url)


@pytest.mark.slow
def test_keys_are_off_while_a_text_is_typed_the_changed_ones_too(app: App, clean_page: Page) -> None:
    page, desk = clean_page, Desk(clean_page).open(f"{app.url}/annotate")
    open_sheet(page)
    change_key(page, "box-tool", "z")
    close_sheet(page)
    state = {name: desk.state(name) for name in ("slice", "box", "window-width", "tool", "case")}
    page.locator("#flag").click()
    desk.sign_in("z reader, 2 v")  # in the dialog that the first change brings
    assert {name: desk.state(name) for name in state} == state
    comment = page.locator("#comment")
    comment.focus()
    text = "z a 2 b v c x? N p s 5"
    page.keyboard.type(text)
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Home")
    page.keyboard.press("Delete")
    expect(comment).to_have_value(text[1:])
    expect(sheet_of(page)).to_be_hidden()
    assert {name: desk.state(name) for name in state} == state
    expect(page.locator(".vfrac-form input:checked")).to_have_count(0)
    expect(page.locator(".vfrac-marks button")).to_have_count(0)
    desk.wait_saved()
    page.keyboard.press("Escape")
    desk.canvas.focus()
    page.keyboard.press("z")
    assert desk.wait_for_box()


@pytest.mark.slow
def test_a_changed_key_of_the_form_works_where_the_focus_is_in_the_form(app: App, clean_page: Page) -> None:
    page, desk = clean_page, Desk(clean_page).open(f"{app.url}/annotate")
    open_sheet(page)
    change_key(page, "sign-vertebral_compression", "z")
    close_sheet(page)
    page.locator("#sign-bone_destruction input[value=absent]").check()
    desk.sign_in()
    page.locator("#sign-bone_destruction input[value=absent]").focus()
    page.keyboard.press("c")
    page.keyboard.press("z")
    expect(page.locator("#sign-vertebral_compression input[value=present]")).to_be_checked()
    page.keyboard.press("c")
    page.keyboard.press("x")
    expect(page.locator("#sign-bone_cortex_interruption input[value=present]")).to_be_checked()
    expect(page.locator("#sign-vertebral_compression input[value=present]")).to_be_checked()


@pytest.mark.slow
def test_wherever_the_page_names_a_key_it_is_the_reader_s_own(app: App, clean_page: Page) -> None:
    page, desk = clean_page, Desk(clean_page).open(f"{app.url}/annotate")
    sign, off = page.locator("#sign-vertebral_compression legend"), page.locator("#ct-viewer [data-role=probability]")

    def names(*, ai: str, box: str, flag: str, heights: str, compression: str, benign: str) -> None:
        expect(page.locator("#ai-toggle")).to_contain_text(f"({ai})")
        expect(off).to_contain_text(f"Press {ai} ")
        expect(page.locator("#reading-box")).to_contain_text(f"({box}).")
        expect(page.locator("#flag")).to_have_text(f"⚐ Flag ({flag})")
        expect(page.locator("#flag")).to_have_attribute("title", f"Flag the case, to come back to it ({flag})")
        expect(page.locator("#measure-heights")).to_have_text(f"Measure ({heights})")
        expect(sign.locator("kbd")).to_have_text(compression)
        expect(page.locator("#diagnosis kbd").first).to_have_text(benign)

    names(ai="H", box="R", flag="F", heights="K", compression="C", benign="B")
    own = {"toggle-ai": "I", "box-tool": "Z", "toggle-flag": "8", "height-tool": "9", "sign-vertebral_compression": "0"}
    open_sheet(page)
    for action, key in {**own, "diagnosis-benign": "6"}.items():
        change_key(page, action, key.lower())
        expect(note_of(page)).to_have_text("Changed.")
    close_sheet(page)
    names(ai="I", box="Z", flag="8", heights="9", compression="0", benign="6")
    page.keyboard.press("w")
    expect(page.locator("#ct-viewer [data-role=status]")).to_have_text("Side by side shows the AI: switch it on first (I).")
    desk.open(f"{app.url}/annotate")
    names(ai="I", box="Z", flag="8", heights="9", compression="0", benign="6")
    open_sheet(page)
    page.locator("#reset-keys").click()
    close_sheet(page)
    names(ai="H", box="R", flag="F", heights="K", compression="C", benign="B")


@pytest.mark.slow
def test_the_answer_of_an_example_names_the_key_of_its_arrows(app: App, clean_page: Page) -> None:
    page, desk = clean_page, Desk(clean_page).open(app.url)
    open_sheet(page)
    change_key(page, "toggle-answer", "z")
    close_sheet(page)
    expect(page.locator("#ct-viewer [data-role=probability]")).to_have_text("Draw a box around the vertebra (R).")
    expect(page.locator("#show-answer")).to_have_attribute("title", "Show the answer, then its arrows off and on (Z)")
    page.keyboard.press("z")
    expect(page.locator(".vfrac-answer label kbd")).to_have_text("Z")
    expect(desk.viewer).to_have_attribute("data-arrows", "1")
    desk.canvas.focus()
    page.keyboard.press("z")
    expect(desk.viewer).to_have_attribute("data-arrows", "")
