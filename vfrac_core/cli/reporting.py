"""``report``: a finished cross-validation beside the paper, as one HTML file with its tables and figures."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from vfrac_core.cli.options import AsJson, print_json

STEPS = 4  # that write_report tells


def report_run(
    *,
    run: Annotated[Path, typer.Option(help="Folder of a finished cross-validate.")],
    cohort: Annotated[Path, typer.Option(help="The cohort folder that it was trained on: truth.csv beside crops or series.")],
    out: Annotated[Path, typer.Option(help="Folder for report.html, csv/ and png/; made if it is not there.")],
    evaluation: Annotated[
        list[Path] | None, typer.Option(help="The --out of an evaluate on other cases; may be repeated.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Write the report of a finished cross-validation: the paper's tables and figures, the paper's numbers beside ours."""
    from vfrac_core.library.cohort_set import TRUTH, read_cohort
    from vfrac_core.report.people import read_people
    from vfrac_core.report.source import source_of_run
    from vfrac_core.report.tried_on import read_tried_on
    from vfrac_core.report.write import write_report

    tried = [read_tried_on(folder) for folder in evaluation or ()]
    with tqdm(unit="case", desc="cases", leave=False, disable=None) as bar:
        data = read_cohort(cohort, progress=lambda done, of: _show(bar, done, of))
    with tqdm(total=STEPS + 1, desc="figures of run.json", leave=False, disable=None) as bar:
        source = source_of_run(run, data, people=read_people(cohort / TRUTH), tried=tried)

        def tell(step: str) -> None:
            bar.update()
            bar.set_description(step)

        file = write_report(source, out, tell)
    if as_json:
        print_json({"report": str(file), "cases": len(data.cases), "synthetic": source.synthetic})
        return
    if source.title_mark:
        typer.echo(f"{source.title_mark}.", err=True)
    typer.echo(f"{file}: {len(data.cases)} cases; tables in csv/, figures in png/")


def _show(bar: tqdm, done: int, of: int) -> None:
    bar.total = of
    bar.update(done - bar.n)
