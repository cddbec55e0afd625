"""The reading desk as a Gradio component: an empty frame whose JavaScript modules come from our own route.

All state from Python travels in ``value``, one dict: other props lose their data when Gradio mounts the component
again. Nothing secret may stand in it, since a value given at build time is in /config for everybody.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

import gradio as gr

STATIC: Final = Path(__file__).parent / "static"
TEMPLATE: Final = '<div class="vfrac-desk"><p data-role="status" role="status">Loading the reading desk …</p></div>'
LOADER: Final = """
const at = path => new URL(path, document.baseURI).href;
const root = element.querySelector('.vfrac-desk');
import(at('viewer/VERSION/desk.js'))
  .then(module => module.mount(root, { props, watch, at }))
  .catch(error => {
    root.textContent = 'The reading desk could not start: ' + error;
    root.setAttribute('role', 'alert');
  });
"""


@dataclass(frozen=True, slots=True)
class ViewerFiles:
    """The files that may be served, and a hash over all of them: it stands in their URL, so they never go stale."""

    paths: dict[str, Path]
    version: str


@cache
def viewer_files() -> ViewerFiles:
    """Read once per process."""
    paths = {path.name: path for path in sorted(STATIC.iterdir()) if path.suffix in {".js", ".css"}}
    digest = hashlib.sha256()
    for name, path in paths.items():
        digest.update(name.encode() + path.read_bytes())
    return ViewerFiles(paths=paths, version=digest.hexdigest()[:12])


class ReadingDesk(gr.HTML):
    """Worklist, viewer and form. ``value`` is a dict of plain JSON (see ``vfrac_core.ui.pages.desk``)."""

    def __init__(self, value: dict[str, Any] | None = None, **kwargs: Any) -> None:
        kwargs.setdefault("html_template", TEMPLATE)
        kwargs.setdefault("js_on_load", LOADER.replace("VERSION", viewer_files().version))
        kwargs.setdefault("apply_default_css", False)
        super().__init__(value, **kwargs)

    def postprocess(self, value: dict[str, Any] | None) -> dict[str, Any] | None:  # type: ignore[override]  # gr.HTML says str
        """The dict as it is."""
        return value

    def preprocess(self, payload: dict[str, Any] | None) -> dict[str, Any] | None:  # type: ignore[override]  # gr.HTML says str
        """The dict as it is."""
        return payload
