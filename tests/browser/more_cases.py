"""Further cases in an app's data home, beside the one example that it makes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
from app_process import App
from dicom_files import write_axial_series


def import_another_case(app: App, folder: Path, seed: int = 3) -> None:
    """A small series of noise; another seed is another case. The app may be running."""
    hu = np.random.default_rng(seed).integers(-200, 900, (30, 64, 64), dtype=np.int16)
    write_axial_series(folder, hu, (3.0, 1.5, 1.5))
    subprocess.run([sys.executable, "-m", "vfrac_core", "import", str(folder), "--data", str(app.home)], check=True)
