"""Look of the Gradio page: system fonts (no foreign request), a calm blue with enough contrast, little padding on phones."""

from __future__ import annotations

import gradio as gr

CSS = """
.gradio-container .main { padding: 8px 12px !important; }
.gradio-container .html-container { padding: 0 !important; }
.vfrac-header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 16px; }
.vfrac-header strong { font-size: 1.15rem; }
.vfrac-safety { font-weight: 600; color: var(--body-text-color); }
footer { display: none !important; }
@media (max-width: 480px) { .gradio-container .main { padding: 6px 4px !important; } }
"""


def theme() -> gr.themes.Base:
    """White on the default orange is 2.8:1; white on this blue is 5.2:1 and more."""
    return gr.themes.Default(
        primary_hue=gr.themes.colors.blue,
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    ).set(button_primary_background_fill="*primary_700", button_primary_background_fill_dark="*primary_700")
