"""What in the readers' comments may name somebody. A net with wide meshes: a person has to look, this only points."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, Literal

from vfrac_core.store.records import Annotation

HitKind = Literal["date", "number", "name"]

_MONTH: Final = r"(?:jan|feb|mar|mär|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-zä]*"
_DATE: Final = re.compile(
    rf"\b\d{{1,4}}\s?[./-]\s?\d{{1,2}}\s?[./-]\s?\d{{1,4}}\b|\b\d{{1,2}}\.?\s{_MONTH}\.?\s\d{{2,4}}\b|\b{_MONTH}\.?\s\d{{1,2}},?\s\d{{4}}\b",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"\d{6,}")


@dataclass(frozen=True, slots=True)
class CommentHit:
    """A passage to look at, and where it stands."""

    case_id: str
    reader_id: str
    kind: HitKind
    text: str


def scan_comments(annotations: Iterable[Annotation], reader_names: Iterable[str]) -> tuple[CommentHit, ...]:
    """Dates, runs of six and more digits, and readers' names (each word of three letters or more) in the comments."""
    names = _names_pattern(reader_names)
    return tuple(
        CommentHit(one.case_id, one.reader_id, kind, text)
        for one in annotations
        for kind, text in _hits(one.reading.comment, names)
    )


def _hits(comment: str, names: re.Pattern[str] | None) -> Iterator[tuple[HitKind, str]]:
    patterns: tuple[tuple[HitKind, re.Pattern[str] | None], ...] = (("date", _DATE), ("number", _NUMBER), ("name", names))
    for kind, pattern in patterns:
        if pattern is not None:
            yield from ((kind, found.group()) for found in pattern.finditer(comment))


def _names_pattern(reader_names: Iterable[str]) -> re.Pattern[str] | None:
    words = {word for name in reader_names for word in re.findall(r"[^\W\d_]{3,}", name)}
    return re.compile(rf"\b(?:{'|'.join(sorted(map(re.escape, words)))})\b", re.IGNORECASE) if words else None
