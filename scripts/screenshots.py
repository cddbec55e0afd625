"""Take the pictures of docs/screenshots anew and write docs/screens.md: every state of the desk at three sizes, light and dark,
on the first example. ``make screenshots``."""

from __future__ import annotations

import io
import json
import re
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, expect, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "browser")]

from app_process import App
from browser.conftest import CHROMIUM, FLAGS
from desk import Desk

from vfrac_core.paper import SIGNS

OUT, GALLERY = ROOT / "docs" / "screenshots", ROOT / "docs" / "screens.md"
SIZES = {"laptop": (1280, 800), "large": (1920, 1080), "phone": (390, 844), "dark": (1280, 800)}
FEW = ("laptop", "phone")
SLICE = 29  # the middle one
QUALITY = 88  # of WebP: text stays sharp, a picture has 40 to 100 kB
HEAD = """# Every state of the desk

**Research and teaching only. Not a medical device. Not for clinical use.** All cases are synthetic, and the numbers come from the
weights that each picture names. Taken by `make screenshots` at 1280 × 800, 1920 × 1080 and 390 × 844.
"""


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
    """Explore: a box, its probability, the strip and the Grad-CAM."""
    visit.open_with_box().wait_for_prediction()
    visit.page.wait_for_selector("#ct-viewer[data-predictions='21']", timeout=60_000)


def answer(visit: Visit) -> None:
    """Explore: an example's answer, with its arrows."""
    visit.open()
    visit.page.locator("#show-answer").click()
    visit.page.wait_for_selector("#ct-viewer[data-arrows='1']")


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


# State, sizes, and whether the phone's picture is of the whole page.
STATES: list[tuple[Callable[[Visit], None], tuple[str, ...], bool]] = [
    (explore, tuple(SIZES), False),
    (answer, tuple(SIZES), True),
    (side_by_side, tuple(SIZES), True),
    (linked_views, FEW, True),
    (help_sheet, ("laptop", "phone", "dark"), False),
    (reader, FEW, False),
    (annotate, tuple(SIZES), True),
    (height_aid, FEW, True),
    (missing, FEW, True),
    (offline, ("laptop", "phone", "dark"), False),
    (locked, tuple(SIZES), True),
    (library, tuple(SIZES), False),
]


def main() -> None:
    wanted = [state for state in STATES if not sys.argv[1:] or state[0].__name__ in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        app = App(Path(folder) / "home", VFRAC_EXAMPLES="24")
        app.start()
        wait_for_examples(app)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        case = Desk(browser.new_page()).open(app.url).state("case")
        try:
            for take, sizes, whole in wanted:
                for size in sizes:
                    width, height = SIZES[size]
                    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
                    take(Visit(page, app, "dark" if size == "dark" else "light", case))
                    save(page, OUT / name_of(take, size), whole=whole and size == "phone")
                    page.context.close()
        finally:
            app.kill()
    GALLERY.write_text(gallery())


def wait_for_examples(app: App) -> None:
    """Two minutes: the worklist of the pictures has all of them."""
    while json.loads(urllib.request.urlopen(f"{app.url}/api/examples").read())["examples"]["making"]:
        time.sleep(1)


def draw(desk: Desk) -> None:
    """A box around the collapsed L1 of the first example."""
    place = desk.rectangle()
    across = min(place["height"] / place["width"], 1)  # the slice fills the height; fractions of the width follow from it
    desk.drag((0.5 - 0.18 * across, 0.43), (0.5 + 0.06 * across, 0.57))


def save(page: Page, file: Path, *, whole: bool) -> None:
    Image.open(io.BytesIO(page.screenshot(full_page=whole))).save(file, quality=QUALITY, method=6)
    print(file.name, flush=True)


def name_of(state: Callable[[Visit], None], size: str) -> str:
    return f"{state.__name__.replace('_', '-')}-{size}.webp"


def gallery() -> str:
    parts = [HEAD]
    for state, sizes, _ in STATES:
        said = str(state.__doc__).rstrip(".")
        parts.append(f"\n## {said}\n")
        parts += [f"\n![{said}, {size}](screenshots/{name_of(state, size)})\n" for size in sizes]
    return "".join(parts)


if __name__ == "__main__":
    main()
