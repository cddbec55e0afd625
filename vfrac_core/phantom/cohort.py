"""What a cohort on disk is made with, and what is kept of each case. Nothing heavy is imported here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

from vfrac_core.paper import ALL_PATIENTS, SIGNS
from vfrac_core.phantom.spec import DEFAULT_DIFFICULTY, GENERATOR, CaseSpec, Difficulty, Mode

Form = Literal["dicom", "crops"]

TRUTH_COLUMNS: Final = (
    *("case", "diagnosis", *SIGNS, "vertebral_level", "slice_index"),
    *("box_row_min", "box_col_min", "box_row_max", "box_col_max", "abnormal_slices"),
    *("age_years", "sex", "seed", "generator"),
)


@dataclass(frozen=True, slots=True)
class CohortSettings:
    """All that decides the bytes of a cohort. ``spacing_mm``: of the axial slices; ``masks``: written beside each case."""

    seed: int
    mode: Mode
    cases: int
    form: Form = "dicom"
    spacing_mm: float = 2.0
    masks: bool = False
    difficulty: Difficulty = DEFAULT_DIFFICULTY

    def record(self) -> dict[str, Any]:
        """As JSON has it. The number of cases decides about a case in a quota cohort only: others may grow."""
        own = asdict(self) | {"generator": GENERATOR}
        own["format"] = own.pop("form")
        if self.mode != "quota":
            del own["cases"]
        record: dict[str, Any] = json.loads(json.dumps(own))
        return record

    def key(self, spec: CaseSpec) -> str:
        """What names all that decides the pixels of a full case. Its UIDs are hashes of it: other pixels, another series."""
        drawn = asdict(spec) | {"signs": sorted(spec.signs)}
        return json.dumps([GENERATOR, drawn, self.spacing_mm, asdict(self.difficulty)], sort_keys=True)


@dataclass(frozen=True, slots=True)
class CaseRecord:
    """A finished case: its line of truth.csv and its line of parameters.csv."""

    name: str
    truth: Mapping[str, str | int]
    parameters: Mapping[str, float | int | str]


def default_mode(cases: int) -> Mode:
    """Exactly the paper's counts where the cohort is as large as the paper's."""
    return "quota" if cases == ALL_PATIENTS else "expected"


def case_name(index: int) -> str:
    """The name of a case's files, which says nothing of the case."""
    return f"case-{index + 1:04d}"
