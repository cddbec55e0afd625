"""A file that is no image, or lies about what is in it, comes back as one line, and nothing else happens."""

from __future__ import annotations

import struct
import zlib
from dataclasses import replace
from pathlib import Path

import pytest
from dicom_files import ct_slice, ramp_hu, write_axial_series, write_file
from pydicom.uid import DeflatedExplicitVRLittleEndian
from reading_here import one_reason, read_here

from vfrac_core.dicom import Refusal
from vfrac_core.settings import MB, Limits


class TestSingleFiles:
    @pytest.mark.parametrize(
        "content",
        [b"", b"x", b"hello world, this is a text" * 50, b"\xff\xd8\xff\xe0" + bytes(600), bytes(5000), b"\x1f\x8b" + bytes(100)],
        ids=["empty", "one byte", "text", "jpeg", "zeros", "bad gzip"],
    )
    def test_junk(self, tmp_path: Path, content: bytes) -> None:
        (tmp_path / "f").write_bytes(content)
        results = read_here(tmp_path / "f")
        assert results == [Refusal("f", "file 1 of 1", "not a DICOM file; give DICOM or NIfTI")]

    def test_dicomdir(self, tmp_path: Path) -> None:
        import pydicom.data

        source = Path(pydicom.data.get_testdata_file("DICOMDIR"))
        reason = "a DICOM directory (DICOMDIR), not an image; give the images themselves"
        assert one_reason(read_here(source)) == reason

    def test_nothing_there(self, tmp_path: Path) -> None:
        assert one_reason(read_here(tmp_path / "no")) == "there is no such file or folder; check the path"
        assert one_reason(read_here(tmp_path)) == "there are no files in it; give a folder or a zip with a CT series"

    def test_header_only_preamble(self, tmp_path: Path) -> None:
        path = write_axial_series(tmp_path / "s", ramp_hu(1))[0]
        path.write_bytes(path.read_bytes()[:360])
        assert one_reason(read_here(path)) == "incomplete header: the file is cut off; copy the series again"

    @pytest.mark.parametrize("cut", range(140, 900, 37))
    def test_header_cut_anywhere_is_one_line(self, tmp_path: Path, cut: int) -> None:
        path = write_axial_series(tmp_path / "s", ramp_hu(1))[0]
        path.write_bytes(path.read_bytes()[:cut])
        assert one_reason(read_here(path))

    def test_deep_nesting(self, tmp_path: Path) -> None:
        item = b"\xfe\xff\x00\xe0\xff\xff\xff\xff" + b"\x00\x52\x29\x92SQ\x00\x00\xff\xff\xff\xff"
        path = write_axial_series(tmp_path / "s", ramp_hu(1))[0]
        data = path.read_bytes()
        pixels = data.index(b"\xe0\x7f\x10\x00OW")
        path.write_bytes(data[:pixels] + b"\x00\x52\x29\x92SQ\x00\x00\xff\xff\xff\xff" + item * 3000)
        assert one_reason(read_here(path)) == "the header is too deeply nested; export the series again"

    def test_thousands_of_tiny_elements_are_read_over(self, tmp_path: Path) -> None:
        path = write_axial_series(tmp_path / "s", ramp_hu(1))[0]
        data = path.read_bytes()
        pixels = data.index(b"\xe0\x7f\x10\x00OW")
        many = b"".join(struct.pack("<HH2sH", 0x6001 + 2 * (i // 60000), 0x1000 + i % 60000, b"LO", 0) for i in range(50_000))
        path.write_bytes(data[:pixels] + many + data[pixels:])
        assert one_reason(read_here(path)) == "1 slice, at least 5 are needed; give the whole series"

    def test_deflate_bomb(self, tmp_path: Path) -> None:
        ds = ct_slice(ramp_hu(1)[0])
        ds.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
        write_file(ds, tmp_path / "b.dcm")
        raw = (tmp_path / "b.dcm").read_bytes()
        start = 132 + 12 + struct.unpack("<I", raw[140:144])[0]
        squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
        bomb = b"".join([*(squeeze.compress(bytes(MB)) for _ in range(80)), squeeze.flush()])
        (tmp_path / "b.dcm").write_bytes(raw[:start] + bomb)
        assert one_reason(read_here(tmp_path / "b.dcm")) == "the deflated file holds more than 64 MB; expected one CT slice"

    def test_file_too_large(self, tmp_path: Path) -> None:
        path = write_axial_series(tmp_path / "s", ramp_hu(1))[0]
        assert (
            one_reason(read_here(path, replace(Limits(), file_bytes=1000))) == "the file is larger than 0 MB; give one CT series"
        )

    def test_unknown_transfer_syntax(self, tmp_path: Path) -> None:
        path = write_axial_series(tmp_path / "s", ramp_hu(1))[0]
        known, unknown = b"1.2.840.10008.1.2.1\0", b"1.2.840.10008.1.2.77"
        path.write_bytes(path.read_bytes().replace(known, unknown, 1))
        assert one_reason(read_here(path)) == (
            "compressed as an unknown transfer syntax, which is not read; export it uncompressed"
        )


@pytest.mark.parametrize("tag", ["PixelData", "Rows"])
def test_lengths_that_lie(tmp_path: Path, tag: str) -> None:
    path = write_axial_series(tmp_path / "s", ramp_hu(1))[0]
    data = bytearray(path.read_bytes())
    if tag == "PixelData":
        at = data.index(b"\xe0\x7f\x10\x00OW") + 8
        data[at : at + 4] = struct.pack("<I", 0xFFFFFFF0)
        del data[at + 36 :]
    else:
        at = data.index(b"\x28\x00\x10\x00US") + 6
        data[at : at + 2] = struct.pack("<H", 60000)
    path.write_bytes(data)
    assert one_reason(read_here(path))
