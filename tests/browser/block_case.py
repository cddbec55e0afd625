"""A case with one bright block whose place is known from the file that was written, and pixels that are far from square."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from app_process import App
from dicom_files import write_axial_series

FOOT_TO_HEAD = 30  # axial slices, 2.5 mm; 64 rows of 0.9 mm from front to back; 64 columns of 1.5 mm from right to left
BLOCK_SLICES, BLOCK_ROWS = (11, 16), (20, 40)  # of the axial series, half open; the block goes from right to left through all
BLOCK = [FOOT_TO_HEAD - BLOCK_SLICES[1], BLOCK_ROWS[0], FOOT_TO_HEAD - BLOCK_SLICES[0], BLOCK_ROWS[1]]  # the same as a box
HEADER_WINDOW = {"WindowCenter": 310, "WindowWidth": 1510}


def import_block_case(app: App, folder: Path) -> str:
    """Import it into an app's data home. Returns the case's id."""
    hu = np.random.default_rng(5).integers(-3, 4, (FOOT_TO_HEAD, 64, 64), dtype=np.int16)
    hu[slice(*BLOCK_SLICES), slice(*BLOCK_ROWS)] += 900
    write_axial_series(folder, hu, (2.5, 0.9, 1.5), **HEADER_WINDOW)
    asked = [sys.executable, "-m", "vfrac_core", "import", str(folder), "--data", str(app.home), "--json"]
    return json.loads(subprocess.run(asked, check=True, capture_output=True, text=True).stdout)["cases"][0]["case"]
