"""Every transfer syntax that is read gives exactly the pixels that were written; the others are refused by name."""

from __future__ import annotations

import base64
from functools import partial
from pathlib import Path
from typing import Any

import gdcm
import numpy as np
import pytest
from dicom_files import ramp_hu, write_axial_series, write_file
from gdcm_files import compress_by_gdcm
from pydicom import dcmread, dcmwrite, uid
from pydicom.dataset import FileDataset
from pydicom.encaps import encapsulate
from reading_here import one_reason, one_volume, read_here

from vfrac_core.types import CtVolume

# ramp_hu(1, 32, 40)[0] + 1024 as unsigned 16 bit, reversible, encoded once by OpenJPH 0.26.3 (imagecodecs 2026.3.6).
HTJ2K = base64.b64decode(
    "/0//UQApQAAAAAAoAAAAIAAAAAAAAAAAAAAAKAAAACAAAAAAAAAAAAABDwEB/1AACAACAAAACv9SAAwAAgABAAUEBEAB/1wAEyCIkJCQkJCQkJCQkJCQiI"
    "iI/2QAFwABT3BlbkpQSCBWZXIgMC4yNi4zLv+QAAoAAAAAAp8AAf+TwAAqAOn3f/cBQjQAwAASwAATwAASgOIAh3QA3rr+AoF0ANkBh3QAwAAVMAAFdAAB"
    "Uqxabmr+AGGUALAMCwI8l3HIACIAfpYA0Lio6vcBBzQAwAAW5AABdPAABbRpMgLyAgveA/jhosDDAj/UkUwBM4pAD4on3noAohIrUaUcMiOQxEVIU4ATRm"
    "uCRis/z8pRzOLN9AE/+suYLyEA2ZsAqSdJJJHBBv1cQAAC5xSVnvwDMw6QwgfeeQDAABdVAABe9wAAW8AFwzsC0KAgyhL3JAkW/EigcleCINQUz/vADnMQ"
    "l82GNOjg4QLyUGBv0gEqVVRUVEgYRSZFKWpRF7GolCyKLYtSyaJUEjmVpEQlUVHJSlSyEpUUYSVisJJmrWRRK1nUSha1kkXVZFGTWJRfFqWSGajTDNQ5A3"
    "XOQJ0zUOcM1JkCdR5Dnd9S56LU+QMu5LruS7Pl3JddyXZxF3JdnMKSBApJCECnXAEXVEgYXFApUVACisTTxsAcwYLmYigFxjAsAMBv0QHAAC6WAAF9iwAA"
    "tMCkCnmwSiRppZUkeeWVJPn8X58MFOU5B3TlOQd05TiB6cMFQnYBKoryile84hWveMUrX/mVX/mVX/mVX/mVX/mVXzkDFa/0Sts9uK/8yq/8yq/8yq/8yq"
    "/8yq/8yq/8yq/8Sq/0Sq/0Sq/0Sq/0Sq/0Sq/0Sq/0SoO73a/8yq/8ShdduHDhwoULFy5cuHDhwoULFy5cuHDx/ocZAEIB79kIB79kIB79kIB79kIB7LMY"
    "DfvMYDfvMYDfvMYDfvMYDfWYwG/eYwG/eYwG/eYwG/eYwG+sBgTNGu8xgN+8xgN9ZjAe/ZjAe/YwUwWuuOKVr/z+vLTgDCcwnCiMUF0A/9k="
)


def signed(hu: np.ndarray, bits: int) -> Any:
    """Change: store HU as they are, in signed pixels of ``bits`` bits."""

    def change(index: int, ds: FileDataset) -> None:
        ds.BitsStored, ds.HighBit, ds.PixelRepresentation, ds.RescaleIntercept = bits, bits - 1, 1, 0
        ds.PixelData = hu[index].tobytes()

    return change


def unsigned12(index: int, ds: FileDataset) -> None:
    ds.BitsStored, ds.HighBit = 12, 11


FORMS = {
    "unsigned 12": lambda hu: unsigned12,
    "unsigned 16": lambda hu: None,
    "signed 12": lambda hu: signed(hu, 12),
    "signed 16": lambda hu: signed(hu, 16),
}


def series_in(folder: Path, form: str, compress: Any) -> tuple[np.ndarray, CtVolume]:
    """Write a series, compress each file by ``compress(path)``, and read it."""
    hu = ramp_hu()
    for path in write_axial_series(folder, hu, change=FORMS[form](hu)):
        compress(path)
    return hu[::-1], one_volume(read_here(folder)).volume


def by_pydicom(syntax: str, **options: Any) -> Any:
    def compress(path: Path) -> None:
        ds = dcmread(path)
        ds.compress(syntax, generate_instance_uid=False, **options)
        write_file(ds, path)

    return compress


def by_gdcm(syntax: int) -> Any:
    return partial(compress_by_gdcm, syntax=syntax)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("syntax", [uid.RLELossless, uid.JPEGLSLossless, uid.JPEG2000Lossless], ids=lambda s: s.name)
def test_lossless_is_exact(tmp_path: Path, syntax: uid.UID, form: str) -> None:
    hu, volume = series_in(tmp_path / "s", form, by_pydicom(syntax))
    assert np.array_equal(volume.hu, hu)
    assert not volume.info.lossy


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("selection", ["JPEGLosslessProcess14", "JPEGLosslessProcess14_1"])
def test_jpeg_lossless_is_exact(tmp_path: Path, selection: str, form: str) -> None:
    hu, volume = series_in(tmp_path / "s", form, by_gdcm(getattr(gdcm.TransferSyntax, selection)))
    assert np.array_equal(volume.hu, hu)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "syntax",
    [uid.ImplicitVRLittleEndian, uid.ExplicitVRLittleEndian, uid.ExplicitVRBigEndian, uid.DeflatedExplicitVRLittleEndian],
    ids=lambda s: s.name,
)
def test_uncompressed_is_exact(tmp_path: Path, syntax: uid.UID, form: str) -> None:
    def rewrite(path: Path) -> None:
        ds = dcmread(path)
        ds.file_meta.TransferSyntaxUID = syntax
        if syntax == uid.ExplicitVRBigEndian:
            ds.PixelData = np.frombuffer(ds.PixelData, "<u2").astype(">u2").tobytes()
        dcmwrite(
            path,
            ds,
            implicit_vr=syntax.is_implicit_VR,
            little_endian=syntax.is_little_endian,
            force_encoding=True,
        )

    hu, volume = series_in(tmp_path / "s", form, rewrite)
    assert np.array_equal(volume.hu, hu)
    assert volume.hu.dtype.isnative


@pytest.mark.parametrize("syntax", [uid.HTJ2KLossless, uid.HTJ2KLosslessRPCL, uid.HTJ2K], ids=lambda s: s.name)
def test_htj2k_is_exact(tmp_path: Path, syntax: uid.UID) -> None:
    def replace(path: Path) -> None:
        ds = dcmread(path)
        ds.file_meta.TransferSyntaxUID = syntax
        ds.PixelData = encapsulate([HTJ2K])
        ds["PixelData"].is_undefined_length = True
        write_file(ds, path)

    hu, volume = series_in(tmp_path / "s", "unsigned 16", replace)
    assert all(np.array_equal(plane, hu[-1]) for plane in volume.hu)


@pytest.mark.parametrize(
    ("syntax", "options", "tolerance"),
    [(uid.JPEGLSNearLossless, {"jls_error": 3}, 3), (uid.JPEG2000, {"j2k_psnr": [90]}, 16)],
    ids=["JPEG-LS near-lossless", "JPEG 2000"],
)
def test_lossy_is_read_and_said(tmp_path: Path, syntax: uid.UID, options: dict[str, Any], tolerance: int) -> None:
    def compress(path: Path) -> None:
        by_pydicom(syntax, **options)(path)
        ds = dcmread(path)
        ds.LossyImageCompression = "01"
        write_file(ds, path)

    hu, volume = series_in(tmp_path / "s", "unsigned 16", compress)
    assert np.abs(volume.hu.astype(int) - hu).max() <= tolerance
    assert volume.info.lossy
    assert "the images were compressed with loss" in volume.info.notes


def test_jpeg_baseline_of_eight_bits(tmp_path: Path) -> None:
    from io import BytesIO

    from PIL import Image

    smooth = np.add.outer(np.arange(32), np.arange(40)).astype(np.uint8) * 3

    def change(index: int, ds: FileDataset) -> None:
        buffer = BytesIO()
        Image.fromarray(smooth).save(buffer, "JPEG", quality=98)
        ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.RescaleSlope, ds.RescaleIntercept = 8, 8, 7, 4, -1000
        ds.file_meta.TransferSyntaxUID = uid.JPEGBaseline8Bit
        ds.PixelData = encapsulate([buffer.getvalue()])
        ds["PixelData"].is_undefined_length = True
        ds["PixelData"].VR = "OB"

    write_axial_series(tmp_path / "s", ramp_hu(), change=change)
    volume = one_volume(read_here(tmp_path / "s")).volume
    assert np.abs(volume.hu[0] - (smooth.astype(int) * 4 - 1000)).max() <= 16
    assert volume.info.lossy


def test_uncompressed_eight_bits(tmp_path: Path) -> None:
    stored = np.add.outer(np.arange(33), np.arange(41)).astype(np.uint8)

    def change(index: int, ds: FileDataset) -> None:
        ds.BitsAllocated, ds.BitsStored, ds.HighBit, ds.RescaleSlope, ds.RescaleIntercept = 8, 8, 7, 4, -1000
        ds.Rows, ds.Columns = stored.shape
        ds.PixelData = stored.tobytes() + b"\0"  # 1353 bytes, padded to an even length
        ds["PixelData"].VR = "OB"

    write_axial_series(tmp_path / "s", ramp_hu(), change=change)
    assert np.array_equal(one_volume(read_here(tmp_path / "s")).volume.hu[0], stored.astype(int) * 4 - 1000)


def test_jpeg_extended_of_twelve_bits_is_refused_by_name(tmp_path: Path) -> None:
    for path in write_axial_series(tmp_path / "s", ramp_hu(), change=unsigned12):
        compress_by_gdcm(path, gdcm.TransferSyntax.JPEGExtendedProcess2_4)
    assert one_reason(read_here(tmp_path / "s")) == (
        "compressed as JPEG Extended (12 bit), which needs a GPL decoder; "
        "export it uncompressed, or decode it yourself with pylibjpeg-libjpeg"
    )


def test_near_lossless_jpeg_ls_of_signed_twelve_bits_is_refused(tmp_path: Path) -> None:
    hu = ramp_hu()
    for path in write_axial_series(tmp_path / "s", hu, change=signed(hu, 12)):
        by_pydicom(uid.JPEGLSNearLossless, jls_error=2)(path)
    reason = one_reason(read_here(tmp_path / "s"))
    assert reason.startswith("compressed as near-lossless JPEG-LS with signed pixels below 16 bits")


def test_a_film_format_is_refused_by_name(tmp_path: Path) -> None:
    def change(index: int, ds: FileDataset) -> None:
        ds.file_meta.TransferSyntaxUID = uid.MPEG2MPML
        ds.PixelData = encapsulate([bytes(100)])
        ds["PixelData"].is_undefined_length = True

    write_axial_series(tmp_path / "s", ramp_hu(), change=change)
    assert one_reason(read_here(tmp_path / "s")).startswith("compressed as MPEG2 Main Profile / Main Level")


def test_a_picture_of_another_size_than_the_header_says_is_refused(tmp_path: Path) -> None:
    def harm(path: Path) -> None:
        ds = dcmread(path)
        ds.compress(uid.JPEG2000Lossless, generate_instance_uid=False)
        ds.Rows = 30
        write_file(ds, path)

    for path in write_axial_series(tmp_path / "s", ramp_hu()):
        harm(path)
    assert one_reason(read_here(tmp_path / "s")).split(";")[0] in (
        "the picture in it has another size than the header says",
        "the pixels cannot be decoded (RuntimeError)",
        "the pixels cannot be decoded (ValueError)",
    )
