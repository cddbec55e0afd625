"""Synthetic series as DICOM: valid, the same bytes every time, and read back exactly by the reader of strangers' files."""

from __future__ import annotations

import hashlib
import random
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from reading_here import one_volume, read_here

from vfrac_core.dicom.writing import SeriesName, Stored, write_axial_series
from vfrac_core.imaging.reformat import reformat_sagittal
from vfrac_core.types import CtVolume, SeriesInfo

INFO = SeriesInfo(
    plane="axial",
    synthetic=True,
    sex="F",
    age_years="55",
    kvp=120.0,
    slice_thickness_mm=3.0,
    kernel="phantom",
    manufacturer="vfrac phantom",
)
NAME = SeriesName("a case of the tests", 7)
SHOWN = {"window_center_hu": 400.0, "window_width_hu": 1800.0}  # the bone window that a volume without one gets


def a_volume(spacing_mm: float = 2.0, *, head_first: bool = False, info: SeriesInfo = INFO) -> CtVolume:
    """Every voxel another value, from -1024 on, at positions of many digits as a float32 gives them."""
    hu = np.random.default_rng(5).integers(-1024, 3000, (12, 24, 20)).astype(np.int16)
    hu[0, 0, 0] = -1024
    affine = np.zeros((4, 4))
    affine[2, 0], affine[1, 1], affine[0, 2], affine[3, 3] = spacing_mm, 0.7, 0.7, 1.0
    affine[:3, 3] = float(np.float32(-31.85)), float(np.float32(-80.325)), -94.0
    if head_first:
        affine[2, 3] += spacing_mm * (len(hu) - 1)
        affine[2, 0] = -spacing_mm
        hu = np.ascontiguousarray(hu[::-1])
    return CtVolume(hu, affine, info)


def shuffle_names(paths: list[Path]) -> None:
    """As a disc gives them: the name of a slice says nothing of its place."""
    names = [path.name for path in paths]
    random.Random(3).shuffle(names)
    for path in paths:
        path.rename(path.with_suffix(".moved"))
    for path, name in zip(paths, names, strict=True):
        path.with_suffix(".moved").rename(path.with_name(name))


def sha256(paths: list[Path]) -> str:
    return hashlib.sha256(b"".join(path.read_bytes() for path in paths)).hexdigest()


@pytest.mark.parametrize("stored", ["unsigned", "signed"])
@pytest.mark.parametrize("head_first", [False, True])
@pytest.mark.parametrize("spacing_mm", [2.0, 3.0])
def test_what_is_written_is_read_back_voxel_by_voxel(tmp_path, spacing_mm: float, head_first: bool, stored: Stored):
    volume = a_volume(spacing_mm, head_first=head_first)
    shuffle_names(write_axial_series(volume, tmp_path, NAME, stored=stored))
    back = one_volume(read_here(tmp_path)).volume

    expected_volume = a_volume(spacing_mm, head_first=True)  # the reader sorts its slices from head to foot
    assert np.array_equal(back.hu, expected_volume.hu)
    assert np.allclose(back.affine, expected_volume.affine, rtol=0, atol=1e-9)
    assert back.spacing_mm.slice == spacing_mm  # from the positions; Slice Thickness is 3
    assert back.info == replace(INFO, **SHOWN)
    stack, expected = reformat_sagittal(back), reformat_sagittal(volume)
    assert np.array_equal(stack.hu, expected.hu)
    assert np.allclose(stack.affine, expected.affine, rtol=0, atol=1e-9)


@pytest.mark.parametrize("age", ["7", "90+", None])
def test_age_and_sex_are_kept_as_far_as_the_allow_list_goes(tmp_path, age: str | None):
    info = replace(INFO, age_years=age, sex="M", **SHOWN)
    write_axial_series(a_volume(info=info), tmp_path, NAME)
    assert one_volume(read_here(tmp_path)).volume.info == info


def test_a_lower_value_than_air_needs_signed_pixels(tmp_path):
    volume = a_volume()
    volume.hu[8, 4, 5] = -1025
    with pytest.raises(AssertionError):
        write_axial_series(volume, tmp_path / "unsigned", NAME)
    write_axial_series(volume, tmp_path / "signed", NAME, stored="signed")
    assert np.array_equal(one_volume(read_here(tmp_path / "signed")).volume.hu, volume.hu[::-1])


def test_a_volume_that_may_show_a_patient_is_not_written(tmp_path):
    with pytest.raises(AssertionError, match="only synthetic"):
        write_axial_series(a_volume(info=replace(INFO, synthetic=False)), tmp_path, NAME)
    assert not list(tmp_path.iterdir())


def test_every_file_says_what_it_is(tmp_path):
    for path in write_axial_series(a_volume(), tmp_path, NAME, software="generator-1"):
        data = pydicom.dcmread(path)
        assert (str(data.PatientName), data.PatientID, data.PatientBirthDate) == ("SYNTHETIC^0007", "SYNTHETIC-0007", "")
        assert (data.PatientIdentityRemoved, data.BurnedInAnnotation, data.ContentQualification) == ("YES", "NO", "RESEARCH")
        assert data.ImageType == ["DERIVED", "SECONDARY", "AXIAL"]
        assert data.SeriesDescription == "SYNTHETIC phantom, not a patient"
        assert (data.Manufacturer, data.SoftwareVersions) == ("vfrac phantom", "generator-1")
        assert (data.PatientAge, data.PatientSex, data.SliceThickness, data.SpacingBetweenSlices) == ("055Y", "F", 3.0, 2.0)
        assert not any(element.tag.is_private for element in data.iterall())
        assert all(uid.startswith("2.25.") for uid in (data.StudyInstanceUID, data.SeriesInstanceUID, data.FrameOfReferenceUID))


def test_the_same_key_gives_the_same_bytes_in_another_process(tmp_path):
    here = write_axial_series(a_volume(), tmp_path / "here", NAME)
    script = (
        "from pathlib import Path; from test_dicom_writing import NAME, a_volume; "
        "from vfrac_core.dicom.writing import write_axial_series; "
        f"write_axial_series(a_volume(), Path({str(tmp_path / 'there')!r}), NAME)"
    )
    paths = [str(Path(__file__).parent), str(Path(__file__).parents[1]), str(Path(__file__).parents[2])]
    subprocess.run([sys.executable, "-c", f"import sys; sys.path[:0] = {paths!r}; {script}"], check=True)
    there = sorted((tmp_path / "there").iterdir())
    assert [path.name for path in there] == [path.name for path in here]
    assert sha256(here) == sha256(there)


def test_another_key_gives_other_uids_and_no_uid_is_used_twice(tmp_path):
    def uids(name: SeriesName, folder: Path) -> list[str]:
        found = []
        for path in write_axial_series(a_volume(), folder, name):
            data = pydicom.dcmread(path)
            found.append(str(data.SOPInstanceUID))
        return [*found, str(data.StudyInstanceUID), str(data.SeriesInstanceUID), str(data.FrameOfReferenceUID)]

    first, second = uids(NAME, tmp_path / "a"), uids(replace(NAME, key="another"), tmp_path / "b")
    assert len({*first, *second}) == len(first) + len(second)


@pytest.mark.skipif(shutil.which("dciodvfy") is None, reason="dciodvfy is Debian's: make test installs dicom3tools there")
class TestValidity:
    """By an independent program, ``dciodvfy`` of dicom3tools, that knows every module of PS3.3."""

    def verdict(self, path: Path) -> str:
        return subprocess.run(["dciodvfy", path], capture_output=True, text=True, check=False).stderr

    @pytest.mark.parametrize("stored", ["unsigned", "signed"])
    def test_no_error_and_no_warning(self, tmp_path, stored: Stored):
        paths = write_axial_series(a_volume(), tmp_path, NAME, stored=stored, software="generator-1")
        for path in (paths[0], paths[5], paths[-1]):
            assert self.verdict(path).split() == ["CTImage"]

    def test_it_would_have_told(self, tmp_path):
        path = write_axial_series(a_volume(), tmp_path, NAME)[0]
        data = pydicom.dcmread(path)
        del data.KVP
        data.save_as(path)
        assert "Error" in self.verdict(path)
