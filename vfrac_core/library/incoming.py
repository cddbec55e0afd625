"""Uploaded files on their way in: moved away from the uploader's names at once, gone when the import is over."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

KEPT_SUFFIXES: Final = (".nii.gz", ".nii", ".zip", ".dcm")  # only what tells the format; the rest of a name may be a patient's


@contextmanager
def incoming_folder(data_home: Path, files: Sequence[Path]) -> Iterator[Path]:
    """A private folder with the files as 000001.dcm, 000002.dcm …, in the order of their upload."""
    parent = data_home / "incoming"
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=parent))
    try:
        for number, file in enumerate(files, start=1):
            shutil.move(file, folder / f"{number:06d}{_suffix(file.name)}")
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _suffix(name: str) -> str:
    return next((suffix for suffix in KEPT_SUFFIXES if name.lower().endswith(suffix)), "")
