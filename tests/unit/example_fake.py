"""A stand-in for ``make_example`` that takes a millisecond and remembers what it was asked for."""

from __future__ import annotations

from phantom_fake import fake_case

from vfrac_core.errors import VfracError
from vfrac_core.phantom.case import PhantomCase
from vfrac_core.phantom.teaching import TeachingExample
from vfrac_core.types import Arrow

ARROW = Arrow("vertebral_compression", 4, 8.0, 9.0, 1.0, 0.0)
FINDING = Arrow(None, 5, 7.25, 11.5, 0.0, -1.0)


class Maker:
    """``fails``: the numbers that cannot be made."""

    def __init__(self, *fails: int) -> None:
        self.made: list[int] = []
        self.fails = fails

    def __call__(self, example: TeachingExample) -> tuple[PhantomCase, tuple[Arrow, ...]]:
        self.made.append(example.number)
        if example.number in self.fails:
            raise VfracError("a sign could not be made visible")
        case = fake_case(example.spec, view="full", spacing_mm=2.0, difficulty=example.knobs)
        return case, (ARROW, FINDING)
