"""What was painted, as arrays: tests that look at pixels start here."""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image
from playwright.sync_api import Locator


def painted(canvas: Locator) -> np.ndarray:
    """Red, green, blue of a whole canvas, [row, column, 3]."""
    url = canvas.evaluate("canvas => canvas.toDataURL('image/png')")
    with Image.open(io.BytesIO(base64.b64decode(url.split(",")[1]))) as picture:
        return np.asarray(picture.convert("RGB")).astype(np.int16)


def near(pixels: np.ndarray, ink: tuple[int, int, int], within: int = 30) -> np.ndarray:
    """Where a colour was painted: bool[row, column]."""
    return np.abs(pixels - np.array(ink)).max(axis=-1) < within
