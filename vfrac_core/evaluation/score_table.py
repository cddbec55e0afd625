"""The one input of a performance: what a network said about each slice, beside the truth. Checked when it is made."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from jaxtyping import Bool, Float64, Int64
from scipy.special import logit

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.aggregation import Rule, case_logits
from vfrac_core.evaluation.arrays import check_finite, codes
from vfrac_core.paper import SIGNS

PROBABILITY_CLIP: Final = 1e-7  # single precision knows nothing nearer to 1

SliceFloats = Float64[np.ndarray, " slice"]
SliceInts = Int64[np.ndarray, " slice"]
SliceBools = Bool[np.ndarray, " slice"]


@dataclass(frozen=True, slots=True)
class SignScores:
    """One of the six signs: a logit for each slice, and whether the *case* has it: 1, 0, or NaN where nobody could say."""

    name: str
    logits: SliceFloats
    present: SliceFloats


@dataclass(frozen=True, slots=True)
class ScoreTable:
    """A row a slice. ``patients`` names whose case it is: two series of one person are two cases of one patient.

    ``slices``: 0-based. ``malignant``: the case's truth, in each of its rows. ``folds``: in which fold the case was held out,
    where that is known. VfracError for an empty table, lengths that differ, a missing logit, a slice that stands twice, or a case
    with two patients, truths, folds or values of a sign.
    """

    cases: tuple[str, ...]
    patients: tuple[str, ...]
    slices: SliceInts
    logits: SliceFloats
    malignant: SliceBools
    folds: SliceInts | None = None
    signs: tuple[SignScores, ...] = ()

    def __post_init__(self) -> None:
        _check_lengths(self)
        check_finite(self.logits, "a logit")
        owner = codes(self.cases)
        if len(set(zip(owner.tolist(), self.slices.tolist(), strict=True))) != len(self.cases):
            raise VfracError("a slice of a case stands twice in the table; expected one row a slice: leave the copies out")
        _check_one_a_case(owner, codes(self.patients), "patient")
        _check_one_a_case(owner, self.malignant, "diagnosis")
        if self.folds is not None:
            _check_one_a_case(owner, self.folds, "fold")
            _check_one_a_case(codes(self.patients), self.folds, "fold", of="patient")
        for sign in self.signs:
            _check_sign(owner, sign)


@dataclass(frozen=True, slots=True)
class CaseScores:
    """The table with its slices put together: an entry a case, in the order of the cases' names."""

    names: tuple[str, ...]
    logits: Float64[np.ndarray, " case"]
    malignant: Bool[np.ndarray, " case"]
    patients: Int64[np.ndarray, " case"]
    folds: Int64[np.ndarray, " case"] | None


def case_scores(table: ScoreTable, rule: Rule) -> CaseScores:
    """The cases of ``table`` by ``rule``."""
    owner, first = case_rows(table)
    return CaseScores(
        tuple(table.cases[row] for row in first),
        case_logits(table.logits, owner, rule),
        table.malignant[first],
        codes(table.patients)[first],
        None if table.folds is None else table.folds[first],
    )


def case_rows(table: ScoreTable) -> tuple[SliceInts, Int64[np.ndarray, " case"]]:
    """The number of each row's case, and the first row of each case."""
    owner = codes(table.cases)
    return owner, np.unique(owner, return_index=True)[1].astype(np.int64)


def logits_of(malignant_probability: SliceFloats) -> SliceFloats:
    """Logits of probabilities, for a network that gives no logits; clipped at 1e-7 from 0 and 1.

    VfracError for a probability that is missing or outside of 0 to 1.
    """
    check_finite(malignant_probability, "a probability")
    if malignant_probability.size and (malignant_probability.min() < 0 or malignant_probability.max() > 1):
        raise VfracError("a probability outside of 0 to 1; expected probabilities: give logits as logits")
    return logit(np.clip(malignant_probability, PROBABILITY_CLIP, 1 - PROBABILITY_CLIP))


def _check_lengths(table: ScoreTable) -> None:
    rows = len(table.cases)
    if rows == 0:
        raise VfracError("the table of scores is empty; expected a row for each slice: choose a cohort with cases")
    columns: list[np.ndarray | tuple[str, ...]] = [table.patients, table.slices, table.logits, table.malignant]
    columns += [] if table.folds is None else [table.folds]
    columns += [column for sign in table.signs for column in (sign.logits, sign.present)]
    wrong = next((len(column) for column in columns if len(column) != rows), None)
    if wrong is not None:
        raise VfracError(f"a column of {wrong} rows beside {rows} cases; expected as many: give every column a value a slice")


def _check_sign(owner: SliceInts, sign: SignScores) -> None:
    if sign.name not in SIGNS:
        raise VfracError(f"the sign {sign.name}; expected one of {', '.join(SIGNS)}: rename it or leave it out")
    check_finite(sign.logits, "a sign's logit")
    if not (np.isnan(sign.present) | np.isin(sign.present, (0.0, 1.0))).all():
        raise VfracError("a sign that is neither 0, 1 nor missing; expected one of them: correct the truth")
    _check_one_a_case(owner, np.nan_to_num(sign.present, nan=-1.0), "answer to a sign")


def _check_one_a_case(owner: np.ndarray, values: np.ndarray, what: str, of: str = "case") -> None:
    """Each case, or each patient, has one value."""
    pairs = set(zip(owner.tolist(), values.tolist(), strict=True))
    if len(pairs) != len(set(owner.tolist())):
        raise VfracError(f"a {of} with more than one {what}; expected one: mend the table")
