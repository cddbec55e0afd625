"""What Li et al. print as results, each with its place, to stand beside ours. Never a target for the code.

The trap: 85 % and 88 % are called accuracy in the paper, but they are balanced accuracies, the mean of sensitivity and
specificity. With sensitivity 0.95 and specificity 0.80 on 296 and 137 patients plain accuracy lies between 0.898 and 0.905,
whatever the counts. The readers' accuracies in the same paper are plain.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from vfrac_core.evaluation.confusion import Counts
from vfrac_core.evaluation.table_one import MeanRow, Moments, PresenceRow, mean_row, presence_row
from vfrac_core.paper import AGE_MEAN_SD_YEARS, MALE_PATIENTS, PATIENTS, SIGN_PATIENTS, SIGNS
from vfrac_core.types import Diagnosis

ACCURACY_NOTE: Final = (
    "The paper calls the mean of the network's sensitivity and specificity its accuracy; compare it with balanced accuracy. "
    "The readers' accuracies are plain."
)
SIGNS_NOTE: Final = "The paper's text says p < 0.001 for all six signs; its Table 1, and the test, say 0.001 for the bone cortex."

TABLE_1: Final = "Table 1"
RESULTS: Final = 'Results, "ResNet50 Diagnostic Results"'


@dataclass(frozen=True, slots=True)
class ReaderResult:
    """A reader's right answers (Table 1) and the accuracy as it is printed (Results)."""

    name: str
    experience_years: int
    counts: Counts
    printed_accuracy: str
    place: str = TABLE_1


@dataclass(frozen=True, slots=True)
class NetworkResult:
    """The network's three printed numbers. ``balanced_accuracy`` is what the paper calls accuracy."""

    level: str
    sensitivity: float
    specificity: float
    balanced_accuracy: float
    place: str = RESULTS


def _reader(name: str, experience_years: int, true_positive: int, true_negative: int, printed: str) -> ReaderResult:
    return ReaderResult(name, experience_years, counts_of(true_positive, true_negative), printed)


def counts_of(true_positive: int, true_negative: int) -> Counts:
    """The four cells on the paper's 296 and 137 patients."""
    return Counts(
        true_positive=true_positive,
        false_negative=PATIENTS["malignant"] - true_positive,
        true_negative=true_negative,
        false_positive=PATIENTS["benign"] - true_negative,
    )


READERS: Final = (
    _reader("Reader 1", 5, 294, 135, "99 %"),
    _reader("Reader 2", 3, 281, 131, "95.2 %"),
    _reader("Reader 3", 1, 275, 127, "92.8 %"),
)
NETWORK_PER_SLICE: Final = NetworkResult("per slice", 0.90, 0.79, 0.85)
NETWORK_PER_PATIENT: Final = NetworkResult("per patient", 0.95, 0.80, 0.88)
NETWORK_COUNTS_ASSUMED: Final = counts_of(281, 110)  # not printed; the pair nearest to 0.95 and 0.80
TABLE_1_P: Final[Mapping[str, str]] = {
    "age_years": "0.001",
    "male": "<0.001",
    "vertebral_compression": "<0.001",
    "bone_cortex_interruption": "0.001",
    "paravertebral_soft_tissue_mass": "<0.001",
    "transverse_fracture_line": "<0.001",
    "multiple_segments": "<0.001",
    "bone_destruction": "<0.001",
}


def network_counts_possible() -> tuple[Counts, ...]:
    """Every pair of counts whose sensitivity and specificity round to 0.95 and 0.80."""
    return tuple(
        counts_of(tp, tn)
        for tp in range(PATIENTS["malignant"] + 1)
        for tn in range(PATIENTS["benign"] + 1)
        if round(tp / PATIENTS["malignant"], 2) == NETWORK_PER_PATIENT.sensitivity
        and round(tn / PATIENTS["benign"], 2) == NETWORK_PER_PATIENT.specificity
    )


def table_one_age() -> MeanRow:
    """Age, from the printed means and standard deviations: they are rounded, so p may lie anywhere in 0.0009 to 0.0016."""
    return mean_row("age_years", *(Moments(*AGE_MEAN_SD_YEARS[d], PATIENTS[d]) for d in ("malignant", "benign")))


def table_one_presence() -> tuple[PresenceRow, ...]:
    """Sex, then the six signs, from the printed counts."""
    signs = [(sign, {d: SIGN_PATIENTS[d][sign] for d in PATIENTS}) for sign in SIGNS]
    rows: list[tuple[str, dict[str, int]]] = [("male", dict(MALE_PATIENTS)), *signs]
    return tuple(presence_row(name, _by_class(present), _by_class(PATIENTS)) for name, present in rows)


def _by_class(numbers: Mapping[str, int]) -> dict[Diagnosis, int]:
    return {"malignant": numbers["malignant"], "benign": numbers["benign"]}
