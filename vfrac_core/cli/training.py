"""``train``, ``cross-validate`` and ``pretrain``: from labelled cases to weights. Each goes on where it was stopped."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vfrac_core.cli.labelled_cases import ReaderOptions, find_data
from vfrac_core.cli.options import AsJson, DataHome, open_library, print_json, settings_for
from vfrac_core.cli.watching import STOPPED, STOPPED_LINE, training_bar, until_interrupted
from vfrac_core.errors import VfracError

if TYPE_CHECKING:  # torch
    from vfrac_core.library.learning_data import LearningData
    from vfrac_core.training.config import TrainConfig
    from vfrac_core.training.fit import Stopped, Tell, Tick
    from vfrac_core.training.run import Run, What
    from vfrac_core.training.run_record import RunRecord

Preset = Literal["paper", "demo"]
Out = Annotated[Path, typer.Option(help="Folder of the run; made if it is not there, gone on with if it was begun.")]
Cohort = Annotated[Path | None, typer.Option(help="A cohort folder: truth.csv beside crops or DICOM series.")]
Study = Annotated[str | None, typer.Option(help="A study of the store, such as annotate: its readings are learned from.")]
Readers = Annotated[Literal["senior", "majority", "any"], typer.Option(help="Whose readings of a study.")]
Assisted = Annotated[bool, typer.Option("--include-assisted", help="Also readings that were made with the AI visible.")]
PresetName = Annotated[Preset | None, typer.Option(help="The paper's numbers, or a good model in an hour or two; default demo.")]
ConfigFile = Annotated[Path | None, typer.Option("--config", help="A configuration (YAML) in place of a preset.")]
Init = Annotated[str | None, typer.Option(help="First weights: imagenet (downloads), synthetic, random, or a weights file.")]
Seed = Annotated[int | None, typer.Option(min=0, help="Seed of folds, order, draws and first weights.")]
EngineOption = Annotated[Literal["local", "processes", "ray"], typer.Option("--engine", help="Where the work is done.")]
Jobs = Annotated[int | None, typer.Option(min=1, help="How many at a time on processes or Ray; default all cores.")]
Device = Annotated[str, typer.Option(help="What trains: cpu, or a GPU such as cuda:0.")]
Pretrained = Annotated[Path | None, typer.Option(help="Weights that synthetic begins with; default those of pretrain.")]


def train_network(
    *,
    out: Out,
    cohort: Cohort = None,
    study: Study = None,
    readers: Readers = "senior",
    include_assisted: Assisted = False,
    preset: PresetName = None,
    config: ConfigFile = None,
    init: Init = None,
    seed: Seed = None,
    shift_from: Annotated[Path | None, typer.Option(help="Folder of a finished cross-validation: its logit shift.")] = None,
    pretrained: Pretrained = None,
    device: Device = "cpu",
    data: DataHome = None,
    as_json: AsJson = False,
) -> int:
    """Train one network on all cases; its weights are model.safetensors in the folder."""
    from vfrac_core.training.run import train

    chosen = _config(preset, config, init, seed, None)
    found = find_data(cohort, study, ReaderOptions(readers, include_assisted), data)
    run = _run(chosen, out, found, pretrained=pretrained, device=device, data=data)
    with _begun("train", run) as (run, tell, stopped):
        record = train(run, shift_from=shift_from, tell=tell, stopped=stopped)
    return _finish(record, run, as_json)


def cross_validate_network(
    *,
    out: Out,
    cohort: Cohort = None,
    study: Study = None,
    readers: Readers = "senior",
    include_assisted: Assisted = False,
    preset: PresetName = None,
    config: ConfigFile = None,
    init: Init = None,
    seed: Seed = None,
    folds: Annotated[int | None, typer.Option(min=2, help="Number of folds; default 10.")] = None,
    pretrained: Pretrained = None,
    engine: EngineOption = "local",
    jobs: Jobs = None,
    device: Device = "cpu",
    data: DataHome = None,
    as_json: AsJson = False,
) -> int:
    """Train as many networks as folds, each tested on the patients that it never saw; the figures are in run.json."""
    from vfrac_core.library.learning_data import keep_folds
    from vfrac_core.training.engines.choose import engine_of
    from vfrac_core.training.folds import make_folds
    from vfrac_core.training.run import cross_validate

    chosen = _config(preset, config, init, seed, folds)
    found = find_data(cohort, study, ReaderOptions(readers, include_assisted), data)
    run = _run(chosen, out, found, pretrained=pretrained, device=device, data=data)
    if found.version is not None:
        with open_library(settings_for(data)) as library:
            keep_folds(library.store, found.data, make_folds(found.data.cases, chosen))
    with _begun("cross-validate", run) as (run, tell, stopped):
        work = engine_of(engine, jobs_for(engine, jobs), team=run.team)
        record = cross_validate(run, engine=work, tell=tell, stopped=stopped)
    return _finish(record, run, as_json)


def pretrain_network(
    *,
    out: Annotated[Path | None, typer.Option(help="Folder; default pretraining/ in the data home.")] = None,
    epochs: Annotated[int | None, typer.Option(min=2, help="Chunks of the stream that are taught.")] = None,
    jobs: Annotated[int, typer.Option(min=1, help="Processes that make the cases.")] = 1,
    data: DataHome = None,
) -> int:
    """Teach first weights on an endless stream of synthetic cases, of seeds that no evaluation uses: an hour on two cores."""
    from vfrac_core.library.pretraining import PRETRAINING_FOLDER, run_pretraining

    folder = out or settings_for(data).data_home / PRETRAINING_FOLDER
    with until_interrupted() as stopped, training_bar() as tell:
        file = run_pretraining(folder, epochs=epochs, jobs=jobs, tell=tell, stopped=stopped)
    if file is None:
        typer.echo(STOPPED_LINE, err=True)
        return STOPPED
    typer.echo(f"{file}: first weights for --init synthetic")
    return 0


def _config(preset: Preset | None, file: Path | None, init: str | None, seed: int | None, folds: int | None) -> TrainConfig:
    from vfrac_core.training.config import PRESETS, beginning_with, read_config

    if preset is not None and file is not None:
        raise VfracError("both --preset and --config were given; a configuration names its preset: give one of them")
    config = read_config(file) if file else PRESETS[preset or "demo"]
    config = replace(config, seed=config.seed if seed is None else seed, folds=folds or config.folds)
    return config if init is None else beginning_with(config, init)


def _run(config: TrainConfig, out: Path, found: LearningData, *, pretrained: Path | None, device: str, data: Path | None) -> Run:
    from vfrac_core.library.pretraining import pretrained_weights
    from vfrac_core.training.cross_validate import ALL, Job
    from vfrac_core.training.ddp import place
    from vfrac_core.training.run import Run

    first = None
    if config.initial == "synthetic" and config.initial_file is None:
        first = pretrained or pretrained_weights(settings_for(data).data_home)
    return Run(Job(found.data, None, ALL, config, out, first, device=place(os.environ, device)), found.source)


def jobs_for(engine: str, jobs: int | None) -> int:
    """How many at a time: one on the local engine, else as many as asked for or as there are cores."""
    from vfrac_core.phantom.workers import usable_cores

    return 1 if engine == "local" else jobs or usable_cores()


def quiet(_tick: Tick) -> None:
    """The listener of the processes that do not speak."""


@contextmanager
def _begun(what: What, run: Run) -> Iterator[tuple[Run, Tell, Stopped]]:
    """The run with its team, who hears of its steps, and what stops it. What is left and how long it will take is said first; of
    several processes one speaks."""
    from vfrac_core.training.ddp import joined_team
    from vfrac_core.training.run import finished_trainings

    done = finished_trainings(what, run)
    with joined_team(os.environ, run.job.config, run.job.device) as team, until_interrupted() as stopped:
        run = replace(run, team=team)
        if team.leads:
            _say_what_is_left(run, done, of=run.job.config.folds if what == "cross-validate" else 1)
        with training_bar() as tell:
            yield run, tell if team.leads else quiet, stopped


def _say_what_is_left(run: Run, done: int, of: int) -> None:
    from vfrac_core.training.run import CONFIG, estimate_run

    if (run.job.out / CONFIG).exists():
        typer.echo(
            f"going on with a run that was begun: {done} of {of} trainings {'is' if done == 1 else 'are'} finished", err=True
        )
    if done < of:
        typer.echo("measuring a few steps", err=True)
        typer.echo(estimate_run(run, of - done).sentence, err=True)


def _finish(record: RunRecord | None, run: Run, as_json: bool) -> int:
    if not run.team.leads:
        return 0
    out = run.job.out
    if record is None:
        typer.echo(STOPPED_LINE, err=True)
        return STOPPED
    for note in record.notes:
        typer.echo(note, err=True)
    figures = record.results.get("plain")
    if as_json:
        found = {"folder": str(out), "data_sha256": record.data.sha256, "seconds": record.training_seconds}
        print_json(found | {"results": record.results, "recalibration": record.recalibration})
    elif figures:
        from vfrac_core.training.results import figure_text

        patient = figures["per_patient"]
        named = ("sensitivity", "specificity", "accuracy", "balanced_accuracy", "auc", "brier")
        for name in named:
            typer.echo(f"{name:18s} {figure_text(patient[name])}")
        typer.echo(f"out of fold, {patient['n']} cases; {out}/run.json has all figures")
    else:
        typer.echo(f"{out}/model.safetensors: {record.data.cases} cases, {record.initialisation}")
    return 0
