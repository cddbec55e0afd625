"""What is no sign and may look like one: every spine's own wear, drawn alike for both classes, and the mimics of each class."""

from __future__ import annotations

import numpy as np

from vfrac_core.paper import SIGNS
from vfrac_core.phantom.changes.base import Change
from vfrac_core.phantom.changes.benign_foci import BoneIsland, Haemangioma
from vfrac_core.phantom.changes.compression import OldWedge
from vfrac_core.phantom.changes.degeneration import GrowthArrest, Osteophyte, PlateSclerosis, SchmorlNode, VacuumDisc
from vfrac_core.phantom.changes.destruction import Resorption, Retropulsion
from vfrac_core.phantom.changes.mass import Haematoma
from vfrac_core.phantom.draw import Draw
from vfrac_core.phantom.levels import NAMES, SIZES, position

_, _, MASS, _, _, DESTRUCTION = SIGNS


def confounders(draw: Draw) -> list[Change]:
    """For every level from T5 to L5, in the same way for both classes; old wedges in other levels than the worst only."""
    age = draw.spec.age_years
    made: list[Change] = []
    for index in range(position("T5"), position("L5") + 1):
        level, size = NAMES[index], SIZES[index]
        a, b, h = (size.width / 2 * draw.patient.scale, size.depth / 2 * draw.patient.scale, size.height * draw.patient.scale)
        rng = draw.streams.named(f"confounders {level}")
        chance, place = rng.random(6), rng.uniform(-1, 1, 6)
        amount = rng.uniform(0, 1, 8)
        centre = (float(0.4 * a * place[0]), float(0.4 * b * place[1]), float(0.2 * h * place[2]))
        if chance[0] < 0.035:
            made.append(Haemangioma(level, None, centre, float(5 + 4 * amount[0]), float(6.28 * amount[1])))
        elif chance[0] < 0.070:
            made.append(BoneIsland(level, None, centre, float(2 + 2 * amount[0])))
        if chance[1] < 0.07:
            upper = bool(place[3] > 0)
            made.append(
                SchmorlNode(
                    level,
                    None,
                    upper,
                    float(2 + 3.5 * amount[2]),
                    float(3.5 + 2.5 * amount[3]),
                    float(0.4 * a * place[4]),
                    float(0.3 * b * place[5]),
                )
            )
        if chance[2] < 0.05 and level != draw.level:
            made.append(OldWedge(level, None, float(0.08 + 0.10 * amount[4])))
        if chance[3] < (age - 50) / 160:
            made.append(
                VacuumDisc(level, None, float(0.4 + 0.35 * amount[5]), float(1.2 + 1.6 * amount[6]), float(0.2 * b * place[2]))
            )
        made += _dense_plates(draw, level)
        spurs = draw.streams.named(f"spurs {level}")
        share = float(np.clip((age - 45) / 60, 0, 0.55))
        for upper in (True, False):
            grows, length, angle = spurs.random() < share, spurs.uniform(2.0, 7.0), spurs.normal(0, 0.6)
            if grows:
                made.append(Osteophyte(level, None, upper, float(length), float(angle)))
    return made


def _dense_plates(draw: Draw, level: str) -> list[Change]:
    """What looks like a transverse line and is none: growth arrest in many levels, sclerosis beside a worn disc."""
    patient = draw.streams.named("growth arrest")
    arrested, depth, hu = patient.random() < draw.difficulty.line_mimic, patient.uniform(3.0, 6.5), patient.uniform(60, 160)
    made: list[Change] = [GrowthArrest(level, None, float(depth), float(hu))] if arrested else []
    rng = draw.streams.named(f"plates {level}")
    share = float(np.clip((draw.spec.age_years - 40) / 30, 2 / 15, 4 / 3)) * draw.difficulty.line_mimic
    for upper in (True, False):
        worn, dense, deep, v = rng.random() < share, rng.uniform(80, 260), rng.uniform(2.0, 5.0), rng.uniform(-0.6, 0.6)
        if worn:
            made.append(PlateSclerosis(level, None, upper, float(dense), float(deep), float(v)))
    return made


def mimics(draw: Draw) -> list[Change]:
    """What a benign fracture can show that looks malignant, and the thin haematoma of both."""
    mimic = draw.difficulty.mimic
    rng = draw.streams.named("mimic")
    wanted, resorbed = rng.random() < mimic, rng.random() < 0.7
    patch = Resorption(
        draw.level,
        None,
        centre=(float(draw.u0), float(rng.uniform(-0.7, 0.5) * draw.b), float(rng.uniform(-0.15, 0.15) * draw.height)),
        radius=float(rng.uniform(5.0, 11.0)),
        replaced=float(rng.uniform(0.5, 1.0)),
        shell_lost=float(rng.uniform(0.0, 1.0)),
    )
    fragment = Retropulsion(draw.level, None, float(rng.uniform(0.5, 2.5)), float(rng.uniform(0.3, 0.5)), float(draw.u0))
    made: list[Change] = []
    free = DESTRUCTION not in draw.spec.signs
    if wanted and not draw.malignant and free and draw.spec.signs:
        made.append(patch if resorbed else fragment)
    blood = draw.streams.named("haematoma")
    share = min((0.20 if draw.malignant else 0.45) * 2 * mimic, 1.0)
    has_blood, thick = blood.random() < share, blood.uniform(1.5, 6.0)
    hu, front = blood.uniform(30, 50), blood.uniform(0.2, 0.9)
    lump, angle = max(blood.uniform(-3.0, 7.0), 0.0), blood.uniform(-1.3, 1.3)
    if has_blood and MASS not in draw.spec.signs and draw.spec.signs:
        made.append(Haematoma(draw.level, None, float(thick), float(hu), float(front), float(lump), float(angle)))
    return made
