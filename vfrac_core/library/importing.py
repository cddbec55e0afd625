"""From a path to cases in the library. The command line and the upload in the app both come through here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from vfrac_core.dicom import LoadedSeries, Progress, Refusal, no_progress, read_path
from vfrac_core.errors import StoreError, VfracError
from vfrac_core.imaging.reformat import reformat_sagittal
from vfrac_core.library.cases import CaseLibrary
from vfrac_core.settings import Limits
from vfrac_core.store import CaseRecord
from vfrac_core.store.volumes import pixel_sha256
from vfrac_core.types import CtVolume, SagittalStack


@dataclass(frozen=True, slots=True)
class ImportedCase:
    """A series that is now a case. ``source`` is for the person who imported it and is never stored."""

    record: CaseRecord
    source: str
    new: bool


def import_path(
    path: Path, library: CaseLibrary, *, secret: bytes, limits: Limits, progress: Progress = no_progress
) -> Iterator[ImportedCase | Refusal]:
    """Read everything below ``path`` and add each series to the library, one after the other.

    A series that was imported before yields the same case again with ``new`` False. Nothing is half imported: the
    pixels are in place before the case's row is written.
    """
    for found in read_path(path, secret=secret, limits=limits, progress=progress):
        if isinstance(found, Refusal):
            yield found
            continue
        try:
            yield _import_series(found, library)
        except VfracError as refused:
            yield Refusal(path=found.source, position=None, reason=str(refused))


def _import_series(series: LoadedSeries, library: CaseLibrary) -> ImportedCase:
    record, new = add_volume(series.case_id, series.volume, library)
    return ImportedCase(record=record, source=series.source, new=new)


def add_volume(case_id: str, volume: CtVolume, library: CaseLibrary) -> tuple[CaseRecord, bool]:
    """Reformat a volume, save its pixels, then its row. The second value says whether the case is new.

    Pixels that were lost (a restored backup has none) come back by importing the series again.
    """
    known = library.store.case(case_id)
    if known is not None and library.volumes.has(case_id):
        library.volumes.restore_volume(case_id, volume)
        return known, False
    stack = reformat_sagittal(volume)
    if known is not None and pixel_sha256(stack.hu) != known.sha256:
        raise StoreError("the case is known, but its pixels were others; restore its folder in volumes/ from a copy")
    library.volumes.save(case_id, volume, stack)
    if known is not None:
        return known, False
    record = case_record(case_id, stack, imported_at=library.store.clock())
    return record, library.store.add_case(record)


def case_record(case_id: str, stack: SagittalStack, *, imported_at: datetime) -> CaseRecord:
    """The row of a case: its geometry, the allow-listed header and the checksum of its pixels."""
    return CaseRecord(
        case_id=case_id,
        info=stack.info,
        slices=stack.slices,
        rows=stack.rows,
        columns=stack.columns,
        spacing_mm=stack.spacing_mm,
        affine=stack.affine,
        sha256=pixel_sha256(stack.hu),
        imported_at=imported_at,
    )
