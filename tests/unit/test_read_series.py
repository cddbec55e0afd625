"""Series of every plane and format come out as one volume whose affine tells where each voxel lies in the patient."""

from __future__ import annotations

import shutil
import zipfile
from itertools import permutations
from pathlib import Path

import numpy as np
import pydicom
import pytest
from dicom_files import (
    bright_cube,
    ramp_hu,
    set_attribute,
    write_axial_series,
    write_coronal_series,
    write_enhanced_ct,
    write_file,
    write_nifti,
    write_sagittal_series,
    write_series,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from reading_here import SECRET, one_volume, read_here

from vfrac_core.dicom import LoadedSeries, Refusal, read_path
from vfrac_core.settings import Limits
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


class TestValues:
    def test_every_voxel_of_an_axial_series_is_exact(self, tmp_path: Path) -> None:
        write_axial_series(tmp_path / "s", ramp_hu())
        volume = one_volume(read_here(tmp_path / "s")).volume
        assert volume.hu.dtype == np.int16
        for index in np.ndindex(8, 32, 40):
            if sum(index) % 37:
                continue
            lps = np.array([-100 + 0.7 * index[2], -80 + 0.8 * index[1], -300 + 3.0 * index[0]])
            assert hu_at(volume, lps) == ramp_hu()[index]
        assert np.array_equal(np.sort(volume.hu, axis=None), np.sort(ramp_hu(), axis=None))

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

    @pytest.mark.parametrize(
        ("spacing_mm", "plane"),
        [((0.98, 0.90, 0.70), "axial"), ((1.0, 1.0, 1.0), "axial"), ((3.0, 0.8, 0.8), "sagittal"), ((0.8, 3.0, 0.8), "coronal")],
    )
    def test_the_plane_of_a_nifti_is_not_axial_only_where_one_axis_is_clearly_coarser(
        self, tmp_path: Path, spacing_mm: tuple[float, float, float], plane: str
    ) -> None:
        path = write_nifti(tmp_path / "v.nii", ramp_hu(20, 24, 28), np.diag([*spacing_mm, 1.0]))
        assert one_volume(read_here(path)).volume.info.plane == plane

    def test_nifti_with_slope_and_as_float_agree(self, tmp_path: Path) -> None:
        array = ramp_hu(20, 24, 28)
        affine = np.diag([-1.0, -2.0, 3.0, 1.0])
        stored = write_nifti(tmp_path / "a.nii", ((array + 1000) // 2).astype(np.uint16), affine, slope=2, intercept=-1000)
        real = write_nifti(tmp_path / "b.nii.gz", ((array + 1000) // 2 * 2.0 - 1000.2).astype(np.float32), affine)
        first, second = (one_volume(read_here(path)).volume.hu for path in (stored, real))
        assert np.array_equal(first, second)


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


def test_the_child_gives_the_same_as_its_code_run_here(tmp_path: Path) -> None:
    write_axial_series(tmp_path / "in" / "a", ramp_hu())
    write_sagittal_series(tmp_path / "in" / "b", ramp_hu())
    write_axial_series(tmp_path / "in" / "c", ramp_hu(2))
    write_nifti(tmp_path / "in" / "d.nii.gz", ramp_hu(20, 24, 28), np.diag([1.0, 1.0, 2.0, 1.0]))
    seen: list[float] = []
    results = list(
        read_path(tmp_path / "in", secret=SECRET, limits=Limits(), progress=lambda fraction, sentence: seen.append(fraction))
    )
    here = read_here(tmp_path / "in")
    assert [type(r) for r in results] == [type(r) for r in here] == [LoadedSeries, LoadedSeries, Refusal, LoadedSeries]
    for result, expected in zip(results, here, strict=True):
        if isinstance(result, LoadedSeries) and isinstance(expected, LoadedSeries):
            assert (result.case_id, result.source, result.volume.info) == (
                expected.case_id,
                expected.source,
                expected.volume.info,
            )
            assert np.array_equal(result.volume.hu, expected.volume.hu)
            assert np.array_equal(result.volume.affine, expected.volume.affine)
        else:
            assert result == expected
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_a_caller_that_stops_early_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", None)
    for name in "abc":
        write_axial_series(tmp_path / "in" / name, ramp_hu())
    reading = read_path(tmp_path / "in", secret=SECRET, limits=Limits())
    first = next(reading)
    reading.close()
    assert isinstance(first, LoadedSeries)
    assert first.volume.hu.max() == ramp_hu().max()
    assert list((tmp_path / "temporary").iterdir()) == []


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
