"""A reading by hand, its beginning or the whole of it, and what the store has of it."""

from __future__ import annotations

import time
from collections.abc import Callable

from app_process import App
from desk import Desk

from vfrac_core.store import AnnotationStore, Reading

SAVED_WITHIN_S = 20


def draw_first_box(desk: Desk) -> list[int]:
    """The first thing that is saved: the reader is asked for a name, and gives one."""
    desk.drag((0.5, 0.4), (0.65, 0.55))
    box = desk.wait_for_box()
    desk.sign_in()
    return box


def give_all_answers(desk: Desk) -> None:
    """Box, name, six signs, level, diagnosis and confidence: ready to be submitted, and saved as a draft."""
    draw_first_box(desk)
    desk.page.locator("#others-absent").click()
    desk.page.locator("#vertebral-level").select_option("L2")
    desk.page.locator("#diagnosis input[value=benign]").check()
    desk.page.locator("#confidence input[value='2']").check()
    desk.wait_saved()


def events_of(app: App, kind: str, *, where: str = "1", distinct: bool = False) -> int:
    """How many events of a kind readers have made; with ``distinct`` those of equal content count once."""
    counted = "DISTINCT payload" if distinct else "*"
    query = f"SELECT count({counted}) AS n FROM events WHERE kind = ? AND reader_id IS NOT 'reference' AND {where}"
    with AnnotationStore(app.home) as store:
        return store.file.read(lambda database: next(iter(database.query(query, [kind]))))["n"]


def kept_reading(app: App, *, once: Callable[[Reading], bool] = lambda _: True) -> Reading:
    """The reading that was saved last, as soon as the store has one that fits."""
    until = time.monotonic() + SAVED_WITHIN_S
    while True:
        with AnnotationStore(app.home) as store:
            of_readers = [one for one in store.annotations() if one.reader_id != "reference"]
        newest = max(of_readers, key=lambda one: one.seq, default=None)
        if newest is not None and once(newest.reading):
            return newest.reading
        assert time.monotonic() < until, f"not saved as expected: {newest}"
        time.sleep(0.1)
