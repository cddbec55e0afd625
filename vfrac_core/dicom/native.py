"""Uncompressed 16-bit pixels: from the file straight into the volume, eight times as fast as through a dataset of bytes."""

from __future__ import annotations

from io import BufferedIOBase

import numpy as np
from jaxtyping import Int16, Integer
from pydicom.uid import DeflatedExplicitVRLittleEndian, ExplicitVRBigEndian

from vfrac_core.dicom.header import Header
from vfrac_core.dicom.image_file import PIXEL_DATA, UNDEFINED_LENGTH
from vfrac_core.dicom.syntaxes import PLUGINS
from vfrac_core.errors import UnreadableSeriesError


def applies(header: Header) -> bool:
    """Whether the pixels lie in the file as they are: not compressed, not deflated, 16 bits, a length that is told."""
    plain = not PLUGINS[header.syntax] and header.syntax != DeflatedExplicitVRLittleEndian
    told = header.pixels.tag == PIXEL_DATA and header.pixels.length != UNDEFINED_LENGTH
    return plain and told and header.dataset.BitsAllocated == 16


def read_into(
    out: Int16[np.ndarray, "row column"], stream: BufferedIOBase, header: Header, index: int
) -> Integer[np.ndarray, "row column"]:
    """Read frame ``index`` into the memory of ``out`` (C order), and return it as the stored values that it holds."""
    check_length(header, header.pixels.length)
    stream.seek(header.pixels.value_at + index * out.nbytes)
    memory = out.reshape(-1).view(np.uint8).data
    if stream.readinto(memory) < out.nbytes:
        raise UnreadableSeriesError("the pixel data end early; copy the series again")
    stream.read(2)  # the byte of padding and the end: in a zip, a read at the end compares the checksum
    if header.syntax == ExplicitVRBigEndian:
        out.byteswap(inplace=True)
    return out if header.dataset.PixelRepresentation else out.view(np.uint16)


def check_length(header: Header, found: int) -> None:
    """Raise UnreadableSeriesError where Pixel Data have not the bytes that rows, columns and frames say."""
    frames = int(header.dataset.get("NumberOfFrames") or 1)
    expected = frames * header.rows * header.columns * (header.dataset.BitsAllocated // 8)
    if found < expected:
        raise UnreadableSeriesError("the pixel data end early; copy the series again")
    if found > expected + 1:  # one byte of padding to an even length is right
        raise UnreadableSeriesError("there are more pixel data than rows and columns; copy the series again")
