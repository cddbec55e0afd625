"""All commands, and what happens when one is refused."""

from __future__ import annotations

import sys

import typer

from vfrac_core import __version__
from vfrac_core.cli.importing import import_series
from vfrac_core.cli.keeping import backup_store, export_readings, verify_store
from vfrac_core.cli.predicting import predict_box
from vfrac_core.errors import VfracError
from vfrac_core.signs import SAFETY

app = typer.Typer(
    name="vfrac",
    help=f"Benign or malignant vertebral fracture on CT. {SAFETY}",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command("import")(import_series)
app.command("predict")(predict_box)
app.command("export")(export_readings)
app.command("backup")(backup_store)
app.command("verify")(verify_store)


@app.command("version")
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def main() -> None:
    """Run a command. A user's mistake is one line on stderr and exit 2; a bug keeps its traceback and exit 1."""
    try:
        app()
    except VfracError as refused:
        typer.echo(str(refused), err=True)
        sys.exit(2)
