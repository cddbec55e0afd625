"""Parsing one DICOM file within limits: the header alone, or the pixel part. No ``force``, no value in any message."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import BufferedIOBase, BytesIO
from typing import BinaryIO, cast

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.filereader import read_dataset, read_preamble
from pydicom.tag import BaseTag
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from vfrac_core.errors import UnreadableSeriesError
from vfrac_core.settings import MB, Limits

PIXEL_DATA = 0x7FE00010
PIXEL_TAGS = frozenset({0x7FE00008, 0x7FE00009, PIXEL_DATA})
UNDEFINED_LENGTH = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class PixelElement:
    """Where the first pixel element stands: offsets in the file, after inflating where it is deflated; lengths in bytes."""

    tag: int
    at: int
    value_at: int
    length: int


@dataclass(frozen=True, slots=True)
class Parsed:
    """The wanted elements before Pixel Data, and where that stands. ``complete`` is False where the file ends inside one."""

    dataset: Dataset
    syntax: UID
    pixels: PixelElement | None
    complete: bool


def tags_of(*keywords: str) -> tuple[int, ...]:
    """Tags of the standard's keywords."""
    return tuple(tag for keyword in keywords if (tag := tag_for_keyword(keyword)) is not None)


def parse_header(file: BufferedIOBase, size: int, tags: Sequence[int], limits: Limits) -> Parsed:
    """Read the elements of ``tags`` before Pixel Data; all others are skipped unread.

    ``file`` stands at the start of a DICOM file (PS3.10 section 7) of ``size`` bytes. A missing transfer syntax is taken as
    the default one (PS3.5 section 10.1). Raises UnreadableSeriesError for a deflate bomb; pydicom's own errors pass through.
    """
    meta, syntax, file = _open(file, limits)
    if syntax == DeflatedExplicitVRLittleEndian:
        size = len(cast(BytesIO, file).getbuffer())
    start = file.tell()
    at_pixels = _AtPixels(file)
    dataset = _read(file, syntax, tags, stop_when=at_pixels)
    dataset.file_meta = meta
    end = file.tell()
    return Parsed(dataset, syntax, at_pixels.element(end), complete=start < end <= size and not _is_cut(dataset))


def parse_pixels(file: BufferedIOBase, pixels: PixelElement, limits: Limits) -> Dataset:
    """Only Pixel Data: what stands before it was read by ``parse_header`` and is not parsed a second time."""
    _, syntax, file = _open(file, limits)
    file.seek(pixels.at)
    dataset = _read(file, syntax, (PIXEL_DATA,), stop_when=None)
    file.read(1)  # in a zip, a read at the end compares the checksum
    return dataset


class _AtPixels:
    """Stops pydicom before the first pixel element, and remembers where that is."""

    def __init__(self, file: BufferedIOBase) -> None:
        self.file, self.tag, self.value_at, self.length = file, 0, 0, 0

    def __call__(self, tag: BaseTag, _vr: str | None, length: int) -> bool:
        if tag not in PIXEL_TAGS:
            return False
        self.tag, self.value_at, self.length = int(tag), self.file.tell(), length
        return True

    def element(self, at: int) -> PixelElement | None:
        return PixelElement(self.tag, at, self.value_at, self.length) if self.tag else None


def _open(file: BufferedIOBase, limits: Limits) -> tuple[FileMetaDataset, UID, BufferedIOBase]:
    """File meta information and what follows it, inflated where it is deflated."""
    read_preamble(cast(BinaryIO, file), force=False)
    meta = read_dataset(cast(BinaryIO, file), is_implicit_VR=False, is_little_endian=True, stop_when=_after_meta)
    syntax = UID(str(meta.get("TransferSyntaxUID", ImplicitVRLittleEndian)))
    if syntax == DeflatedExplicitVRLittleEndian:
        file = BytesIO(_inflate(file, limits.file_bytes))
    return FileMetaDataset(meta), syntax, file


def _read(file: BufferedIOBase, syntax: UID, tags: Sequence[int], stop_when: Callable[..., bool] | None) -> Dataset:
    return read_dataset(
        cast(BinaryIO, file),
        is_implicit_VR=syntax == ImplicitVRLittleEndian,
        is_little_endian=syntax != ExplicitVRBigEndian,
        stop_when=stop_when,
        specific_tags=list(tags),
    )


def _after_meta(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return tag.group != 2


def _inflate(file: BufferedIOBase, most: int) -> bytes:
    """PS3.5 section A.5. Deflate can grow 1028-fold, and pydicom would inflate all of it before it looks."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    data = inflater.decompress(file.read(most), most)
    if inflater.unconsumed_tail:
        raise UnreadableSeriesError(f"the deflated file holds more than {most // MB} MB; expected one CT slice")
    return data


def _is_cut(dataset: Dataset) -> bool:
    """Whether the last element has fewer bytes than it announces; pydicom returns such a value without a word."""
    if not len(dataset):
        return False
    last = dataset.get_item(max(dataset.keys()))
    length, value = getattr(last, "length", 0), getattr(last, "value", b"")
    return isinstance(value, bytes) and length != 0xFFFFFFFF and len(value) < length
