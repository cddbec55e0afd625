"""What all figures share: colours, sizes, and a PNG that is the same for the same drawing. matplotlib's object API, no pyplot."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:  # matplotlib takes most of a second, so it is loaded when something is drawn
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Canvas

# Okabe and Ito's colours: told apart with every common kind of colour blindness, and by lightness in gray.
BLUE, ORANGE, GREEN, PURPLE, BLACK, GRAY, PALE = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#222222", "#767676", "#E4E7EA"
DPI: Final = 200
HALF: Final = 3.45  # inches
WIDE: Final = 7.1  # inches: A4 between margins of 15 mm


@dataclass(frozen=True, slots=True)
class Drawn:
    """A finished figure. ``name`` is that of its file, ``alt`` what it shows in words; ``width`` in inches."""

    name: str
    title: str
    caption: str
    alt: str
    png: bytes
    width: float = WIDE

    @property
    def is_half(self) -> bool:
        """Two of such stand beside each other."""
        return self.width <= HALF


def canvas(width: float, height: float) -> Canvas:
    """An empty drawing, in inches."""
    from matplotlib.figure import Figure as Canvas

    return Canvas(figsize=(width, height), dpi=DPI, facecolor="white", layout="constrained")


def png(drawing: Canvas) -> bytes:
    """Without date and without the program's name, so that the same drawing is the same file."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    out = io.BytesIO()
    FigureCanvasAgg(drawing).print_png(out, metadata={"Software": None})
    return out.getvalue()


def plain_axes(axes: Axes, x: str, y: str) -> None:
    """Two spines, small ticks, names."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("left", "bottom"):
        axes.spines[side].set_color(GRAY)
    axes.tick_params(labelsize=8, color=GRAY, labelcolor=BLACK)
    axes.set_xlabel(x, fontsize=9, color=BLACK)
    axes.set_ylabel(y, fontsize=9, color=BLACK)


def unit_square(axes: Axes, ticks: Sequence[float] = (0, 0.2, 0.4, 0.6, 0.8, 1)) -> None:
    """Both axes from 0 to 1, of equal length."""
    axes.set_xlim(-0.01, 1.01)
    axes.set_ylim(-0.01, 1.01)
    axes.set_xticks(ticks)
    axes.set_yticks(ticks)
    axes.set_box_aspect(1)
    axes.grid(color=PALE, linewidth=0.6)
    axes.set_axisbelow(True)


def legend_below(drawing: Canvas, axes: Axes, columns: int = 2) -> None:
    """Outside of the axes, where it covers nothing."""
    handles, names = axes.get_legend_handles_labels()
    drawing.legend(handles, names, loc="outside lower center", ncols=columns, fontsize=7.5, frameon=False)
