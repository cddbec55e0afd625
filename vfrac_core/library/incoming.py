"""Uploaded files on their way in: moved away from the uploader's names at once, gone when the import is over."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

WHOLE_INPUTS: Final = (".nii.gz", ".nii", ".zip")  # each is a series, or several, by itself
LOOSE: Final = "files"


@contextmanager
def incoming_inputs(data_home: Path, files: Sequence[Path]) -> Iterator[list[Path]]:
    """What to import: each zip and each NIfTI by itself, all other files as one folder, in the order of their upload.

    Their new names are numbers; only an ending that tells the format is kept, since the rest may be a patient's name.
    """
    parent = data_home / "incoming"
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=parent))
    try:
        (folder / LOOSE).mkdir()
        inputs = [_move_in(file, folder, number) for number, file in enumerate(files, start=1)]
        yield list(dict.fromkeys(inputs))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _move_in(file: Path, folder: Path, number: int) -> Path:
    """Move one file; what has to be imported because of it: the file itself, or the folder of loose files."""
    suffix = next((suffix for suffix in WHOLE_INPUTS if file.name.lower().endswith(suffix)), None)
    target = folder / LOOSE / f"{number:06d}" if suffix is None else folder / f"{number:06d}{suffix}"
    shutil.move(file, target)
    return folder / LOOSE if suffix is None else target
