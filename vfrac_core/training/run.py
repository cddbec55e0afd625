"""Whole runs in a folder: a cross-validation, or one network of all cases. Each goes on where it was stopped, leaves run.json.

out/config.yaml, run.json, progress.json, folds.csv, scores.csv (out of fold), fold-00/… or all/ with weights, history, scores.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Literal

import torch

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.recalibration import Recalibration
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.model.weights import load_weights, save_weights
from vfrac_core.training.config import read_config, write_config
from vfrac_core.training.cross_validate import (
    ALL,
    WEIGHTS,
    History,
    Job,
    fold_folder,
    fold_jobs,
    read_fold_scores,
    read_history,
    run_job,
    training_of,
)
from vfrac_core.training.engines.local import Engine, one_after_another
from vfrac_core.training.estimate import Estimate, estimate
from vfrac_core.training.first_weights import begin
from vfrac_core.training.fit import Stopped, Tell
from vfrac_core.training.folds import make_folds, split_all
from vfrac_core.training.pictures import make_labelled
from vfrac_core.training.progress_file import PROGRESS, ProgressFile, write_whole
from vfrac_core.training.results import SHIFT, Results, results_of
from vfrac_core.training.run_record import RUN, RunRecord, data_record, make_record, read_record, write_record
from vfrac_core.training.scores import join_scores, write_scores
from vfrac_core.training.team import ALONE, Team

What = Literal["train", "cross-validate"]
CROSS_VALIDATE: Final = "cross-validate"
FOLDS, ALL_SCORES, CONFIG, MODEL = "folds.csv", "scores.csv", "config.yaml", "model.safetensors"
ALL_CASES: Final = "all"  # the folder of the one training of ``train``

Now = Callable[[], datetime]


@dataclass(frozen=True, slots=True)
class Run:
    """What is to be run. ``job.out`` is the run's folder; ``source``: "cohort folder" or the study's name; ``now``: the clock;
    ``team``: who computes it, if torchrun started several processes: each makes the same call, one of them writes."""

    job: Job
    source: str
    now: Now = lambda: datetime.now(UTC)
    team: Team = ALONE


def cross_validate(
    run: Run, *, engine: Engine = one_after_another, tell: Tell = lambda _tick: None, stopped: Stopped = lambda: False
) -> RunRecord | None:
    """Ten trainings (or as many as configured), each case tested once; None if it was stopped: the same call goes on.

    VfracError for the folder of another run, and where a class has fewer patients than folds.
    """
    job, config = run.job, run.job.config
    folds = make_folds(job.data.cases, config)
    job = replace(job, folds=folds)
    begun = _begin(CROSS_VALIDATE, run)
    if run.team.leads:
        _write_folds(job)
    progress = ProgressFile(job.out, folds.count)
    told = list(engine(fold_jobs(job), lambda one: progress.listen(one.fold, tell), stopped))
    histories = [history for history in told if history is not None]
    if len(histories) < folds.count:
        return None
    if run.team.leads:
        table = join_scores(read_fold_scores(job.out, range(folds.count)))
        write_scores(table, job.out / ALL_SCORES)
        _finish(CROSS_VALIDATE, run, histories, begun, results=results_of(table, config), folds_sha256=folds.sha256)
    run.team.wait()
    return read_record(job.out)


def train(
    run: Run, *, shift_from: Path | None = None, tell: Tell = lambda _tick: None, stopped: Stopped = lambda: False
) -> RunRecord | None:
    """One network of all cases but the validation patients; None if it was stopped. Leaves ``model.safetensors``.

    ``shift_from``: the folder of a finished cross-validation of the same data, whose out-of-fold logit shift the weights then
    carry. VfracError where that is of other data, and for a folder whose finished weights carry another shift.
    """
    job = replace(run.job, fold=ALL, folds=None, out=run.job.out / ALL_CASES)
    shift = None if shift_from is None else shift_of(shift_from, job.data.sha256)
    begun = _begin("train", run)
    _keep_shift(run.job.out, shift)
    history = run_job(job, tell=ProgressFile(run.job.out, 1).listen(0, tell), stopped=stopped, team=run.team)
    if history is None:
        return None
    if run.team.leads:
        network = load_weights(job.out / WEIGHTS, job.shape or NetworkSpec(job.config.stem_stride)).network
        carried = replace(training_of(job, history.began_with), logit_shift=shift.shift if shift else 0.0)
        save_weights(network, run.job.out / MODEL, carried)
        _finish("train", run, [history], begun, shift=shift)
    run.team.wait()
    return read_record(run.job.out)


def estimate_run(run: Run, trainings: int) -> Estimate:
    """How long it will take on this machine, measured on a few steps of a network like it."""
    config = replace(run.job.config, initial="random", initial_file=None)
    if config.threads:
        torch.set_num_threads(config.threads)
    device = torch.device(run.job.device)
    network, labelled = begin(config, shape=run.job.shape).network.to(device), make_labelled(run.job.data, device)
    return estimate(network, labelled, split_all(run.job.data.cases, config), config, trainings=trainings)


def shift_of(folder: Path, data_sha256: str) -> Recalibration:
    """The logit shift that a finished cross-validation fitted on all its out-of-fold patients."""
    record = read_record(folder)
    if record.data.sha256 != data_sha256:
        raise VfracError("the cross-validation of --shift-from had other data; give one of the same cases, or leave it out")
    if SHIFT not in record.recalibration:
        raise VfracError("the cross-validation of --shift-from has no logit shift; its configuration needs logit_shift: true")
    return Recalibration(**record.recalibration[SHIFT])


def finished_trainings(what: What, run: Run) -> int:
    """How many trainings of the run are finished in its folder.

    VfracError for a folder of the other kind of run, or of another configuration: nothing that is there is written over.
    """
    out, config = run.job.out, run.job.config
    if (out / (ALL_CASES if what == CROSS_VALIDATE else FOLDS)).exists():
        held = "train" if what == CROSS_VALIDATE else CROSS_VALIDATE
        raise VfracError(f"the run's folder holds a {held}, expected a {what} or nothing; give another --out")
    if (out / CONFIG).exists() and (begun := read_config(out / CONFIG)) != config:
        name = next(field.name for field in fields(config) if getattr(config, field.name) != getattr(begun, field.name))
        there, here = getattr(begun, name), getattr(config, name)
        raise VfracError(
            f"the run's folder was begun with {name} {there}, not {here}; repeat that configuration, or give another --out"
        )
    folders = [fold_folder(out, fold) for fold in range(config.folds)] if what == CROSS_VALIDATE else [out / ALL_CASES]
    return sum(read_history(folder) is not None for folder in folders)


def _begin(what: What, run: Run) -> datetime:
    """The folder, with its configuration; when the run was begun, the first time."""
    out = run.job.out
    finished_trainings(what, run)
    out.mkdir(parents=True, exist_ok=True)
    if run.team.leads and not (out / CONFIG).exists():
        write_config(run.job.config, out / CONFIG)
    run.team.wait()
    return datetime.fromtimestamp((out / CONFIG).stat().st_mtime, UTC)


def _keep_shift(out: Path, shift: Recalibration | None) -> None:
    """A finished train may be given a shift afterwards; the one that its weights carry is not taken away."""
    carried = read_record(out).recalibration.get(SHIFT) if (out / RUN).exists() else None
    if carried is not None and (shift is None or carried != asdict(shift)):
        raise VfracError(
            f"the run's folder holds finished weights with the logit shift {carried['shift']:.2f}; "
            "repeat that command with its --shift-from, or give another --out"
        )


def _finish(
    what: str,
    run: Run,
    histories: Sequence[History],
    begun: datetime,
    *,
    results: Results | None = None,
    folds_sha256: str | None = None,
    shift: Recalibration | None = None,
) -> None:
    job = run.job
    record = make_record(
        what,
        job.config,
        data_record(job.data, run.source),
        histories,
        started_at=begun,
        finished_at=run.now(),
        device=job.device,
        folds_sha256=folds_sha256,
        results=results,
    )
    if shift is not None:
        record = replace(record, recalibration={SHIFT: asdict(shift)})
    write_record(record, job.out)
    (job.out / PROGRESS).unlink(missing_ok=True)  # it is not on its way any more


def _write_folds(job: Job) -> None:
    """Which case is tested in which fold; of this data and no other."""
    assert job.folds is not None
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("case", "patient", "fold", "data_sha256"))
    for case, fold in zip(job.data.cases, job.folds.of_case, strict=True):
        writer.writerow((case.case, case.patient, int(fold), job.data.sha256))
    file = job.out / FOLDS
    if file.exists() and file.read_text(encoding="utf-8") != out.getvalue():
        raise VfracError("the run's folder belongs to other data or other folds; give another --out")
    write_whole(file, out.getvalue())
