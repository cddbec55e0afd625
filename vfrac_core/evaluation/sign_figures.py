"""How well the network finds each of the six signs in a case; cases where nobody could say are left out and counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from scipy.special import expit

from vfrac_core.evaluation.aggregation import Rule, case_logits
from vfrac_core.evaluation.agreement import agreement
from vfrac_core.evaluation.arrays import codes
from vfrac_core.evaluation.auc import auc
from vfrac_core.evaluation.bootstrap import DRAWS
from vfrac_core.evaluation.figure import Figure
from vfrac_core.evaluation.score_table import ScoreTable, SignScores, case_rows
from vfrac_core.paper import MALIGNANT_THRESHOLD
from vfrac_core.types import Diagnosis

# A sign that nearly gives the class away is found by finding the class. Only within a class is it the sign itself that was seen.
FEWEST_WITHIN_CLASS: Final = 20


@dataclass(frozen=True, slots=True)
class SignFigures:
    """``kappa``: of p ≥ 0.5 with the truth. ``within``: AUC among the cases of one class, only where at least 20 of them have the
    sign and at least 20 do not."""

    n: int
    missing: int
    auc: Figure
    kappa: Figure
    agreement: Figure
    within: Mapping[Diagnosis, Figure]

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"n": self.n, "missing": self.missing}
        found |= {"auc": self.auc.as_json(), "kappa": self.kappa.as_json(), "agreement": self.agreement.as_json()}
        return found | {"within": {name: figure.as_json() for name, figure in self.within.items()}}


def sign_figures(table: ScoreTable, sign: SignScores, rule: Rule = "max", *, draws: int = DRAWS, seed: int) -> SignFigures:
    """Of one sign, a case's slices put together by ``rule``."""
    owner, first = case_rows(table)
    known = ~np.isnan(sign.present[first])
    logits = case_logits(sign.logits, owner, rule)[known]
    present = sign.present[first][known] == 1
    patients, malignant = codes(table.patients)[first][known], table.malignant[first][known]
    said = agreement(expit(logits) >= MALIGNANT_THRESHOLD, present)
    within: dict[Diagnosis, Figure] = {}
    classes: tuple[tuple[Diagnosis, np.ndarray], ...] = (("malignant", malignant), ("benign", ~malignant))
    for diagnosis, inside in classes:
        if min((present & inside).sum(), (~present & inside).sum()) >= FEWEST_WITHIN_CLASS:
            within[diagnosis] = auc(logits[inside], present[inside], patients[inside], draws=draws, seed=seed)
    return SignFigures(
        n=int(known.sum()),
        missing=int((~known).sum()),
        auc=auc(logits, present, patients, draws=draws, seed=seed),
        kappa=said.kappa,
        agreement=said.agreement,
        within=within,
    )
