"""Compressing by GDCM, as many archives do it."""

from __future__ import annotations

from pathlib import Path

import gdcm


def compress_by_gdcm(path: Path, syntax: int) -> None:
    """Write the file again with one of ``gdcm.TransferSyntax``."""
    reader = gdcm.ImageReader()
    reader.SetFileName(str(path))
    assert reader.Read()
    change = gdcm.ImageChangeTransferSyntax()
    change.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    change.SetInput(reader.GetImage())
    assert change.Change()
    writer = gdcm.ImageWriter()
    writer.SetFileName(str(path))
    writer.SetFile(reader.GetFile())
    writer.SetImage(change.GetOutput())
    assert writer.Write()
