"""The order of the worklist as a reader chooses it, and the words beside the number of a case that was learned from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from app_process import App
from desk import Desk
from fixed_answers import answer_always
from more_cases import import_another_case
from playwright.sync_api import Page, expect

from vfrac_core.paper import SIGNS
from vfrac_core.store import AnnotationStore, Reading
from vfrac_core.types import PixelBox

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture(scope="module")
def shelf(fresh_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """Three cases; of the last in the list two readers have said the opposite."""
    folder = tmp_path_factory.mktemp("ordered")
    app = App(folder / "home", like=fresh_home)
    for seed in (3, 4):
        import_another_case(app, folder / f"series{seed}", seed)
    with AnnotationStore(app.home) as store:
        last = max(record.case_id for record in store.cases())
        for name, diagnosis in (("one", "benign"), ("two", "malignant")):
            reader = store.register_reader(name * 20, name, 3)
            reading = Reading(
                vertebral_level="L1",
                slice_index=4,
                box=PixelBox(4, 4, 24, 24),
                signs=dict.fromkeys(SIGNS, "absent"),
                diagnosis=diagnosis,
                confidence=3,
            )
            store.submit(f"{name}-0001", case_id=last, reader_id=reader.reader_id, reading=reading, ai_visible=False)
    app.start()
    yield app
    app.kill()


def listed(page: Page) -> list[str]:
    return [one.get_attribute("data-case") or "" for one in page.locator(".vfrac-cases button").all()]


def test_a_reader_with_a_name_lets_divided_cases_come_first(shelf: App, page: Page) -> None:
    desk = Desk(page).open(f"{shelf.url}/annotate")
    usual = listed(page)
    order = page.locator("#case-order")
    order.select_option("disagree")
    expect(page.locator(".vfrac-desk-status")).to_contain_text("give your name")
    expect(order).to_have_value("usual")
    assert listed(page) == usual

    page.keyboard.press("Escape")
    page.keyboard.press("f")
    desk.sign_in()
    desk.wait_saved()
    order.select_option("disagree")
    expect(page.locator("#case-order-words")).to_contain_text("other readers disagree most")
    expect(page.locator(".vfrac-cases button").first).to_have_attribute("data-case", usual[2])
    expect(desk.viewer).to_have_attribute("data-case", usual[0])  # what is open stays
    page.keyboard.press("Shift+N")
    expect(desk.viewer).not_to_have_attribute("data-case", usual[0])

    order.select_option("least_sure")
    words = page.locator("#case-order-words")
    expect(words).to_contain_text("The network is untrained", timeout=60_000)  # while it is loading, the page asks again
    order.select_option("usual")
    expect(words).to_have_text("")
    assert listed(page) == usual


def test_the_number_of_a_learned_case_says_that_it_is_out_of_fold(shelf: App, clean_page: Page) -> None:
    page = clean_page
    desk = Desk(page)
    asked = answer_always(page, {}, np.ones((4, 4)), out_of_fold={"fold": 3, "folds": 10, "live": False})
    desk.open(shelf.url)
    page.keyboard.press("r")
    desk.drag((0.4, 0.4), (0.6, 0.6))
    desk.wait_for_prediction()
    expect(page.locator("[data-role=probability]")).to_contain_text("out of fold (fold 4 of 10)")
    page.wait_for_timeout(500)
    assert all(len(one["slices"]) <= 5 for one in asked)  # nothing else is stored, so the strip is not asked for
