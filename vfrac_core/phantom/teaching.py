"""The teaching library: 24 fixed cases, chosen by looking. First each sign alone, then mimics, combinations, the paper's figures.

``EXAMPLES`` has what decides their pixels; titles and explanations stand in ``teaching_texts``.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from typing import Final

from vfrac_core.paper import SIGNS
from vfrac_core.phantom.arrows import example_arrows
from vfrac_core.phantom.case import PhantomCase, make_case, visible_changes
from vfrac_core.phantom.changes.base import Change
from vfrac_core.phantom.changes.benign_foci import BoneIsland, Haemangioma
from vfrac_core.phantom.changes.compression import OldWedge
from vfrac_core.phantom.changes.degeneration import SchmorlNode
from vfrac_core.phantom.changes.destruction import Retropulsion
from vfrac_core.phantom.changes.line import GasCleft
from vfrac_core.phantom.changes.mass import Haematoma
from vfrac_core.phantom.levels import position
from vfrac_core.phantom.seeds import TEACHING
from vfrac_core.phantom.spec import GENERATOR, CaseSpec, Difficulty
from vfrac_core.phantom.spine import build_spine
from vfrac_core.phantom.subject import draw_subject
from vfrac_core.types import Arrow, Diagnosis

LETTERS: Final = "CXMTGD"  # of the six signs, as in the form
CLEAR: Final = Difficulty(subtle=0.0, mimic=0.0, line_mimic=0.15, noise_hu=(14.0, 18.0), box_margin=(1.0, 1.4), box_jitter_mm=1.0)
FAINT: Final = replace(CLEAR, subtle=1.0)
ATYPICAL: Final = replace(FAINT, mimic=1.0)


@dataclass(frozen=True, slots=True)
class TeachingExample:
    """``extra``: findings that are put in besides what the spec draws; the first of them has an arrow."""

    spec: CaseSpec
    knobs: Difficulty = CLEAR
    extra: tuple[Change, ...] = ()

    @property
    def number(self) -> int:
        """1 to 24."""
        return TEACHING.index(self.spec.seed)

    @property
    def key(self) -> str:
        """All that decides the pixels. With another one it is another case."""
        drawn = asdict(self.spec) | {"signs": sorted(self.spec.signs)}
        extra = [[type(change).__name__, asdict(change)] for change in self.extra]
        return json.dumps([GENERATOR, drawn, asdict(self.knobs), extra], sort_keys=True)


def make_example(example: TeachingExample) -> tuple[PhantomCase, tuple[Arrow, ...]]:
    """The case and its arrows: the same for the same example, in any process. Takes some seconds."""
    case = make_case(example.spec, difficulty=example.knobs, extra=example.extra)
    subject = draw_subject(example.spec, example.knobs)
    changes = visible_changes(subject, example.extra)[0] if example.extra else ()
    body = build_spine(subject.patient, subject.level, changes)[position(subject.level)]
    return case, example_arrows(case, example.extra[:1], body)


def _case(number: int, index: int, diagnosis: Diagnosis, signs: str, person: str, *, severity: float = 1.0) -> CaseSpec:
    """``signs``: their letters, as in the form; ``person``: level, sex and age."""
    level, sex, age = person.split()
    names = frozenset(sign for sign, letter in zip(SIGNS, LETTERS, strict=True) if letter in signs)
    return CaseSpec(TEACHING[number], index, diagnosis, names, level, int(age), "F" if sex == "F" else "M", severity)


# ``index`` was chosen by looking, among cases without a wedge, node, haemangioma or bone island near the worst body by chance.
EXAMPLES: Final = (
    # One sign each, as clear as it gets. Multiple segments cannot stand alone: example 6 has destruction as well.
    TeachingExample(_case(1, 98, "benign", "C", "L1 F 71", severity=1.5)),
    TeachingExample(_case(2, 38, "benign", "T", "L2 M 58", severity=1.5)),
    TeachingExample(_case(3, 13, "benign", "X", "L3 M 44", severity=1.5)),
    TeachingExample(_case(4, 1, "malignant", "D", "L3 M 43", severity=2.5)),
    TeachingExample(_case(5, 26, "malignant", "M", "T12 F 64")),
    TeachingExample(_case(6, 82, "malignant", "DG", "L2 F 57")),
    # Mimics, all benign.
    TeachingExample(
        _case(7, 52, "benign", "", "L2 F 84"),
        extra=(OldWedge("L2", None, 0.19), OldWedge("L1", None, 0.20), OldWedge("T12", None, 0.22)),
    ),
    TeachingExample(
        _case(8, 4, "benign", "", "L2 M 39"),
        extra=(SchmorlNode("L2", None, True, 6.5, 6.0, 0.0, 1.0), SchmorlNode("L3", None, True, 4.5, 5.5, 0.0, 2.0)),
    ),
    TeachingExample(_case(9, 5, "benign", "", "L3 F 55"), extra=(Haemangioma("L3", None, (1.0, -1.0, 0.0), 10.5, 1.2),)),
    TeachingExample(_case(10, 14, "benign", "", "L4 M 49"), extra=(BoneIsland("L4", None, (-3.0, 4.0, 2.0), 4.2),)),
    TeachingExample(_case(11, 20, "benign", "CXT", "T12 M 36", severity=0.5), extra=(Haematoma("T12", None, 7.0, 44.0, 0.6),)),
    TeachingExample(_case(12, 80, "benign", "CX", "T12 F 79"), extra=(GasCleft("T12", SIGNS[0], 2.6, 4.5),)),
    # Combinations.
    TeachingExample(_case(13, 13, "malignant", "CXMD", "L1 M 66")),
    TeachingExample(_case(14, 267, "malignant", "XD", "L3 M 69")),
    TeachingExample(_case(15, 63, "malignant", "CXD", "L2 F 59")),
    TeachingExample(_case(16, 91, "benign", "CXTG", "L1 F 77", severity=0.5)),
    TeachingExample(_case(17, 130, "malignant", "CXD", "L3 M 62")),
    TeachingExample(_case(18, 6, "benign", "CXT", "L1 M 41"), extra=(Retropulsion("L1", None, 5.0, 0.45, 0.0),)),
    # The situations of the paper's figures 2 to 6.
    TeachingExample(_case(19, 28, "malignant", "CXMD", "L2 F 51", severity=1.5)),
    TeachingExample(_case(20, 123, "malignant", "XD", "L2 M 67", severity=0.0)),
    TeachingExample(_case(21, 6, "benign", "CXT", "L2 M 55")),
    TeachingExample(_case(22, 34, "malignant", "CXD", "L1 M 55", severity=-1.0), FAINT),
    TeachingExample(_case(23, 589, "malignant", "CXDG", "L2 M 47", severity=0.0)),
    TeachingExample(_case(24, 126, "benign", "CXT", "L3 F 66", severity=-0.5), ATYPICAL),
)
