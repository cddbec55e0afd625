"""The states of the app that docs/screens.md shows: each a function that brings one page there. Its first line is the caption."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from app_process import App
from desk import Desk
from playwright.sync_api import Page, expect

from vfrac_core.paper import SIGNS

SLICE = 29  # the middle one


COHORT = "build/cohort"  # as a user would give it, below the folder in which the app was started


@dataclass(frozen=True)
class Visit:
    """One page at one size, on a running app; the case is the first example, which Annotate lists by another name."""

    page: Page
    app: App
    theme: str
    case: str

    def open(self, path: str = "") -> Desk:
        return Desk(self.page).open(f"{self.app.url}/{path}?__theme={self.theme}&case={self.case}&slice={SLICE}")

    def open_with_box(self, path: str = "") -> Desk:
        desk = self.open(path)
        draw(desk)
        desk.wait_for_box()
        return desk


def explore(visit: Visit) -> None:
    """Explore: a box, its probability, the strip and the map of what speaks for benign."""
    visit.open_with_box().wait_for_prediction()
    visit.page.get_by_label("for", exact=False).select_option("benign")
    visit.page.wait_for_selector("#ct-viewer[data-predictions='21']", timeout=60_000)


def answer(visit: Visit) -> None:
    """Explore: an example's answer, with its arrows."""
    visit.open()
    visit.page.locator("#show-answer").click()
    visit.page.wait_for_selector("#ct-viewer[data-arrows='1']")


def sign_map(visit: Visit) -> None:
    """Explore: the six signs as the network sees them, and the map of the fracture line."""
    visit.open_with_box().wait_for_prediction()
    visit.page.locator("[data-sign-ai=transverse_fracture_line]").click()
    expect(visit.page.locator("#ct-viewer")).to_have_attribute("data-cam-target", "transverse_fracture_line")
    visit.page.wait_for_selector("#ct-viewer[data-predictions='21']", timeout=60_000)


def side_by_side(visit: Visit) -> None:
    """Explore: malignant and benign map on one scale, and the answers of 75 nearby boxes."""
    desk = visit.open_with_box()
    desk.wait_for_prediction()
    visit.page.keyboard.press("w")
    expect(visit.page.locator("[data-role=compare-most]")).to_contain_text("highest of both")
    visit.page.locator("[data-role=stability-run]").click()
    expect(desk.viewer).to_have_attribute("data-stability", re.compile(r'"n":'), timeout=120_000)
    visit.page.locator("[data-role=stability-run]").scroll_into_view_if_needed()


def linked_views(visit: Visit) -> None:
    """Explore: the axial and the coronal view through the middle of the box."""
    desk = visit.open_with_box()
    visit.page.keyboard.press("o")
    expect(desk.viewer).to_have_attribute("data-linked", "ready", timeout=60_000)
    desk.wait_for_prediction()


def help_sheet(visit: Visit) -> None:
    """All keys and mouse buttons, each of which can be changed."""
    visit.open("annotate")
    visit.page.keyboard.press("?")
    visit.page.get_by_role("dialog").wait_for()


def reader(visit: Visit) -> None:
    """Annotate: a name is asked for before the first save."""
    visit.open_with_box("annotate")
    visit.page.get_by_role("dialog").wait_for()


def annotate(visit: Visit) -> None:
    """Annotate: worklist, viewer and form, three signs answered."""
    desk = visit.open_with_box("annotate")
    desk.sign_in()
    for sign in SIGNS[:3]:
        desk.answer(sign, "present")
    desk.wait_saved()


def beside_the_ticks(visit: Visit) -> None:
    """Annotate with the AI switched on: each sign's probability beside the reader's own tick."""
    annotate(visit)
    visit.page.locator("#ai-toggle").click()
    expect(visit.page.locator(".vfrac-form [data-sign-ai]:visible")).to_have_count(6, timeout=60_000)


def height_aid(visit: Visit) -> None:
    """Annotate: the height aid, the body and its neighbour above."""
    desk = visit.open_with_box("annotate")
    desk.sign_in()
    desk.canvas.focus()
    visit.page.keyboard.press("Escape")
    visit.page.keyboard.press("k")
    place = desk.rectangle()
    middle, side = place["width"] / 2, min(place["width"], place["height"])
    for upper, lower in ((0.475, 0.525), (0.36, 0.44)):
        for y, x in ((upper, -0.12), (upper, 0.0), (lower, -0.12), (lower, 0.0)):
            visit.page.mouse.click(place["x"] + middle + x * side, place["y"] + y * place["height"])
    expect(visit.page.locator("#height-loss")).to_contain_text("%")


def missing(visit: Visit) -> None:
    """Annotate: a submission is refused, and what is missing is named."""
    annotate(visit)
    visit.page.keyboard.press("Control+Enter")
    expect(visit.page.locator("#missing")).to_be_visible()


def offline(visit: Visit) -> None:
    """Annotate: the network is gone; the answers are kept in this browser."""
    annotate(visit)
    visit.page.context.set_offline(True)
    visit.page.locator("#vertebral-level").select_option("L1")
    expect(visit.page.locator("#save-state")).to_contain_text("NOT SAVED", timeout=20_000)


def locked(visit: Visit) -> None:
    """Annotate: submitted, locked, and the example's answer beside the own one."""
    desk = visit.open_with_box("annotate")
    desk.sign_in()
    visit.page.locator("#others-absent").click()
    desk.answer(SIGNS[0], "present")
    visit.page.locator("#vertebral-level").select_option("L1")
    visit.page.locator("#diagnosis input[value=benign]").check()
    visit.page.locator("#confidence input[value='4']").check()
    desk.wait_saved()
    visit.page.keyboard.press("Control+Enter")
    expect(visit.page.locator("#save-state")).to_contain_text("Submitted", timeout=20_000)


def library(visit: Visit) -> None:
    """Library: import, the cases, export."""
    visit.page.goto(f"{visit.app.url}/library?__theme={visit.theme}")
    visit.page.wait_for_selector("#case-table table")


def training(visit: Visit) -> None:
    """Training: the data, as the network sees them; runs with their curves; the weights that answer."""
    visit.page.goto(f"{visit.app.url}/training?__theme={visit.theme}")
    visit.page.locator("#source label").filter(has_text="cohort folder").click()
    visit.page.locator("#cohort textarea, #cohort input").fill(COHORT)
    visit.page.locator("#look").click()
    expect(visit.page.locator("#contact-sheet img")).to_have_count(2, timeout=120_000)


def report(visit: Visit) -> None:
    """The report of ten folds: where the network was right, with its maps."""
    visit.page.goto((Path(__file__).parents[1] / "docs" / "report" / "report.html").as_uri())
    visit.page.get_by_text("Fig. 2. True positives.").scroll_into_view_if_needed()


def draw(desk: Desk) -> None:
    """A box around the collapsed L1 of the first example."""
    place = desk.rectangle()
    across = min(place["height"] / place["width"], 1)  # the slice fills the height; fractions of the width follow from it
    desk.drag((0.5 - 0.18 * across, 0.43), (0.5 + 0.06 * across, 0.57))
