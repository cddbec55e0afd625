"""No serious finding of axe-core on any screen, and what it cannot find: focus, the live region, names of the controls."""

from __future__ import annotations

import pytest
from app_process import App
from axe_playwright_python.sync_playwright import Axe
from desk import Desk
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

SERIOUS = ("serious", "critical")
OPTIONS = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "best-practice"]}
GRADIO_OWN = (".gradio-container > footer", "gradio-app > .toast-wrap")  # not ours to mend


def serious_findings(page: Page) -> list[str]:
    found = Axe().run(page, options=OPTIONS).response["violations"]
    return [
        f"{one['id']} ({one['impact']}): {node['target']} {node['html'][:120]}"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
        if not any(str(node["target"][0]).startswith(own) for own in GRADIO_OWN)
    ]


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
@pytest.mark.parametrize("path", ["/", "/annotate", "/library", "/training"])
def test_axe_finds_nothing_serious_on_any_screen(app: App, page: Page, path: str, theme: str):
    page.goto(f"{app.url}{path}?__theme={theme}")
    if path == "/training":
        page.wait_for_selector("#runs section")  # its timer asks again and again: the network is never idle
    elif path == "/library":
        expect(page.get_by_role("heading").first).to_be_visible()
        page.wait_for_load_state("networkidle")
    else:
        page.wait_for_selector("#ct-viewer[data-state=ready]", timeout=60_000)
        page.keyboard.press("r")
    assert serious_findings(page) == []


@pytest.mark.slow
def test_axe_finds_nothing_serious_in_the_help_sheet_and_the_answer(app: App, page: Page):
    Desk(page).open(app.url)
    page.locator("#show-answer").click()
    expect(page.locator(".vfrac-answer")).to_be_visible()
    assert serious_findings(page) == []
    page.keyboard.press("?")
    expect(page.locator("#help-sheet")).to_be_visible()
    assert serious_findings(page) == []


def test_the_live_region_tells_where_scrolling_came_to_rest(app: App, page: Page):
    desk = Desk(page).open(app.url)
    region = page.locator("[data-role=announcer]")
    slices, before = int(desk.state("slices")), int(desk.state("slice"))
    for _ in range(4):
        page.keyboard.press("ArrowDown")
    expect(region).to_have_text(f"Slice {before + 5} of {slices}.")
    page.keyboard.press("r")
    desk.wait_for_prediction()
    expect(region).to_contain_text("Malignant 0.")


def test_every_stop_of_the_tab_key_is_seen(app: App, page: Page):
    """The element with the focus is marked by an outline or a shadow that the one without it does not have."""
    Desk(page).open(f"{app.url}/annotate")
    unseen = []
    for _ in range(30):
        page.keyboard.press("Tab")
        mark = page.evaluate(
            """() => { const e = document.activeElement, s = getComputedStyle(e), stage = e.closest('.ctv-stage');
            const shown = (s) => (s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) > 0) || s.boxShadow !== 'none';
            return [shown(s) || (stage && shown(getComputedStyle(stage))), e.outerHTML.slice(0, 90)]; }"""
        )
        if not mark[0] and "<body" not in mark[1]:
            unseen.append(mark[1])
    assert unseen == []
