"""From tissue to what a scanner writes: slices of 3 mm, in-plane blur, correlated noise.

The noise is that of a soft kernel measured on a real series (phantom.md, section 4): low-pass, coarser across than down, and
correlated from slice to slice. Its strength never depends on a sign, the class or the age.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Int16
from scipy.ndimage import gaussian_filter1d

from vfrac_core.phantom.grid import PIXEL_MM, Grid
from vfrac_core.phantom.spec import Difficulty
from vfrac_core.phantom.streams import Streams

Slices = Float32[np.ndarray, "slice row column"]
AIR_HU, LOWEST_HU = -900.0, -1024
# Sigma in slices, by their distance in mm: neighbours correlate as exp(-L²/4σ²) says for 1.5 mm (0.64 and 0.37). Solved for the
# sampled kernel, which correlates less than the formula where it is narrower than a slice.
Z_SIGMA = {2.0: 0.75, 3.0: 0.56}
NOISE_ASPECT = (0.8, 1.15)  # of the grain, down and across


@dataclass(frozen=True, slots=True)
class Scanner:
    """``psf_mm``: sigma of the in-plane blur. ``noise_hu``: SD in soft tissue of an axial slice. ``grain_mm``: of the noise."""

    psf_mm: float
    noise_hu: float
    grain_mm: float


def draw_scanner(streams: Streams, difficulty: Difficulty) -> Scanner:
    rng = streams.named("scanner")
    return Scanner(rng.uniform(*difficulty.psf_mm), rng.uniform(*difficulty.noise_hu), rng.uniform(0.5, 0.7))


def scan(planes: Float32[np.ndarray, "plane row column"], grid: Grid, scanner: Scanner) -> Slices:
    """Mean of the three planes of each slice, then the blur: the picture without noise."""
    step = round(grid.spacing_mm)
    count = grid.slices
    slices = planes[: step * count : step].copy()
    for k in (1, 2):
        slices += planes[k : k + step * count : step][:count]
    slices *= np.float32(1 / 3)
    sigma = scanner.psf_mm / PIXEL_MM
    for axis in (1, 2):
        gaussian_filter1d(slices, sigma, axis=axis, output=slices, truncate=3.0)
    return slices


def add_noise(slices: Slices, grid: Grid, scanner: Scanner, streams: Streams) -> Int16[np.ndarray, "slice row column"]:
    """Rounded HU with noise; half of it in air, a quarter more at the flanks, where the beam is weakest."""
    noise = noise_field(slices.shape, grid.spacing_mm, scanner, streams)
    offset = np.abs(grid.x - grid.centre_x_mm * 0) / 90.0
    noise *= np.float32(scanner.noise_hu) * (1 + 0.25 * offset**2).astype(np.float32)
    noise *= np.where(slices < AIR_HU, np.float32(0.5), np.float32(1.0))
    noise += slices
    return np.rint(np.maximum(noise, LOWEST_HU)).astype(np.int16)


def noise_field(shape: tuple[int, ...], spacing_mm: float, scanner: Scanner, streams: Streams) -> Slices:
    """Noise of SD 1: a white field, blurred, less half of its own low-pass of six pixels."""
    rng = streams.named("noise")
    noise = rng.standard_normal(shape, dtype=np.float32)
    sigmas = (Z_SIGMA[spacing_mm], *(aspect * scanner.grain_mm / PIXEL_MM for aspect in NOISE_ASPECT))
    for axis, sigma in enumerate(sigmas):
        gaussian_filter1d(noise, sigma, axis=axis, output=noise, mode="wrap", truncate=3.0)
    low = noise[:, ::2, ::2].copy()
    for axis in (1, 2):
        gaussian_filter1d(low, 3.0, axis=axis, output=low, mode="wrap", truncate=2.5)
    noise -= 0.5 * np.repeat(np.repeat(low, 2, axis=1), 2, axis=2)[:, : shape[1], : shape[2]]
    noise /= noise.std()
    return noise
