"""The teaching examples as cases of a library: which they are, making one, and its answer.

An example is a case like any other: a keyed id, pixels in volumes/, a row. Its truth is the reference standard's answer, as
``import --truth`` writes it; its arrows are an event. Title and explanation stay in the code.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from vfrac_core.library.cases import CaseLibrary
from vfrac_core.library.importing import add_volume
from vfrac_core.paper import SIGNS
from vfrac_core.phantom.case import PhantomCase
from vfrac_core.phantom.teaching import EXAMPLES, TeachingExample, make_example
from vfrac_core.phantom.teaching_texts import TEXTS, TeachingText
from vfrac_core.store import REFERENCE, Reading, add_arrows, arrows_of
from vfrac_core.types import Arrow

MOST: Final = len(EXAMPLES)

Make = Callable[[TeachingExample], tuple[PhantomCase, tuple[Arrow, ...]]]


@dataclass(frozen=True, slots=True)
class Answer:
    """All that there is to know of an example: only for those whom ``study.access`` lets see it."""

    number: int
    text: TeachingText
    truth: Reading
    arrows: tuple[Arrow, ...]


def example_cases(secret: bytes, count: int = MOST) -> Mapping[str, TeachingExample]:
    """The first ``count`` examples by their case ids, in their order. An id is keyed like every case id and says nothing."""
    return {example_id(secret, example): example for example in EXAMPLES[:count]}


def example_id(secret: bytes, example: TeachingExample) -> str:
    """Other pixels, another id: an example that was changed is a new case, and the old one stays as it was read."""
    return hmac.new(secret, f"teaching example {example.key}".encode(), "sha256").hexdigest()[:12]


def is_made(library: CaseLibrary, case_id: str) -> bool:
    """Whether the example is there with its truth. The arrows are written last."""
    return library.volumes.has(case_id) and arrows_of(library.store, case_id) is not None


def add_example(library: CaseLibrary, case_id: str, example: TeachingExample, make: Make = make_example) -> None:
    """Make an example and put it into the library: pixels, row, truth, arrows. What is there already is not written again."""
    case, arrows = make(example)
    add_volume(case_id, case.volume, library)
    library.store.set_reference(case_id, truth_of(case))
    add_arrows(library.store, case_id, arrows)


def truth_of(case: PhantomCase) -> Reading:
    """The reference standard of a synthetic case."""
    truth = case.truth
    return Reading(
        vertebral_level=truth.level,
        slice_index=truth.slice_index,
        box=truth.box,
        marked_slices=truth.abnormal_slices,
        signs={sign: "present" if sign in case.spec.signs else "absent" for sign in SIGNS},
        diagnosis=case.spec.diagnosis,
    )


def answer_of(library: CaseLibrary, case_id: str, example: TeachingExample) -> Answer | None:
    """The answer; None as long as the example is not whole."""
    truth = library.store.annotation(case_id, REFERENCE, REFERENCE)
    arrows = arrows_of(library.store, case_id)
    if truth is None or arrows is None:
        return None
    return Answer(example.number, TEXTS[example.number], truth.reading, arrows)
