"""From files to series: headers read, files that give nothing set aside, the rest grouped by Series Instance UID."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from vfrac_core.dicom.frame import Frame
from vfrac_core.dicom.header import Header, Skipped, read_header
from vfrac_core.dicom.kind import Kind, kind_of
from vfrac_core.dicom.records import Refusal
from vfrac_core.dicom.sources import SourceFile
from vfrac_core.settings import Limits

Step = Callable[[SourceFile], None]


@dataclass(frozen=True, slots=True)
class PlacedFrame:
    """A frame with the file that holds it."""

    header: Header
    frame: Frame


@dataclass(frozen=True, slots=True)
class Series:
    """The files of one CT series that can be used, and those of it that cannot. Lives in the child only."""

    uid: str
    headers: tuple[Header, ...]
    skipped: tuple[Skipped, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def frames(self) -> list[PlacedFrame]:
        return [PlacedFrame(header, frame) for header in self.headers for frame in header.frames]

    @property
    def source(self) -> str:
        """Where it lies: its folder if all files share one, else its first file. For the importer's eyes only."""
        return common_path([header.file for header in self.headers])

    def without(self, bad: Sequence[Skipped]) -> Series:
        """The series less the files that could not be decoded."""
        numbers = {skipped.file.number for skipped in bad}
        kept = tuple(header for header in self.headers if header.file.number not in numbers)
        return replace(self, headers=kept, skipped=(*self.skipped, *bad))


@dataclass(frozen=True, slots=True)
class NiftiSeries:
    """A NIfTI file, not looked into yet."""

    file: SourceFile


@dataclass(frozen=True, slots=True)
class Found:
    """What the files of an input hold."""

    series: tuple[Series | NiftiSeries, ...]
    refusals: tuple[Refusal, ...]


def read_series(files: Sequence[SourceFile], limits: Limits, step: Step) -> Found:
    """Read all headers and group them. ``step`` is called before each file.

    One refusal stands for all files of a series that are refused for the same reason. Files that are no DICOM at all are
    only counted in the notes, unless the input holds nothing else.
    """
    headers: list[Header] = []
    skipped: list[Skipped] = []
    nifti: list[NiftiSeries] = []
    for file in files:
        step(file)
        kind = kind_of(file)
        if kind is Kind.NIFTI:
            nifti.append(NiftiSeries(file))
        elif kind is Kind.DICOM:
            found = read_header(file, limits)
            if isinstance(found, Header):
                headers.append(found)
            else:
                skipped.append(found)
        else:
            skipped.append(Skipped(file, "bad" if kind is Kind.UNREADABLE else "junk", kind.value))
    return _sort_out(headers, skipped, nifti)


def common_path(files: Sequence[SourceFile]) -> str:
    folders = {file.folder for file in files}
    return folders.pop() if len(files) > 1 and len(folders) == 1 else files[0].path


def common_position(files: Sequence[SourceFile]) -> str:
    if len(files) == 1:
        return files[0].position
    return f"{len(files)} files, the first is {files[0].position}"


def refuse_files(skipped: Sequence[Skipped]) -> list[Refusal]:
    """One refusal for each reason of each series, in the order of the files."""
    groups: dict[tuple[str, str], list[SourceFile]] = defaultdict(list)
    for one in skipped:
        groups[(one.series_uid or f"folder {one.file.folder}", one.reason)].append(one.file)
    return [Refusal(common_path(files), common_position(files), reason) for (_, reason), files in groups.items()]


def _sort_out(headers: list[Header], skipped: list[Skipped], nifti: list[NiftiSeries]) -> Found:
    junk = [one for one in skipped if one.kind == "junk"]
    real = [one for one in skipped if one.kind != "junk"]
    groups: dict[str, list[Header]] = defaultdict(list)
    for header in headers:
        groups[header.series_uid or f"folder {header.file.folder}"].append(header)
    refusals = refuse_files(real)
    series: list[Series | NiftiSeries] = []
    for members in groups.values():
        images = [header for header in members if not header.localizer]
        if images:
            series.append(_series(members, images, real, junk))
        else:
            files = [header.file for header in members]
            refusals.append(Refusal(common_path(files), common_position(files), LOCALIZER))
    series.extend(nifti)
    if not series and not refusals:
        refusals = refuse_files(junk)
    return Found(tuple(series), tuple(refusals))


LOCALIZER = "localizer (scout), not a volume; give the axial, sagittal or coronal series"


def _series(members: list[Header], images: list[Header], real: list[Skipped], junk: list[Skipped]) -> Series:
    """``skipped`` holds what could explain a gap: bad files of this series, or of its folders where the header is lost."""
    uid = images[0].series_uid
    folders = {header.file.folder for header in images}
    lost = [s for s in (*real, *junk) if s.kind != "other" and s.series_uid is None and s.file.folder in folders]
    bad = [s for s in real if s.kind == "bad" and uid and s.series_uid == uid]
    return Series(uid, tuple(images), tuple(sorted((*bad, *lost), key=lambda s: s.file.number)), _notes(members, images, junk))


def _notes(members: list[Header], images: list[Header], junk: list[Skipped]) -> tuple[str, ...]:
    localizers = len(members) - len(images)
    notes = [f"{localizers} localizer images of the series were left out"] if localizers else []
    return (*notes, *([f"{len(junk)} other files of the input were left out: not DICOM images"] if junk else []))
