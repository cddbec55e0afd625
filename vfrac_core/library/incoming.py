"""Uploaded files on their way in: moved away from the uploader's names at once, gone when the import is over."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from vfrac_core.errors import VfracError

WHOLE_INPUTS: Final = (".nii.gz", ".nii", ".zip")  # each is a series, or several, by itself
LOOSE: Final = "files"
FOLDER: Final = "incoming"


@contextmanager
def incoming_inputs(data_home: Path, files: Sequence[Path]) -> Iterator[list[Path]]:
    """What to import: each zip and each NIfTI by itself, all other files as one folder, in the order of their upload.

    Their new names are numbers; only an ending that tells the format is kept, since the rest may be a patient's name.
    """
    parent = data_home / FOLDER
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=parent))
    try:
        yield _move_all(files, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def remove_abandoned_uploads(data_home: Path) -> None:
    """What an import that was killed left behind: files with names and dates in them. Called when the app starts."""
    shutil.rmtree(data_home / FOLDER, ignore_errors=True)


def _move_all(files: Sequence[Path], folder: Path) -> list[Path]:
    try:
        (folder / LOOSE).mkdir()
        return list(dict.fromkeys(_move_in(file, folder, number) for number, file in enumerate(files, start=1)))
    except OSError:  # its text names the file
        raise VfracError("an uploaded file is gone, or the disk is full; upload it again") from None


def _move_in(file: Path, folder: Path, number: int) -> Path:
    """Move one file; what has to be imported because of it: the file itself, or the folder of loose files."""
    suffix = next((suffix for suffix in WHOLE_INPUTS if file.name.lower().endswith(suffix)), None)
    target = folder / LOOSE / f"{number:06d}" if suffix is None else folder / f"{number:06d}{suffix}"
    shutil.move(file, target)
    return folder / LOOSE if suffix is None else target
