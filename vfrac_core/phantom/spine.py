"""The column: vertebrae stacked from the worst one outwards, so that it shortens and kinks where a body has collapsed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import atan2, degrees, tanh

import numpy as np

from vfrac_core.phantom.changes.base import Change
from vfrac_core.phantom.levels import SIZES, position
from vfrac_core.phantom.patient import Patient
from vfrac_core.phantom.vertebra import MIDDLE, Vertebra

CONCAVITY_MM = 2.3
LEAST_DISC_MM = 2.0
CORNERS_MM = (
    0.6,
    1.2,
)  # what rounding and waist take from half width and half depth, given back so that the sizes are the table's
KINK = (0.95, 0.25)  # share of a wedge by which the levels above tip forward, and those below back
MOST_KINK_DEGREES = 24.0  # the spine makes up for more than that by its other levels
LEAN_DEGREES = 0.3  # of scoliosis a level; more pushes the neighbours out of the central slices


def build_spine(patient: Patient, level: str, changes: Sequence[Change]) -> tuple[Vertebra, ...]:
    """All vertebrae from T1 to S5 with their changes; the body of ``level`` has its centre at (0, 0, 0)."""
    bodies = [_body(patient, index, changes) for index in range(len(SIZES))]
    at = position(level)
    target = bodies[at]
    placed = {at: replace(target, centre=(0.0, 0.0, 0.0))}
    for direction in (-1, 1):
        kink, here = 0.0, at
        while 0 <= here + direction < len(bodies):
            current = placed[here]
            kink += KINK[0 if direction < 0 else 1] * _wedging(current)
            nearer = bodies[here + direction]
            bent = MOST_KINK_DEGREES * tanh(kink / MOST_KINK_DEGREES)
            turned = replace(
                nearer,
                tilt=nearer.tilt + (bent if direction < 0 else -bent),
                lean=patient.scoliosis_degrees * (here + direction - at),
            )
            placed[here + direction] = _next_to(current, turned, direction)
            here += direction
    return tuple(placed[index] for index in range(len(bodies)))


def _body(patient: Patient, index: int, changes: Sequence[Change]) -> Vertebra:
    size = SIZES[index]
    scale = patient.scale * patient.level_scale[index]
    own = tuple(change for change in changes if change.level == size.name)
    disc = size.disc * patient.scale * patient.disc_scale * min((c.disc_scale() for c in own), default=1.0)
    curve = patient.lordosis if not size.sacral else 1.0 + 0.3 * (patient.lordosis - 1)
    warp = tuple(float(p + 1.7 * index) for p in patient.warp_phase)
    return Vertebra(
        size=size,
        a=size.width / 2 * scale + CORNERS_MM[0],
        b=size.depth / 2 * scale + CORNERS_MM[1],
        height=size.height * scale,
        wedge=size.wedge,
        concavity=CONCAVITY_MM * patient.concavity * (0.6 if size.thoracic else 0.15 if size.sacral else 1.0),
        disc=disc if size.sacral else max(disc, LEAST_DISC_MM),
        tilt=size.tilt * curve + patient.tilt_jitter[index],
        lean=0.0,
        centre=(0.0, 0.0, 0.0),
        warp=warp,
        changes=own,
    )


def _halves(body: Vertebra) -> tuple[float, float]:
    """Mean height of the plates over and under the centre, on the mid-sagittal line; of those changes that carry the column."""
    body = replace(body, changes=tuple(change for change in body.changes if change.carries))
    v = np.linspace(-0.8 * body.b, 0.8 * body.b, 9, dtype=np.float32)
    top, bottom = body.plates(np.zeros_like(v), v)
    return float(np.mean(top) + 0.5 * body.concavity * 0.8), float(-np.mean(bottom) + 0.5 * body.concavity * 0.8)


def _wedging(body: Vertebra) -> float:
    """Degrees by which the body is more wedged than it would be without changes; + narrower in front."""
    carrying = tuple(change for change in body.changes if change.carries)
    return _opening(replace(body, changes=carrying)) - _opening(replace(body, changes=())) if carrying else 0.0


def _opening(body: Vertebra) -> float:
    anterior, _, posterior = body.heights()
    return degrees(atan2(posterior - anterior, 2 * MIDDLE * body.b))


def _next_to(current: Vertebra, following: Vertebra, direction: int) -> Vertebra:
    """Place the next body towards the head (-1) or the foot (1), a disc's height away."""
    upper, lower = (following, current) if direction < 0 else (current, following)
    (current_up, current_down), (following_up, following_down) = _halves(current), _halves(following)
    near, far = (current_up, following_down) if direction < 0 else (current_down, following_up)
    sign = -direction
    middle = [(p + q) / 2 for p, q in zip(upper.up, lower.up, strict=True)]
    x, y, z = (
        c + sign * (near * p + upper.disc * m + far * q)
        for c, p, m, q in zip(current.centre, current.up, middle, following.up, strict=True)
    )
    return replace(following, centre=(x, y, z))
