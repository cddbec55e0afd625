"""A series comes out in Hounsfield units, whatever way its slices store them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
from dicom_files import ramp_hu, set_attribute, write_axial_series, write_nifti
from reading_here import one_volume, read_here


class TestValues:
    def test_order_is_by_position_never_by_name_or_instance_number(self, tmp_path: Path) -> None:
        rng = np.random.default_rng(1)
        numbers = rng.permutation(8)
        paths = write_axial_series(
            tmp_path / "s", ramp_hu(), change=lambda i, ds: set_attribute(ds, "InstanceNumber", int(numbers[i]))
        )
        for path, number in zip(paths, rng.permutation(8), strict=True):
            path.rename(path.with_name(f"x{number}"))
        straight = write_axial_series(tmp_path / "t", ramp_hu())
        shuffled = one_volume(read_here(tmp_path / "s")).volume
        assert np.array_equal(shuffled.hu, one_volume(read_here(straight[0].parent)).volume.hu)

    def test_slope_and_intercept_may_differ_from_slice_to_slice(self, tmp_path: Path) -> None:
        hu = (ramp_hu() // 4 * 4).astype(np.int16)

        def change(index: int, ds: pydicom.FileDataset) -> None:
            slope = (0.5, 1, 2, 4)[index % 4]
            ds.RescaleSlope, ds.RescaleIntercept = slope, -1000 - 4 * index
            ds.PixelData = ((hu[index].astype(np.int32) + 1000 + 4 * index) / slope).astype("<u2").tobytes()

        write_axial_series(tmp_path / "s", hu, change=change)
        assert np.array_equal(one_volume(read_here(tmp_path / "s")).volume.hu[::-1], hu)

    def test_signed_twelve_bit_pixels_with_rubbish_in_the_upper_bits(self, tmp_path: Path) -> None:
        hu = ramp_hu()

        def change(index: int, ds: pydicom.FileDataset) -> None:
            ds.BitsStored, ds.HighBit, ds.PixelRepresentation, ds.RescaleIntercept = 12, 11, 1, 0
            ds.PixelData = ((hu[index].view(np.uint16) & 0x0FFF) | 0x5000).astype("<u2").tobytes()

        write_axial_series(tmp_path / "s", hu, change=change)
        assert np.array_equal(one_volume(read_here(tmp_path / "s")).volume.hu[::-1], hu)

    def test_padding_becomes_the_lowest_real_value(self, tmp_path: Path) -> None:
        hu = ramp_hu()

        def change(index: int, ds: pydicom.FileDataset) -> None:
            stored = hu[index].astype(np.int16)
            stored[:3] = -2000
            ds.PixelRepresentation, ds.RescaleIntercept, ds.PixelPaddingValue = 1, 0, -2000
            ds.PixelData = stored.tobytes()

        write_axial_series(tmp_path / "s", hu, change=change)
        volume = one_volume(read_here(tmp_path / "s")).volume
        assert (volume.hu[:, :3] == hu[:, 3:].min()).all()
        assert np.array_equal(volume.hu[::-1, 3:], hu[:, 3:])

    def test_padding_range(self, tmp_path: Path) -> None:
        hu = ramp_hu()

        def change(index: int, ds: pydicom.FileDataset) -> None:
            stored = hu[index].astype(np.int16)
            stored[:3], stored[3:5] = -2000, -1990
            ds.PixelRepresentation, ds.RescaleIntercept = 1, 0
            ds.PixelPaddingValue, ds.PixelPaddingRangeLimit = -2000, -1985
            ds.PixelData = stored.tobytes()

        write_axial_series(tmp_path / "s", hu, change=change)
        assert one_volume(read_here(tmp_path / "s")).volume.hu.min() == hu[:, 5:].min()

    def test_values_beyond_16_bits_are_clipped_and_noted(self, tmp_path: Path) -> None:
        def change(index: int, ds: pydicom.FileDataset) -> None:
            stored = np.frombuffer(ds.PixelData, "<u2").copy()
            stored[0] = 65535
            ds.PixelData = stored.tobytes()

        write_axial_series(tmp_path / "s", ramp_hu(), change=change, RescaleIntercept=0)
        volume = one_volume(read_here(tmp_path / "s")).volume
        assert volume.hu.max() == 32767
        assert volume.info.notes == ("8 voxels beyond 16 bits were clipped",)

    def test_nifti_with_slope_and_as_float_agree(self, tmp_path: Path) -> None:
        array = ramp_hu(20, 24, 28)
        affine = np.diag([-1.0, -2.0, 3.0, 1.0])
        stored = write_nifti(tmp_path / "a.nii", ((array + 1000) // 2).astype(np.uint16), affine, slope=2, intercept=-1000)
        real = write_nifti(tmp_path / "b.nii.gz", ((array + 1000) // 2 * 2.0 - 1000.2).astype(np.float32), affine)
        first, second = (one_volume(read_here(path)).volume.hu for path in (stored, real))
        assert np.array_equal(first, second)
