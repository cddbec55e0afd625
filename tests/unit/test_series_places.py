"""A series of any plane and format comes out as one volume whose affine tells where each voxel lies in the patient."""

from __future__ import annotations

import shutil
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from dicom_files import (
    bright_cube,
    ramp_hu,
    write_axial_series,
    write_coronal_series,
    write_enhanced_ct,
    write_nifti,
    write_sagittal_series,
    write_series,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_here import one_volume, read_here

from vfrac_core.types import CtVolume

REAL_CT = Path(__file__).parents[2].parent / "shared" / "data" / "ct-lumbar-real-3mm.nii.gz"
SHAPE, START, SIZE = (9, 30, 34), (2, 5, 20), (3, 6, 4)
SPACING = (3.0, 0.8, 0.7)


def centre_of_bright(volume: CtVolume) -> np.ndarray:
    """LPS mm of the centre of the voxels above 500 HU, through the volume's own affine."""
    index = np.argwhere(volume.hu > 500).mean(axis=0)
    return (volume.affine @ np.array([*index, 1.0]))[:3]


def hu_at(volume: CtVolume, lps_mm: np.ndarray) -> int:
    index = np.linalg.inv(volume.affine) @ np.array([*lps_mm, 1.0])
    i, j, k = np.rint(index[:3]).astype(int)
    return int(volume.hu[i, j, k])


def middle(start: int, size: int) -> float:
    return start + (size - 1) / 2


class TestBrightBlock:
    """The block's place is worked out by hand from the first voxel's position and the spacing, not by the reader."""

    def test_axial_from_foot_to_head(self, tmp_path: Path) -> None:
        write_axial_series(tmp_path / "s", bright_cube(SHAPE, START, SIZE), SPACING, origin_mm=(-10.0, 20.0, 30.0))
        volume = one_volume(read_here(tmp_path / "s")).volume
        expected = (-10 + 0.7 * middle(20, 4), 20 + 0.8 * middle(5, 6), 30 + 3.0 * middle(2, 3))
        assert centre_of_bright(volume) == pytest.approx(expected, abs=1e-6)
        assert volume.info.plane == "axial"

    def test_axial_from_head_to_foot(self, tmp_path: Path) -> None:
        write_axial_series(
            tmp_path / "s", bright_cube(SHAPE, START, SIZE), SPACING, head_first=True, origin_mm=(-10.0, 20.0, 30.0)
        )
        expected = (-10 + 0.7 * middle(20, 4), 20 + 0.8 * middle(5, 6), 30 - 3.0 * middle(2, 3))
        assert centre_of_bright(one_volume(read_here(tmp_path / "s")).volume) == pytest.approx(expected, abs=1e-6)

    def test_sagittal(self, tmp_path: Path) -> None:
        write_sagittal_series(tmp_path / "s", bright_cube(SHAPE, START, SIZE), SPACING, origin_mm=(-10.0, 20.0, 30.0))
        volume = one_volume(read_here(tmp_path / "s")).volume
        expected = (-10 + 3.0 * middle(2, 3), 20 + 0.7 * middle(20, 4), 30 - 0.8 * middle(5, 6))
        assert centre_of_bright(volume) == pytest.approx(expected, abs=1e-6)
        assert volume.info.plane == "sagittal"

    def test_coronal(self, tmp_path: Path) -> None:
        write_coronal_series(tmp_path / "s", bright_cube(SHAPE, START, SIZE), SPACING, origin_mm=(-10.0, 20.0, 30.0))
        volume = one_volume(read_here(tmp_path / "s")).volume
        expected = (-10 + 0.7 * middle(20, 4), 20 + 3.0 * middle(2, 3), 30 - 0.8 * middle(5, 6))
        assert centre_of_bright(volume) == pytest.approx(expected, abs=1e-6)
        assert volume.info.plane == "coronal"

    def test_oblique_keeps_its_angle(self, tmp_path: Path) -> None:
        c, s = np.cos(0.3), np.sin(0.3)
        axes = ((1, 0, 0), (0, c, s), (0, -s, c))
        write_series(tmp_path / "s", bright_cube(SHAPE, START, SIZE), SPACING, axes, origin_mm=(0.0, 0.0, 0.0))
        down, along = 0.8 * middle(5, 6), 3.0 * middle(2, 3)
        expected = (0.7 * middle(20, 4), c * down - s * along, s * down + c * along)
        assert centre_of_bright(one_volume(read_here(tmp_path / "s")).volume) == pytest.approx(expected, abs=1e-4)

    @pytest.mark.parametrize("legacy", [False, True], ids=["enhanced", "legacy converted"])
    def test_enhanced_multi_frame(self, tmp_path: Path, legacy: bool) -> None:
        path = write_enhanced_ct(tmp_path / "e.dcm", bright_cube(SHAPE, START, SIZE), SPACING, legacy=legacy)
        volume = one_volume(read_here(path)).volume
        expected = (-100 + 0.7 * middle(20, 4), -80 + 0.8 * middle(5, 6), -300 + 3.0 * middle(2, 3))
        assert centre_of_bright(volume) == pytest.approx(expected, abs=1e-6)

    @pytest.mark.parametrize("order", list(permutations(range(3))))
    @pytest.mark.parametrize("flips", [(1, 1, 1), (-1, 1, -1)])
    def test_nifti_in_every_axis_order(self, tmp_path: Path, order: tuple[int, ...], flips: tuple[int, ...]) -> None:
        array = bright_cube((20, 24, 28), (4, 6, 10), (3, 6, 4))
        affine = np.eye(4)
        for index_axis, patient_axis in enumerate(order):
            affine[patient_axis, index_axis] = flips[patient_axis] * (1.0, 2.0, 3.0)[index_axis]
            affine[index_axis, index_axis] *= index_axis == patient_axis
        affine[:3, 3] = (5, 6, 7)
        ras = (affine @ (middle(4, 3), middle(6, 6), middle(10, 4), 1.0))[:3]
        volume = one_volume(read_here(write_nifti(tmp_path / "v.nii.gz", array, affine))).volume
        assert centre_of_bright(volume) == pytest.approx((-ras[0], -ras[1], ras[2]), abs=1e-4)
        assert volume.info.plane == ("sagittal", "coronal", "axial")[order[2]]


@pytest.mark.parametrize(
    ("spacing_mm", "plane"),
    [((0.98, 0.90, 0.70), "axial"), ((1.0, 1.0, 1.0), "axial"), ((3.0, 0.8, 0.8), "sagittal"), ((0.8, 3.0, 0.8), "coronal")],
)
def test_the_plane_of_a_nifti_is_not_axial_only_where_one_axis_is_clearly_coarser(
    tmp_path: Path, spacing_mm: tuple[float, float, float], plane: str
) -> None:
    path = write_nifti(tmp_path / "v.nii", ramp_hu(20, 24, 28), np.diag([*spacing_mm, 1.0]))
    assert one_volume(read_here(path)).volume.info.plane == plane


def test_every_voxel_of_an_axial_series_is_exact(tmp_path: Path) -> None:
    write_axial_series(tmp_path / "s", ramp_hu())
    volume = one_volume(read_here(tmp_path / "s")).volume
    assert volume.hu.dtype == np.int16
    for index in np.ndindex(8, 32, 40):
        if sum(index) % 37:
            continue
        lps = np.array([-100 + 0.7 * index[2], -80 + 0.8 * index[1], -300 + 3.0 * index[0]])
        assert hu_at(volume, lps) == ramp_hu()[index]
    assert np.array_equal(np.sort(volume.hu, axis=None), np.sort(ramp_hu(), axis=None))


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    turn=st.floats(-0.7, 0.7),
    lean=st.floats(-0.7, 0.7),
    spacing=st.tuples(st.floats(0.4, 5), st.floats(0.3, 2), st.floats(0.3, 2)),
    origin=st.tuples(*[st.floats(-500, 500)] * 3),
    head_first=st.booleans(),
)
def test_any_regular_series_maps_its_voxels_to_where_they_were_written(
    tmp_path: Path,
    *,
    turn: float,
    lean: float,
    spacing: tuple[float, float, float],
    origin: tuple[float, float, float],
    head_first: bool,
) -> None:
    across = np.array([np.cos(turn), np.sin(turn), 0.0])
    normal = np.array([-np.sin(turn) * np.sin(lean), np.cos(turn) * np.sin(lean), np.cos(lean)])
    down = np.cross(normal, across)
    axes = tuple(tuple(v.tolist()) for v in (across, down, -normal if head_first else normal))
    hu = ramp_hu(6, 16, 16)
    shutil.rmtree(tmp_path / "s", ignore_errors=True)
    write_series(tmp_path / "s", hu, spacing, axes, origin_mm=origin)
    volume = one_volume(read_here(tmp_path / "s")).volume
    for index in [(0, 0, 0), (5, 15, 15), (3, 1, 12)]:
        steps = np.array(index) * spacing
        place = np.array(origin) + steps[0] * np.array(axes[2]) + steps[1] * np.array(axes[1]) + steps[2] * np.array(axes[0])
        assert hu_at(volume, place) == hu[index]


@pytest.mark.skipif(not REAL_CT.exists(), reason="the real CT is not here")
def test_the_real_ct_reads_the_same_as_nifti_and_as_dicom(tmp_path: Path) -> None:
    nifti = one_volume(read_here(REAL_CT)).volume
    step = nifti.affine[:3, :3] / np.linalg.norm(nifti.affine[:3, :3], axis=0)
    axes = tuple(tuple(step[:, axis].tolist()) for axis in (2, 1, 0))
    write_series(
        tmp_path / "s", nifti.hu, tuple(nifti.spacing_mm), axes, origin_mm=tuple(nifti.affine[:3, 3]), RescaleIntercept=-1024
    )
    dicom = one_volume(read_here(tmp_path / "s")).volume
    rng = np.random.default_rng(2)
    for index in rng.integers(0, nifti.hu.shape, size=(200, 3)):
        place = (nifti.affine @ (*index, 1.0))[:3]
        assert abs(hu_at(dicom, place) - max(int(nifti.hu[tuple(index)]), -1024)) <= 1
    assert dicom.info.plane == nifti.info.plane == "axial"
