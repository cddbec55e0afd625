"""Random textures: three periodic tiles made once, laid over any block by the patient coordinates of its voxels.

To our eyes texture on two scales in every tissue did more than any geometry (phantom.md, section 1).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from jaxtyping import Float32, Integer
from scipy.ndimage import gaussian_filter

SIDE = 96
SEED = 20211126
STEP_MM = (1.0, 0.7, 0.7)  # z, y, x

Tile = Float32[np.ndarray, "96 96 96"]
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
        indices = [_index(axis, step, shift) for axis, step, shift in zip((z, y, x), STEP_MM, self.shift, strict=True)]
        return tile[np.ix_(*indices)]


def _index(axis: np.ndarray, step: float, shift: int) -> Integer[np.ndarray, " n"]:
    return (np.floor(axis.ravel() / step + 0.25).astype(np.intp) + shift) % SIDE


@cache
def _tile(name: str) -> Tile:
    sigma = {"fine": (1.0, 1.2, 1.2), "coarse": (3.2, 4.4, 4.4), "struts": (3.4, 1.0, 1.0)}[name]
    seed = {"fine": 1, "coarse": 2, "struts": 3}[name]
    white = np.random.default_rng((SEED, seed)).standard_normal((SIDE, SIDE, SIDE), dtype=np.float32)
    smooth = gaussian_filter(white, sigma, mode="wrap")
    return ((smooth - smooth.mean()) / smooth.std()).astype(np.float32)
