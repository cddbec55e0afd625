"""How large the parts of the study are, and what they give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from vfrac_core.phantom.seeds import LEAK_CONTROLS

Say = Callable[[str], None]
Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Size:
    """How much is made and how long is trained."""

    cohort: int = 433
    independent: int = 240
    full: int = 60
    pairs: int = 200  # of each of the five leak cohorts
    null_pairs: int = 200  # of each of the same with the signs off
    drawn: int = 5000
    seeds: int = len(LEAK_CONTROLS)
    epochs: int = 18

    @classmethod
    def small(cls) -> Size:
        return cls(cohort=60, independent=40, full=4, pairs=30, null_pairs=12, drawn=200, seeds=1, epochs=3)
