"""run.json: what was run, on what, with what, for how long, and what came out. Names no machine, no path, no person."""

from __future__ import annotations

import json
import platform
import subprocess
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from vfrac_core import __version__
from vfrac_core.errors import VfracError
from vfrac_core.signs import SAFETY
from vfrac_core.training.cases import TrainingSet
from vfrac_core.training.config import TrainConfig
from vfrac_core.training.cross_validate import History, label_text
from vfrac_core.training.progress_file import write_whole
from vfrac_core.training.results import Results

RUN: Final = "run.json"
PACKAGES: Final = ("torch", "torchvision", "numpy", "scipy", "scikit-learn", "statsmodels", "gradio")
SYNTHETIC_NOTE: Final = "Synthetic data prove the machinery, not the diagnosis."
LITERAL_NOTE: Final = "The paper read literally: training was stopped on the patients that it was tested on, which is optimistic."


@dataclass(frozen=True, slots=True)
class DataRecord:
    """``slices``: used ones, by class. ``label``: who said malignant. ``sha256`` names exactly these pixels and labels."""

    kind: str
    source: str
    sha256: str
    label: str
    cases: int
    patients: int
    malignant: int
    benign: int
    slices_malignant: int
    slices_benign: int
    synthetic: int


@dataclass(frozen=True, slots=True)
class RunRecord:
    """``what``: "train" or "cross-validate". ``commit`` is None outside of a checkout. ``results``: figures by name, as
    evaluation writes them; ``recalibration``: what was fitted on all out-of-fold patients, by name."""

    what: str
    program: str
    commit: str | None
    versions: dict[str, str]
    machine: str
    started_at: str
    finished_at: str
    config: dict[str, Any]
    data: DataRecord
    initialisation: str
    folds_sha256: str | None
    histories: tuple[History, ...]
    results: dict[str, Any]
    recalibration: dict[str, dict[str, Any]]
    notes: tuple[str, ...]
    safety: str = SAFETY

    @property
    def training_seconds(self) -> float:
        return sum(history.seconds for history in self.histories)


def make_record(
    what: str,
    config: TrainConfig,
    data: DataRecord,
    histories: Sequence[History],
    *,
    started_at: datetime,
    finished_at: datetime,
    device: str,
    folds_sha256: str | None = None,
    results: Results | None = None,
) -> RunRecord:
    """Everything of a finished run."""
    notes = [SYNTHETIC_NOTE] if data.synthetic else []
    notes += [LITERAL_NOTE] if config.validation == "paper literal" else []
    figures = {} if results is None else {"plain": results.plain.as_json()}
    figures |= {} if results is None else {one.name: one.performance.as_json() for one in results.mended}
    return RunRecord(
        what=what,
        program=f"vfrac {__version__}",
        commit=commit_of(Path(__file__).parent),
        versions={"python": platform.python_version()} | {name: version(name) for name in PACKAGES},
        machine=machine_text(device),
        started_at=started_at.isoformat(timespec="seconds"),
        finished_at=finished_at.isoformat(timespec="seconds"),
        config=asdict(config),
        data=data,
        initialisation=histories[0].initialisation,
        folds_sha256=folds_sha256,
        histories=tuple(histories),
        results=figures,
        recalibration={} if results is None else {one.name: asdict(one.shipped) for one in results.mended},
        notes=tuple(notes),
    )


def data_record(data: TrainingSet, source: str) -> DataRecord:
    """``source``: "cohort folder", or the study's name."""
    malignant = data.malignant
    slices = np.array([len(case.slices) for case in data.cases])
    return DataRecord(
        kind=data.kind,
        source=source,
        sha256=data.sha256,
        label=label_text(data),
        cases=len(data.cases),
        patients=len({case.patient for case in data.cases}),
        malignant=int((malignant == 1).sum()),
        benign=int((malignant == 0).sum()),
        slices_malignant=int(slices[malignant == 1].sum()),
        slices_benign=int(slices[malignant == 0].sum()),
        synthetic=sum(case.synthetic for case in data.cases),
    )


def machine_text(device: str) -> str:
    """What kind of machine, as far as it explains the time."""
    if device.startswith("cuda"):
        return f"GPU {torch.cuda.get_device_name(device)}"
    return f"{platform.machine()} processor, {torch.get_num_threads()} threads"


def commit_of(folder: Path) -> str | None:
    """The checkout's commit, "+changes" where files differ from it; None where this is no checkout."""
    try:
        found = subprocess.run(
            ["git", "-C", str(folder), "describe", "--always", "--dirty=+changes", "--abbrev=12", "--exclude=*"],
            capture_output=True,
            text=True,
            check=True,
            timeout=20,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return found.stdout.strip() or None


def write_record(record: RunRecord, out: Path) -> None:
    write_whole(out / RUN, json.dumps(asdict(record), indent=1, allow_nan=False) + "\n")


def read_record(out: Path) -> RunRecord:
    """The record of a run's folder. VfracError where there is none, or none of this program."""
    try:
        found = json.loads((out / RUN).read_text())
        found["data"] = DataRecord(**found["data"])
        found["histories"] = tuple(History(**one) for one in found["histories"])
        found["notes"] = tuple(found["notes"])
        return RunRecord(**found)
    except FileNotFoundError:
        raise VfracError("the folder has no finished run; give the --out of a finished train or cross-validate") from None
    except (OSError, ValueError, KeyError, TypeError):
        raise VfracError("run.json is damaged or of another version; run it again") from None
