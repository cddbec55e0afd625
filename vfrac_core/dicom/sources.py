"""Where bytes come from: a folder of any depth, the members of a zip, or one file. Says nothing about what they mean."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path, PurePosixPath

from vfrac_core.dicom.zip_input import open_zip
from vfrac_core.errors import UnreadableSeriesError
from vfrac_core.settings import Limits

ZIP_MAGIC = (b"PK\x03\x04", b"PK\x05\x06")


@dataclass(frozen=True, slots=True)
class SourceFile:
    """One file of the input, counted from 1 in the order of the sorted paths. ``path`` is relative to the input."""

    number: int
    total: int
    path: str
    size: int
    opener: Callable[[], BufferedIOBase]

    def open(self) -> BufferedIOBase:
        """The file's bytes from the start; the caller closes. Seekable."""
        return self.opener()

    @property
    def position(self) -> str:
        """What messages say instead of the name, which may be a patient's."""
        return f"file {self.number} of {self.total}"

    @property
    def folder(self) -> str:
        """The folder it lies in, relative to the input; "." for the input itself."""
        return str(PurePosixPath(self.path).parent)


def list_files(path: Path, limits: Limits) -> list[SourceFile]:
    """All files of the input in a fixed order: below a folder, in a zip, or the file itself.

    Raises UnreadableSeriesError where there is nothing to read or where a zip breaks the rules of ``zip_input``.
    """
    if path.is_dir():
        return _number([(p.relative_to(path).as_posix(), *_on_disk(p)) for p in _walk(path)])
    if not path.is_file():
        raise UnreadableSeriesError("there is no such file or folder; check the path")
    if is_zip(path):
        return _number([(m.name, m.size, m.open) for m in open_zip(path, limits)])
    return _number([(path.name, *_on_disk(path))])


def is_zip(path: Path) -> bool:
    """By its first bytes, not by its name."""
    with path.open("rb") as file:
        return file.read(4) in ZIP_MAGIC


def _walk(folder: Path) -> list[Path]:
    """Regular files only: opening a pipe or a device would wait for ever. Links to folders are not followed."""
    found = [Path(root) / name for root, _, names in os.walk(folder) for name in names]
    return sorted(path for path in found if path.is_file())


def _on_disk(path: Path) -> tuple[int, Callable[[], BufferedIOBase]]:
    return path.stat().st_size, lambda: path.open("rb")


def _number(entries: list[tuple[str, int, Callable[[], BufferedIOBase]]]) -> list[SourceFile]:
    if not entries:
        raise UnreadableSeriesError("there are no files in it; give a folder or a zip with a CT series")
    return [SourceFile(i, len(entries), path, size, opener) for i, (path, size, opener) in enumerate(entries, start=1)]
