"""``phantom``: a cohort of synthetic cases, as DICOM or as crops."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer
from tqdm import tqdm

from vfrac_core.cli.options import AsJson, print_json
from vfrac_core.phantom.cohort import CohortSettings, Form, default_mode
from vfrac_core.phantom.spec import Mode
from vfrac_core.signs import SYNTHETIC

Spacing = Literal["2", "3"]


def make_phantoms(
    *,
    out: Annotated[Path, typer.Option(help="Folder of the cohort; made if it is not there, taken up if it was begun.")],
    cases: Annotated[int, typer.Option(min=1, max=99_999, help="How many cases.")] = 10,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same bytes.")] = 0,
    form: Annotated[
        Form, typer.Option("--format", help="An axial series for each case, or HU crops (.npz) for training.")
    ] = "dicom",
    mode: Annotated[
        Mode | None,
        typer.Option(help="Exactly the paper's counts, its frequencies, or signs without a class; default quota for 433 cases."),
    ] = None,
    spacing: Annotated[Spacing, typer.Option(help="Distance of the axial slices of 3 mm, in mm.")] = "2",
    masks: Annotated[bool, typer.Option("--masks", help="Write masks of vertebrae and signs beside each case (.npz).")] = False,
    jobs: Annotated[int | None, typer.Option(min=1, help="Processes; default all cores.")] = None,
    as_json: AsJson = False,
) -> None:
    """Make synthetic cases with their truth. Run again with the same options it goes on where it was stopped."""
    from vfrac_core.phantom.output import write_cohort  # scipy and pydicom
    from vfrac_core.phantom.sampling import sample_cohort
    from vfrac_core.phantom.workers import usable_cores

    settings = CohortSettings(seed, mode or default_mode(cases), cases, form, float(spacing), masks)
    specs = sample_cohort(seed, cases, settings.mode)
    with tqdm(total=cases, unit="case", leave=False, disable=None) as bar:
        written = write_cohort(specs, out, settings, jobs=jobs or usable_cores(), progress=lambda done: _show(bar, done))
    typer.echo(SYNTHETIC, err=True)
    if written.left_out:
        typer.echo(f"left out, a sign could not be made visible beside the others: {', '.join(written.left_out)}", err=True)
    if as_json:
        print_json(
            {
                "folder": str(out),
                "cases": written.cases,
                "made": written.made,
                "left_out": list(written.left_out),
                **{name: getattr(settings, name) for name in ("seed", "mode", "spacing_mm")},
                "format": form,
                "truth": str(written.truth),
                "parameters": str(written.parameters),
            }
        )
    else:
        typer.echo(f"{out}: {written.cases} cases ({written.made} made now), truth at {written.truth}")


def _show(bar: tqdm, done: int) -> None:
    bar.update(done - bar.n)
