"""Bugs in the log: what kind and where, without the exception's words, which may quote a file name or a reader's text."""

from __future__ import annotations

import logging
import traceback
from pathlib import Path
from typing import Final

log = logging.getLogger(__name__)

BUG: Final = "something went wrong on the server; it has been logged, and nothing that was saved is lost"
FRAMES: Final = 12


def log_bug(where: str, bug: BaseException) -> None:
    """One line: the type, and the innermost frames first."""
    frames = traceback.extract_tb(bug.__traceback__)[-FRAMES:]
    path = " < ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in reversed(frames))
    log.error("%s: %s at %s", where, type(bug).__name__, path)
