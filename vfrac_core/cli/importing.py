"""``import``: folders, zips, DICOM files or NIfTI become cases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from tqdm import tqdm

from vfrac_core.cli.options import AsJson, DataHome, open_library, print_json, settings_for
from vfrac_core.dicom import Refusal
from vfrac_core.library.importing import ImportedCase, import_path
from vfrac_core.library.truth import TruthReport, names_in_files, read_truth, write_truth
from vfrac_core.settings import load_secret


def import_series(
    paths: Annotated[list[Path], typer.Argument(help="Folders, zips, DICOM files or NIfTI files.")],
    truth: Annotated[Path | None, typer.Option(help="Table of the reference standard (truth.csv), matched by name.")] = None,
    data: DataHome = None,
    as_json: AsJson = False,
) -> None:
    """Bring CT series into the library. Importing a series twice gives the same case."""
    settings = settings_for(data)
    rows = None if truth is None else read_truth(truth)
    found: list[ImportedCase | Refusal] = []
    names: list[tuple[str, str]] = []
    with open_library(settings, create=True) as library, tqdm(total=100, unit="%", leave=False, disable=None) as bar:
        for path in paths:
            bar.reset()
            new = list(
                import_path(
                    path,
                    library,
                    secret=load_secret(settings.data_home),
                    limits=settings.limits,
                    progress=lambda fraction, sentence: _show(bar, fraction, sentence),
                )
            )
            found += new
            names += [(n, one.record.case_id) for one in new if isinstance(one, ImportedCase) for n in _names(path, one)]
        report = None if rows is None else write_truth(rows, names, library)
    if as_json:
        print_json({"cases": [_case_json(f) for f in found if isinstance(f, ImportedCase)], "refused": _refused_json(found)})
    else:
        _print_lines(found)
    if report is not None:
        _print_truth(report)
    if not any(isinstance(f, ImportedCase) for f in found):
        if not found:
            typer.echo("no CT series was found; expected DICOM files of one CT series, a zip of them, or NIfTI", err=True)
        raise typer.Exit(2)
    if report is not None and report.refused:
        raise typer.Exit(2)


def _names(path: Path, imported: ImportedCase) -> set[str]:
    return names_in_files(path, imported.source)


def _print_truth(report: TruthReport) -> None:
    typer.echo(
        f"reference standard: {report.cases} cases have it; {report.rows_without_case} rows without an imported case, "
        f"{report.cases_without_row} cases without a row",
        err=True,
    )
    for line in report.refused:
        typer.echo(f"refused: {line}", err=True)


def _show(bar: tqdm, fraction: float, sentence: str) -> None:
    bar.set_description_str(sentence, refresh=False)
    bar.update(round(100 * fraction) - bar.n)


def _print_lines(found: list[ImportedCase | Refusal]) -> None:
    for one in found:
        if isinstance(one, Refusal):
            typer.echo(f"refused: {one.position}: {one.reason}" if one.position else f"refused: {one.reason}", err=True)
        else:
            record = one.record
            state = "imported" if one.new else "already there"
            typer.echo(f"{record.case_id}  {state}  {record.slices} × {record.rows} × {record.columns}")
            for note in record.info.notes:
                typer.echo(f"  note: {note}", err=True)


def _case_json(found: ImportedCase) -> dict[str, object]:
    record = found.record
    return {
        "case": record.case_id,
        "source": found.source,
        "new": found.new,
        "slices": record.slices,
        "rows": record.rows,
        "columns": record.columns,
        "spacing_mm": list(record.spacing_mm),
        "notes": list(record.info.notes),
    }


def _refused_json(found: list[ImportedCase | Refusal]) -> list[dict[str, object]]:
    return [{"path": f.path, "position": f.position, "reason": f.reason} for f in found if isinstance(f, Refusal)]
