"""``evaluate`` as one call: weights, a labelled set and where to put the figures."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.cam_focus import CamFocus
from vfrac_core.evaluation.recalibration import Recalibration
from vfrac_core.evaluation.score_table import ScoreTable
from vfrac_core.model.weights import Checkpoint, save_weights
from vfrac_core.signs import SAFETY
from vfrac_core.training.cases import TrainingCase, TrainingSet
from vfrac_core.training.engines.local import EngineName
from vfrac_core.training.engines.scoring import score_with_engine
from vfrac_core.training.evaluate import Evaluation, evaluate
from vfrac_core.training.focus import LesionBits, cam_focus_of
from vfrac_core.training.progress_file import write_whole
from vfrac_core.training.run_record import DataRecord, data_record
from vfrac_core.training.scores import score_cases, write_scores
from vfrac_core.types import WeightsInfo

FIGURES, SCORES = "evaluation.json", "scores.csv"


@dataclass(frozen=True, slots=True)
class Judged:
    """Weights on a labelled set. ``focus``: of the maps, by method and target, where the set has masks of its lesions."""

    weights: WeightsInfo
    data: DataRecord
    evaluation: Evaluation
    focus: Mapping[str, Mapping[str, CamFocus]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {"safety": SAFETY, "weights": self.weights.name, "weights_sha256": self.weights.sha256}
        found |= {"training_data": self.weights.training_data}
        found |= {"data": self.data.kind, "data_sha256": self.data.sha256, "cases": self.data.cases}
        focus = {method: {name: one.as_json() for name, one in of.items()} for method, of in self.focus.items()}
        return found | self.evaluation.as_json() | {"cam_focus": focus}


def judge(
    checkpoint: Checkpoint,
    data: TrainingSet,
    source: str,
    out: Path,
    *,
    lesions: Mapping[str, LesionBits] | None = None,
    engine: EngineName = "local",
    jobs: int = 1,
    progress: Callable[[int], None] = lambda _done: None,
    seed: int = 0,
) -> Judged:
    """Score every used slice, put scores.csv and evaluation.json into ``out``. ``progress`` hears how many cases are done.

    ``engine`` and ``jobs``: where the cases are scored, and how many chunks of them at a time; the numbers are the same.
    ``seed``: of the bootstrap. VfracError for a folder that holds the evaluation of other weights or cases.
    """
    out.mkdir(parents=True, exist_ok=True)
    _require_same(out / FIGURES, checkpoint.weights, data)
    network = checkpoint.network.eval()
    table = _score(checkpoint, data.cases, engine, jobs, progress)
    write_scores(table, out / SCORES)
    carried = Recalibration(shift=checkpoint.weights.logit_shift, temperature=checkpoint.weights.temperature)
    focus = {} if lesions is None else cam_focus_of(network, data.cases, lesions, seed=seed)
    judged = Judged(checkpoint.weights, data_record(data, source), evaluate(table, data, carried, seed=seed), focus)
    write_whole(out / FIGURES, json.dumps(judged.as_json(), indent=1, allow_nan=False) + "\n")
    return judged


def _require_same(figures: Path, weights: WeightsInfo, data: TrainingSet) -> None:
    """What was found is made again by the same call; it is not written over by another."""
    try:
        found = json.loads(figures.read_text(encoding="utf-8"))
        before = found["weights_sha256"], found["data_sha256"]
    except FileNotFoundError:
        return
    except (OSError, ValueError, TypeError, KeyError):
        raise VfracError(f"{figures.name} in the folder is damaged or of something else; give another --out") from None
    if before != (weights.sha256, data.sha256):
        raise VfracError("the folder holds the evaluation of other weights or of other cases; give another --out")


def _score(
    checkpoint: Checkpoint, cases: Sequence[TrainingCase], engine: EngineName, jobs: int, progress: Callable[[int], None]
) -> ScoreTable:
    """Here with the network as it is; elsewhere with a file of it, for a set has no single one."""
    if engine == "local":
        return score_cases(checkpoint.network, cases, progress=progress)
    with TemporaryDirectory() as folder:
        file = Path(folder) / "network.safetensors"
        save_weights(checkpoint.network, file, checkpoint.record.training())
        return score_with_engine(engine, file, cases, jobs=jobs, spec=checkpoint.network.spec, progress=progress)
