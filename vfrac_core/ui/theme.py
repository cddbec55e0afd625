"""Look of the Gradio page: system fonts (no foreign request), a calm blue with enough contrast, little padding on phones."""

from __future__ import annotations

import gradio as gr

CSS = """
.gradio-container .main { padding: 8px 12px !important; }
.gradio-container .html-container { padding: 0 !important; }
.vfrac-header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 16px; }
.vfrac-header strong { font-size: 1.15rem; }
.vfrac-safety { font-weight: 600; color: var(--body-text-color); }
.vfrac-cases { overflow-x: auto; }
.vfrac-cases :is(th, td) { padding: 4px 12px 4px 0; text-align: left; white-space: nowrap; font-variant-numeric: tabular-nums; }
.vfrac-cases th { font-weight: 600; border-bottom: 1px solid var(--border-color-primary); }
:is(.vfrac-cases, .vfrac-exports) h2 { font-size: 1.1rem; font-weight: 600; margin: 8px 0; }
.vfrac-exports ul { display: flex; flex-wrap: wrap; gap: 8px; list-style: none; margin: 0 0 12px; padding: 0; }
.vfrac-exports a { display: block; padding: 8px 12px; border: 1px solid var(--border-color-primary); border-radius: 6px; }
.vfrac-exports a:is(:hover, :focus-visible) { border-color: var(--color-accent); text-decoration: underline; }
:is(.vfrac-training, .vfrac-cases) p { margin: 6px 0; }
.vfrac-training { max-width: 960px; }
.vfrac-training :is(th, td) { padding: 2px 16px 2px 0; text-align: left; vertical-align: top; }
.vfrac-training th { font-weight: 600; white-space: nowrap; }
.vfrac-hash { font-size: 0.8rem; overflow-wrap: anywhere; }
.vfrac-balance { max-width: 420px; border: 1px solid #c2410c; border-radius: 4px; overflow: hidden; }
.vfrac-balance span { display: block; padding: 2px 8px; background: #c2410c; color: white; white-space: nowrap; }
.vfrac-warning { color: var(--error-text-color, #b91c1c); font-weight: 600; }
.vfrac-curves { width: 100%; max-width: 720px; color: var(--body-text-color); }
.vfrac-key { margin-right: 12px; white-space: nowrap; }
.vfrac-key i { display: inline-block; width: 14px; height: 4px; margin-right: 6px; vertical-align: middle; }
.vfrac-sheet { margin: 12px 0; }
.vfrac-sheet div { overflow-x: auto; }
.vfrac-sheet img { max-width: none; }
input.subdued { color: var(--body-text-color) !important; }  /* of a list that is closed: 4.3:1 as it comes */
.vfrac-cases th[scope=row] { border: 0; }
.vfrac-compare td { white-space: normal; vertical-align: top; }
.import-report { margin: 8px 0; padding-left: 20px; list-style: disc; }
.import-report .refused { color: var(--error-text-color, #b91c1c); }
.or.or { color: var(--body-text-color) !important; }  /* "- or -" of the upload area: 2.6:1 as it comes */
nav.fillable a { color: var(--body-text-color) !important; }
footer { display: none !important; }
@media (max-width: 480px) {
  .gradio-container .main { padding: 6px 4px !important; }
  .vfrac-cases :is(th, td) { white-space: normal; padding-right: 6px; vertical-align: top; }
}
"""


def theme() -> gr.themes.Base:
    """White on the default orange is 2.8:1; white on this blue is 5.2:1 and more."""
    return gr.themes.Default(
        primary_hue=gr.themes.colors.blue,
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    ).set(button_primary_background_fill="*primary_700", button_primary_background_fill_dark="*primary_700")
