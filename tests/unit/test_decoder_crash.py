"""A file that kills a decoder, or eats memory or time, costs one series one line: this process lives, the next series loads."""

from __future__ import annotations

import os
import struct
import sys
from dataclasses import replace
from pathlib import Path

import gdcm
import pytest
from dicom_files import ramp_hu, write_axial_series, write_file
from gdcm_files import compress_by_gdcm
from pydicom import dcmread, uid
from pydicom.dataset import FileDataset
from pydicom.encaps import encapsulate, generate_frames

from vfrac_core.dicom import LoadedSeries, Refusal, read_path
from vfrac_core.settings import MB, Limits

SECRET = b"s" * 32
# Of 3000 random mutations of this frame four ended gdcm 3.2.6; this one by abort(), "An invalid logic behavior occurred".
FATAL_BYTES = ((668, 121), (15, 106), (248, 189), (416, 204), (536, 8))


def read(path: Path, limits: Limits | None = None) -> list[LoadedSeries | Refusal]:
    return list(read_path(path, secret=SECRET, limits=limits or Limits()))


def mutate_frame(path: Path) -> None:
    ds = dcmread(path)
    frame = bytearray(next(generate_frames(ds.PixelData, number_of_frames=1)))
    for offset, value in FATAL_BYTES:
        frame[offset] = value
    ds.PixelData = encapsulate([bytes(frame)])
    ds["PixelData"].is_undefined_length = True
    write_file(ds, path)


def test_a_frame_that_aborts_gdcm_is_one_line_and_the_next_series_loads(tmp_path: Path) -> None:
    paths = write_axial_series(tmp_path / "in" / "a", ramp_hu())
    for path in paths:
        # every slice has the pixels of slice 0, for which the fatal bytes were found
        ds = dcmread(path)
        ds.PixelData = dcmread(paths[0]).PixelData
        write_file(ds, path)
    for path in paths:
        compress_by_gdcm(path, gdcm.TransferSyntax.JPEGLosslessProcess14_1)
    mutate_frame(paths[3])
    write_axial_series(tmp_path / "in" / "b", ramp_hu())
    pid = os.getpid()
    results = read(tmp_path / "in")
    assert os.getpid() == pid
    assert results[0] == Refusal(
        "a",
        "file 4 of 16",
        "a slice could not be decoded: the decoder stopped over it, so it is probably damaged; "
        "copy the series again, or give it uncompressed",
    )
    assert isinstance(results[1], LoadedSeries)
    assert results[1].source == "b"
    assert len(results) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="memory cannot be limited there")
def test_a_small_jpeg_ls_file_that_claims_a_huge_picture_stays_within_its_memory(tmp_path: Path) -> None:
    side = 30000
    frame = b"\xff\xd8\xff\xf7" + struct.pack(">HBHHB", 11, 16, side, side, 1) + b"\x01\x11\x00"
    frame += b"\xff\xda" + struct.pack(">HBBBBBB", 8, 1, 1, 0, 0, 0, 0) + bytes(100) + b"\xff\xd9"

    def change(index: int, ds: FileDataset) -> None:
        ds.file_meta.TransferSyntaxUID = uid.JPEGLSLossless
        ds.PixelData = encapsulate([frame])
        ds["PixelData"].is_undefined_length = True

    write_axial_series(tmp_path / "s", ramp_hu(), change=change)
    results = read(tmp_path / "s", replace(Limits(), child_memory_bytes=1500 * MB))
    assert len(results) == 1
    assert isinstance(results[0], Refusal)
    assert "decode" in results[0].reason


def test_a_child_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    for index in range(400):
        (tmp_path / f"{index}").write_bytes(b"junk")
    results = read(tmp_path, replace(Limits(), child_wall_seconds=0))
    assert len(results) == 1
    assert isinstance(results[0], Refusal)
    assert results[0].reason.startswith("the headers could not be read: it took longer than 0 s")


@pytest.mark.skipif(sys.platform == "win32", reason="seconds of computing cannot be limited there")
def test_a_child_that_computes_too_long_is_ended(tmp_path: Path) -> None:
    pixels = ramp_hu(20, 512, 512)
    for path in write_axial_series(tmp_path / "s", pixels):
        ds = dcmread(path)
        ds.compress(uid.RLELossless, generate_instance_uid=False)
        write_file(ds, path)
    results = read(tmp_path / "s", replace(Limits(), child_cpu_seconds=-1))
    assert len(results) == 1
    assert isinstance(results[0], Refusal)
    assert "it needed too much computing" in results[0].reason
