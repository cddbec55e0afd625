"""Parsing one DICOM file within limits: the header alone, or the pixel part. No ``force``, no value in any message."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from io import BufferedIOBase, BytesIO
from typing import BinaryIO, cast

from pydicom.datadict import tag_for_keyword
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset, read_preamble
from pydicom.tag import BaseTag
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian, ImplicitVRLittleEndian

from vfrac_core.errors import UnreadableSeriesError
from vfrac_core.settings import MB, Limits

PIXEL_TAGS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})


@dataclass(frozen=True, slots=True)
class Parsed:
    """The wanted elements of a file. ``complete`` is False where the file ends inside an element."""

    dataset: Dataset
    syntax: UID
    has_pixels: bool
    complete: bool


def parse(file: BufferedIOBase, size: int, keywords: Iterable[str], limits: Limits, *, pixels: bool) -> Parsed:
    """Read the elements named by ``keywords``; all others are skipped unread. Without ``pixels`` stop before Pixel Data.

    ``file`` stands at the start of a DICOM file (PS3.10 section 7) of ``size`` bytes. A missing transfer syntax is taken as
    the default one (PS3.5 section 10.1). Raises UnreadableSeriesError for a deflate bomb; pydicom's own errors pass through.
    """
    read_preamble(cast(BinaryIO, file), force=False)
    meta = read_dataset(cast(BinaryIO, file), is_implicit_VR=False, is_little_endian=True, stop_when=_after_meta)
    syntax = UID(str(meta.get("TransferSyntaxUID", ImplicitVRLittleEndian)))
    if syntax == DeflatedExplicitVRLittleEndian:
        data = _inflate(file, limits.file_bytes)
        file, size = BytesIO(data), len(data)
    start = file.tell()
    dataset = read_dataset(
        cast(BinaryIO, file),
        is_implicit_VR=syntax == ImplicitVRLittleEndian,
        is_little_endian=syntax != ExplicitVRBigEndian,
        stop_when=None if pixels else _at_pixels,
        specific_tags=[tag for keyword in keywords if (tag := tag_for_keyword(keyword)) is not None],
    )
    dataset.file_meta = meta  # type: ignore[assignment]
    end = file.tell()
    has_pixels = bool(file.read(1))  # in a zip, a read at the end also compares the checksum
    return Parsed(dataset, syntax, has_pixels, complete=start < end <= size and not _is_cut(dataset))


def _after_meta(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return tag.group != 2


def _at_pixels(tag: BaseTag, _vr: str | None, _length: int) -> bool:
    return tag in PIXEL_TAGS


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
