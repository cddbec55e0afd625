"""Annotate: worklist, viewer and form; every change is saved, the submitted reading is locked."""

from __future__ import annotations

from vfrac_core.ui.pages.desk import build_desk, build_header


def build_annotate() -> None:
    """The page at /annotate."""
    build_header("Annotate")
    build_desk("annotate")
