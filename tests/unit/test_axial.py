"""vfrac_core/imaging/axial.py: a bright cube at a known millimetre, means over voxels, how it lies beside the sagittal stack."""

from __future__ import annotations

import numpy as np
import pytest
from test_reformat import ORIENTATIONS, lps_volume, turned

from vfrac_core.imaging import axial
from vfrac_core.imaging.axial import axial_grid, axial_slices
from vfrac_core.imaging.reformat import reformat_sagittal
from vfrac_core.types import CtVolume, SeriesInfo


def whole(volume: CtVolume) -> np.ndarray:
    grid = axial_grid(volume)
    return axial_slices(volume, grid, 0, grid.shape[0])


@pytest.mark.parametrize(("order", "flips"), ORIENTATIONS)
def test_a_bright_cube_is_found_at_its_millimetre_in_every_orientation_of_input(order, flips):
    hu, affine = lps_volume()
    volume = turned(hu, affine, order, flips)
    grid = axial_grid(volume)
    pixels = whole(volume)

    assert pixels.shape == grid.shape == (50, 22, 30)  # 1.25 mm stays, 0.75 mm becomes 1 mm
    assert grid.spacing_mm == pytest.approx((1.25, 1.0, 1.0))
    bright = np.argwhere(pixels > pixels.min())
    weights = pixels[tuple(bright.T)].astype(float) + 1000
    found = grid.affine @ [*np.average(bright, axis=0, weights=weights), 1.0]
    assert found == pytest.approx(affine @ [11.5, 21.5, 31.0, 1.0], abs=1e-6)


def test_slices_run_head_to_foot_rows_front_to_back_columns_right_to_left():
    hu, affine = lps_volume()
    axes = axial_grid(CtVolume(hu, affine, SeriesInfo(plane="axial"))).affine[:3, :3]
    assert axes / np.linalg.norm(axes, axis=0) == pytest.approx(np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0]]))


def test_each_voxel_is_the_mean_over_its_extent():
    """Against sums over whole blocks: 0.5 mm voxels, two of them along each axis in each new one."""
    hu = np.random.default_rng(5).integers(-1000, 3000, (20, 24, 28)).astype(np.int16)
    pixels = whole(CtVolume(hu, np.diag([0.5, 0.5, -0.5, 1.0]), SeriesInfo(plane="axial")))
    blocks = hu.reshape(10, 2, 12, 2, 14, 2).mean(axis=(1, 3, 5)).transpose(2, 1, 0)
    assert np.abs(pixels - blocks).max() <= 0.51


def test_a_volume_of_coarse_voxels_keeps_every_one_of_them():
    hu = np.random.default_rng(6).integers(-1000, 3000, (9, 20, 18)).astype(np.int16)
    pixels = whole(CtVolume(hu, np.diag([2.0, 1.0, -1.5, 1.0]), SeriesInfo(plane="axial")))
    np.testing.assert_array_equal(pixels, hu.transpose(2, 1, 0))


def test_slices_cut_a_few_at_a_time_are_the_same_slices():
    hu, affine = lps_volume(spacing=(0.6, 0.7, 0.45))
    noise = np.random.default_rng(7).integers(-1000, 3000, hu.shape).astype(np.int16)
    volume = CtVolume(noise, affine, SeriesInfo(plane="axial"))
    grid, pixels = axial_grid(volume), whole(volume)
    parts = [axial_slices(volume, grid, first, min(first + 8, grid.shape[0])) for first in range(0, grid.shape[0], 8)]
    assert np.abs(np.concatenate(parts).astype(int) - pixels).max() <= 1  # a mean of exactly one half rounds either way


def test_a_large_volume_gets_coarser_voxels(monkeypatch):
    monkeypatch.setattr(axial, "MAX_VOXELS", 13_000)
    hu, affine = lps_volume()
    grid = axial_grid(CtVolume(hu, affine, SeriesInfo(plane="axial")))
    assert grid.spacing_mm == pytest.approx((1.5, 1.5, 1.5))
    assert np.prod(grid.shape) <= 13_000


@pytest.mark.parametrize("plane", ["axial", "sagittal"])
def test_it_says_how_it_lies_beside_the_sagittal_stack(plane):
    """The same millimetre by both ways: by the affines, and by start and spacing alone, as the browser goes."""
    hu, affine = lps_volume(shape=(41, 31, 50), spacing=(0.74, 0.83, 1.25))
    volume = CtVolume(hu, affine, SeriesInfo(plane=plane))
    grid, stack = axial_grid(volume), reformat_sagittal(volume)
    voxel = np.array([7.0, 5.0, 9.0])  # slice, row, column of the axial volume
    mm = np.array(grid.start_mm(stack.affine)) + (voxel + 0.5) * grid.spacing_mm
    foot, back, left = mm
    spacing = stack.spacing_mm
    on_stack = [left / spacing.slice - 0.5, foot / spacing.row - 0.5, back / spacing.column - 0.5, 1.0]
    assert stack.affine @ on_stack == pytest.approx(grid.affine @ [*voxel, 1.0])
