"""A zip that is damaged, or meant to do harm, comes back as one line, and nothing is written outside."""

from __future__ import annotations

import stat
import struct
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from dicom_files import ramp_hu, write_axial_series
from reading_here import one_reason, one_volume, read_here

from vfrac_core.dicom import LoadedSeries, Refusal
from vfrac_core.settings import MB, Limits


class TestZip:
    def write(self, path: Path, members: dict[str, bytes], **options: int) -> Path:
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, **options) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        return path

    @pytest.mark.parametrize("name", ["../x", "/abs", "a/../../x", "C:\\x", "..\\x"])
    def test_path_that_leads_outside(self, tmp_path: Path, name: str) -> None:
        path = self.write(tmp_path / "z.zip", {"a": b"1", name: b"2"})
        assert one_reason(read_here(path)) == "member 2 of 2 of the zip has a path that leads outside it; zip the folder again"
        assert sorted(p.name for p in tmp_path.iterdir()) == ["z.zip"]

    def test_link(self, tmp_path: Path) -> None:
        info = zipfile.ZipInfo("link")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        with zipfile.ZipFile(tmp_path / "z.zip", "w") as archive:
            archive.writestr(info, "/etc/passwd")
        assert one_reason(read_here(tmp_path / "z.zip")) == "member 1 of 1 of the zip is a link; zip the files themselves"

    def test_bomb_by_ratio(self, tmp_path: Path) -> None:
        path = self.write(tmp_path / "z.zip", {"a": bytes(20 * MB)})
        assert one_reason(read_here(path)) == (
            "member 1 of 1 of the zip grows more than 200-fold when unpacked; it may be a zip bomb; zip one series"
        )

    def test_bomb_by_size(self, tmp_path: Path) -> None:
        noise = np.random.default_rng(0).integers(0, 255, 3 * MB, dtype=np.uint8).tobytes()
        path = self.write(tmp_path / "z.zip", {"a": noise, "b": noise})
        assert one_reason(read_here(path, replace(Limits(), zip_bytes=5 * MB))) == (
            "the zip holds more than 5 MB when unpacked; it may be a zip bomb; zip one series"
        )

    def test_too_many_members(self, tmp_path: Path) -> None:
        path = self.write(tmp_path / "z.zip", {f"m{i}": b"" for i in range(5001)})
        assert one_reason(read_here(path)) == "the zip has 5001 members, at most 5000 are read; zip one series"

    def test_encrypted(self, tmp_path: Path) -> None:
        path = self.write(tmp_path / "z.zip", {"secret name": b"1"})
        data = bytearray(path.read_bytes())
        data[data.index(b"PK\x01\x02") + 8] |= 1
        path.write_bytes(data)
        assert one_reason(read_here(path)) == "the zip is encrypted; give one without a password"

    def test_unusual_compression(self, tmp_path: Path) -> None:
        path = self.write(tmp_path / "z.zip", {"a": b"1"})
        data = bytearray(path.read_bytes())
        data[data.index(b"PK\x01\x02") + 10] = 99
        path.write_bytes(data)
        assert one_reason(read_here(path)) == (
            "member 1 of 1 of the zip is compressed by an unusual method; use the normal one (deflate)"
        )

    def test_damaged_directory(self, tmp_path: Path) -> None:
        path = self.write(tmp_path / "z.zip", {"a": b"1" * 100})
        path.write_bytes(path.read_bytes()[:-30])
        assert one_reason(read_here(path)) == "the zip is damaged; zip the series again"

    def test_size_that_lies(self, tmp_path: Path) -> None:
        path = self.write(tmp_path / "z.zip", {"a": b"1" * 5000})
        data = bytearray(path.read_bytes())
        at = data.index(b"PK\x01\x02") + 24
        data[at : at + 4] = struct.pack("<I", 100)
        path.write_bytes(data)
        assert one_reason(read_here(path)) in (
            "the file cannot be read; check it and the zip it is in",
            "not a DICOM file; give DICOM or NIfTI",
        )

    def test_flipped_bit_in_a_slice(self, tmp_path: Path) -> None:
        paths = write_axial_series(tmp_path / "s", ramp_hu())
        with zipfile.ZipFile(tmp_path / "z.zip", "w", zipfile.ZIP_STORED) as archive:
            for path in paths:
                archive.write(path, path.name)
        data = bytearray((tmp_path / "z.zip").read_bytes())
        data[data.index(b"slice0007.dcm") + 1500] ^= 4
        (tmp_path / "z.zip").write_bytes(data)
        results = read_here(tmp_path / "z.zip")
        assert results[0] == Refusal("slice0007.dcm", "file 8 of 8", "the file cannot be read; check it and the zip it is in")
        assert isinstance(results[1], LoadedSeries)

    def test_zip_inside_a_zip_is_left_out(self, tmp_path: Path) -> None:
        inner = self.write(tmp_path / "i.zip", {"a": b"1"}).read_bytes()
        members = {p.name: p.read_bytes() for p in write_axial_series(tmp_path / "s", ramp_hu())}
        loaded = one_volume(read_here(self.write(tmp_path / "z.zip", {**members, "i.zip": inner})))
        assert loaded.volume.info.notes == ("1 other files of the input were left out: not DICOM images",)
