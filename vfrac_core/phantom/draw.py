"""What every draw of a change needs: the case, its body's size, named random streams, and how heavy a sign is."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from vfrac_core.phantom.levels import SIZES, position
from vfrac_core.phantom.spec import CaseSpec
from vfrac_core.phantom.streams import Streams
from vfrac_core.phantom.subject import Subject

RAISE: Final = 0.3  # of the visibility, each time the pixels did not show a sign
SEVERITY: Final = 0.12  # heavy disease shows on all signs at once

Rng = np.random.Generator


class Draw:
    """One case. ``attempts``: how often a sign was redrawn; ``malignant``: the class, or a coin where it is masked."""

    def __init__(self, subject: Subject, attempts: Mapping[str, int]) -> None:
        self.spec, self.patient, self.streams = subject.spec, subject.patient, subject.streams
        self.difficulty, self.attempts = subject.difficulty, attempts
        size = SIZES[position(subject.level)]
        self.level = subject.level
        self.a, self.b = size.width / 2 * self.patient.scale, size.depth / 2 * self.patient.scale
        self.height = size.height * self.patient.scale
        self.u0 = subject.lesion_x_mm
        self.malignant = _flavour(self.spec, self.streams) == "malignant"

    def rng(self, name: str) -> Rng:
        return self.streams.named(f"{name}/{self.attempts.get(name, 0)}" if name in self.attempts else name)

    def visibility(self, sign: str) -> float:
        """0 to 1. A subtle case is subtle in all its signs; each redraw raises it."""
        subtle = self.streams.named("subtle").random() < self.difficulty.subtle
        s = self.streams.named(f"visibility {sign}").uniform(*((0.0, 0.2) if subtle else (0.2, 1.0)))
        return float(np.clip(s + SEVERITY * self.spec.severity + RAISE * self.attempts.get(sign, 0), 0, 1))

    def like_malignant(self, sign: str) -> bool:
        """The class whose way of showing the sign is taken; a coin for each sign where the class is masked."""
        if self.spec.diagnosis is None:
            return bool(self.streams.named(f"style {sign}").random() < 0.5)
        return self.malignant


def pick(rng: Rng, weights: Mapping[str, float]) -> str:
    return str(rng.choice(list(weights), p=np.array(list(weights.values())) / sum(weights.values())))


def _flavour(spec: CaseSpec, streams: Streams) -> str:
    """The class, or a coin where it is masked: decides about mimics and companions only."""
    if spec.diagnosis is not None:
        return spec.diagnosis
    return "malignant" if streams.named("flavour").random() < 0.5 else "benign"
