"""The reference standard from a table: truth.csv, one row per case, brought to the cases that were just imported."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from vfrac_core.errors import SettingsError, VfracError
from vfrac_core.library.cases import CaseLibrary
from vfrac_core.paper import SIGNS
from vfrac_core.signs import LEVELS, UNKNOWN_LEVEL
from vfrac_core.store import Reading, SignAnswer, note_patient
from vfrac_core.types import Diagnosis, PixelBox

SIGN_CODES: Final[Mapping[str, SignAnswer]] = {"0": "absent", "1": "present", "": "not_assessable"}
FIRST_ROW: Final = 2  # as a spreadsheet counts: the header is row 1
LARGEST: Final = 100_000
BOX: Final = ("box_row_min", "box_col_min", "box_row_max", "box_col_max")


def _none_if_empty(text: object) -> object:
    return None if text == "" else text


def _numbers(text: object) -> object:
    return text.split() if isinstance(text, str) else text


def _known_level(level: str | None) -> str | None:
    if level not in (None, UNKNOWN_LEVEL, *LEVELS):
        raise ValueError("not a level")
    return level


Index = Annotated[int, Field(ge=0, le=LARGEST)]
Maybe = Annotated[Index | None, BeforeValidator(_none_if_empty)]
Code = Literal["0", "1", ""]


class _Row(BaseModel):
    """A line of the table. Further columns are ignored; an empty sign is one that cannot be assessed.

    An empty diagnosis is none: a cohort that teaches signs alone has no class. The column ``patient`` may be missing: whatever
    the researcher calls a person, the same for all series of one.
    """

    model_config = ConfigDict(extra="ignore", str_strip_whitespace=True)

    case: Annotated[str, Field(min_length=1, max_length=1000)]
    diagnosis: Diagnosis | Literal[""]
    vertebral_compression: Code
    bone_cortex_interruption: Code
    paravertebral_soft_tissue_mass: Code
    transverse_fracture_line: Code
    multiple_segments: Code
    bone_destruction: Code
    vertebral_level: Annotated[str | None, BeforeValidator(_none_if_empty), AfterValidator(_known_level)]
    slice_index: Maybe
    box_row_min: Maybe
    box_col_min: Maybe
    box_row_max: Maybe
    box_col_max: Maybe
    abnormal_slices: Annotated[tuple[Index, ...], BeforeValidator(_numbers)]
    patient: Annotated[Annotated[str, Field(max_length=1000)] | None, BeforeValidator(_none_if_empty)] = None

    def reading(self) -> Reading:
        corners = [getattr(self, name) for name in BOX]
        return Reading(
            vertebral_level=self.vertebral_level,
            slice_index=self.slice_index,
            box=None if corners == [None] * 4 else PixelBox(*corners),
            marked_slices=self.abnormal_slices,
            signs={name: SIGN_CODES[getattr(self, name)] for name in SIGNS},
            diagnosis=self.diagnosis or None,
        )


@dataclass(frozen=True, slots=True)
class TruthRow:
    """The truth of one case. ``case`` is its name in the files (it may be a patient's), ``number`` its row in the table;
    ``patient`` is what the table calls the person, None where it does not say. Of both names at most a keyed hash is kept.
    """

    number: int
    case: str
    reading: Reading
    patient: str | None = None


@dataclass(frozen=True, slots=True)
class TruthReport:
    """What became of a table. ``refused`` are lines without any value; the other numbers count."""

    cases: int
    rows_without_case: int
    cases_without_row: int
    refused: tuple[str, ...]


def read_truth(path: Path) -> list[TruthRow]:
    """The rows of a truth.csv, UTF-8 with commas, with the columns of ``_Row``; slices are 0-based, the box in pixels.

    SettingsError, one line with row and column but no value, for a file or a row that cannot be used.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file, strict=True)  # a line that is too short has None, which no column takes
            wanted = [name for name, field in _Row.model_fields.items() if field.is_required()]
            missing = [name for name in wanted if name not in (table.fieldnames or ())]
            if missing:
                raise SettingsError(f"the truth table has no column {missing[0]}; expected {', '.join(wanted)}")
            rows = [_row(number, fields) for number, fields in enumerate(table, start=FIRST_ROW)]
    except (OSError, UnicodeDecodeError, csv.Error):
        raise SettingsError("the truth table cannot be read; give a CSV file with commas, in UTF-8") from None
    _check_once(rows)
    return rows


def write_truth(rows: Sequence[TruthRow], cases: Iterable[tuple[str, str]], library: CaseLibrary) -> TruthReport:
    """Write the rows as reference readings. ``cases`` are (name in the files, case id); a case may have several names.

    A name that stands for two cases (two series in one folder) is not used. The same truth again writes nothing.
    """
    cases = list(cases)
    ids = _unambiguous(cases)
    found = [(ids[row.case], row) for row in rows if row.case in ids]
    refused = [line for case_id, row in found if (line := _write_row(case_id, row, library))]
    return TruthReport(
        cases=len(found) - len(refused),
        rows_without_case=len(rows) - len(found),
        cases_without_row=len({case_id for _, case_id in cases} - {case_id for case_id, _ in found}),
        refused=tuple(refused),
    )


def names_in_files(path: Path, source: str) -> set[str]:
    """What a table may call the series at ``source`` of the input ``path``: its first folder, or its own name."""
    parts = PurePosixPath(source).parts or (path.absolute().name,)
    last = parts[-1].removesuffix(".gz")
    return {parts[0], parts[-1], PurePosixPath(last).stem}


def _row(number: int, fields: dict[str, Any]) -> TruthRow:
    """``from None`` and without input: the cause would quote the values."""
    try:
        row = _Row.model_validate(fields)
    except ValidationError as wrong:
        column = str(wrong.errors(include_input=False, include_url=False, include_context=False)[0]["loc"][0])
        raise SettingsError(f"row {number} of the truth table has a wrong {column}; correct it and import again") from None
    corners = [getattr(row, name) for name in BOX]
    if None in corners and corners != [None] * 4:
        raise SettingsError(f"row {number} of the truth table has a wrong {BOX[corners.index(None)]}; a box has four numbers")
    try:
        return TruthRow(number, row.case, row.reading(), row.patient)
    except VfracError as wrong:
        raise SettingsError(f"row {number} of the truth table: {wrong}") from None


def _check_once(rows: Sequence[TruthRow]) -> None:
    seen: set[str] = set()
    for row in rows:
        if row.case in seen:
            raise SettingsError(f"row {row.number} of the truth table has a wrong case: another row has the same one")
        seen.add(row.case)


def _unambiguous(cases: Iterable[tuple[str, str]]) -> dict[str, str]:
    ids: dict[str, set[str]] = defaultdict(set)
    for name, case_id in cases:
        ids[name].add(case_id)
    return {name: next(iter(found)) for name, found in ids.items() if len(found) == 1}


def _write_row(case_id: str, row: TruthRow, library: CaseLibrary) -> str | None:
    """None when it is written, else why not."""
    try:
        library.store.set_reference(case_id, row.reading)
        if row.patient is not None:
            note_patient(library.store, case_id, library.patient_key(row.patient))
    except VfracError as refused:
        return f"row {row.number} of the truth table: {refused}"
    return None
