"""vfrac_core/imaging/reformat.py: a bright cube at a known millimetre, whatever the order of the axes."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vfrac_core.errors import IrregularVolumeError
from vfrac_core.imaging.reformat import reformat_mask, reformat_sagittal
from vfrac_core.types import Affine, CtVolume, Hu3d, SeriesInfo

ORIENTATIONS = [(order, flips) for order in itertools.permutations(range(3)) for flips in itertools.product([1, -1], repeat=3)]


def lps_volume(shape=(40, 30, 50), spacing=(0.75, 0.75, 1.25), origin=(-20.0, 7.0, -300.0)) -> tuple[Hu3d, Affine]:
    """Air with one bright 3 mm cube; index axes are x (left), y (back), z (head) of the patient."""
    hu = np.full(shape, -1000, np.int16)
    hu[10:14, 20:24, 30:33] = 1000
    affine = np.diag([*spacing, 1.0])
    affine[:3, 3] = origin
    return hu, affine


def turned(hu: Hu3d, affine: Affine, order: tuple[int, ...], flips: tuple[int, ...]) -> CtVolume:
    """The same patient with permuted and flipped index axes."""
    affine = affine[:, (*order, 3)].copy()
    hu = hu.transpose(order)
    for axis, flip in enumerate(flips):
        if flip < 0:
            affine[:3, 3] += affine[:3, axis] * (hu.shape[axis] - 1)
            affine[:3, axis] *= -1
            hu = np.flip(hu, axis)
    return CtVolume(np.ascontiguousarray(hu), affine, SeriesInfo(plane="axial"))


@pytest.mark.parametrize(("order", "flips"), ORIENTATIONS)
def test_a_bright_cube_is_found_at_its_millimetre_in_every_orientation_of_input(order, flips):
    hu, affine = lps_volume()
    stack = reformat_sagittal(turned(hu, affine, order, flips))

    assert stack.hu.shape == (10, 50, 30)
    assert stack.spacing_mm == pytest.approx((3.0, 1.25, 0.75))
    centre = affine @ [11.5, 21.5, 31.0, 1.0]
    bright = np.argwhere(stack.hu > stack.hu.min())
    weights = stack.hu[tuple(bright.T)].astype(float) + 1000
    found = stack.affine @ [*np.average(bright, axis=0, weights=weights), 1.0]
    assert found == pytest.approx(centre, abs=1e-6)


@pytest.mark.parametrize(("order", "flips"), ORIENTATIONS)
def test_every_orientation_of_input_gives_the_same_stack(order, flips):
    hu, affine = lps_volume()
    noise = np.random.default_rng(3).integers(-1000, 3000, hu.shape).astype(np.int16)
    expected = reformat_sagittal(CtVolume(noise, affine, SeriesInfo(plane="axial")))
    stack = reformat_sagittal(turned(noise, affine, order, flips))
    assert np.abs(stack.hu.astype(int) - expected.hu).max() <= 1  # a mean of exactly one half rounds either way
    assert stack.affine == pytest.approx(expected.affine)


def test_slices_run_right_to_left_rows_head_to_foot_columns_front_to_back():
    hu, affine = lps_volume()
    stack = reformat_sagittal(CtVolume(hu, affine, SeriesInfo(plane="axial")))
    direction = stack.affine[:3, :3] / np.array(stack.spacing_mm)
    assert direction == pytest.approx(np.array([[1, 0, 0], [0, 0, 1], [0, -1, 0]]))


@pytest.mark.parametrize("plane", ["axial", "coronal"])
def test_axial_and_coronal_series_become_slabs(plane):
    hu, affine = lps_volume()
    assert reformat_sagittal(CtVolume(hu, affine, SeriesInfo(plane=plane))).slices == 10


def test_a_native_sagittal_series_keeps_its_own_slices():
    hu, affine = lps_volume(spacing=(3.3, 0.5, 0.5))
    stack = reformat_sagittal(CtVolume(hu, affine, SeriesInfo(plane="sagittal")))
    assert stack.spacing_mm == pytest.approx((3.3, 0.5, 0.5))
    assert np.array_equal(stack.hu, hu.transpose(0, 2, 1)[:, ::-1, :])
    assert stack.hu.flags.c_contiguous


def exact_slabs(line: np.ndarray, spacing: float, thickness: float) -> np.ndarray:
    """The definition: overlap in mm of every voxel with every slab, in double precision."""
    count = int(np.floor(len(line) * spacing / thickness + 1e-6))
    start = (len(line) * spacing - count * thickness) / 2
    near = start + thickness * np.arange(count)[:, None]
    voxel = spacing * np.arange(len(line))[None, :]
    overlap = np.minimum(near + thickness, voxel + spacing) - np.maximum(near, voxel)
    return (overlap.clip(min=0) @ line) / thickness


@settings(max_examples=150, deadline=None)
@given(spacing=st.floats(0.3, 5.0), voxels=st.integers(11, 90), seed=st.integers(0, 2**32 - 1))
def test_slabs_are_the_mean_over_exactly_three_millimetres(spacing, voxels, seed):
    line = np.random.default_rng(seed).integers(-1024, 3072, voxels).astype(np.int16)
    hu = np.broadcast_to(line[:, None, None], (voxels, 2, 2)).copy()
    stack = reformat_sagittal(CtVolume(hu, np.diag([spacing, 1.0, 1.0, 1.0]), SeriesInfo(plane="axial")))

    expected = exact_slabs(line.astype(float), spacing, 3.0)
    assert stack.spacing_mm.slice == pytest.approx(3.0, abs=1e-12)
    assert stack.slices == len(expected)
    assert np.abs(stack.hu[:, 0, 0] - expected).max() <= 0.51
    middle = (stack.affine @ [(stack.slices - 1) / 2, 0, 0, 1])[0]
    assert middle == pytest.approx(spacing * (voxels - 1) / 2, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(per_slab=st.integers(1, 10), slabs=st.integers(1, 30), seed=st.integers(0, 2**32 - 1))
def test_mean_hu_is_conserved_when_slabs_fill_the_volume(per_slab, slabs, seed):
    hu = np.random.default_rng(seed).integers(-1024, 3072, (per_slab * slabs, 3, 3)).astype(np.int16)
    stack = reformat_sagittal(CtVolume(hu, np.diag([3.0 / per_slab, 1.0, 1.0, 1.0]), SeriesInfo(plane="axial")))
    assert stack.slices == slabs
    assert stack.hu.mean() == pytest.approx(hu.mean(), abs=0.51)


def test_a_constant_volume_stays_constant_at_both_ends_of_the_range():
    for value in (-32768, 32767):
        hu = np.full((70, 2, 2), value, np.int16)
        stack = reformat_sagittal(CtVolume(hu, np.diag([0.7, 1.0, 1.0, 1.0]), SeriesInfo(plane="axial")))
        assert (stack.hu == value).all()


def oblique(degrees: float) -> CtVolume:
    hu, affine = lps_volume()
    a = np.radians(degrees)
    rotation = np.array([[1, 0, 0], [0, np.cos(a), -np.sin(a)], [0, np.sin(a), np.cos(a)]])
    affine[:3, :3] = rotation @ affine[:3, :3]
    return CtVolume(hu, affine, SeriesInfo(plane="axial"))


def test_a_slightly_oblique_volume_is_taken_and_its_affine_stays_oblique():
    volume = oblique(20)
    stack = reformat_sagittal(volume)
    centre = volume.affine @ [11.5, 21.5, 31.0, 1.0]
    bright = np.argwhere(stack.hu > stack.hu.min())
    row, column = (bright[:, 1].mean(), bright[:, 2].mean())
    assert (stack.affine @ [3.5, row, column, 1])[1:3] == pytest.approx(centre[1:3], abs=1e-6)


def test_an_oblique_volume_is_refused_with_its_angle():
    with pytest.raises(IrregularVolumeError, match=r"turned 38° .* at most 30°"):
        reformat_sagittal(oblique(38))


def test_a_volume_narrower_than_one_slab_is_refused():
    hu, affine = lps_volume(spacing=(0.05, 1.0, 1.0))
    with pytest.raises(IrregularVolumeError, match=r"2\.0 mm wide"):
        reformat_sagittal(CtVolume(hu, affine, SeriesInfo(plane="axial")))


@settings(max_examples=100, deadline=None)
@given(spacing=st.sampled_from([0.3, 0.7, 0.75, 1.0, 1.1, 3.0]), voxels=st.integers(20, 60), seed=st.integers(0, 2**32 - 1))
def test_a_mask_lies_in_exactly_the_slabs_that_it_touches(spacing, voxels, seed):
    """Against the exact overlap of voxels and slabs, not against our own edges."""
    line = (np.random.default_rng(seed).random((2, voxels)) < 0.1).astype(np.uint8)
    mask = np.broadcast_to((line[0] | line[1] << 5)[:, None, None], (voxels, 2, 3))
    affine = np.diag([spacing, 1.0, 1.0, 1.0])
    slabs = reformat_mask(mask, affine, np.bitwise_or)
    assert slabs.shape == reformat_sagittal(CtVolume(mask.astype(np.int16), affine, SeriesInfo(plane="axial"))).hu.shape
    for bit, voxel in ((1, line[0]), (32, line[1])):
        touched = exact_slabs(voxel.astype(float), spacing, 3.0) > 1e-5
        assert np.array_equal(slabs[:, 2, 1] & bit > 0, touched)


def test_of_labels_in_one_slab_the_highest_stays_and_axes_are_turned_like_the_pixels():
    hu, affine = lps_volume(spacing=(0.75, 0.75, 1.25))
    labels = (np.arange(hu.size) % 251).reshape(hu.shape).astype(np.uint8)
    slabs = reformat_mask(labels, affine, np.maximum)
    expected = labels.reshape(10, 4, *hu.shape[1:]).max(axis=1).transpose(0, 2, 1)[:, ::-1]
    assert np.array_equal(slabs, expected)
