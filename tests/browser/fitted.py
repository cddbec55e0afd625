"""Where a pixel of the slice lies on the canvas while the whole slice is fitted into it."""

from __future__ import annotations

from dataclasses import dataclass

from app_process import App
from desk import Desk

from vfrac_core.store import AnnotationStore, VolumeLibrary
from vfrac_core.types import SagittalStack

MARGIN_PX = 4  # case_state.js: the fitted slice keeps this distance from the canvas' edge


@dataclass(frozen=True)
class Fitted:
    """A stack in a canvas of this size, with its true aspect."""

    stack: SagittalStack
    width: float
    height: float

    @property
    def px_per_mm(self) -> float:
        across = (self.width - 2 * MARGIN_PX) / (self.stack.columns * self.stack.spacing_mm.column)
        down = (self.height - 2 * MARGIN_PX) / (self.stack.rows * self.stack.spacing_mm.row)
        return min(across, down)

    def fraction(self, row: float, column: float) -> tuple[float, float]:
        """Place of the middle of a pixel as fractions of the canvas (x, y)."""
        x = ((column + 0.5) - self.stack.columns / 2) * self.stack.spacing_mm.column * self.px_per_mm
        y = ((row + 0.5) - self.stack.rows / 2) * self.stack.spacing_mm.row * self.px_per_mm
        return 0.5 + x / self.width, 0.5 + y / self.height


def shown_stack(app: App, desk: Desk) -> SagittalStack:
    """The stack of the open case, from the data home."""
    with AnnotationStore(app.home) as store:
        record = store.case(desk.state("case"))
    assert record is not None
    return VolumeLibrary(app.home).stack(record.case_id, record.info)


def fit(app: App, desk: Desk) -> Fitted:
    """The open case in the canvas of this page."""
    place = desk.rectangle()
    return Fitted(shown_stack(app, desk), place["width"], place["height"])
