"""The pixels of the cases: ``<home>/volumes/<case id>/``. Written once, never changed."""

from __future__ import annotations

from pathlib import Path

from vfrac_core.types import CtVolume, SagittalStack, SeriesInfo


class VolumeLibrary:
    """Volumes and sagittal stacks of one data home."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "volumes"

    def save(self, case_id: str, volume: CtVolume, stack: SagittalStack) -> None:
        raise NotImplementedError

    def stack(self, case_id: str, info: SeriesInfo | None = None) -> SagittalStack:
        raise NotImplementedError

    def volume(self, case_id: str, info: SeriesInfo | None = None) -> CtVolume:
        raise NotImplementedError

    def checksum_ok(self, case_id: str) -> bool:
        raise NotImplementedError
