"""Explore: a case is on the screen, drag a box, see probability and Grad-CAM move. No name, no form."""

from __future__ import annotations

from vfrac_core.ui.pages.desk import build_desk, build_header


def build_explore() -> None:
    """The page at /."""
    build_header("Explore")
    build_desk("explore")
