"""The contact sheet as one picture: rows of crops, each with its class and its case under it."""

from __future__ import annotations

import base64
import io
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final

from PIL import Image, ImageDraw, ImageFont

if TYPE_CHECKING:  # torch
    from vfrac_core.training.contact_sheet import SheetCrop

SIDE, GAP, CAPTION, COLUMNS = 112, 4, 16, 10
BACK, INK = (17, 24, 39), (243, 244, 246)
CLASSES: Final = {True: "malignant", False: "benign", None: "no class"}
MARKS: Final = {True: (248, 113, 113), False: (96, 165, 250), None: (156, 163, 175)}


def sheet_png(crops: Sequence[SheetCrop], title: Callable[[str], str]) -> bytes:
    """A PNG. ``title`` makes what stands under a picture from its case's id: some seven letters."""
    rows = -(-len(crops) // COLUMNS)
    columns = min(COLUMNS, len(crops))
    tall = SIDE + 2 * CAPTION + GAP
    sheet = Image.new("RGB", (columns * (SIDE + GAP) + GAP, rows * tall + GAP), BACK)
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for k, crop in enumerate(crops):
        x, y = GAP + k % COLUMNS * (SIDE + GAP), GAP + k // COLUMNS * tall
        sheet.paste(Image.fromarray(crop.grey).resize((SIDE, SIDE), Image.Resampling.NEAREST), (x, y))
        pen.text((x + 2, y + SIDE + 1), CLASSES[crop.malignant], fill=MARKS[crop.malignant], font=font)
        pen.text((x + 2, y + SIDE + CAPTION), title(crop.case), fill=INK, font=font)
    out = io.BytesIO()
    sheet.save(out, "PNG", optimize=True)
    return out.getvalue()


def png_url(png: bytes) -> str:
    """In the page itself: pixels of patients lie in no cache from which others could fetch them."""
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
