"""Random textures: three periodic tiles made once, laid over any block by the patient coordinates of its voxels.

To our eyes texture on two scales in every tissue did more than any geometry (phantom.md, section 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Float32
from scipy.ndimage import gaussian_filter

SIDE = 96
SEED = 20211126
STEP_MM = (1.0, 0.7, 0.7)  # z, y, x

Tile = Float32[np.ndarray, "192 192 192"]
Block = Float32[np.ndarray, "plane row column"]


@dataclass(frozen=True, slots=True)
class Textures:
    """Tiles shifted for one patient. Each has mean 0 and SD 1."""

    shift: tuple[int, int, int]

    def fine(self, z: np.ndarray, y: np.ndarray, x: np.ndarray) -> Block:
        """Grain of 1 to 2 mm."""
        return self._lay(_tile("fine"), z, y, x)

    def coarse(self, z: np.ndarray, y: np.ndarray, x: np.ndarray) -> Block:
        """Lumps of about 7 mm."""
        return self._lay(_tile("coarse"), z, y, x)

    def struts(self, z: np.ndarray, y: np.ndarray, x: np.ndarray) -> Block:
        """Grain drawn out from head to foot, as the trabeculae that carry the load."""
        return self._lay(_tile("struts"), z, y, x)

    def _lay(self, tile: Tile, z: np.ndarray, y: np.ndarray, x: np.ndarray) -> Block:
        runs = [_run(axis.ravel(), step, shift) for axis, step, shift in zip((z, y, x), STEP_MM, self.shift, strict=True)]
        if all(run.stop <= 2 * SIDE for run in runs):
            return tile[tuple(runs)]  # a view: most blocks are smaller than a tile
        return tile[np.ix_(*(np.arange(run.start, run.stop, run.step) % SIDE for run in runs))]


def _run(axis: np.ndarray, step_mm: float, shift: int) -> slice:
    """Indices of a block's axis: where it begins, and whole steps from there."""
    first = (int(np.floor(float(axis[0]) / step_mm + 0.25)) + shift) % SIDE if len(axis) else 0
    stride = round(float(axis[1] - axis[0]) / step_mm) if len(axis) > 1 else 1
    return slice(first, first + stride * len(axis), stride)


@cache
def _tile(name: str) -> Tile:
    sigma = {"fine": (1.0, 1.2, 1.2), "coarse": (3.2, 4.4, 4.4), "struts": (2.1, 1.1, 1.1)}[name]
    seed = {"fine": 1, "coarse": 2, "struts": 3}[name]
    white = np.random.default_rng((SEED, seed)).standard_normal((SIDE, SIDE, SIDE), dtype=np.float32)
    smooth = gaussian_filter(white, sigma, mode="wrap")
    one = ((smooth - smooth.mean()) / smooth.std()).astype(np.float32)
    return np.tile(one, (2, 2, 2))  # twice, so that a block can begin anywhere in it
