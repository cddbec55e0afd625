"""Explore as a new user has it: the weights that ship answer, with their name, what they learned from and the six signs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from app_process import ROOT, App
from desk import Desk
from playwright.sync_api import Page, expect

from vfrac_core.model.manifest import read_manifest

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def app(fresh_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    running = App(tmp_path_factory.mktemp("shipped") / "home", like=fresh_home, VFRAC_WEIGHTS=str(ROOT / "weights"))
    running.start()
    yield running
    running.kill()


def test_the_shipped_weights_answer_and_say_what_they_are(app: App, clean_page: Page) -> None:
    shipped = read_manifest(ROOT / "weights")
    assert shipped is not None
    desk = Desk(clean_page).open(app.url)
    desk.drag((0.45, 0.4), (0.6, 0.55))
    desk.wait_for_prediction()
    page = clean_page.locator("body")
    expect(page).to_contain_text(shipped.info.name)
    expect(page).to_contain_text("network trained on")
    expect(page).not_to_contain_text("UNTRAINED")
    expect(clean_page.locator("[data-sign-ai]:visible")).to_have_count(6)
    expect(desk.viewer.get_by_text("SYNTHETIC: computer-generated images, no patient.", exact=True)).to_be_visible()
