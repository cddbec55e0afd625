"""A number as it is reported: with its 95 % interval, how many it rests on and how the interval was made."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, NamedTuple

LEVEL: Final = 0.95  # of every interval in this package
Z: Final = 1.959963984540054  # normal quantile at 97.5 %


class Ends(NamedTuple):
    """The two ends of an interval."""

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Figure:
    """``value`` with ``low`` and ``high``, the ends of its 95 % interval.

    ``value`` is None where the number is not defined, and ``reason`` then says why in words. Both ends are None where there is a
    number but no honest interval. ``n``: units that it rests on. ``method``: how the interval was made, with its seed.
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    method: str
    reason: str = ""

    def __post_init__(self) -> None:
        assert (self.value is None) == bool(self.reason), "a reason stands where the value is missing, and only there"
        assert (self.low is None) == (self.high is None), "an interval has two ends"
        assert all(math.isfinite(v) for v in (self.value, self.low, self.high) if v is not None), "numbers are finite"
        assert self.low is None or self.high is None or self.low <= self.high, "the interval is reversed"

    @property
    def defined(self) -> bool:
        return self.value is not None

    @property
    def ends(self) -> Ends:
        """Of a figure that has an interval; asking another one is a bug."""
        assert self.low is not None
        assert self.high is not None
        return Ends(self.low, self.high)

    @property
    def text(self) -> str:
        """Three decimals: "0.949 [0.918, 0.969]", or "– (no benign patient)"."""
        if self.value is None:
            return f"– ({self.reason})"
        if self.low is None:
            return f"{self.value:.3f}"
        return f"{self.value:.3f} [{self.low:.3f}, {self.high:.3f}]"

    def as_json(self) -> dict[str, float | int | str | None]:
        """``value``, ``low``, ``high``, ``n`` and ``method``, with ``reason`` where the value is null."""
        found: dict[str, float | int | str | None] = {"value": self.value, "low": self.low, "high": self.high}
        found |= {"n": self.n, "method": self.method}
        return found | ({"reason": self.reason} if self.reason else {})


def not_defined(reason: str, n: int = 0) -> Figure:
    """A figure without a value. ``reason``: a few words, "no benign patient"."""
    return Figure(None, None, None, n, "none", reason)


def without_interval(value: float, n: int, why: str) -> Figure:
    """A figure with a value alone; ``why`` says why there is no interval."""
    return Figure(float(value), None, None, n, f"no interval: {why}")
