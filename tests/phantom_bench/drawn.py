"""Does a drawn number say the class? By rank, among the cases that have it, without painting anything.

A number that hangs on a sign is seen by no leak control with the signs off, so each is tested here (phantom.md, section 11).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from phantom_bench.controls import matched_cohort
from phantom_bench.scores import auc
from vfrac_core.paper import SIGNS
from vfrac_core.phantom.choose import choose_changes
from vfrac_core.phantom.parameters import flat_parameters
from vfrac_core.phantom.spec import DEFAULT_DIFFICULTY, CaseSpec, Difficulty
from vfrac_core.phantom.streams import Streams
from vfrac_core.phantom.subject import draw_subject

LOW, HIGH = 0.40, 0.60
FEWEST = 150  # of each class: its standard error is .033 there, and a rank says nothing below

Value = float | int | str

# What differs by class on purpose, each with its reason. A name ends where a parameter's may go on.
ON_PURPOSE: dict[str, str] = {
    "patient.trabecular_hu": "benign fractures meet weaker bone in 40 %",
    "Compression.impaction_hu": "impaction .5 benign, .25 malignant",
    "GasCleft.": "benign only (Kümmell)",
    "Resorption.": "benign mimic",
    "Retropulsion.": "benign mimic",
    "SoftTissueMass.lobes.count": "a benign mass has 1–2 lobes (two patients)",
    "SoftTissueMass.epidural_mm": "malignant only",
    "CortexInterruption.gaps.radius": "small sharp gaps against erased cortex, overlapping",
    "elsewhere.Destruction.": "malignant only",
}


@dataclass(frozen=True, slots=True)
class Rank:
    """AUC of one drawn number, or of having one of several values (``name=value``)."""

    name: str
    malignant: int
    benign: int
    auc: float

    @property
    def reason(self) -> str | None:
        """Why it may differ, if it may."""
        return next((why for name, why in ON_PURPOSE.items() if self.name.startswith(name)), None)

    @property
    def few(self) -> bool:
        return min(self.malignant, self.benign) < FEWEST

    @property
    def outside(self) -> bool:
        return not self.few and not LOW <= self.auc <= HIGH

    @property
    def leaks(self) -> bool:
        return self.outside and self.reason is None


def any_signs(seed: int, pairs: int) -> tuple[CaseSpec, ...]:
    """As many malignant as benign cases of the same ages and sexes, each sign by its own coin: so each is common in both."""
    made = []
    for spec in matched_cohort(seed, pairs):
        bits = Streams(spec.seed, spec.index).named("bench: signs").random(len(SIGNS)) < 0.5
        made.append(replace(spec, signs=frozenset(sign for sign, bit in zip(SIGNS, bits, strict=True) if bit)))
    return tuple(made)


def draw_parameters(specs: Sequence[CaseSpec], difficulty: Difficulty = DEFAULT_DIFFICULTY) -> list[dict[str, Value]]:
    drawn = []
    for spec in specs:
        subject = draw_subject(spec, difficulty)
        drawn.append(flat_parameters(subject, choose_changes(subject)))
    return drawn


def rank_parameters(parameters: Sequence[dict[str, Value]], malignant: np.ndarray) -> list[Rank]:
    """Each number and each value of a choice, by name."""
    ranks = []
    for name in sorted(set().union(*parameters)):
        having = np.array([name in drawn for drawn in parameters])
        values = [drawn[name] for drawn in parameters if name in drawn]
        if any(isinstance(value, str) for value in values):
            for choice in sorted({str(value) for value in values}):
                chosen = np.array([value == choice for value in values], float)
                ranks.append(_rank(f"{name}={choice}", chosen, malignant[having]))
        else:
            ranks.append(_rank(name, np.array(values, float), malignant[having]))
    return ranks


def _rank(name: str, values: np.ndarray, malignant: np.ndarray) -> Rank:
    return Rank(name, int(malignant.sum()), int((~malignant).sum()), auc(values, malignant))


def shares(parameters: Sequence[dict[str, Value]], malignant: np.ndarray) -> dict[str, tuple[float, float]]:
    """How often each kind of change is there at all: (malignant, benign)."""
    names = {name.rsplit(".", 1)[0] for drawn in parameters for name in drawn if "." in name}
    kinds = sorted(name for name in names if not name.endswith((".lobes", ".gaps")))
    there = {kind: np.array([any(name.startswith(f"{kind}.") for name in drawn) for drawn in parameters]) for kind in kinds}
    return {kind: (float(has[malignant].mean()), float(has[~malignant].mean())) for kind, has in there.items()}
