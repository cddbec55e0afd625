"""The pixels of the cases: ``<home>/volumes/<case id>/``. Written once, never changed, nothing in them names a patient.

Plain .npy files, memory-mapped when read. Level-1 zlib saved 38 % of a real CT but wrote 25-40 MB/s, which is seconds of
an import; uncompressed the disk is the limit, and a stack is on the screen without being read whole. ``SHA256SUMS`` can
be checked without this program: ``sha256sum -c SHA256SUMS``.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

import numpy as np

from vfrac_core.errors import StoreError, StoreUnavailableError
from vfrac_core.store.records import check_case_id
from vfrac_core.types import Affine, CtVolume, Hu3d, SagittalStack, SeriesInfo

SUMS: Final = "SHA256SUMS"
ABANDONED_AFTER_S: Final = 24 * 3600  # a folder that a killed import left behind


class VolumeLibrary:
    """Volumes and sagittal stacks of one data home. What was in the series' header lies in the database, not here:
    hand in ``CaseRecord.info``, or the arrays come with an empty one.
    """

    def __init__(self, home: Path) -> None:
        self.folder = home / "volumes"

    def save(self, case_id: str, volume: CtVolume, stack: SagittalStack) -> None:
        """Write both, whole or not at all: the folder gets its name when all of it is on the disk.

        A second save of the same id does nothing. StoreError if the disk is full.
        """
        check_case_id(case_id)
        if self.has(case_id):
            return
        try:
            self._save(case_id, volume, stack)
        except OSError:
            raise StoreUnavailableError(
                "not saved: the disk is full or may not be written; free some space and import again"
            ) from None

    def _save(self, case_id: str, volume: CtVolume, stack: SagittalStack) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(dir=self.folder, prefix=".new-"))
        try:
            _write_array(draft / "stack.npy", stack.hu.astype("<i2", copy=False))
            _write_array(draft / "stack_affine.npy", stack.affine)
            _write_array(draft / "volume.npy", volume.hu.astype("<i2", copy=False))
            _write_array(draft / "volume_affine.npy", volume.affine)
            _write_sums(draft)
            _rename_unless_there(draft, self.folder / case_id)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        _remove_abandoned(self.folder)

    def restore_volume(self, case_id: str, volume: CtVolume) -> None:
        """Put the imported volume back where it alone was lost; nothing is done where it is there.

        StoreError if its bytes are not those that ``SHA256SUMS`` tells, or if the disk is full.
        """
        check_case_id(case_id)
        folder = self.folder / case_id
        lost = {"volume.npy": volume.hu.astype("<i2", copy=False), "volume_affine.npy": volume.affine}
        lost = {name: array for name, array in lost.items() if not (folder / name).exists()}
        if not lost:
            return
        try:
            self._restore(folder, lost)
        except OSError:
            raise StoreUnavailableError(
                "not saved: the disk is full or may not be written; free some space and import again"
            ) from None

    def _restore(self, folder: Path, lost: dict[str, np.ndarray]) -> None:
        draft = Path(tempfile.mkdtemp(dir=self.folder, prefix=".new-"))
        try:
            for name, array in lost.items():
                _write_array(draft / name, array)
            if not set(_sums(draft)) <= set((folder / SUMS).read_text(encoding="ascii").splitlines(keepends=True)):
                raise StoreError("the case is known, but its pixels were others; restore its folder in volumes/ from a copy")
            for name in lost:
                (draft / name).rename(folder / name)
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def has(self, case_id: str) -> bool:
        """Whether the case's pixels are there."""
        check_case_id(case_id)
        return (self.folder / case_id).is_dir()

    def stack(self, case_id: str, info: SeriesInfo | None = None) -> SagittalStack:
        """The sagittal stack, HU int16 [slice, row, column], read-only. StoreError if it is missing or damaged."""
        hu, affine = self._load(case_id, "stack")
        return SagittalStack(hu=hu, affine=affine, info=info or SeriesInfo(plane="sagittal"))

    def volume(self, case_id: str, info: SeriesInfo | None = None) -> CtVolume:
        """The volume as it was imported, HU int16 in its own axes, read-only. StoreError if it is missing or damaged."""
        hu, affine = self._load(case_id, "volume")
        return CtVolume(hu=hu, affine=affine, info=info or SeriesInfo(plane="axial"))

    def checksum_ok(self, case_id: str) -> bool:
        """Whether every file of the case is there and holds the bytes that were written."""
        check_case_id(case_id)
        folder = self.folder / case_id
        try:
            expected = (folder / SUMS).read_text(encoding="ascii")
            return bool(expected) and expected == "".join(_sums(folder))
        except (OSError, UnicodeDecodeError):
            return False

    def _load(self, case_id: str, name: str) -> tuple[Hu3d, Affine]:
        check_case_id(case_id)
        folder = self.folder / case_id
        try:
            pixels = np.load(folder / f"{name}.npy", mmap_mode="r", allow_pickle=False)
            return np.asarray(pixels), np.load(folder / f"{name}_affine.npy", allow_pickle=False)
        except FileNotFoundError:
            raise StoreError("the pixels of this case are not in the data home; import the series again") from None
        except (OSError, ValueError, EOFError):
            raise StoreError("the pixels of this case are damaged; restore its folder in volumes/ from a copy") from None


def pixel_sha256(hu: Hu3d) -> str:
    """Hex digest of the pixels as little-endian int16 in C order: ``CaseRecord.sha256``."""
    return hashlib.sha256(np.ascontiguousarray(hu, dtype="<i2").data).hexdigest()


def _write_array(path: Path, array: np.ndarray) -> None:
    with path.open("wb") as file:
        np.save(file, array, allow_pickle=False)
        file.flush()
        os.fsync(file.fileno())


def _write_sums(folder: Path) -> None:
    with (folder / SUMS).open("w", encoding="ascii") as file:
        file.writelines(_sums(folder))
        file.flush()
        os.fsync(file.fileno())


def _sums(folder: Path) -> Iterator[str]:
    """Lines as sha256sum writes them."""
    for path in sorted(folder.glob("*.npy")):
        with path.open("rb") as file:
            yield f"{hashlib.file_digest(file, 'sha256').hexdigest()}  {path.name}\n"


def _rename_unless_there(draft: Path, target: Path) -> None:
    """A folder cannot be renamed onto one that has files: of two imports at once the second one gives way."""
    try:
        draft.rename(target)
    except OSError:
        if not target.exists():
            raise
    if os.name == "posix":  # elsewhere a folder cannot be opened
        folder = os.open(target.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


def _remove_abandoned(folder: Path) -> None:
    """Compared with the folder's own time, which the rename has just set: no clock is asked."""
    now = folder.stat().st_mtime
    for draft in folder.glob(".new-*"):
        with suppress(FileNotFoundError):  # another import may tidy up as well
            if now - draft.stat().st_mtime > ABANDONED_AFTER_S:
                shutil.rmtree(draft, ignore_errors=True)
