"""Must-see 6: annotations made by hand in the app train a network, and it answers in the app without a restart."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from app_process import App
from desk import Desk
from dicom_files import write_axial_series
from playwright.sync_api import Page, expect

from vfrac_core.library.run_folders import RunFolders

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.timeout(1500)]

CASES = 12
LONG_MS = 600_000  # steps of the real ResNet50 on a machine that others use too


@pytest.fixture
def shelf(fresh_home: Path, tmp_path: Path) -> Iterator[App]:
    """Twelve small series and one example that nobody reads; a weights folder of its own."""
    app = App(tmp_path / "home", like=fresh_home, VFRAC_WEIGHTS=str(tmp_path / "weights"))
    for seed in range(CASES):
        hu = np.random.default_rng(seed).integers(-200, 900, (30, 64, 64), dtype=np.int16)
        write_axial_series(tmp_path / "series" / f"{seed:02d}", hu, (3.0, 1.5, 1.5), PatientID=f"patient {seed}")
    asked = [sys.executable, "-m", "vfrac_core", "import", str(tmp_path / "series"), "--data", str(app.home)]
    subprocess.run(asked, check=True)
    app.start()
    yield app
    stop_all(app.home)
    app.kill()


def stop_all(home: Path) -> None:
    """A test that failed in the middle leaves no training behind."""
    for run in RunFolders(home).all():
        if run.alive:
            os.kill(json.loads((run.folder / "process.json").read_text())["pid"], signal.SIGKILL)


def read_all_cases(page: Page, desk: Desk, app: App, example: str) -> str:
    """Twelve boxes on twelve cases, every second one malignant, each submitted; one of them."""
    desk.open(f"{app.url}/annotate")
    cases = [one.get_attribute("data-case") or "" for one in page.locator(".vfrac-cases button").all()]
    cases.remove(example)
    assert len(cases) == CASES
    for number, case in enumerate(cases):
        desk.open(f"{app.url}/annotate?case={case}")
        expect(desk.viewer).to_have_attribute("data-case", case)
        desk.drag((0.4, 0.4), (0.6, 0.6))
        desk.wait_for_box()
        if number == 0:
            desk.sign_in()
        page.locator("#others-absent").click()
        page.locator("#vertebral-level").select_option("L2")
        page.locator(f"#diagnosis input[value={'malignant' if number % 2 else 'benign'}]").check()
        page.locator("#confidence input[value='2']").check()
        desk.wait_saved()
        page.locator("#submit").click()
        expect(page.locator(f".vfrac-cases button[data-case='{case}']")).to_have_attribute("data-state", "submitted")
    return cases[0]


def test_boxes_drawn_by_hand_train_a_network_that_then_answers_without_a_restart(shelf: App, clean_page: Page) -> None:
    page = clean_page
    desk = Desk(page).open(shelf.url)
    example = desk.state("case")
    learned = read_all_cases(page, desk, shelf, example)

    page.goto(f"{shelf.url}/training")
    page.locator("#look").click()
    data = page.locator("#data section")
    expect(data).to_have_attribute("data-cases", "12", timeout=120_000)
    expect(data).to_have_attribute("data-malignant", "6")
    expect(data).to_have_attribute("data-benign", "6")
    expect(data).to_contain_text("too few for 10 folds")
    expect(data).to_contain_text("1 case has no usable reading")
    expect(page.locator("#contact-sheet img")).to_have_count(2)

    page.locator("#first label").filter(has_text="Random").click()
    page.locator("#epochs input").fill("2")
    page.locator("#run-name textarea, #run-name input").fill("by-hand")
    page.locator("#start").click()
    run = page.locator("#curves [data-run=by-hand]")
    points = run.locator("svg")
    expect(points).to_have_attribute("data-points", re.compile("[1-9]"), timeout=LONG_MS)  # the first step was seen
    page.locator("#start").click()
    expect(page.locator("#run-said")).to_contain_text("one trains at a time")
    page.locator("#stop").click()
    expect(run).to_have_attribute("data-state", "stopped", timeout=LONG_MS)
    seen = int(points.get_attribute("data-points") or "0")

    page.locator("#resume").click()
    expect(run).to_have_attribute("data-state", "running", timeout=60_000)
    expect(run).to_have_attribute("data-state", "finished", timeout=LONG_MS)
    expect(points).to_have_attribute("data-points", "2")
    assert seen <= 2
    expect(page.locator("#runs tr[data-run=by-hand]")).to_contain_text("finished")

    explore = page.context.new_page()
    before = Desk(explore).open(shelf.url)
    before.drag((0.4, 0.4), (0.6, 0.6))
    before.wait_for_prediction()
    page.locator("#trained input").click()
    page.get_by_role("option", name="by-hand").click()
    page.locator("#make-current").click()
    now = page.locator("#answering-now")
    expect(now).not_to_contain_text("untrained", timeout=120_000)
    name = re.search(r"Answering now: (\S+)\.", now.inner_text())
    assert name is not None
    explore.bring_to_front()
    explore.evaluate("dispatchEvent(new Event('focus'))")  # a browser without windows gives none when a tab comes to the front
    expect(explore.locator("#ct-viewer")).to_contain_text(name.group(1))

    Desk(page).open(shelf.url)
    desk.drag((0.4, 0.4), (0.6, 0.6))
    assert 0 <= desk.wait_for_prediction() <= 1
    expect(page.locator("#ct-viewer, body").first).to_contain_text(name.group(1))

    Desk(explore).open(f"{shelf.url}/?case={learned}").drag((0.4, 0.4), (0.6, 0.6))  # a case that it has learned from
    expect(explore.locator("#ct-viewer [data-role=status]")).to_contain_text("seen in training")
