"""vfrac_core/imaging/window.py against pydicom, which implements the same formula independently."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.pixels.processing import apply_windowing

from vfrac_core.imaging.window import window_to_gray

HU = np.arange(-1024, 3072, dtype=np.int16)


def by_pydicom(hu: np.ndarray, center: float, width: float) -> np.ndarray:
    """Output range of 8 bit, before rounding."""
    header = Dataset()
    header.WindowCenter, header.WindowWidth = str(center), str(width)
    header.PhotometricInterpretation, header.PixelRepresentation, header.BitsStored = "MONOCHROME2", 1, 16
    wide = apply_windowing(hu, header)
    return (np.asarray(wide, np.float64) + 32768) / 65535 * 255


@given(center=st.integers(-500, 1500), width=st.integers(2, 4000))
def test_gray_follows_the_linear_function_of_dicom(center, width):
    gray = window_to_gray(HU, float(center), float(width))
    assert gray.dtype == np.uint8
    assert np.abs(gray - by_pydicom(HU, center, width)).max() <= 0.5 + 1e-6


def test_bone_window_is_black_below_white_above_and_middle_gray_at_its_center():
    assert window_to_gray(np.array([-700, 450, 451, 2000], np.int16), 450.0, 1500.0).tolist() == [0, 128, 128, 255]


def test_width_one_is_a_step():
    assert window_to_gray(np.array([39, 40, 41], np.int16), 40.0, 1.0).tolist() == [0, 255, 255]


def test_a_width_below_one_is_refused():
    with pytest.raises(ValueError, match="expected at least 1"):
        window_to_gray(HU, 40.0, 0.5)
