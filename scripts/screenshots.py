"""Take the pictures of docs/screenshots anew and write docs/screens.md: every state of the desk at three sizes, light and dark,
on the first example. ``make screenshots``."""

from __future__ import annotations

import io
import json
import shutil
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests"), str(ROOT / "tests" / "browser"), str(ROOT / "scripts")]

import screen_states as screen
from app_process import App
from browser.conftest import CHROMIUM, FLAGS
from desk import Desk

from vfrac_core.phantom.cohort import CohortSettings
from vfrac_core.phantom.output import write_cohort
from vfrac_core.phantom.sampling import sample_cohort
from vfrac_core.phantom.seeds import TESTS

OUT, GALLERY = ROOT / "docs" / "screenshots", ROOT / "docs" / "screens.md"
RUNS = ROOT / "runs"  # finished runs, which the page Training then shows
SIZES = {"laptop": (1280, 800), "large": (1920, 1080), "phone": (390, 844), "dark": (1280, 800)}
FEW, PHONE = ("laptop", "phone"), ("phone",)
QUALITY = 88  # of WebP: text stays sharp, a picture has 40 to 100 kB
HEAD = """# Every state of the desk

**Research and teaching only. Not a medical device. Not for clinical use.** All cases are synthetic, and the numbers come from the
weights that each picture names. Taken by `make screenshots` at 1280 × 800, 1920 × 1080 and 390 × 844.
"""


# State, sizes, and at which of them the picture is of the whole page.
STATES: list[tuple[Callable[[screen.Visit], None], tuple[str, ...], tuple[str, ...]]] = [
    (screen.explore, tuple(SIZES), ()),
    (screen.answer, tuple(SIZES), PHONE),
    (screen.sign_map, tuple(SIZES), PHONE),
    (screen.side_by_side, tuple(SIZES), PHONE),
    (screen.linked_views, FEW, PHONE),
    (screen.help_sheet, ("laptop", "phone", "dark"), ()),
    (screen.reader, FEW, ()),
    (screen.annotate, tuple(SIZES), PHONE),
    (screen.beside_the_ticks, FEW, PHONE),
    (screen.height_aid, FEW, PHONE),
    (screen.missing, FEW, PHONE),
    (screen.offline, ("laptop", "phone", "dark"), ()),
    (screen.locked, tuple(SIZES), PHONE),
    (screen.library, tuple(SIZES), ()),
    (screen.training, tuple(SIZES), tuple(SIZES)),
    (screen.report, ("laptop",), ()),
]


def main() -> None:
    wanted = [state for state in STATES if not sys.argv[1:] or state[0].__name__ in sys.argv[1:]]
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        app = App(Path(folder) / "home", VFRAC_EXAMPLES="24")
        make_cohort(ROOT / screen.COHORT)
        shutil.copytree(RUNS, app.home / "runs") if RUNS.is_dir() else None
        app.start()
        wait_for_examples(app)
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=FLAGS)
        case = Desk(browser.new_page()).open(app.url).state("case")
        try:
            for take, sizes, whole in wanted:
                for size in sizes:
                    width, height = SIZES[size]
                    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
                    take(screen.Visit(page, app, "dark" if size == "dark" else "light", case))
                    save(page, OUT / name_of(take, size), whole=size in whole)
                    page.context.close()
        finally:
            app.kill()
    GALLERY.write_text(gallery())


def make_cohort(folder: Path) -> None:
    """A few crops for the page Training."""
    write_cohort(sample_cohort(TESTS[60], 24, "expected"), folder, CohortSettings(TESTS[60], "expected", 24, "crops"))


def wait_for_examples(app: App) -> None:
    """Two minutes: the worklist of the pictures has all of them."""
    while json.loads(urllib.request.urlopen(f"{app.url}/api/examples").read())["examples"]["making"]:
        time.sleep(1)


def save(page: Page, file: Path, *, whole: bool) -> None:
    Image.open(io.BytesIO(page.screenshot(full_page=whole))).save(file, quality=QUALITY, method=6)
    print(file.name, flush=True)


def name_of(state: Callable[[screen.Visit], None], size: str) -> str:
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
