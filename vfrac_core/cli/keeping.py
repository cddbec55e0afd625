"""``export``, ``backup``, ``verify``: taking readings out, keeping them safe, proving that nothing was changed."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from vfrac_core.cli.options import AsJson, DataHome, open_library, print_json, settings_for
from vfrac_core.signs import SAFETY
from vfrac_core.store.backup import backup
from vfrac_core.store.export import Export, Format, export
from vfrac_core.store.verify import VerifyReport, verify


def export_readings(
    out: Annotated[Path, typer.Option(help="Folder for the file; made if it is not there.")],
    form: Annotated[
        Format, typer.Option("--format", help="One table, all events, boxes for other tools, or HU crops (.npz).")
    ] = "csv",
    study: Annotated[str | None, typer.Option(help="Only this study; default all.")] = None,
    data: DataHome = None,
    as_json: AsJson = False,
) -> None:
    """Write the readings as CSV, JSON, COCO or HU crops. Readers appear as codes, never by name."""
    with open_library(settings_for(data)) as library:
        written = export(library.store, library.volumes, form, out, study_id=study)
    if as_json:
        print_json({"file": str(written.file), "annotations": written.annotations, "anchor": str(written.anchor)})
    else:
        typer.echo(f"{written.file}: {written.annotations} readings, log at {written.anchor}")
    typer.echo(SAFETY, err=True)
    _warn(written)


def backup_store(
    file: Annotated[Path, typer.Argument(help="Where the copy goes.")], data: DataHome = None, as_json: AsJson = False
) -> None:
    """A consistent copy of the store while it is in use. Copying vfrac.sqlite3 by hand is not one."""
    with open_library(settings_for(data)) as library:
        anchor = backup(library.store, file)
    if as_json:
        print_json({"file": str(file), "anchor": str(anchor)})
    else:
        typer.echo(f"{file}: log at {anchor}")


def verify_store(
    expect: Annotated[str | None, typer.Option(help='End of the log that was noted before, such as "1041:9f3c".')] = None,
    data: DataHome = None,
    as_json: AsJson = False,
) -> None:
    """Check the log's chain, all foreign keys and every volume's checksum."""
    report = verify(settings_for(data).data_home, expect)
    if as_json:
        print_json(asdict(report) | {"anchor": str(report.anchor), "ok": report.ok})
    else:
        _print_report(report)
    if not report.ok:
        raise typer.Exit(2)


def _print_report(report: VerifyReport) -> None:
    for problem in report.problems:
        typer.echo(problem, err=True)
    typer.echo(
        f"{'ok' if report.ok else 'NOT ok'}: {report.events} events, {report.cases} cases, log at {report.anchor}, "
        f"SQLite {report.sqlite_version}, journal {report.journal_mode}"
    )


def _warn(written: Export) -> None:
    if written.hits:
        typer.echo(f"{len(written.hits)} comments may name somebody or hold a date; look at them before passing it on:", err=True)
    for hit in written.hits:
        typer.echo(f"  {hit}", err=True)
