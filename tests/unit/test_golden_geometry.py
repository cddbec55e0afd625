"""tests/golden/geometry.json: numbers that the viewer's JavaScript twins (tests/js) have to meet as well.

They are Python's own; what makes them true is test_roi, test_crop (scipy) and test_window (pydicom). After a change that is
meant, write the file anew: ``python -m tests.unit.test_golden_geometry``.
"""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from vfrac_core.imaging.crop import crop_triplet
from vfrac_core.imaging.roi import box_to_mm, square_box
from vfrac_core.imaging.window import window_to_gray
from vfrac_core.types import PixelBox, SagittalStack, SeriesInfo, SpacingMm

GOLDEN = Path(__file__).parents[1] / "golden" / "geometry.json"

SQUARES = [  # rows, columns, row height, column width, box
    (600, 512, 1.0, 0.7, (250, 200, 290, 270)),
    (600, 512, 1.0, 0.7, (250, 200, 310, 270)),
    (600, 512, 1.0, 0.7, (0, 0, 10, 60)),
    (600, 512, 1.0, 0.7, (560, 480, 600, 512)),
    (600, 512, 1.25, 0.488281, (100, 0, 180, 20)),
    (40, 300, 2.5, 0.4, (0, 0, 40, 300)),
    (30, 300, 2.0, 0.9, (5, 100, 20, 250)),
    (300, 30, 0.9, 2.0, (100, 5, 250, 20)),
    (100, 100, 0.3, 5.0, (50, 50, 60, 51)),
]
WINDOWS = [
    (hu, center, width)
    for center, width in ((450.0, 1500.0), (40.0, 400.0), (50.5, 351.0), (40.0, 1.0))
    for hu in (-1024, -160, 39, 40, 41, 240, 451, 1200, 3071)
]
SAMPLES = [(0, 0, 0), (1, 0, 63), (1, 13, 40), (1, 31, 31), (2, 32, 32), (2, 63, 0), (0, 63, 63), (1, 47, 5)]


def current() -> dict:
    return {
        "squares": [square_case(*case) for case in SQUARES],
        "windows": [window_case(*case) for case in WINDOWS],
        "crop": crop_case(),
    }


def square_case(rows, columns, row_mm, column_mm, box) -> dict:
    spacing = SpacingMm(3.0, row_mm, column_mm)
    square = square_box(box_to_mm(PixelBox(*box), spacing), rows, columns, spacing)
    return {
        "rows": rows,
        "columns": columns,
        "spacing_row": row_mm,
        "spacing_column": column_mm,
        "box": list(box),
        "square_mm": [square.row_min, square.col_min, square.row_max, square.col_max],
    }


def window_case(hu, center, width) -> dict:
    return {"hu": hu, "center": center, "width": width, "gray": int(window_to_gray(np.array([hu], np.int16), center, width)[0])}


def crop_case() -> dict:
    slices, rows, columns = 3, 12, 10
    hu = np.random.default_rng(20210615).integers(-1000, 2000, (slices, rows, columns)).astype(np.int16)
    affine = np.array([[3.0, 0, 0, 0], [0, 0, 0.8, 0], [0, -1.5, 0, 0], [0, 0, 0, 1.0]])
    stack = SagittalStack(hu, affine, SeriesInfo(plane="axial"))
    square = square_box(box_to_mm(PixelBox(2, 3, 9, 9), stack.spacing_mm), rows, columns, stack.spacing_mm)
    crop = crop_triplet(stack, square, 2)
    return {
        "slices": slices,
        "rows": rows,
        "columns": columns,
        "spacing_row": 1.5,
        "spacing_column": 0.8,
        "hu": hu.ravel().tolist(),
        "slice": 2,
        "square_mm": [square.row_min, square.col_min, square.row_max, square.col_max],
        "samples": [{"channel": c, "row": r, "column": k, "hu": float(crop[c, r, k])} for c, r, k in SAMPLES],
    }


def flat(value, path="") -> dict[str, float]:
    if isinstance(value, dict):
        return {k: v for key, item in value.items() for k, v in flat(item, f"{path}/{key}").items()}
    if isinstance(value, list):
        return {k: v for key, item in enumerate(value) for k, v in flat(item, f"{path}/{key}").items()}
    return {path: value}


def test_the_golden_file_holds_the_numbers_of_this_program():
    assert flat(json.loads(GOLDEN.read_text())) == pytest.approx(flat(current()), abs=1e-9)


def test_the_golden_crop_reaches_past_the_slice_and_into_a_missing_neighbour():
    crop = crop_case()
    assert crop["square_mm"][1] < 0
    assert crop["slice"] == crop["slices"] - 1


if __name__ == "__main__":
    GOLDEN.write_text(json.dumps(current(), indent=1) + "\n")
