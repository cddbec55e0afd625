"""A table of the report: each number with its n, its interval, how that was made, and the paper's number beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vfrac_core.evaluation.figure import Figure

COUNT: Final = "a count"  # in place of an interval's method
CLOCK: Final = "a clock"
BARE: Final = (COUNT, CLOCK)  # such numbers need neither n nor interval


@dataclass(frozen=True, slots=True)
class Paper:
    """What the paper has in this place: as it is printed, and as a number. ``value`` is None where it is only a word."""

    text: str
    value: float | None = None


@dataclass(frozen=True, slots=True)
class Cell:
    """One place of a table. ``text`` is what a reader sees; ``figure`` the number behind it, None for mere words."""

    text: str
    figure: Figure | None = None
    paper: Paper | None = None
    differs: str = ""

    @property
    def interval(self) -> str:
        """ "[0.918, 0.969]", or nothing."""
        if self.figure is None or self.figure.low is None or self.figure.high is None:
            return ""
        return f"[{number(self.figure.low)}, {number(self.figure.high)}]"


@dataclass(frozen=True, slots=True)
class Row:
    """``cells``: one for each column of the table."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """``name`` is that of its CSV. ``notes`` are sentences below it."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        assert all(len(row.cells) == len(self.columns) for row in self.rows), "a cell for each column"

    @property
    def methods(self) -> tuple[str, ...]:
        """Of all intervals, each once, in the order in which they are met."""
        met = [cell.figure.method for row in self.rows for cell in row.cells if cell.figure is not None and cell.figure.defined]
        return tuple(dict.fromkeys(met))

    @property
    def differences(self) -> tuple[str, ...]:
        return tuple(cell.differs for row in self.rows for cell in row.cells if cell.differs)

    def has_paper(self, column: int) -> bool:
        return any(row.cells[column].paper is not None for row in self.rows)


def measured(name: str, figure: Figure, paper: Paper | None = None) -> Cell:
    """A figure with three decimals, and where it and the paper's number part, the sentence that says so."""
    text = f"– ({figure.reason})" if figure.value is None else number(figure.value)
    return Cell(text, figure, paper, difference(name, figure, paper))


def words(text: str, paper: str | None = None) -> Cell:
    return Cell(text, paper=None if paper is None else Paper(paper))


def counted(value: int, paper: int | None = None) -> Cell:
    """A whole number, which needs no interval."""
    figure = Figure(float(value), None, None, value, COUNT)
    return Cell(f"{value:,}", figure, None if paper is None else Paper(f"{paper:,}", float(paper)))


def difference(name: str, figure: Figure, paper: Paper | None) -> str:
    """Nothing where the paper's number lies in our interval, or either is missing."""
    if paper is None or paper.value is None or figure.value is None or figure.low is None or figure.high is None:
        return ""
    if figure.low <= paper.value <= figure.high:
        return ""
    side = "above" if figure.value > paper.value else "below"
    return f"{name}: ours lies {side} the paper's {paper.text}, which is outside of our interval."


def number(value: float) -> str:
    """Three decimals; large ones with fewer."""
    return f"{value:.3f}" if abs(value) < 100 else f"{value:.1f}" if abs(value) < 10_000 else f"{value:,.0f}"
