"""From what is asked of a case to its list of changes: every amplitude drawn, each from a stream of its own name.

Ranges are those of phantom.md, sections 6 and 8. Where a range may differ by class, it says so; everything else is drawn alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from vfrac_core.paper import SIGNS
from vfrac_core.phantom.changes.base import Change
from vfrac_core.phantom.changes.compression import Compression
from vfrac_core.phantom.changes.cortex import CortexInterruption, Gap
from vfrac_core.phantom.changes.destruction import Destruction
from vfrac_core.phantom.changes.line import FractureLine, GasCleft
from vfrac_core.phantom.changes.mass import Lobe, SoftTissueMass
from vfrac_core.phantom.confounders import confounders, mimics
from vfrac_core.phantom.draw import Draw, Rng, pick
from vfrac_core.phantom.levels import NAMES, SIZES, position
from vfrac_core.phantom.subject import Subject

COMPRESSION, CORTEX, MASS, LINE, MULTIPLE, DESTRUCTION = SIGNS
LOWEST_CHANGED: Final = "L5"
GAP_PLACES: Final = ("anterior", "upper", "posterior")


def choose_changes(subject: Subject, attempts: Mapping[str, int] | None = None) -> tuple[Change, ...]:
    """All changes of a case, signs and confounders. ``attempts`` says how often a sign was redrawn because it did not show."""
    draw = Draw(subject, attempts or {})
    made: list[Change] = [*confounders(draw)]
    for sign, make in _MAKERS.items():
        if sign in subject.spec.signs:
            made += make(draw)
    return (*made, *mimics(draw))


def without_sign(changes: Sequence[Change], sign: str) -> tuple[Change, ...]:
    """The twin's changes: the same but for one sign. Without the cortex sign a destruction leaves the shell alone."""
    kept = [change for change in changes if change.sign != sign]
    if sign == CORTEX:
        kept = [replace(c, opens=False) if isinstance(c, Destruction) and c.sign == DESTRUCTION else c for c in kept]
    return tuple(kept)


def without_signs(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Confounders and mimics alone."""
    return tuple(change for change in changes if change.sign is None)


def _collapse(rng: Rng, level: str, sign: str | None, loss: float, impaction_hu: float, *, malignant: bool) -> Compression:
    weights = (
        {"wedge": 0.40, "biconcave": 0.25, "crush": 0.35} if malignant else {"wedge": 0.45, "biconcave": 0.28, "crush": 0.27}
    )
    return Compression(
        level,
        sign,
        loss=loss,
        shape=pick(rng, weights),
        lower=rng.uniform(0, 0.35),
        sideways=rng.uniform(-0.5, 0.5),
        uneven=rng.uniform(0.10, 0.42) if malignant else rng.uniform(0.08, 0.40),
        phases=tuple(rng.uniform(0, 2 * np.pi, 4)),
        impaction_hu=impaction_hu,
    )


def _compression(draw: Draw) -> list[Change]:
    malignant = draw.like_malignant(COMPRESSION)
    extra = draw.streams.named("impaction")
    impacted, hu = extra.random() < (0.25 if malignant else 0.5), extra.uniform(30, 150)
    loss = 0.23 + 0.35 * draw.visibility(COMPRESSION)
    made: list[Change] = [
        _collapse(draw.rng(COMPRESSION), draw.level, COMPRESSION, loss, hu if impacted else 0.0, malignant=malignant)
    ]
    gas = draw.streams.named("gas cleft")
    has_gas, thick, depth = gas.random() < 0.10, gas.uniform(1, 2), gas.uniform(3, 6)
    if has_gas and not malignant and draw.spec.diagnosis == "benign":
        made.append(GasCleft(draw.level, COMPRESSION, thick, depth))
    return made


def _cortex(draw: Draw) -> list[Change]:
    """Tumours take more of the shell and fractures step more often, but either can do both."""
    rng, s, malignant = draw.rng(CORTEX), draw.visibility(CORTEX), draw.like_malignant(CORTEX)
    radii = (2.6, 6.5) if malignant else (1.8, 5.0)
    gaps = tuple(
        Gap(
            str(rng.choice(GAP_PLACES)),
            float(rng.uniform(-0.65, 0.65)),
            float(np.clip(rng.uniform(*radii) * (0.8 + 0.4 * s), *radii)),
        )
        for _ in range(2)
    )[: int(rng.integers(1, 3))]
    step, step_at, flake, lean = rng.uniform(0.8, 2.6), rng.uniform(-0.4, 0.6), rng.uniform(1.2, 2.4), rng.uniform(-0.3, 0.3)
    steps, breaks = rng.random() < (0.55 if malignant else 0.65), rng.random() < (0.40 if malignant else 0.48)
    lower = 1.0 if COMPRESSION in draw.spec.signs else 0.5 * 0.6 ** draw.attempts.get(CORTEX, 0)  # a step is a loss of height too
    return [
        CortexInterruption(
            draw.level,
            CORTEX,
            u0=draw.u0,
            gaps=gaps,
            step_mm=float(step * (0.7 + 0.6 * s) * lower) if steps else 0.0,
            step_at=float(step_at),
            flake_mm=float(flake) if breaks else 0.0,
            flake_lean=float(lean),
        )
    ]


def _lines(draw: Draw) -> list[Change]:
    rng, s = draw.rng(LINE), draw.visibility(LINE)
    count = 2 if rng.random() < 0.25 else 1
    atypical = draw.streams.named("atypical line").random() < draw.difficulty.mimic * 0.5
    made: list[Change] = []
    for number in range(2):
        kind = pick(rng, {"dense": 0.55, "lucent": 0.25, "both": 0.20})
        depth = rng.uniform(3.0, 0.42 * draw.height) + 5.0 * number
        span = rng.uniform(0.55, 0.95)
        front = rng.uniform(span - 0.95, 0.95) if span < 0.9 else 0.95
        front = max(front, 2 * span - 0.95)
        line = FractureLine(
            draw.level,
            LINE,
            u0=draw.u0,
            depth_mm=float(depth),
            half_mm=float(rng.uniform(0.7, 1.6) * (0.85 + 0.3 * s)),
            front=float(front),
            back=float(front - 2 * span),
            dense_hu=float(70 + 290 * np.clip(s + rng.uniform(-0.15, 0.15), 0, 1)) if kind != "lucent" else 0.0,
            lucent=float(rng.uniform(0.5, 1.0)) if kind != "dense" else 0.0,
            wavy_mm=float(rng.uniform(0.8, 1.8)) if atypical else 0.2,
            phase=float(rng.uniform(0, 6.28)),
        )
        made.append(line)
    return made[:count]


def _focus(rng: Rng, level: str, sign: str) -> Destruction:
    """Kind and border of a focus; where and how large it is stands with its caller."""
    return Destruction(
        level,
        sign,
        centre=(0.0, 0.0, 0.0),
        radius=0.0,
        kind=pick(rng, {"lytic": 0.60, "mixed": 0.22, "blastic": 0.18}),
        replaced=1.0,
        soft=float(rng.uniform(0.2, 0.5)),
        opens=False,
        bulge_mm=0.0,
        pedicle=0,
        blast_hu=float(rng.uniform(260, 760)),
    )


def _destruction(draw: Draw) -> list[Change]:
    rng, s = draw.rng(DESTRUCTION), draw.visibility(DESTRUCTION)
    opens = CORTEX in draw.spec.signs
    count = int(rng.integers(1, 4))
    made: list[Change] = []
    kind: str | None = None
    for number in range(3):
        posterior = rng.random() < 0.65
        radius = float(np.clip(4.0 + 8.5 * s * rng.uniform(0.75, 1.15) - 1.0 * number, 3.5, 12.5))
        v = rng.uniform(-0.75, -0.25) if posterior else rng.uniform(-0.1, 0.6)
        offset = 0.0 if number == 0 else rng.uniform(-0.45, 0.45) * draw.a
        centre = (float(draw.u0 + offset), float(v * draw.b), float(rng.uniform(-0.22, 0.18) * draw.height))
        if not opens:  # confined: the shell stays whole
            radius = min(radius, 0.42 * draw.height)
            centre = (centre[0], float(np.clip(centre[1], -0.3 * draw.b, 0.3 * draw.b)), 0.5 * centre[2])
        focus = _focus(rng, draw.level, DESTRUCTION)
        kind = kind or focus.kind
        bulge, has_bulge = rng.uniform(0.8, 4.0), rng.random() < 0.7
        pedicle, has_pedicle = (1 if rng.random() < 0.5 else -1), rng.random() < 0.45
        first = number == 0 and opens
        made.append(
            replace(
                focus,
                centre=centre,
                radius=radius,
                replaced=float(0.42 + 0.58 * s),
                opens=opens,
                kind=kind,
                bulge_mm=float(bulge) if first and posterior and has_bulge else 0.0,
                pedicle=pedicle if first and has_pedicle else 0,
            )
        )
    return made[:count]


def _mass(draw: Draw) -> list[Change]:
    rng, s, malignant = draw.rng(MASS), draw.visibility(MASS), draw.like_malignant(MASS)
    count = int(rng.integers(1, 4 if malignant else 3))
    lobes = tuple(
        Lobe(
            angle=float(rng.uniform(-0.61, 0.61) if number == 0 else rng.uniform(-2.2, 2.2)),
            thick_mm=float((4.0 + 9.5 * s) * rng.uniform(0.8, 1.1)),
            wide=1.5,
            tall=float(rng.uniform(1.1, 1.9)),
            up_mm=float(rng.uniform(-3, 3)),
        )
        for number in range(3)
    )[:count]
    epidural, has_epidural = rng.uniform(2.5, 6.0), rng.random() < 0.4
    return [
        SoftTissueMass(
            draw.level,
            MASS,
            lobes=lobes,
            hu=float(rng.uniform(33, 52)),
            necrosis=float(rng.uniform(0, 16)),
            epidural_mm=float(epidural) if malignant and has_epidural else 0.0,
        )
    ]


def _multiple(draw: Draw) -> list[Change]:
    """One neighbour at least, and up to two more within three levels."""
    rng, s, malignant = draw.rng(MULTIPLE), draw.visibility(MULTIPLE), draw.like_malignant(MULTIPLE)
    at = position(draw.level)
    near = [i for i in (at - 1, at + 1) if i <= position(LOWEST_CHANGED)]
    far = [i for i in range(at - 3, at + 4) if i != at and 0 <= i <= position(LOWEST_CHANGED)]
    first = int(rng.choice(near))
    order = [first, *[int(i) for i in rng.permutation([i for i in far if i != first])]]
    made: list[Change] = []
    for index in order[: int(rng.integers(1, 4))]:
        size = SIZES[index]
        a, b, h = size.width / 2, size.depth / 2, size.height
        level = NAMES[index]
        impaction = float(rng.uniform(0, 80))
        if not malignant:
            loss = rng.uniform(0.22, 0.32) + 0.15 * s
            made.append(_collapse(rng, level, MULTIPLE, float(loss), impaction, malignant=False))
            continue
        radius = float(np.clip(4.5 + 4.5 * s * rng.uniform(0.8, 1.2) + 1.5 * draw.attempts.get(MULTIPLE, 0), 4.5, 11.0))
        centre = (
            float(draw.u0 + rng.uniform(-0.25, 0.25) * a),
            float(rng.uniform(-0.5, 0.4) * b),
            float(rng.uniform(-0.2, 0.2) * h),
        )
        opens = bool(rng.random() < 0.5)
        focus = _focus(rng, level, MULTIPLE)
        made.append(replace(focus, centre=centre, radius=radius, replaced=float(0.65 + 0.35 * s), opens=opens))
        loss, sunk = rng.uniform(0.22, 0.32) + 0.15 * s, rng.random() < 0.4
        collapse = _collapse(rng, level, MULTIPLE, float(loss), impaction, malignant=True)
        if sunk:
            made.append(collapse)
    return made


_MAKERS: Final[Mapping[str, Callable[[Draw], list[Change]]]] = {
    COMPRESSION: _compression,
    CORTEX: _cortex,
    LINE: _lines,
    DESTRUCTION: _destruction,
    MASS: _mass,
    MULTIPLE: _multiple,
}
