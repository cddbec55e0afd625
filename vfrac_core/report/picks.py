"""Which cases the galleries show: by rule, never by taste."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from jaxtyping import Float64

from vfrac_core.evaluation.arrays import Logits, Truth

Outcome = Literal["true positive", "true negative", "false negative", "false positive"]
OwnLogits = Float64[np.ndarray, " _"]  # of one case's slices, as many as it has
RIGHT: Final = 6  # shown of those that were judged rightly
WRONG: Final = 12


@dataclass(frozen=True, slots=True)
class Picked:
    """Positions of cases in the order in which they are shown, of how many, and the rule in words."""

    outcome: Outcome
    cases: tuple[int, ...]
    of: int
    rule: str


def pick(outcome: Outcome, logits: Logits, truth: Truth) -> Picked:
    """Right ones: from the highest to the lowest probability in steps of equal rank, both ends included. Wrong ones: the most
    wrong first."""
    called = logits >= 0
    inside = np.flatnonzero(
        (truth == (outcome in ("true positive", "false negative"))) & (called == outcome.endswith("positive"))
    )
    ranked = inside[np.argsort(-logits[inside], kind="stable")]
    if outcome == "false negative":
        ranked = ranked[::-1]
    if outcome.startswith("false"):
        which = "highest" if outcome == "false positive" else "lowest"
        rule = f"the most wrong first: those with the {which} probability"
        return Picked(outcome, tuple(ranked[:WRONG].tolist()), ranked.size, rule)
    steps = np.linspace(0, max(0, ranked.size - 1), min(RIGHT, ranked.size))
    places = np.unique(steps.round().astype(np.int64))
    rule = "from the highest to the lowest probability in steps of equal rank, both ends included"
    return Picked(outcome, tuple(ranked[places].tolist()), ranked.size, rule)


def pick_strip(slice_logits: list[OwnLogits], truth: Truth) -> int | None:
    """The malignant case, called so, whose slices differ most in probability; None where there is none with two slices."""
    spreads = [
        float(np.ptp(1 / (1 + np.exp(-own)))) if is_malignant and own.size > 1 and own.max() >= 0 else -1.0
        for own, is_malignant in zip(slice_logits, truth.tolist(), strict=True)
    ]
    best = int(np.argmax(spreads)) if spreads else 0
    return best if spreads and spreads[best] >= 0 else None
