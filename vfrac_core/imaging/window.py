"""Window center and width: from HU to gray."""

from __future__ import annotations

import numpy as np
from jaxtyping import Real, UInt8


def window_to_gray(hu: Real[np.ndarray, "*shape"], center_hu: float, width_hu: float) -> UInt8[np.ndarray, "*shape"]:
    """Gray 0 to 255 by the linear function of DICOM PS3.3 C.11.2.1.2.1, halves rounded up.

    With x = HU, c = center, w = width: gray = ((x - (c - 0.5)) / (w - 1) + 0.5) · 255, clamped to 0…255, then
    floor(gray + 0.5); for w = 1 a step, x ≤ c - 0.5 is black. Raises ValueError for a width below 1.
    """
    if width_hu < 1:
        raise ValueError(f"window width is {width_hu:g} HU, expected at least 1")
    offset = np.asarray(hu, np.float64) - (center_hu - 0.5)
    if width_hu == 1:
        gray = np.where(offset > 0, 255.0, 0.0)
    else:
        gray = ((offset / (width_hu - 1) + 0.5) * 255.0).clip(0.0, 255.0)
    return np.floor(gray + 0.5).astype(np.uint8)
