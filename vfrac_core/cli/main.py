"""All commands, and what happens when one is refused."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence

import typer

from vfrac_core import __version__
from vfrac_core.cli.bench import bench
from vfrac_core.cli.evaluating import evaluate_weights, use_run
from vfrac_core.cli.importing import import_series
from vfrac_core.cli.keeping import backup_store, export_readings, verify_store
from vfrac_core.cli.options import print_json
from vfrac_core.cli.phantom import make_phantoms
from vfrac_core.cli.predicting import predict_box
from vfrac_core.cli.reporting import report_run
from vfrac_core.cli.training import cross_validate_network, pretrain_network, train_network
from vfrac_core.errors import VfracError
from vfrac_core.signs import SAFETY

app = typer.Typer(
    name="vfrac",
    help=f"Benign or malignant vertebral fracture on CT. {SAFETY}",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("import")(import_series)
app.command("predict")(predict_box)
app.command("phantom")(make_phantoms)
app.command("pretrain")(pretrain_network)
app.command("train")(train_network)
app.command("cross-validate")(cross_validate_network)
app.command("evaluate")(evaluate_weights)
app.command("use")(use_run)
app.command("report")(report_run)
app.command("export")(export_readings)
app.command("backup")(backup_store)
app.command("verify")(verify_store)
app.command("bench")(bench)


@app.command("version")
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def main() -> None:
    """The program: warnings on stderr, the exit code to the shell."""
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Run one command; the exit code. A user's mistake is one line on stderr and 2; a bug leaves as the exception it is.

    With --json the one document on stdout is then ``{"error": "the same line"}``.
    """
    try:
        code = app(list(arguments) or ["--help"], prog_name="vfrac", standalone_mode=False)
    except VfracError as refused:
        return _refuse(str(refused), arguments)
    except typer.TyperException as usage:  # a wrong option, a missing argument
        return _refuse(usage.format_message(), arguments)
    except typer.Abort:
        return 130
    return code or 0


def _refuse(reason: str, arguments: Sequence[str]) -> int:
    line = " ".join(reason.split())
    typer.echo(line, err=True)
    if "--json" in arguments:
        print_json({"error": line})
    return 2
