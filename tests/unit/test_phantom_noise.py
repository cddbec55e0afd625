"""vfrac_core/phantom/scanner.py: the noise of a soft kernel, the same whatever lies in the picture.

Reference values: autocorrelation of the high-passed liver of a real axial series (Br38f, 3 mm slices every 2 mm) along z, 0.66 at
2 mm; along x, 0.74 at 0.7 mm for the model fitted to it; and exp(−L² / 4σ²) for a white field after a Gaussian of SD σ.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from phantom_cases import COMPRESSION, CORTEX, DESTRUCTION, LINE, MASS, a_spec, draw_scene, some_specs, the_case, the_changes

from vfrac_core.phantom.choose import without_sign
from vfrac_core.phantom.grid import PIXEL_MM, Grid, crop_grid, full_grid
from vfrac_core.phantom.render import render
from vfrac_core.phantom.scanner import Scanner, add_noise, noise_field
from vfrac_core.phantom.spec import CaseSpec
from vfrac_core.phantom.streams import Streams
from vfrac_core.phantom.subject import draw_subject

STREAMS = Streams(a_spec().seed, 0)
MIDDLE_GRAIN = Scanner(psf_mm=0.55, noise_hu=20.0, grain_mm=0.6)
AIR_HU = -1000.0


def flat(grid: Grid, hu: float = 40.0) -> np.ndarray:
    return np.full((grid.slices, grid.rows, grid.columns), hu, np.float32)


def correlation(field: np.ndarray, axis: int, lag: int = 1) -> float:
    one, other = np.moveaxis(field, axis, 0)[:-lag], np.moveaxis(field, axis, 0)[lag:]
    return float(np.corrcoef(one.ravel(), other.ravel())[0, 1])


def without_noise(spec: CaseSpec, sign: str | None = None) -> np.ndarray:
    """The slices of a case's crop before noise; or of its twin without one sign."""
    subject = draw_subject(spec)
    changes, _ = the_changes(spec)
    return render(subject, without_sign(changes, sign) if sign else changes, crop_grid(subject.slice_x_mm)).slices


@pytest.mark.parametrize("spacing_mm", [2.0, 3.0])
@pytest.mark.parametrize("noise_hu", [14.0, 21.0, 28.0])
def test_a_flat_slab_gets_the_noise_that_was_asked_for(noise_hu: float, spacing_mm: float) -> None:
    grid = crop_grid(0.0, spacing_mm)
    noisy = add_noise(flat(grid), grid, replace(MIDDLE_GRAIN, noise_hu=noise_hu), STREAMS)
    middle = noisy[:, :, np.abs(grid.x) < 15]
    assert middle.std() == pytest.approx(noise_hu, rel=0.05)
    assert middle.mean() == pytest.approx(40.0, abs=1.0)


@pytest.mark.slow
def test_a_case_has_its_scanners_noise_in_fat_in_soft_tissue_and_in_bone() -> None:
    spec = some_specs(1)[0]
    clean, case = without_noise(spec), the_case(spec)
    asked = draw_subject(spec).scanner.noise_hu
    noise = case.volume.hu - clean
    for low, high in ((-200, -60), (0, 70), (150, 1500)):
        assert noise[(clean > low) & (clean < high)].std() == pytest.approx(asked, rel=0.06), (low, high)


def test_neighbouring_slices_and_pixels_are_correlated_as_in_a_real_series() -> None:
    grid = crop_grid(0.0)
    field = noise_field((grid.slices, grid.rows, grid.columns), grid.spacing_mm, MIDDLE_GRAIN, STREAMS)
    assert correlation(field, axis=0) == pytest.approx(0.66, abs=0.05)
    assert correlation(field, axis=2) == pytest.approx(0.74, abs=0.05)
    assert correlation(field, axis=1) < correlation(field, axis=2) - 0.1  # streaks run from left to right
    assert field.std() == pytest.approx(1.0, abs=0.001)


@pytest.mark.parametrize("spacing_mm", [2.0, 3.0])
def test_the_correlation_from_slice_to_slice_is_one_of_millimetres(spacing_mm: float) -> None:
    field = noise_field((40, 96, 96), spacing_mm, MIDDLE_GRAIN, STREAMS)
    sigma_mm = 1.5
    for lag in (1, 2):
        expected = np.exp(-((lag * spacing_mm) ** 2) / (4 * sigma_mm**2))
        assert correlation(field, axis=0, lag=lag) == pytest.approx(expected, abs=0.05)


def test_air_is_half_as_noisy() -> None:
    grid = crop_grid(0.0)
    scanner = replace(MIDDLE_GRAIN, noise_hu=14.0)  # CT ends at -1024: more noise would be cut off
    noisy = add_noise(flat(grid, AIR_HU), grid, scanner, STREAMS)
    assert noisy.std() == pytest.approx(7.0, rel=0.05)
    assert noisy.min() >= -1024


def test_the_flanks_are_a_quarter_noisier() -> None:
    """The body is thicker across: +25 % at 90 mm, as the square of the distance."""
    grid = replace(full_grid(), span_mm=60.0)
    noisy = add_noise(flat(grid), grid, MIDDLE_GRAIN, STREAMS)
    x = np.abs(grid.x)
    middle, flank = noisy[:, :, x < 10].std(), noisy[:, :, x > 80].std()
    assert flank / middle == pytest.approx(1.22, abs=0.05)


@pytest.mark.parametrize(
    "other",
    [
        a_spec(COMPRESSION, CORTEX, MASS, DESTRUCTION),
        a_spec(COMPRESSION, LINE, diagnosis="benign", age_years=85, sex="M", level="T8"),
        a_spec(diagnosis=None, severity=2.0),
    ],
    ids=("malignant signs", "an old man's T8", "masked"),
)
def test_no_sign_class_age_sex_or_level_changes_a_bit_of_the_noise(other: CaseSpec) -> None:
    plain, subject = draw_subject(a_spec()), draw_subject(other)
    assert subject.scanner == plain.scanner
    fields = [noise_field((12, 60, 50), 2.0, one.scanner, one.streams) for one in (plain, subject)]
    assert fields[0].tobytes() == fields[1].tobytes()


@pytest.mark.slow
def test_a_case_and_its_twin_share_their_noise() -> None:
    spec = some_specs(3, masked=True)[2]
    sign = sorted(spec.signs & {CORTEX, LINE, DESTRUCTION, MASS})[0]
    subject, clean, twin = draw_subject(spec), without_noise(spec), without_noise(spec, sign)
    grid = crop_grid(subject.slice_x_mm)
    noises = [add_noise(slices, grid, subject.scanner, subject.streams) - slices for slices in (clean, twin)]
    tissue = (clean > -800) & (twin > -800)
    assert np.abs(clean - twin).max() > 40
    assert np.abs(noises[0] - noises[1])[tissue].max() <= 1.0  # each is rounded to whole HU


def test_two_cases_share_no_noise() -> None:
    fields = [noise_field((20, 64, 64), 2.0, MIDDLE_GRAIN, Streams(STREAMS.seed, index)) for index in (0, 1)]
    assert abs(np.corrcoef(fields[0].ravel(), fields[1].ravel())[0, 1]) < 0.03


def test_noise_is_laid_over_the_blur_and_not_blurred_with_it() -> None:
    """The same noise whatever the sharpness, and a sharp edge keeps its place."""
    scene = draw_scene(a_spec(), Grid(60, 80, 30.0, 2.0, first_y_mm=-20.0))
    noises = [add_noise(flat(scene.grid), scene.grid, replace(MIDDLE_GRAIN, psf_mm=psf), STREAMS) for psf in (0.45, 0.65)]
    assert np.array_equal(*noises)
    assert PIXEL_MM < 0.977  # finer than the real series that the correlation was taken from
