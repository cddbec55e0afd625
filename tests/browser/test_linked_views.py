"""The axial and the coronal view: asked for by hand only, the right way round, and the pixels of the imported volume."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pytest
from app_process import App
from desk import Desk
from playwright.sync_api import Page, expect
from scipy.ndimage import map_coordinates, maximum_filter, minimum_filter

from vfrac_core.imaging.axial import axial_grid, axial_slices
from vfrac_core.imaging.window import window_to_gray
from vfrac_core.store import AnnotationStore, VolumeLibrary
from vfrac_core.types import CtVolume, SagittalStack

pytestmark = pytest.mark.browser

MARGIN_PX = 4  # linked_view.js: the plane keeps this distance from the canvas' edge
FREE_PX = 34  # letters, badges and the ruler stand at the edges
LINE_PX = 4  # to both sides of a reference line
LEVEL = 8  # gray levels between neighbours: Chromium interpolates by sixteenths of a pixel along each axis


@pytest.fixture
def desk(app: App, clean_page: Page) -> Desk:
    return Desk(clean_page).open(app.url)


@dataclass(frozen=True)
class Imported:
    """What the data home holds of the case."""

    volume: CtVolume
    stack: SagittalStack


@pytest.fixture
def imported(app: App, desk: Desk) -> Imported:
    with AnnotationStore(app.home) as store:
        record = store.case(desk.state("case"))
    assert record is not None
    pixels = VolumeLibrary(app.home)
    return Imported(pixels.volume(record.case_id, record.info), pixels.stack(record.case_id, record.info))


def open_views(desk: Desk) -> None:
    desk.page.get_by_role("button", name="Axial/coronal").click()
    expect(desk.viewer).to_have_attribute("data-linked", "ready", timeout=60_000)


def draw_box(desk: Desk) -> list[int]:
    desk.drag((0.42, 0.35), (0.55, 0.47))
    return desk.wait_for_box()


def plane(desk: Desk, name: str) -> np.ndarray:
    """Red, green and blue of a view as it was painted, [row, column, 3]."""
    shape, values = desk.page.evaluate(
        """name => {
            const canvas = document.querySelector(`#ct-viewer canvas[data-plane=${name}]`);
            const { data, width, height } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
            return [[height, width], Array.from(data).filter((_, i) => i % 4 < 3)];
        }""",
        name,
    )
    return np.array(values, np.int16).reshape(*shape, 3)


@dataclass(frozen=True)
class Cut:
    """A plane by Python: HU [row, column], the size of a pixel, and where the reference lines cross it, in continuous pixels."""

    hu: np.ndarray
    row_mm: float
    column_mm: float
    crossing: tuple[float, float]

    def errors(self, painted: np.ndarray) -> np.ndarray:
        """Painted minus expected gray, away from letters, badges, reference lines and edges of bone."""
        row, column, scale = self._places(painted.shape)
        gray = window_to_gray(self.hu, 400.0, 1800.0).astype(float)
        expected = map_coordinates(gray, [row - 0.5, column - 0.5], order=1, mode="nearest")  # as the canvas interpolates
        use = (row > 2) & (row < self.hu.shape[0] - 2) & (column > 2) & (column < self.hu.shape[1] - 2)
        use &= np.abs(row - self.crossing[0]) * self.row_mm * scale > LINE_PX
        use &= np.abs(column - self.crossing[1]) * self.column_mm * scale > LINE_PX
        use[:FREE_PX] = use[-FREE_PX:] = use[:, :FREE_PX] = use[:, -FREE_PX:] = False
        use &= np.ptp(painted, axis=2) == 0  # a badge is coloured
        step = maximum_filter(gray, 3) - minimum_filter(gray, 3)
        use &= map_coordinates(step, [row - 0.5, column - 0.5], order=0, mode="nearest") <= LEVEL
        assert use.sum() > 3000
        return np.abs(painted[..., 0] - np.rint(expected))[use]

    def _places(self, shape: tuple[int, ...]) -> tuple[np.ndarray, np.ndarray, float]:
        """For each canvas pixel its place on the plane, which is fitted into the canvas true to scale."""
        height, width, _ = shape
        rows, columns = self.hu.shape
        scale = min((height - 2 * MARGIN_PX) / (rows * self.row_mm), (width - 2 * MARGIN_PX) / (columns * self.column_mm))
        y, x = np.mgrid[:height, :width] + 0.5
        row = (y - height / 2) / scale / self.row_mm + rows / 2
        column = (x - width / 2) / scale / self.column_mm + columns / 2
        return row, column, scale


def cuts(imported: Imported, slice_index: int, box: list[int]) -> dict[str, tuple[int, Cut]]:
    """The axial and the coronal plane through the middle of a box: index, and pixels."""
    r0, c0, r1, c1 = box
    grid, spacing = axial_grid(imported.volume), imported.stack.spacing_mm
    middle = np.array([(r0 + r1) / 2 * spacing.row, (c0 + c1) / 2 * spacing.column, (slice_index + 0.5) * spacing.slice])
    foot, back, left = (middle - grid.start_mm(imported.stack.affine)) / grid.spacing_mm
    pixels = axial_slices(imported.volume, grid, 0, grid.shape[0])
    mm = grid.spacing_mm
    return {
        "axial": (int(foot), Cut(pixels[int(foot)], mm.row, mm.column, (back, left))),
        "coronal": (int(back), Cut(pixels[:, int(back)], mm.slice, mm.column, (foot, left))),
    }


@pytest.mark.slow
def test_nothing_of_the_second_volume_is_asked_for_before_it_is_opened(desk: Desk, requests_of: Callable[[], list[str]]) -> None:
    requests_of()
    desk.scroll_to(33)
    draw_box(desk)
    desk.wait_for_prediction()
    assert desk.state("linked") == "off"
    assert not [url for url in requests_of() if "/axial/" in url]
    desk.page.keyboard.press("o")
    expect(desk.viewer).to_have_attribute("data-linked", "ready", timeout=60_000)
    assert [url for url in requests_of() if "/axial/" in url]
    desk.page.keyboard.press("o")
    desk.page.keyboard.press("o")
    expect(desk.viewer).to_have_attribute("data-linked", "ready")
    assert requests_of() == []  # what has come is kept


@pytest.mark.parametrize("name", ["axial", pytest.param("coronal", marks=pytest.mark.slow)])
def test_the_plane_is_cut_through_the_middle_of_the_box_from_the_imported_volume(
    desk: Desk, imported: Imported, name: str
) -> None:
    box = draw_box(desk)
    open_views(desk)
    index, cut = cuts(imported, int(desk.state("slice")), box)[name]
    assert int(desk.state(name)) == index
    painted = plane(desk, name)
    assert cut.errors(painted).max() <= 1
    for wrong in (cut.hu[:, ::-1], cut.hu[::-1], np.roll(cut.hu, 3, axis=1)):  # the comparison can fail
        assert dataclasses.replace(cut, hu=wrong).errors(painted).mean() > 1.5


def test_the_patients_right_is_on_the_viewers_left_anterior_and_head_on_top(desk: Desk) -> None:
    """The letters, read as canvas text; that the pixels lie that way too is what the comparison above says."""
    desk.page.evaluate(
        """() => {
            window.letters = {};
            const write = CanvasRenderingContext2D.prototype.fillText;
            CanvasRenderingContext2D.prototype.fillText = function (text, x, y) {
                const { plane } = this.canvas.dataset;
                if (plane) (window.letters[plane] ??= {})[text] = [x / this.canvas.clientWidth, y / this.canvas.clientHeight];
                return write.call(this, text, x, y);
            };
        }"""
    )
    open_views(desk)
    letters = desk.page.evaluate("window.letters")
    for name, top, bottom in (("axial", "A", "P"), ("coronal", "H", "F")):
        written = letters[name]
        assert (written["R"][0] < 0.1, written["L"][0] > 0.9) == (True, True)
        assert (written[top][1] < 0.15, written[bottom][1] > 0.85) == (True, True)
        assert "SYNTHETIC" in written


@pytest.mark.slow
@pytest.mark.parametrize("width", [390, 1280])
def test_all_three_views_have_room(desk: Desk, width: int) -> None:
    desk.page.set_viewport_size({"width": width, "height": 800})
    open_views(desk)
    views = [canvas.bounding_box() for canvas in desk.page.locator("#ct-viewer .ctv-stage canvas").all()]
    assert [min(view["width"], view["height"]) > 140 for view in views if view] == [True] * 3
    assert desk.page.evaluate("document.documentElement.scrollWidth - window.innerWidth") <= 0


def test_wheel_and_click_in_a_view_move_the_others(desk: Desk) -> None:
    open_views(desk)
    axial, coronal = int(desk.state("axial")), int(desk.state("coronal"))
    place = desk.page.locator("canvas[data-plane=axial]").bounding_box()
    assert place is not None
    desk.page.mouse.move(place["x"] + place["width"] * 0.6, place["y"] + place["height"] * 0.3)
    desk.page.mouse.wheel(0, 100)
    expect(desk.viewer).to_have_attribute("data-axial", str(axial + 1))
    before = int(desk.state("slice"))
    desk.page.mouse.click(place["x"] + place["width"] * 0.6, place["y"] + place["height"] * 0.3)
    desk.page.wait_for_function("before => document.querySelector('#ct-viewer').dataset.slice > before", arg=before)
    assert int(desk.state("coronal")) < coronal  # further to the front
    assert int(desk.state("axial")) == axial + 1
    sagittal = desk.rectangle()
    desk.page.mouse.click(sagittal["x"] + sagittal["width"] * 0.5, sagittal["y"] + sagittal["height"] * 0.8)
    desk.page.wait_for_function("before => Number(document.querySelector('#ct-viewer').dataset.axial) > before", arg=axial + 10)


@pytest.mark.slow
def test_a_right_drag_in_a_view_sets_the_window_of_all(desk: Desk) -> None:
    open_views(desk)
    place = desk.page.locator("canvas[data-plane=coronal]").bounding_box()
    assert place is not None
    desk.page.mouse.move(place["x"] + 50, place["y"] + 50)
    desk.page.mouse.down(button="right")
    desk.page.mouse.move(place["x"] + 90, place["y"] + 60, steps=4)
    desk.page.mouse.up(button="right")
    expect(desk.viewer).not_to_have_attribute("data-window-width", "1800")


@pytest.mark.slow
def test_without_the_imported_volume_the_planes_come_from_the_sagittal_slices_and_say_so(own_app: App, page: Page) -> None:
    for file in own_app.home.glob("volumes/*/volume.npy"):
        file.unlink()
    desk = Desk(page).open(own_app.url)
    desk.page.get_by_role("button", name="Axial/coronal").click()
    expect(desk.viewer).to_have_attribute("data-linked", "failed")
    expect(desk.page.get_by_text("No second volume: import the series again")).to_be_visible()
    assert plane(desk, "axial")[100:-40, 100:-100, 0].max() > 100  # bone is seen
