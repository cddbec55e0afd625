"""The built-in synthetic case: the same at every start, and recognisable as a lumbar spine by its numbers."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from vfrac_core.phantom.builtin import BUILTIN_ABNORMAL, builtin_volume
from vfrac_core.phantom.builtin_spine import ABNORMAL, stack_levels
from vfrac_core.types import CtVolume

LEVELS = {level.shape.name: level for level in stack_levels()}


@pytest.fixture(scope="module")
def volume() -> CtVolume:
    return builtin_volume()


def hu_around(volume: CtVolume, lps_mm: tuple[float, float, float], radius_mm: float = 3.0) -> np.ndarray:
    """The voxels of a cube about a patient coordinate, found by the volume's own affine."""
    centre = np.linalg.inv(volume.affine) @ (*lps_mm, 1.0)
    reach = np.array([radius_mm / size for size in volume.spacing_mm])
    low, high = np.rint(centre[:3] - reach).astype(int), np.rint(centre[:3] + reach).astype(int) + 1
    assert (low >= 0).all()
    assert (high <= volume.hu.shape).all()
    return volume.hu[tuple(slice(a, b) for a, b in zip(low, high, strict=True))]


def test_it_says_that_it_is_synthetic_and_axial(volume: CtVolume) -> None:
    assert volume.info.synthetic
    assert volume.info.plane == "axial"


def test_it_fills_sixty_one_slabs_of_three_mm_with_at_least_200_by_150_pixels(volume: CtVolume) -> None:
    slices, rows, columns = volume.hu.shape
    assert columns * volume.spacing_mm.column // 3.0 == 61
    assert slices >= 200
    assert rows >= 150


def test_another_process_makes_the_same_bytes(volume: CtVolume) -> None:
    code = (
        "import hashlib; from vfrac_core.phantom.builtin import builtin_volume;"
        "print(hashlib.sha256(builtin_volume().hu.tobytes()).hexdigest())"
    )
    other = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert other.stdout.strip() == hashlib.sha256(volume.hu.tobytes()).hexdigest()


@pytest.mark.parametrize("name", ["T11", "T12", "L1", "L3", "L4", "L5"])
def test_a_normal_body_is_spongiosa_within_a_dense_shell(volume: CtVolume, name: str) -> None:
    level = LEVELS[name]
    assert 150 <= hu_around(volume, (0.0, level.y, level.z), radius_mm=7.0).mean() <= 200
    around = hu_around(volume, (0.0, level.y, level.z), radius_mm=20.0)
    assert 600 <= np.percentile(around, 99.9) <= 900


def test_disc_canal_and_air_have_their_hu(volume: CtVolume) -> None:
    upper, lower = LEVELS["L3"], LEVELS["L4"]
    disc = (0.0, (upper.y + lower.y) / 2, (upper.z + lower.z) / 2)
    assert 80 <= hu_around(volume, disc, radius_mm=2.0).mean() <= 100
    canal = (0.0, LEVELS["L1"].y + LEVELS["L1"].shape.half_depth + 8.5, LEVELS["L1"].z)
    assert 10 <= hu_around(volume, canal).mean() <= 30
    assert volume.hu[:, -1, 0].max() < -900


def test_columns_run_to_the_patients_left_rows_to_the_back_and_slices_to_the_head(volume: CtVolume) -> None:
    assert (volume.affine[:3, :3] == np.array([[0, 0, 0.8], [0, 0.8, 0], [1.25, 0, 0]])).all()
    behind = LEVELS["L3"].y + LEVELS["L3"].shape.half_depth + 45
    assert hu_around(volume, (0.0, behind, LEVELS["L3"].z - 10)).max() > 300  # the spinous process


def test_the_suggested_box_is_centred_on_the_destroyed_vertebra(volume: CtVolume) -> None:
    level = stack_levels()[ABNORMAL]
    assert level.shape.name == BUILTIN_ABNORMAL.level
    assert BUILTIN_ABNORMAL.centre_lps_mm == (0.0, level.y, level.z)
    posterior = level.y + level.shape.half_depth - 6
    assert hu_around(volume, (5.0, posterior, level.z)).mean() < 80  # lytic
    assert hu_around(volume, (-14.0, level.y, level.z)).mean() > 140  # the other side of the body still stands


def test_the_front_of_the_abnormal_body_is_over_twenty_percent_lower_than_its_neighbours(volume: CtVolume) -> None:
    heights = {name: anterior_height_mm(volume, name) for name in ("L1", "L2", "L3")}
    assert heights["L2"] < 0.8 * (heights["L1"] + heights["L3"]) / 2


def anterior_height_mm(volume: CtVolume, name: str) -> float:
    """Bone along a line parallel to the long axis of the patient, a quarter of the depth behind the front wall."""
    level = LEVELS[name]
    front = (0.0, level.y - 0.5 * level.shape.half_depth, level.z)
    i, j, k = (int(v) for v in np.rint(np.linalg.inv(volume.affine) @ (*front, 1.0))[:3])
    line = volume.hu[:, j - 1 : j + 2, k - 1 : k + 2].mean(axis=(1, 2)) > 120
    above, below = np.argmin(line[i:]), np.argmin(line[i::-1])
    return float(above + below - 1) * volume.spacing_mm.slice
