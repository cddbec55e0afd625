"""What the store takes and gives: cases, readers, readings, receipts. Checked when built; no SQL, no files."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple

from vfrac_core.errors import StoreError
from vfrac_core.paper import SIGNS
from vfrac_core.signs import DEFINITIONS, LEVELS, UNKNOWN_LEVEL
from vfrac_core.types import Affine, Diagnosis, PixelBox, SeriesInfo, SpacingMm

SignAnswer = Literal["absent", "present", "not_assessable"]
Phase = Literal["unaided", "with_probability", "with_cam"]
Progress = Literal["todo", "draft", "submitted"]
ReaderKind = Literal["reader", "reference"]

ANNOTATE: Final = "annotate"  # the built-in open study of the Annotate screen
REFERENCE: Final = "reference"  # the built-in study, and reader, of the reference standard
SIGN_ANSWERS: Final = ("absent", "present", "not_assessable")
MAX_COMMENT: Final = 2000  # characters
HEIGHT_POINTS: Final = 6  # of a body: upper and lower end plate, each anterior, middle, posterior
Point = tuple[float, float]  # row, column


def utc_now() -> datetime:
    """The clock that everybody uses unless a test brings its own."""
    return datetime.now(UTC)


class Anchor(NamedTuple):
    """The end of the log at one moment. Written down elsewhere, it later shows whether the tail was cut off."""

    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


class WorklistItem(NamedTuple):
    """How far one reader is with one case."""

    case_id: str
    progress: Progress
    flagged: bool


@dataclass(frozen=True, slots=True)
class Receipt:
    """Proof of a save that is on the disk. ``str()`` gives what the reader sees: "saved #1041 · 9f3c"."""

    seq: int
    hash: str
    at: datetime
    kind: str

    def __str__(self) -> str:
        return f"saved #{self.seq} · {self.hash[:4]}"


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A case's row. ``affine`` maps (slice, row, column, 1) of the sagittal stack to LPS mm of the voxel's centre.

    ``sha256`` is the hex digest of the stack's pixels as little-endian int16 in C order. Two records are compared
    without their affine.
    """

    case_id: str
    info: SeriesInfo
    slices: int
    rows: int
    columns: int
    spacing_mm: SpacingMm
    affine: Affine = field(compare=False)
    sha256: str
    imported_at: datetime

    def __post_init__(self) -> None:
        check_case_id(self.case_id)


@dataclass(frozen=True, slots=True)
class Reader:
    """Somebody who reads, or the reference standard. ``reader_id`` is the code that exports show instead of the name."""

    reader_id: str
    display_name: str
    years_experience: float
    kind: ReaderKind = "reader"


@dataclass(frozen=True, slots=True)
class BodyHeights:
    """The height aid: where a reader put the six points of a body, on one sagittal slice (0-based).

    Each body has three points along the upper end plate and three along the lower, each anterior, middle, posterior; each is
    (row, column) in continuous pixels of the slice, row r covering [r, r + 1). ``worst`` is the boxed body, ``above`` and
    ``below`` its neighbours, None where not measured.
    """

    slice_index: int
    worst: tuple[Point, ...]
    above: tuple[Point, ...] | None = None
    below: tuple[Point, ...] | None = None

    def __post_init__(self) -> None:
        bodies = [self.worst, *(body for body in (self.above, self.below) if body is not None)]
        if self.slice_index < 0 or any(len(body) != HEIGHT_POINTS for body in bodies):
            raise StoreError("the height aid is not complete; give six points of each body that is measured")
        if not all(math.isfinite(value) for body in bodies for point in body for value in point):
            raise StoreError("the height aid has a point that is not a number")


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader fills in. A sign that is missing from ``signs`` is not answered yet.

    ``slice_index`` is the slice on which the box was drawn (0-based), ``confidence`` 1 (guess) to 5 (certain). ``slice_boxes``
    are boxes that differ from ``box`` on other slices. ``flagged``: the reader wants to come back to the case. The
    comment is brought to NFC and loses its control characters; everything else is refused with StoreError if wrong.
    """

    vertebral_level: str | None = None
    slice_index: int | None = None
    box: PixelBox | None = None
    marked_slices: tuple[int, ...] = ()
    signs: Mapping[str, SignAnswer] = field(default_factory=dict)
    diagnosis: Diagnosis | None = None
    confidence: int | None = None
    comment: str = ""
    slice_boxes: Mapping[int, PixelBox] = field(default_factory=dict)
    heights: BodyHeights | None = None
    flagged: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "slice_boxes", dict(sorted(self.slice_boxes.items())))
        object.__setattr__(self, "comment", clean_text(self.comment))
        object.__setattr__(self, "marked_slices", tuple(sorted(set(self.marked_slices))))
        object.__setattr__(self, "signs", dict(self.signs))
        _check_reading(self)

    def box_on(self, slice_index: int) -> PixelBox | None:
        """The box as it is on a slice: the reader's own for that slice, else the one box."""
        return self.slice_boxes.get(slice_index, self.box)

    def missing(self) -> tuple[str, ...]:
        """Plain names of what a submission still needs, in the order of the form. "unknown" is a level."""
        needed = {
            "vertebral level": self.vertebral_level,
            "box": self.box,
            **{sign.label: self.signs.get(sign.name) for sign in DEFINITIONS},
            "diagnosis": self.diagnosis,
            "confidence": self.confidence,
        }
        return tuple(name for name, value in needed.items() if value is None)


@dataclass(frozen=True, slots=True)
class Annotation:
    """The current state of one reader's answer to one case. ``submitted_at`` None means draft.

    ``ai_visible`` is True once the AI was shown before the answer took its present form, ``answer_visible`` once the answer of a
    teaching case was: neither is a reading to learn from. ``seq`` is the event that gave the answer that form (0 if the AI
    was shown before anything was saved), ``saved_at`` its time.
    """

    case_id: str
    reader_id: str
    study_id: str
    repeat_index: int
    phase: Phase
    reading: Reading
    ai_visible: bool
    answer_visible: bool
    signs_version: int
    started_at: datetime
    submitted_at: datetime | None
    corrected: bool
    seq: int
    saved_at: datetime | None


def clean_text(text: str) -> str:
    """NFC, without control characters (a NUL would end the text early in SQLite) and half characters; lines are kept."""
    kept = "".join(c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs"))
    return unicodedata.normalize("NFC", kept).strip()


def check_case_id(case_id: str) -> None:
    """Refuse an id that could not be the name of a folder, or would lead out of it."""
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", case_id):
        raise StoreError("the case id is not one of this program; expected up to 40 letters, digits, - and _")


def _check_reading(reading: Reading) -> None:
    if len(reading.comment) > MAX_COMMENT:
        raise StoreError(f"the comment has {len(reading.comment)} characters; at most {MAX_COMMENT} can be kept")
    if reading.vertebral_level not in (None, UNKNOWN_LEVEL, *LEVELS):
        raise StoreError(f'the vertebral level is not known; give T1 to T12, L1 to L5 or "{UNKNOWN_LEVEL}"')
    if any(index < 0 for index in (*reading.marked_slices, *reading.slice_boxes, reading.slice_index or 0)):
        raise StoreError("a slice has a negative number; slices are counted from 0")
    if reading.box is not None and reading.slice_index is None:
        raise StoreError("the box has no slice; say on which slice it was drawn")
    if reading.slice_boxes and (reading.box is None or reading.slice_index in reading.slice_boxes):
        raise StoreError("a slice has a box of its own without the case's box, or beside it; draw the case's box first")
    if any(name not in SIGNS for name in reading.signs):
        raise StoreError("a sign is not one of the six")
    if any(answer not in SIGN_ANSWERS for answer in reading.signs.values()):
        raise StoreError("a sign has an unknown answer; give absent, present or not_assessable")
    if reading.diagnosis not in (None, "benign", "malignant"):
        raise StoreError("the diagnosis is not known; give benign or malignant")
    if reading.confidence is not None and not 1 <= reading.confidence <= 5:
        raise StoreError("the confidence lies outside 1 to 5")
