"""A crop as the figures show it: gray, with the map over it as on the screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
from jaxtyping import Float
from scipy.ndimage import map_coordinates

from vfrac_core.paper import INPUT_SIZE
from vfrac_core.report.drawing import ORANGE
from vfrac_core.report.shown_case import Grid, ShownSlice

if TYPE_CHECKING:
    from matplotlib.axes import Axes

OPACITY: Final = 0.6  # of the hottest point at p = 1
DARKEST: Final = 0.3  # the black end of the map is left out, as in the app: alpha does the fading


def draw_picture(axes: Axes, one: ShownSlice, *, with_map: bool, framed: bool = False) -> None:
    """``with_map``: where the slice has one."""
    axes.imshow(one.gray, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    if with_map and one.cam is not None:
        axes.imshow(heat(one.cam, one.probability), interpolation="nearest")
    if framed:
        size = one.gray.shape[0]
        axes.plot(
            [-0.5, size - 0.5, size - 0.5, -0.5, -0.5],
            [-0.5, -0.5, size - 0.5, size - 0.5, -0.5],
            color=ORANGE,
            linewidth=1.6,
            clip_on=False,
        )


def heat(cam: Grid, evidence: float) -> Float[np.ndarray, "row column 4"]:
    """RGBA of a map, bilinearly upsampled to the network's input as in the app, its alpha faded by the evidence (decision 6)."""
    from matplotlib import colormaps

    most = float(cam.max())
    share = np.maximum(upsampled(cam) / most, 0) if most > 0 else np.zeros((INPUT_SIZE, INPUT_SIZE))
    colours = np.asarray(colormaps["inferno"](DARKEST + (1 - DARKEST) * share), dtype=float)
    colours[..., 3] = OPACITY * evidence * share
    return colours


def upsampled(cam: Grid) -> Float[np.ndarray, "row column"]:
    """Sample centres as in ``interpolate(align_corners=False)``, edges repeated."""
    places = [(np.arange(INPUT_SIZE) + 0.5) * size / INPUT_SIZE - 0.5 for size in cam.shape]
    return np.asarray(
        map_coordinates(cam.astype(float), np.meshgrid(*places, indexing="ij"), order=1, mode="nearest"), dtype=float
    )
