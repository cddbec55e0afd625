"""What a file is, by its first bytes. Names and endings are not trusted, except to say what is wrong with a NIfTI file."""

from __future__ import annotations

import gzip
import zlib
from enum import Enum
from io import BufferedIOBase

from vfrac_core.dicom.sources import ZIP_MAGIC, SourceFile

NIFTI_MAGIC = (b"n+1\0", b"ni1\0")  # at byte 344; NIfTI-2 has "n+2\0" or "ni2\0" at byte 4
NIFTI2_MAGIC = (b"n+2\0", b"ni2\0")
HEAD_BYTES = 540


class Kind(Enum):
    """DICOM and NIfTI are read; the values of the others are the reasons why not."""

    DICOM = "DICOM"
    NIFTI = "NIfTI"
    ZIP = "a zip inside the input; give it by itself"
    UNREADABLE = "the file cannot be read; check it and the zip it is in"
    OTHER = "not a DICOM file; give DICOM or NIfTI"


def kind_of(file: SourceFile) -> Kind:
    """Look at the first bytes, through gzip where there is one."""
    try:
        with file.open() as stream:
            head = stream.read(HEAD_BYTES)
            if head[128:132] == b"DICM":
                return Kind.DICOM
            if head[:4] in ZIP_MAGIC:
                return Kind.ZIP
            named = file.path.lower().endswith((".nii", ".nii.gz"))
            return Kind.NIFTI if named or _is_nifti(_unzipped(stream, head)) else Kind.OTHER
    except Exception:  # noqa: BLE001 - a damaged zip member or a file without permission; the cause may quote its name
        return Kind.UNREADABLE


def _unzipped(stream: BufferedIOBase, head: bytes) -> bytes:
    if head[:2] != b"\x1f\x8b":
        return head
    stream.seek(0)
    try:
        return gzip.GzipFile(fileobj=stream).read(HEAD_BYTES)
    except (OSError, EOFError, zlib.error):
        return b""


def _is_nifti(head: bytes) -> bool:
    return head[344:348] in NIFTI_MAGIC or head[4:8] in NIFTI2_MAGIC
