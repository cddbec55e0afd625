"""What a trained network says of cases, slice by slice, as the table that evaluation takes; and the table as CSV."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import numpy as np
import torch
from torch import nn

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.score_table import ScoreTable, SignScores
from vfrac_core.imaging.crop import crop_triplet, prepare_input
from vfrac_core.paper import SIGNS
from vfrac_core.training.cases import TrainingCase
from vfrac_core.types import CropBatch, SagittalStack, SeriesInfo

COLUMNS = ("case", "patient", "fold", "slice", "malignant", "logit")


def score_cases(
    network: nn.Module,
    cases: Sequence[TrainingCase],
    *,
    fold: int | None = None,
    progress: Callable[[int], None] = lambda _done: None,
) -> ScoreTable:
    """The cases on their used slices, from exactly the pictures that the app makes of them. ``slices`` are the stack's.

    A case without a diagnosis counts as benign in the table: such cases can be judged by their signs alone. ``progress`` hears
    how many cases are done.
    """
    network.eval()
    device = next(network.parameters()).device
    found = []
    for done, case in enumerate(cases, start=1):
        with torch.no_grad():
            found.append(network(torch.from_numpy(served_inputs(case)).to(device)).double().cpu().numpy())
        progress(done)
    logits = np.concatenate(found)
    owner = [case for case in cases for _ in case.slices]
    present = np.array([case.signs for case in owner], np.float64).reshape(-1, len(SIGNS))
    return ScoreTable(
        cases=tuple(case.case for case in owner),
        patients=tuple(case.patient for case in owner),
        slices=np.array([index for case in cases for index in case.stack_slices], np.int64),
        logits=logits[:, 0],
        malignant=np.array([bool(case.malignant) for case in owner]),
        folds=None if fold is None else np.full(len(owner), fold, np.int64),
        signs=tuple(SignScores(name, logits[:, 1 + k], present[:, k]) for k, name in enumerate(SIGNS) if logits.shape[1] > 1),
    )


def served_inputs(case: TrainingCase) -> CropBatch:
    """The network's input for each used slice, made by the functions that the app calls: the same numbers here and there."""
    spacing = case.spacing_mm
    affine = np.diag([spacing.slice, spacing.row, spacing.column, 1.0])
    stack = SagittalStack(case.hu, affine, SeriesInfo(plane="sagittal", synthetic=case.synthetic))
    pairs = zip(case.squares, case.slices, strict=True)
    return np.stack([prepare_input(crop_triplet(stack, square, index)) for square, index in pairs])


def join_scores(tables: Sequence[ScoreTable]) -> ScoreTable:
    """One table of several, for the folds of a cross-validation: cases that stand in two are refused."""
    first = tables[0]
    return ScoreTable(
        cases=tuple(case for table in tables for case in table.cases),
        patients=tuple(patient for table in tables for patient in table.patients),
        slices=np.concatenate([table.slices for table in tables]),
        logits=np.concatenate([table.logits for table in tables]),
        malignant=np.concatenate([table.malignant for table in tables]),
        folds=None if first.folds is None else np.concatenate([table.folds for table in tables if table.folds is not None]),
        signs=tuple(_join_sign(name, tables) for name in (sign.name for sign in first.signs)),
    )


def _join_sign(name: str, tables: Iterable[ScoreTable]) -> SignScores:
    own = [sign for table in tables for sign in table.signs if sign.name == name]
    return SignScores(name, np.concatenate([sign.logits for sign in own]), np.concatenate([sign.present for sign in own]))


def write_scores(table: ScoreTable, file: Path) -> None:
    """One line a slice, numbers to the last bit; the file appears whole or not at all. Signs: ``<sign>_logit`` and ``<sign>``."""
    signs = [name for sign in table.signs for name in (f"{sign.name}_logit", sign.name)]
    draft = file.with_name(f"{file.name}.part")
    with draft.open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow((*COLUMNS, *signs))
        for row in range(len(table.cases)):
            fold = "" if table.folds is None else int(table.folds[row])
            own = (table.cases[row], table.patients[row], fold, int(table.slices[row]), int(table.malignant[row]))
            answers = [text for sign in table.signs for text in (_number(sign.logits[row]), _code(sign.present[row]))]
            writer.writerow((*own, _number(table.logits[row]), *answers))
    draft.replace(file)


def read_scores(file: Path) -> ScoreTable:
    """A table as ``write_scores`` wrote it. VfracError for a file that is none."""
    try:
        with file.open(newline="", encoding="utf-8") as source:
            rows = list(csv.DictReader(source))
        folds = [row["fold"] for row in rows]
        return ScoreTable(
            cases=tuple(row["case"] for row in rows),
            patients=tuple(row["patient"] for row in rows),
            slices=np.array([int(row["slice"]) for row in rows], np.int64),
            logits=np.array([float(row["logit"]) for row in rows]),
            malignant=np.array([row["malignant"] == "1" for row in rows], bool),
            folds=None if "" in folds else np.array([int(fold) for fold in folds], np.int64),
            signs=tuple(_read_sign(name, rows) for name in SIGNS if rows and f"{name}_logit" in rows[0]),
        )
    except (OSError, KeyError, ValueError, TypeError):
        raise VfracError(f"{file.name} is no table of scores, or is damaged; run the fold again") from None


def _read_sign(name: str, rows: Sequence[dict[str, str]]) -> SignScores:
    present = np.array([math.nan if row[name] == "" else float(row[name]) for row in rows])
    return SignScores(name, np.array([float(row[f"{name}_logit"]) for row in rows]), present)


def _number(value: float) -> str:
    return repr(float(value))


def _code(present: float) -> str:
    return "" if math.isnan(present) else str(int(present))
