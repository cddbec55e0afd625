"""A NIfTI file that cannot be trusted comes back as one line that names the cause."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np
import pytest
from dicom_files import ramp_hu, write_nifti
from reading_here import one_reason, one_volume, read_here

from vfrac_core.settings import MB

AFFINE = np.diag([-1.0, -1.0, 2.0, 1.0])
NIFTI_HU = ramp_hu(20, 24, 28)


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
