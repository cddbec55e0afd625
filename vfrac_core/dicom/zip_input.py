"""The members of an uploaded zip, refused where it is a trap. Nothing is ever extracted by name: members are only read."""

from __future__ import annotations

import stat
import zipfile
from dataclasses import dataclass
from io import BufferedIOBase
from pathlib import Path, PurePosixPath
from typing import cast

from vfrac_core.errors import UnreadableSeriesError
from vfrac_core.settings import MB, Limits

ENCRYPTED_FLAG = 0x1
METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)


@dataclass(frozen=True, slots=True)
class ZipMember:
    """One file in a zip. ``size`` is what the directory says; reading never yields more than that."""

    name: str
    size: int
    archive: zipfile.ZipFile
    entry: zipfile.ZipInfo

    def open(self) -> BufferedIOBase:
        return cast(BufferedIOBase, self.archive.open(self.entry))


def open_zip(path: Path, limits: Limits) -> list[ZipMember]:
    """The file members of a zip, sorted by name. The archive stays open as long as a member is kept.

    Raises UnreadableSeriesError: damaged, too many members, too large inflated, a bomb by its ratio, encrypted, an unusual
    compression, or a member that is a link or whose name leads outside. The directory alone decides, nothing is inflated.
    """
    try:
        archive = zipfile.ZipFile(path)
    except Exception:  # noqa: BLE001 - zipfile fails in many ways on damaged directories, and quotes names
        raise UnreadableSeriesError("the zip is damaged; zip the series again") from None
    entries = [entry for entry in archive.infolist() if not entry.is_dir()]
    try:
        _check(entries, limits)
    except UnreadableSeriesError:
        archive.close()
        raise
    return [ZipMember(e.filename, e.file_size, archive, e) for e in sorted(entries, key=lambda e: e.filename)]


def _check(entries: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(entries) > limits.zip_members:
        raise UnreadableSeriesError(f"the zip has {len(entries)} members, at most {limits.zip_members} are read; zip one series")
    if any(entry.flag_bits & ENCRYPTED_FLAG for entry in entries):
        raise UnreadableSeriesError("the zip is encrypted; give one without a password")
    for number, entry in enumerate(entries, start=1):
        _check_member(entry, f"member {number} of {len(entries)}", limits)
    if sum(entry.file_size for entry in entries) > limits.zip_bytes:
        raise UnreadableSeriesError(
            f"the zip holds more than {limits.zip_bytes // MB} MB when unpacked; it may be a zip bomb; zip one series"
        )


def _check_member(entry: zipfile.ZipInfo, which: str, limits: Limits) -> None:
    if _leads_outside(entry.orig_filename):
        raise UnreadableSeriesError(f"{which} of the zip has a path that leads outside it; zip the folder again")
    if stat.S_ISLNK(entry.external_attr >> 16):
        raise UnreadableSeriesError(f"{which} of the zip is a link; zip the files themselves")
    if entry.compress_type not in METHODS:
        raise UnreadableSeriesError(f"{which} of the zip is compressed by an unusual method; use the normal one (deflate)")
    if entry.file_size > MB and entry.file_size > limits.zip_ratio * max(entry.compress_size, 1):
        raise UnreadableSeriesError(
            f"{which} of the zip grows more than {limits.zip_ratio}-fold when unpacked; it may be a zip bomb; zip one series"
        )


def _leads_outside(name: str) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    return path.is_absolute() or ".." in path.parts or name[1:2] == ":"
