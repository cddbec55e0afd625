"""Folders, zips and single files: which series they hold, how each is named, and what of its header is kept."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pydicom
import pytest
from dicom_files import ramp_hu, write_axial_series, write_file, write_nifti, write_sagittal_series
from reading_here import SECRET, one_volume, read_here

from vfrac_core.dicom import LoadedSeries


class TestInput:
    def test_folder_of_several_series_with_junk_between(self, tmp_path: Path) -> None:
        write_axial_series(tmp_path / "a" / "deep" / "one", ramp_hu())
        write_sagittal_series(tmp_path / "b", ramp_hu())
        (tmp_path / "a" / ".DS_Store").write_bytes(b"\0\0\0\1Bud1")
        (tmp_path / "b" / "notes.txt").write_text("nothing")
        results = read_here(tmp_path)
        assert [r.source for r in results if isinstance(r, LoadedSeries)] == ["a/deep/one", "b"]
        assert all(isinstance(r, LoadedSeries) for r in results)
        assert [r.volume.info.notes for r in results if isinstance(r, LoadedSeries)] == [
            ("2 other files of the input were left out: not DICOM images",)
        ] * 2

    def test_folder_and_zip_of_it_give_the_same_case(self, tmp_path: Path) -> None:
        paths = write_axial_series(tmp_path / "s", ramp_hu())
        with zipfile.ZipFile(tmp_path / "s.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            for path in paths:
                archive.write(path, f"inner/{path.name}")
        folder, zipped = one_volume(read_here(tmp_path / "s")), one_volume(read_here(tmp_path / "s.zip"))
        assert folder.case_id == zipped.case_id
        assert np.array_equal(folder.volume.hu, zipped.volume.hu)
        assert zipped.source == "inner"

    def test_case_id_is_the_keyed_hash_of_the_series_uid(self, tmp_path: Path) -> None:
        import hashlib
        import hmac

        paths = write_axial_series(tmp_path / "s", ramp_hu())
        uid = pydicom.dcmread(paths[0]).SeriesInstanceUID
        expected = hmac.new(SECRET, uid.encode(), hashlib.sha256).hexdigest()[:12]
        assert one_volume(read_here(tmp_path / "s")).case_id == expected
        assert one_volume(read_here(tmp_path / "s", secret=b"t" * 32)).case_id != expected

    def test_without_series_uid_the_pixels_name_the_case(self, tmp_path: Path) -> None:
        write_axial_series(tmp_path / "s", ramp_hu(), SeriesInstanceUID=None)
        write_axial_series(tmp_path / "t", ramp_hu(), SeriesInstanceUID=None)
        write_axial_series(tmp_path / "u", ramp_hu() + np.int16(1), SeriesInstanceUID=None)
        ids = [one_volume(read_here(tmp_path / name)).case_id for name in "stu"]
        assert ids[0] == ids[1] != ids[2]

    def test_nifti_is_the_same_case_with_and_without_gzip(self, tmp_path: Path) -> None:
        array, affine = ramp_hu(20, 24, 28), np.diag([1.0, 1.0, 2.0, 1.0])
        plain, zipped = write_nifti(tmp_path / "a.nii", array, affine), write_nifti(tmp_path / "b.nii.gz", array, affine)
        assert one_volume(read_here(plain)).case_id == one_volume(read_here(zipped)).case_id

    def test_localizers_of_the_same_series_are_left_out(self, tmp_path: Path) -> None:
        paths = write_axial_series(tmp_path / "s", ramp_hu())
        scout = pydicom.dcmread(paths[0])
        scout.ImageType, scout.ImageOrientationPatient = ["ORIGINAL", "PRIMARY", "LOCALIZER"], [1, 0, 0, 0, 0, -1]
        write_file(scout, tmp_path / "s" / "scout.dcm")
        loaded = one_volume(read_here(tmp_path / "s"))
        assert loaded.volume.info.notes == ("1 localizer images of the series were left out",)

    def test_positions_rounded_to_a_tenth_are_regular(self, tmp_path: Path) -> None:
        def change(index: int, ds: pydicom.FileDataset) -> None:
            ds.ImagePositionPatient = [round(float(v), 1) for v in ds.ImagePositionPatient]

        write_axial_series(tmp_path / "s", ramp_hu(40), (0.625, 0.8, 0.7), change=change)
        volume = one_volume(read_here(tmp_path / "s")).volume
        assert volume.spacing_mm.slice == pytest.approx(0.625, abs=0.003)


def test_allow_list_is_kept(tmp_path: Path) -> None:
    extra = {
        "ManufacturerModelName": "SOMATOM Force",
        "Manufacturer": "SIEMENS",
        "PatientAge": "093Y",
        "ConvolutionKernel": "Br40d",
    }
    write_axial_series(tmp_path / "s", ramp_hu(), **extra)
    info = one_volume(read_here(tmp_path / "s")).volume.info
    assert (info.age_years, info.sex, info.kvp, info.slice_thickness_mm) == ("90+", "F", 120, 3)
    assert (info.manufacturer, info.model, info.kernel) == ("SIEMENS", "SOMATOM Force", "Br40d")
    assert (info.window_center_hu, info.window_width_hu, info.synthetic, info.lossy) == (400, 1800, False, False)


def test_synthetic_series_say_so(tmp_path: Path) -> None:
    write_axial_series(tmp_path / "s", ramp_hu())
    assert one_volume(read_here(tmp_path / "s")).volume.info.synthetic
