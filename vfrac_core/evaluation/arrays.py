"""The arrays of this package. A unit is what was judged: one slice, or one case with all its slices.

``patients`` says whose unit it is. Slices of one patient go together, and so do two cases of one patient: folds, draws and
intervals are over patients, never over slices (Obuchowski, Biometrics 1997;53:567).
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float64, Int64

from vfrac_core.errors import VfracError

Scores = Float64[np.ndarray, " unit"]  # any number that is higher where malignancy is likelier
Logits = Float64[np.ndarray, " unit"]
Probabilities = Float64[np.ndarray, " unit"]
Truth = Bool[np.ndarray, " unit"]  # True: malignant, or the sign is present
Called = Bool[np.ndarray, " unit"]  # True: somebody, or the network, said so
Patients = Int64[np.ndarray, " unit"]  # a number for each patient, any
Folds = Int64[np.ndarray, " unit"]
Weights = Float64[np.ndarray, "draw unit"]
PerDraw = Float64[np.ndarray, " draw"]


def codes(names: tuple[str, ...]) -> Int64[np.ndarray, " unit"]:
    """Numbers for names, from 0 in the order of the alphabet."""
    return np.unique(np.array(names, dtype=str), return_inverse=True)[1].astype(np.int64)


def check_finite(values: Scores, what: str) -> None:
    """VfracError if a value is missing or infinite. ``what`` names the values: "a score"."""
    wrong = int((~np.isfinite(values)).sum())
    if wrong:
        raise VfracError(
            f"{what} is not a finite number in {wrong} of {values.size} rows; expected one in each: leave those rows out"
        )
