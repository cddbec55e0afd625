"""The answer of a teaching example as the browser gets it. Made only where ``study.access`` allows it."""

from __future__ import annotations

from dataclasses import asdict

from vfrac_core.library.examples import Answer
from vfrac_core.types import Arrow
from vfrac_core.ui.annotation_json import reading_json


def answer_json(answer: Answer) -> dict[str, object]:
    """Title, the two sentences, the truth as a reading, and the arrows."""
    return {
        "number": answer.number,
        "title": answer.text.title,
        "sentences": [answer.text.seen, answer.text.means],
        "difficulty": answer.text.difficulty,
        "truth": reading_json(answer.truth),
        "arrows": [_arrow_json(arrow, answer.text.finding) for arrow in answer.arrows],
    }


def _arrow_json(arrow: Arrow, finding: str) -> dict[str, object]:
    """``finding``: what an arrow at none of the six signs points at."""
    return asdict(arrow) | {"finding": None if arrow.sign else finding}
