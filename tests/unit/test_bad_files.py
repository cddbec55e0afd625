"""Every kind of bad input comes back as one line that names the cause and the position, and nothing else happens."""

from __future__ import annotations

import gzip
import stat
import struct
import warnings
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from dicom_files import AXIAL, ct_slice, ramp_hu, set_attribute, write_axial_series, write_file, write_nifti, write_series
from pydicom.dataset import FileDataset
from pydicom.uid import DeflatedExplicitVRLittleEndian
from reading_here import SECRET, one_reason, one_volume, read_here

from vfrac_core.dicom import LoadedSeries, Refusal, read_path
from vfrac_core.settings import MB, Limits

AFFINE = np.diag([-1.0, -1.0, 2.0, 1.0])
NIFTI_HU = ramp_hu(20, 24, 28)


def write_changed(folder: Path, **attributes: object) -> Path:
    """An axial series in which every slice has the given attributes; None removes one."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydicom complains of values that are meant to be bad
        write_axial_series(folder, ramp_hu(), **attributes)
    return folder


class TestWholeSeries:
    @pytest.mark.parametrize(
        ("attributes", "reason"),
        [
            ({"BurnedInAnnotation": "YES"}, "the slices have text burned in; give the original series"),
            (
                {"PhotometricInterpretation": "MONOCHROME1"},
                "the photometric interpretation is not MONOCHROME2, as CT has it; give the original series",
            ),
            (
                {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB"},
                "not CT: the pixels are in colour; give the original series",
            ),
            ({"RescaleSlope": None}, "the rescale slope is missing; export the original series"),
            ({"RescaleIntercept": None}, "the rescale intercept is missing; export the original series"),
            (
                {"RescaleSlope": 0},
                "the rescale slope is 0; expected the slope to Hounsfield units; export the series again",
            ),
            ({"RescaleSlope": "NaN"}, "the rescale slope is not a number; export the series again"),
            ({"RescaleIntercept": "inf"}, "the rescale intercept is not a number; export the series again"),
            ({"ImagePositionPatient": None}, "the image position is missing; export the original series"),
            ({"ImagePositionPatient": ["NaN", "0", "0"]}, "the image position is not 3 numbers; export the series again"),
            ({"ImageOrientationPatient": None}, "the image orientation is missing; export the original series"),
            ({"PixelSpacing": None}, "the pixel spacing is missing; export the original series"),
            (
                {"PixelSpacing": [0, 0.7]},
                "the pixel spacing is 0 or negative; expected millimetres; export the series again",
            ),
            ({"PixelSpacing": [0.7]}, "the pixel spacing is not 2 numbers; export the series again"),
            ({"PixelData": None}, "no pixel data in it; export the series with its images"),
            ({"Rows": 65535, "Columns": 65535}, "the slices have too few or too many rows or columns; 16 to 2048 are read"),
            ({"Rows": 15}, "the slices have too few or too many rows or columns; 16 to 2048 are read"),
            ({"NumberOfFrames": 0}, "the number of frames is not 1 or more; export the series again"),
            ({"NumberOfFrames": -1}, "the number of frames is not 1 or more; export the series again"),
            ({"NumberOfFrames": 2}, "a CT image has several frames; only enhanced CT may; export the series again"),
            ({"NumberOfFrames": 10**9}, "a CT image has several frames; only enhanced CT may; export the series again"),
            (
                {"BitsAllocated": 32, "BitsStored": 32, "HighBit": 31},
                "the pixels do not have 8 or 16 bits, as CT has; give the original series",
            ),
            ({"HighBit": 12}, "the bits of the pixels are laid out in an unusual way; give the original series"),
            (
                {"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]},
                "the image orientation is not two unit vectors at right angles; export the series again",
            ),
            (
                {"ImagePositionPatient": [0, 0, 7]},
                "doubled slices: files 1 and 2 of 8 lie at the same place (z = 7.0 mm); "
                "expected one slice at each place; give one acquisition at a time",
            ),
            (
                {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER "]},
                "localizer (scout), not a volume; give the axial, sagittal or coronal series",
            ),
            ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.4"}, "not CT (MR Image Storage); give CT images"),
            ({"SOPClassUID": "1.2.840.10008.5.1.4.1.1.88.67"}, "not CT (X-Ray Radiation Dose SR Storage); give CT images"),
            ({"SOPClassUID": "1.2.3.4.5"}, "not CT (an unknown SOP class); give CT images"),
            ({"RescaleIntercept": 30000}, "the pixel values are not Hounsfield units; give the original CT series"),
        ],
        ids=str,
    )
    def test_bad_attribute(self, tmp_path: Path, attributes: dict[str, object], reason: str) -> None:
        results = read_here(write_changed(tmp_path / "s", **attributes))
        assert one_reason(results) == reason
        assert results == [Refusal(".", "8 files, the first is file 1 of 8", reason)]

    def test_number_of_frames_that_is_no_number(self, tmp_path: Path) -> None:
        paths = write_axial_series(tmp_path / "s", ramp_hu(), NumberOfFrames=7)
        for path in paths:
            path.write_bytes(path.read_bytes().replace(b"\x28\x00\x08\x00IS\x02\x007 ", b"\x28\x00\x08\x00IS\x02\x001A"))
        assert one_reason(read_here(tmp_path / "s")) == "the number of frames is not 1 or more; export the series again"

    def test_missing_slice_says_where(self, tmp_path: Path) -> None:
        write_axial_series(tmp_path / "s", ramp_hu(), origin_mm=(0.0, 0.0, 100.0))[3].unlink()
        assert one_reason(read_here(tmp_path / "s")) == (
            "missing slice between z = 112.0 and 106.0 mm (files 3 and 4 of 7): a gap of 6.00 mm, expected 3.00 mm; "
            "copy the whole series again"
        )

    def test_missing_slice_of_a_sagittal_series_is_told_along_x(self, tmp_path: Path) -> None:
        axes = ((0, 1, 0), (0, 0, -1), (1, 0, 0))
        write_series(tmp_path / "s", ramp_hu(), (3.0, 0.8, 0.7), axes, origin_mm=(0.0, 0.0, 0.0))[3].unlink()
        assert "between x = 6.0 and 12.0 mm" in one_reason(read_here(tmp_path / "s"))

    def test_one_doubled_slice(self, tmp_path: Path) -> None:
        paths = write_axial_series(tmp_path / "s", ramp_hu())
        (tmp_path / "s" / "z.dcm").write_bytes(paths[2].read_bytes())
        assert one_reason(read_here(tmp_path / "s")) == (
            "doubled slices: files 3 and 9 of 9 lie at the same place (z = -294.0 mm); expected one slice at each place; "
            "give one acquisition at a time"
        )

    def test_two_orientations(self, tmp_path: Path) -> None:
        def change(index: int, ds: FileDataset) -> None:
            if index >= 6:
                ds.ImageOrientationPatient = [1, 0, 0, 0, 0, -1]

        write_axial_series(tmp_path / "s", ramp_hu(), change=change)
        assert one_reason(read_here(tmp_path / "s")) == (
            "two orientations in one series: 6 slices axial, 2 slices coronal; give one orientation at a time"
        )

    def test_tilted_gantry_with_its_angle(self, tmp_path: Path) -> None:
        angle = np.radians(12.5)
        leaning = (AXIAL[0], (0.0, np.cos(angle), np.sin(angle)), (0.0, 0.0, 1.0))
        write_series(tmp_path / "s", ramp_hu(), (3.0, 0.8, 0.7), leaning)
        assert one_reason(read_here(tmp_path / "s")) == (
            "tilted gantry: the slices lean by 12.5°, expected 0°; have it corrected at the scanner first"
        )

    def test_one_slice_shifted_sideways(self, tmp_path: Path) -> None:
        def change(index: int, ds: FileDataset) -> None:
            if index == 4:
                ds.ImagePositionPatient = [-95, *list(ds.ImagePositionPatient)[1:]]

        write_axial_series(tmp_path / "s", ramp_hu(), change=change)
        assert one_reason(read_here(tmp_path / "s")) == (
            "the slices are shifted sideways against each other; give one acquisition at a time"
        )

    def test_uneven_spacing(self, tmp_path: Path) -> None:
        def change(index: int, ds: FileDataset) -> None:
            ds.ImagePositionPatient = [0, 0, 3 * index + (0.8 if index > 4 else 0)]

        write_axial_series(tmp_path / "s", ramp_hu(), change=change)
        assert one_reason(read_here(tmp_path / "s")) == (
            "uneven slice spacing: 3.00 to 3.80 mm, expected the same everywhere; give one reconstruction at a time"
        )

    @pytest.mark.parametrize(("count", "words"), [(1, "1 slice"), (4, "4 slices")])
    def test_too_few_slices(self, tmp_path: Path, count: int, words: str) -> None:
        write_axial_series(tmp_path / "s", ramp_hu(count))
        assert one_reason(read_here(tmp_path / "s")) == f"{words}, at least 5 are needed; give the whole series"

    def test_too_many_slices_and_voxels(self, tmp_path: Path) -> None:
        write_axial_series(tmp_path / "s", ramp_hu(8))
        assert one_reason(read_here(tmp_path / "s", replace(Limits(), max_slices=7))) == (
            "8 slices, at most 7 are read; give one series"
        )
        assert one_reason(read_here(tmp_path / "s", replace(Limits(), max_voxels=9999))) == (
            "the volume has more than 9999 voxels; give one series"
        )

    def test_slices_of_different_size(self, tmp_path: Path) -> None:
        paths = write_axial_series(tmp_path / "s", ramp_hu())
        other = write_axial_series(
            tmp_path / "t", ramp_hu(8, 32, 44), SeriesInstanceUID=pydicom.dcmread(paths[0]).SeriesInstanceUID
        )
        paths[7].write_bytes(other[7].read_bytes())
        assert one_reason(read_here(tmp_path / "s")) == (
            "the slices have different numbers of rows or columns; give one reconstruction at a time"
        )


class TestOneBadFileAmongMany:
    """Refused by its position; the series still loads if the file lay at an end, and is refused for the gap otherwise."""

    def damage(self, folder: Path, index: int, harm: Callable[[bytes], bytes]) -> list[LoadedSeries | Refusal]:
        path = write_axial_series(folder, ramp_hu(10))[index]
        path.write_bytes(harm(path.read_bytes()))
        return read_here(folder)

    @pytest.mark.parametrize(
        ("harm", "cause"),
        [
            (lambda data: data[:-100], "the pixel data end early"),
            (lambda data: data[:700], "incomplete header: the file is cut off"),
        ],
        ids=["cut pixels", "cut header"],
    )
    def test_at_an_end_it_is_skipped_and_noted(self, tmp_path: Path, harm: Callable[[bytes], bytes], cause: str) -> None:
        results = self.damage(tmp_path / "s", 9, harm)
        refusals = [r for r in results if isinstance(r, Refusal)]
        volumes = [r.volume for r in results if isinstance(r, LoadedSeries)]
        assert refusals == [Refusal("slice0009.dcm", "file 10 of 10", f"{cause}; copy the series again")]
        assert [v.hu.shape for v in volumes] == [(9, 32, 40)]
        assert volumes[0].info.notes == (f"file 10 of 10 was skipped: {cause}",)
        assert np.array_equal(volumes[0].hu[::-1], ramp_hu(10)[:9])

    @pytest.mark.parametrize(
        ("harm", "cause"),
        [
            (lambda data: data[:-100], "the pixel data end early"),
            (lambda data: data[:700], "incomplete header: the file is cut off"),
            (lambda data: b"PATIENT" * 100, "not a DICOM file"),
        ],
        ids=["cut pixels", "cut header", "junk"],
    )
    def test_in_the_middle_the_series_is_refused_for_the_gap(
        self, tmp_path: Path, harm: Callable[[bytes], bytes], cause: str
    ) -> None:
        results = self.damage(tmp_path / "s", 4, harm)
        assert all(isinstance(r, Refusal) for r in results)
        gap = results[-1]
        assert isinstance(gap, Refusal)
        assert gap.reason.startswith("missing slice between z = -285.0 and -291.0 mm (files 4 and 6 of 10)")
        assert gap.reason.endswith(f"; file 5 of 10 was skipped: {cause}")

    def test_file_17_of_60(self, tmp_path: Path) -> None:
        paths = write_axial_series(tmp_path / "s", ramp_hu(60, 16, 16))
        paths[16].write_bytes(paths[16].read_bytes()[:-10])
        results = read_here(tmp_path / "s")
        assert len(results) == 1
        assert isinstance(results[0], Refusal)
        assert results[0].reason.endswith("file 17 of 60 was skipped: the pixel data end early")

    def test_every_file_cut_gives_one_line(self, tmp_path: Path) -> None:
        for path in write_axial_series(tmp_path / "s", ramp_hu()):
            path.write_bytes(path.read_bytes()[:-100])
        assert one_reason(read_here(tmp_path / "s")) == "the pixel data end early; copy the series again"

    def test_twice_the_pixels(self, tmp_path: Path) -> None:
        write_axial_series(tmp_path / "s", ramp_hu(), change=lambda i, ds: set_attribute(ds, "PixelData", ds.PixelData * 2))
        assert one_reason(read_here(tmp_path / "s")) == "there are more pixel data than rows and columns; copy the series again"

    def test_bad_geometry_in_one_file(self, tmp_path: Path) -> None:
        def change(index: int, ds: FileDataset) -> None:
            if index == 0:
                del ds.ImagePositionPatient

        write_axial_series(tmp_path / "s", ramp_hu(), change=change)
        results = read_here(tmp_path / "s")
        assert results[0] == Refusal("slice0000.dcm", "file 1 of 8", "the image position is missing; export the original series")
        assert isinstance(results[1], LoadedSeries)
        assert results[1].volume.info.notes == ("file 1 of 8 was skipped: the image position is missing",)


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


class TestNifti:
    def changed(self, folder: Path, array: np.ndarray = NIFTI_HU, **fields: object) -> Path:
        """A .nii whose header has the given fields, written without nibabel's checks."""
        import nibabel

        path = write_nifti(folder / "v.nii", array, AFFINE)
        data = path.read_bytes()
        header = nibabel.Nifti1Header(data[:348], check=False)
        for name, value in fields.items():
            header[name] = value
        path.write_bytes(header.binaryblock + data[348:])
        return path

    @pytest.mark.parametrize("keep", [0, 2, 100, 347, 350, 5000])
    def test_cut(self, tmp_path: Path, keep: int) -> None:
        path = write_nifti(tmp_path / "v.nii", NIFTI_HU, AFFINE)
        path.write_bytes(path.read_bytes()[:keep])
        assert one_reason(read_here(path)) in (
            "the NIfTI file is cut off or damaged; copy it again",
            "not a NIfTI file, or a damaged one; copy it again",
        )

    def test_cut_gzip(self, tmp_path: Path) -> None:
        path = write_nifti(tmp_path / "v.nii.gz", NIFTI_HU, AFFINE)
        path.write_bytes(path.read_bytes()[:-1000])
        assert one_reason(read_here(path)) == "the NIfTI file is cut off or damaged; copy it again"

    def test_bad_gzip(self, tmp_path: Path) -> None:
        path = write_nifti(tmp_path / "v.nii.gz", NIFTI_HU, AFFINE)
        data = bytearray(path.read_bytes())
        data[2000:2100] = bytes(100)
        path.write_bytes(data)
        assert one_reason(read_here(path)) == "the NIfTI file is cut off or damaged; copy it again"

    def test_gzip_bomb(self, tmp_path: Path) -> None:
        head = self.changed(tmp_path).read_bytes()
        with gzip.open(tmp_path / "b.nii.gz", "wb") as file:
            file.write(head)
            for _ in range(100):
                file.write(bytes(MB))
        assert one_reason(read_here(tmp_path / "b.nii.gz")) == "the NIfTI file is longer than its header says; copy it again"

    @pytest.mark.parametrize(
        ("fields", "reason"),
        [
            (
                {"sform_code": 0, "qform_code": 0},
                "left and right are unknown: the NIfTI file has neither sform nor qform; export it again",
            ),
            ({"srow_x": [0, 0, 0, 0]}, "the NIfTI affine is singular or not finite; export it again"),
            ({"srow_x": [0, 1, 0, 0]}, "the NIfTI affine is singular or not finite; export it again"),
            ({"srow_x": [np.nan, 0, 0, 0]}, "the NIfTI affine is singular or not finite; export it again"),
            (
                {"srow_z": [0, 0.4, 2, 0]},
                "tilted: the axes of the NIfTI volume lean by 21.8°; resample it to right angles first",
            ),
            (
                {"dim": [3, 32767, 32767, 32767, 1, 1, 1, 1]},
                "the NIfTI image is too small or too large; 16 to 3000 voxels a side are read",
            ),
            ({"dim": [3, 20, 24, 4, 1, 1, 1, 1]}, "4 slices, at least 5 are needed; give the whole series"),
            ({"dim": [4, 20, 24, 14, 2, 1, 1, 1]}, "the NIfTI image has 4 dimensions, expected 3; give one volume"),
            (
                {"datatype": 32, "bitpix": 64},
                "the NIfTI voxels are not plain numbers (colour or complex); give the CT itself",
            ),
            (
                {"datatype": 128, "bitpix": 24},
                "the NIfTI voxels are not plain numbers (colour or complex); give the CT itself",
            ),
            ({"scl_slope": 1, "scl_inter": np.inf}, "the NIfTI header cannot be read (HeaderDataError); export it again"),
            (
                {"magic": b"ni1"},
                "the NIfTI header lies apart from its image (.hdr and .img); save it as one .nii file",
            ),
            (
                {"scl_slope": 1e-4, "scl_inter": 5},
                "the voxels are not CT numbers (their range is too small); give the CT, not a mask",
            ),
            ({"scl_slope": 100}, "the pixel values are not Hounsfield units; give the original CT series"),
        ],
        ids=str,
    )
    def test_bad_header(self, tmp_path: Path, fields: dict[str, object], reason: str) -> None:
        assert one_reason(read_here(self.changed(tmp_path, **fields))) == reason

    def test_few_nans_are_padding_and_many_are_refused(self, tmp_path: Path) -> None:
        array = NIFTI_HU.astype(np.float32)
        array[0, 0, :20] = np.nan
        few = one_volume(read_here(write_nifti(tmp_path / "a.nii", array, AFFINE))).volume
        assert few.info.notes == ("20 voxels that are not numbers were taken as padding",)
        assert few.hu.min() == -1000
        array[:2] = np.inf
        assert one_reason(read_here(write_nifti(tmp_path / "b.nii", array, AFFINE))) == (
            "more than 1 % of the NIfTI voxels are not numbers; give the original CT"
        )

    def test_fourth_dimension_of_one_is_squeezed(self, tmp_path: Path) -> None:
        volume = one_volume(read_here(write_nifti(tmp_path / "v.nii", NIFTI_HU[..., None], AFFINE))).volume
        assert volume.hu.shape == (28, 24, 20)


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


def test_the_real_child_says_the_same(tmp_path: Path) -> None:
    for name, attributes in {"a": {"RescaleSlope": 0}, "b": {}, "c": {"BurnedInAnnotation": "YES"}}.items():
        write_changed(tmp_path / "in" / name, **attributes)
    results = list(read_path(tmp_path / "in", secret=SECRET, limits=Limits()))
    assert [r for r in results if isinstance(r, Refusal)] == [r for r in read_here(tmp_path / "in") if isinstance(r, Refusal)]
    assert [type(r).__name__ for r in results] == ["Refusal", "Refusal", "LoadedSeries"]
