"""Options that several commands share, and where their settings come from."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from vfrac_core.library.cases import CaseLibrary
from vfrac_core.settings import Settings, load_secret
from vfrac_core.store import AnnotationStore, VolumeLibrary
from vfrac_core.store.verify import existing_store

DataHome = Annotated[Path | None, typer.Option("--data", help="Data home; default VFRAC_DATA, else annotations/.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print one JSON document on stdout.")]


def settings_for(data_home: Path | None) -> Settings:
    """Settings from the environment, the option first."""
    return Settings.from_environment(os.environ, data_home)


@contextmanager
def open_library(settings: Settings, *, create: bool = False) -> Iterator[CaseLibrary]:
    """The case library of a data home, closed at the end. A mistyped data home is refused, not made, unless ``create``."""
    if not create:
        existing_store(settings.data_home)
    secret = load_secret(settings.data_home)
    with AnnotationStore(settings.data_home) as store:
        yield CaseLibrary(store, VolumeLibrary(settings.data_home), secret=secret, cache_bytes=settings.stack_cache_bytes)


def print_json(content: object) -> None:
    """The one document on stdout."""
    typer.echo(json.dumps(content, allow_nan=False, indent=2))
