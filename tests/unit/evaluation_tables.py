"""Tables of scores for the tests of evaluation: drawn from a seed, with a known truth."""

from __future__ import annotations

import numpy as np
from scipy.stats import norm

from vfrac_core.evaluation.score_table import ScoreTable, SignScores


def one_each(n: int) -> np.ndarray:
    """Patients with one unit each."""
    return np.arange(n, dtype=np.int64)


def sliced_study(
    rng: np.random.Generator, *, malignant: int, benign: int, slices: tuple[int, int], right: float, between: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Scores, truth and patients of slices. A slice is right (score ≥ 0 where malignant) with chance ``right``; the share
    ``between`` of the variance belongs to the patient.
    """
    n = rng.integers(slices[0], slices[1] + 1, malignant + benign)
    patients = np.repeat(one_each(malignant + benign), n)
    truth = patients < malignant
    own = rng.normal(size=malignant + benign) * np.sqrt(between)
    noise = rng.normal(size=patients.size) * np.sqrt(1 - between)
    return norm.ppf(right) * np.where(truth, 1.0, -1.0) + own[patients] + noise, truth, patients


def table_of(
    scores: np.ndarray, truth: np.ndarray, patients: np.ndarray, *, folds: int = 0, signs: tuple[SignScores, ...] = ()
) -> ScoreTable:
    """A case a patient, slices numbered from 0."""
    slices = np.concatenate([np.arange(count) for count in np.unique(patients, return_counts=True)[1]])
    names = tuple(f"patient {patient:04d}" for patient in patients)
    return ScoreTable(
        cases=tuple(f"case {patient:04d}" for patient in patients),
        patients=names,
        slices=slices.astype(np.int64),
        logits=scores,
        malignant=truth,
        folds=patients % folds if folds else None,
        signs=signs,
    )
