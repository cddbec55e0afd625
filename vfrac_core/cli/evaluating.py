"""``evaluate``: any weights on any labelled cases; and ``use``: a run's weights become the ones that the app shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from vfrac_core.cli.labelled_cases import ReaderOptions, find_data
from vfrac_core.cli.options import AsJson, DataHome, open_library, print_json, settings_for
from vfrac_core.cli.training import Assisted, Cohort, EngineOption, Jobs, Readers, Study, jobs_for
from vfrac_core.cli.watching import counting_bar
from vfrac_core.errors import VfracError
from vfrac_core.model.cam_request import SHOWN_METHOD
from vfrac_core.model.manifest import current_folder

if TYPE_CHECKING:  # torch
    from vfrac_core.training.judging import Judged

Weights = Annotated[
    Path | None, typer.Option(help="A weights file, any shard of a set, or a manifest; default those that the app shows.")
]


def evaluate_weights(
    *,
    out: Annotated[Path, typer.Option(help="Folder for scores.csv, evaluation.json and failures.png.")],
    weights: Weights = None,
    cohort: Cohort = None,
    study: Study = None,
    readers: Readers = "senior",
    include_assisted: Assisted = False,
    engine: EngineOption = "local",
    jobs: Jobs = None,
    maps: Annotated[bool, typer.Option(help="Measure the maps against the lesions' masks where the cohort has them.")] = True,
    data: DataHome = None,
    as_json: AsJson = False,
) -> None:
    """Judge weights on labelled cases that they have not seen: by slice, by patient and by sign."""
    settings = settings_for(data)
    found = find_data(cohort, study, ReaderOptions(readers, include_assisted), data)
    from vfrac_core.library.cohort_set import read_lesions
    from vfrac_core.model.spec import NetworkSpec
    from vfrac_core.model.weight_set import load_checkpoint
    from vfrac_core.report.sign_failures import write_failures
    from vfrac_core.training.judging import judge

    checkpoint = load_checkpoint(weights or current_folder(settings), NetworkSpec())
    assert checkpoint is not None  # it is required
    if found.data.sha256 in checkpoint.weights.data_sha256.split():
        typer.echo("these are the very cases that the weights learned from: the figures say nothing of other cases", err=True)
    lesions = read_lesions(cohort, [case.case for case in found.data.cases]) if cohort and maps else None
    with counting_bar("case") as progress:
        count = len(found.data.cases)
        judged = judge(
            checkpoint,
            found.data,
            found.source,
            out,
            lesions=lesions,
            engine=engine,
            jobs=jobs_for(engine, jobs),
            progress=lambda done: progress(done, count),
        )
    write_failures(checkpoint.network, found.data, judged.evaluation.table, out)
    if as_json:
        print_json(judged.as_json())
    else:
        _print_lines(judged)


def use_run(
    *,
    run: Annotated[Path | None, typer.Option(help="Folder of a finished train.")] = None,
    cross_validation: Annotated[Path | None, typer.Option(help="Folder of a finished cross-validation of these cases.")] = None,
    keep_folds: Annotated[bool, typer.Option("--keep-folds", help="Keep the folds' networks to answer their cases.")] = False,
    shipped: Annotated[bool, typer.Option("--shipped", help="Go back to the weights that vfrac came with.")] = False,
    data: DataHome = None,
) -> None:
    """Make a run's weights current: the app shows them within seconds, without a restart. They lie in the data home."""
    from vfrac_core.library.adopting import use_shipped, use_weights

    settings = settings_for(data)
    if shipped:
        if run or cross_validation or keep_folds:
            raise VfracError("--shipped stands alone; give it, or a run")
        typer.echo(f"{use_shipped(settings)} is current, the weights that vfrac came with")
        return
    if run is None:
        raise VfracError("no weights were named; give --run with the folder of a finished train, or --shipped")
    with open_library(settings, create=True) as library:
        found = use_weights(run, settings.weights_dir, library.store, cross_validation=cross_validation, keep_folds=keep_folds)
    typer.echo(f"{found.weights.name} is current, trained on {found.weights.training_data}")
    if found.out_of_fold:
        typer.echo(f"cases of the training set are answered out of fold; {found.folds} networks of folds were kept")


def _print_lines(judged: Judged) -> None:
    shown = judged.evaluation.shown
    typer.echo(f"{judged.weights.name}, trained on {judged.weights.training_data}; on {judged.data.kind}", err=True)
    if shown is not None:
        for level, measures in (("per slice", shown.per_slice), ("per patient", shown.per_case["max"])):
            found = measures.confusion
            typer.echo(f"{level}, n {measures.n}")
            for name in ("sensitivity", "specificity", "accuracy", "balanced_accuracy"):
                typer.echo(f"  {name:18s} {getattr(found, name).text}")
            typer.echo(f"  {'auc':18s} {measures.auc.text}\n  {'brier':18s} {measures.loss.brier.text}")
    for name, figures in judged.evaluation.signs.items():
        typer.echo(f"{name:32s} AUC {figures.auc.text}")
    for name, focus in judged.focus.get(SHOWN_METHOD, {}).items():
        typer.echo(f"map of {name:32s} inside the lesion, beyond a centred blob: {focus.gain.text}")
