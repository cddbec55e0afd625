"""What Explore and Annotate share: the header with the safety line, and the desk with its fixed texts."""

from __future__ import annotations

import html
from dataclasses import asdict

import gradio as gr

from vfrac_core.signs import DEFINITIONS, LEVELS, SAFETY, SIGNS_VERSION, SYNTHETIC, UNKNOWN_LEVEL, UNTRAINED
from vfrac_core.study.access import Mode
from vfrac_core.ui.viewer.component import ReadingDesk


def build_header(page: str) -> None:
    """Name of the program and the safety line: on every page, always in sight."""
    gr.Navbar(main_page_name="Explore")
    gr.HTML(
        f'<header class="vfrac-header"><strong>vfrac · {html.escape(page)}</strong>'
        f'<span class="vfrac-safety">{html.escape(SAFETY)}</span></header>',
        apply_default_css=False,
    )


def build_desk(mode: Mode) -> ReadingDesk:
    """The desk with texts only. Cases, tickets and answers come by our own routes, for each visitor anew."""
    return ReadingDesk(
        {
            "mode": mode,
            "signs": [asdict(sign) for sign in DEFINITIONS],
            "signs_version": SIGNS_VERSION,
            "levels": [*LEVELS, UNKNOWN_LEVEL],
            "safety": SAFETY,
            "synthetic": SYNTHETIC,
            "untrained": UNTRAINED,
        },
        container=False,
    )
