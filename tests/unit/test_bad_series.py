"""A series that is wrong as a whole comes back as one line that names the cause, and where it has one, the place."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from dicom_files import AXIAL, ramp_hu, write_axial_series, write_series
from pydicom.dataset import FileDataset
from reading_here import SECRET, one_reason, read_here

from vfrac_core.dicom import Refusal, read_path
from vfrac_core.settings import Limits


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


def test_the_real_child_says_the_same(tmp_path: Path) -> None:
    for name, attributes in {"a": {"RescaleSlope": 0}, "b": {}, "c": {"BurnedInAnnotation": "YES"}}.items():
        write_changed(tmp_path / "in" / name, **attributes)
    results = list(read_path(tmp_path / "in", secret=SECRET, limits=Limits()))
    assert [r for r in results if isinstance(r, Refusal)] == [r for r in read_here(tmp_path / "in") if isinstance(r, Refusal)]
    assert [type(r).__name__ for r in results] == ["Refusal", "Refusal", "LoadedSeries"]
