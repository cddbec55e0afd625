"""Contact sheets of the teaching library for docs/phantom: ``python scripts/phantom_sheets.py``. Two minutes.

A row is a case: three sagittal slices in the bone window, the lesion's own in the soft-tissue window, and the axial slice through
the worst body in both. They say SYNTHETIC, and no more than the example's number: these cases are read by students.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw
from tqdm import tqdm

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from vfrac_core.imaging.reformat import reformat_sagittal
from vfrac_core.imaging.window import window_to_gray
from vfrac_core.phantom.case import PhantomCase
from vfrac_core.phantom.grid import PIXEL_MM
from vfrac_core.phantom.teaching import EXAMPLES, make_example
from vfrac_core.signs import SYNTHETIC

FOLDER = ROOT / "docs" / "phantom"
BONE, SOFT = (300.0, 1500.0), (50.0, 400.0)
BESIDE = (-2, 0, 5)  # slices from the lesion's own
PER_SHEET = 8
TITLE = 16


def main() -> None:
    """Draw all sheets."""
    FOLDER.mkdir(exist_ok=True)
    for first in range(0, len(EXAMPLES), PER_SHEET):
        numbered = EXAMPLES[first : first + PER_SHEET]
        rows = [_row(make_example(one)[0], one.number) for one in tqdm(numbered, desc=f"sheet {first // PER_SHEET + 1}")]
        sheet = Image.new("L", (max(row.width for row in rows), TITLE + sum(row.height for row in rows)))
        ImageDraw.Draw(sheet).text((4, 2), SYNTHETIC, fill=255)
        top = TITLE
        for row in rows:
            sheet.paste(row, (0, top))
            top += row.height
        sheet.save(FOLDER / f"sheet-{first // PER_SHEET + 1}.png", optimize=True)


def _row(case: PhantomCase, number: int) -> Image.Image:
    stack = reformat_sagittal(case.volume)
    own = case.truth.slice_index
    height = round(stack.rows * stack.spacing_mm.row / PIXEL_MM)
    shown = [(min(max(own + by, 0), stack.slices - 1), BONE) for by in BESIDE] + [(own, SOFT)]
    tiles = [_tile(stack.hu[index], window).resize((stack.columns, height)) for index, window in shown]
    axial = case.volume.hu[len(case.volume.hu) // 2]
    tiles += [_tile(axial, window) for window in (BONE, SOFT)]
    row = Image.new("L", (sum(tile.width for tile in tiles), max(tile.height for tile in tiles)))
    left = 0
    for tile in tiles:
        row.paste(tile, (left, 0))
        left += tile.width
    ImageDraw.Draw(row).text((4, 4), f"Example {number}", fill=255)
    return row


def _tile(hu: np.ndarray, window: tuple[float, float]) -> Image.Image:
    return Image.fromarray(window_to_gray(hu, *window))


if __name__ == "__main__":
    main()
