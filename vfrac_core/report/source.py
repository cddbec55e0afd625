"""What a report is made of: a finished cross-validation, or weights that were tried on a labelled set; checked to fit."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePath
from typing import Any, Final, Literal

import numpy as np
from jaxtyping import Bool

from vfrac_core import __version__
from vfrac_core.errors import VfracError
from vfrac_core.evaluation.bootstrap import DRAWS
from vfrac_core.evaluation.performance import performance
from vfrac_core.evaluation.score_table import ScoreTable
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.report.people import Person
from vfrac_core.report.tried_on import TriedOn
from vfrac_core.training.cases import TrainingSet
from vfrac_core.training.config import read_config
from vfrac_core.training.cross_validate import ALL, WEIGHTS, History, fold_folder, label_text
from vfrac_core.training.results import Results, results_of
from vfrac_core.training.run import ALL_SCORES, CONFIG
from vfrac_core.training.run_record import RunRecord, commit_of, read_record
from vfrac_core.training.scores import read_scores

What = Literal["cross-validate", "evaluate"]
SAME: Final = 1e-6  # of figures that were calculated twice from one table, perhaps by another build of a library


@dataclass(frozen=True, slots=True)
class Fact:
    """A line of the first page."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Reader:
    """Answers of a person to the same cases: malignant or not, in the order of ``TrainingSet.cases``. ``name`` is a pseudonym."""

    name: str
    called: Bool[np.ndarray, " case"]


@dataclass(frozen=True, slots=True)
class Source:
    """``people``: one a case. ``weights``: the file that judged each fold's cases, ``ALL`` for one that judged all; lost ones are
    missing. ``histories``: empty for an evaluation. ``seed``, ``draws``: of all intervals that are drawn. ``tried``: finished
    weights on other cases."""

    what: What
    data: TrainingSet
    table: ScoreTable
    results: Results
    facts: tuple[Fact, ...]
    settings: tuple[Fact, ...]
    histories: tuple[History, ...]
    weights: Mapping[int, Path]
    spec: NetworkSpec
    people: tuple[Person, ...]
    readers: tuple[Reader, ...]
    record: RunRecord | None
    seed: int
    draws: int
    tried: tuple[TriedOn, ...] = ()

    @property
    def synthetic(self) -> int:
        """How many cases are made by code."""
        return sum(case.synthetic for case in self.data.cases)

    @property
    def title_mark(self) -> str:
        """Stands in the title of everything that is made of these cases."""
        if not self.synthetic:
            return ""
        part = "" if self.synthetic == len(self.data.cases) else f" ({self.synthetic} of {len(self.data.cases)} cases)"
        return f"Synthetic data{part} prove the machinery, not the diagnosis"

    def titled(self, title: str) -> str:
        sentence = title if title.endswith("?") else f"{title}."
        return f"{sentence} {self.title_mark}." if self.title_mark else sentence


def source_of_run(
    folder: Path,
    data: TrainingSet,
    *,
    people: Mapping[str, Person] | None = None,
    readers: Sequence[Reader] = (),
    tried: Sequence[TriedOn] = (),
    shape: NetworkSpec | None = None,
    draws: int = DRAWS,
) -> Source:
    """Of the folder that ``cross_validate`` left. All figures are calculated again from scores.csv and have to be run.json's.

    ``people``: by the case's name. ``shape``: of tiny networks. VfracError for an unfinished run, one without folds, other data,
    scores that are not the run's, or an evaluation on the very cases that were learned from.
    """
    record, config = read_record(folder), read_config(folder / CONFIG)
    if record.what != "cross-validate":
        raise VfracError(
            f"the folder holds a run of {record.what}, expected cross-validate: only there each case is tested unseen"
        )
    if record.data.sha256 != data.sha256:
        raise VfracError("the cases are not those of the run; give the cohort folder that it was trained on, unchanged")
    table = read_scores(folder / ALL_SCORES)
    results = results_of(table, config, draws=draws)
    _check_same(results, record)
    if any(one.data_sha256 == data.sha256 for one in tried):
        raise VfracError("an evaluation is of the very cases that were learned from; evaluate the weights on other cases")
    files = {history.fold: fold_folder(folder, history.fold) / WEIGHTS for history in record.histories}
    return _source(
        "cross-validate", data, table, results,
        facts=_facts_of_run(record),
        settings=_settings(record.config),
        histories=tuple(sorted(record.histories, key=lambda history: history.fold)),
        weights={fold: file for fold, file in sorted(files.items()) if file.is_file()},
        spec=replace(shape or NetworkSpec(config.stem_stride), sign_head=config.sign_head),
        people=people, readers=readers, record=record, seed=config.seed, draws=draws, tried=tuple(tried),
    )  # fmt: skip


def source_of_evaluation(
    table: ScoreTable,
    data: TrainingSet,
    weights: Path,
    *,
    machine: str,
    people: Mapping[str, Person] | None = None,
    readers: Sequence[Reader] = (),
    spec: NetworkSpec | None = None,
    seed: int = 0,
    draws: int = DRAWS,
) -> Source:
    """Of one weights file and what it said of a labelled set: no folds, no curves. ``machine``: its kind, as in run.json.

    ``spec`` has a sign head where ``table`` has signs. VfracError where the table and the set differ.
    """
    spec = replace(spec or NetworkSpec(), sign_head=bool(table.signs))
    return _source(
        "evaluate", data, table, Results(table, performance(table, seed=seed, draws=draws), ()),
        facts=_facts_of_evaluation(data, machine), settings=(Fact("seed", str(seed)), Fact("stem_stride", str(spec.stem_stride))),
        histories=(), weights={ALL: weights}, spec=spec,
        people=people, readers=readers, record=None, seed=seed, draws=draws,
    )  # fmt: skip


def _source(
    what: What, data: TrainingSet, table: ScoreTable, results: Results, *,
    people: Mapping[str, Person] | None, readers: Sequence[Reader], **others: Any,
) -> Source:  # fmt: skip
    names = [case.case for case in data.cases]
    if set(table.cases) != set(names):
        raise VfracError("the scores are of other cases than the set; score this set again")
    if unknown := sum(case.malignant is None for case in data.cases):
        raise VfracError(f"{unknown} of {len(names)} cases have no diagnosis; a report compares verdicts with it: leave them out")
    truth = dict(zip(table.cases, table.malignant.tolist(), strict=True))
    if any(truth[case.case] != case.malignant for case in data.cases):
        raise VfracError("a diagnosis in the scores is not the set's; score this set again")
    if any(reader.called.size != len(names) for reader in readers):
        raise VfracError(f"a reader has not one answer for each of the {len(names)} cases; leave that reader out")
    found = tuple((people or {}).get(name, Person()) for name in names)
    return Source(what, data, table, results, people=found, readers=tuple(readers), **others)


def _check_same(results: Results, record: RunRecord) -> None:
    own, told = results.plain.as_json()["per_patient"], record.results["plain"]["per_patient"]
    for name in ("auc", "sensitivity", "specificity", "brier"):
        one, other = own[name]["value"], told[name]["value"]
        if (one is None) != (other is None) or (one is not None and abs(one - other) > SAME):
            raise VfracError("scores.csv does not give the figures of run.json; one of them was changed: run it again")


def file_sha256(file: Path) -> str:
    with file.open("rb") as content:
        return hashlib.file_digest(content, "sha256").hexdigest()


def _facts_of_run(record: RunRecord) -> tuple[Fact, ...]:
    data = record.data
    return (
        Fact("Run", f"{record.what}, {len(record.histories)} folds by patient, each case tested once"),
        Fact("Program", f"{record.program}, commit {record.commit or 'not known'}"),
        Fact("Software", ", ".join(f"{name} {version}" for name, version in record.versions.items())),
        Fact("Machine", record.machine),
        Fact("Begun, finished", f"{record.started_at}, {record.finished_at}"),
        Fact("Training time", f"{_duration(record.training_seconds)} in all, {len(record.histories)} trainings"),
        Fact("Trained on", data.kind),
        Fact("Data version", data.sha256),
        Fact("Label", data.label),
        Fact("Cases", f"{data.cases} cases of {data.patients} patients, {data.malignant} malignant and {data.benign} benign"),
        Fact("First weights", record.initialisation),
        Fact("Folds", f"SHA-256 {record.folds_sha256}"),
        *(Fact("Note", note) for note in record.notes),
    )


def _facts_of_evaluation(data: TrainingSet, machine: str) -> tuple[Fact, ...]:
    malignant = int((data.malignant == 1).sum())
    patients = len({case.patient for case in data.cases})
    return (
        Fact("Run", "evaluate: one network on a labelled set"),
        Fact("Program", f"vfrac {__version__}, commit {commit_of(Path(__file__).parent) or 'not known'}"),
        Fact("Machine", machine),
        Fact("Tried on", data.kind),
        Fact("Data version", data.sha256),
        Fact("Label", label_text(data)),
        Fact(
            "Cases",
            f"{len(data.cases)} cases of {patients} patients, {malignant} malignant, {len(data.cases) - malignant} benign",
        ),
    )


def _settings(config: Mapping[str, Any]) -> tuple[Fact, ...]:
    """``initial_file`` without its folder: where something lay on a machine is nobody's business."""
    return tuple(Fact(name, _value(name, value)) for name, value in config.items())


def _value(name: str, value: Any) -> str:
    if value is None:
        return "none"
    if name == "initial_file":
        return PurePath(str(value)).name
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _duration(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min" if minutes else f"{seconds:.0f} s"
