"""An app with one stack of a given size, of noise: its pixels compress no better than a scan's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from app_process import App

from vfrac_core.library.cases import CaseLibrary
from vfrac_core.library.importing import add_volume
from vfrac_core.settings import load_secret
from vfrac_core.store import AnnotationStore, VolumeLibrary
from vfrac_core.types import CtVolume, SeriesInfo

NOISE_HU = 20


def start_with_stack(home: Path, shape: tuple[int, int, int]) -> App:
    """``shape``: sagittal slices, rows, columns. Each slice is one HU brighter than the one before."""
    home.mkdir()
    rng = np.random.default_rng(4)
    hu = np.empty(shape, np.int16)
    for index in range(shape[0]):
        hu[index] = rng.normal(40 + index, NOISE_HU, shape[1:])
    affine = np.array([[0.9, 0, 0, 0], [0, 0, 0.7, 0], [0, -0.7, 0, 0], [0, 0, 0, 1.0]])
    with AnnotationStore(home) as store:
        library = CaseLibrary(store, VolumeLibrary(home), secret=load_secret(home), cache_bytes=0)
        add_volume("large0", CtVolume(hu, affine, SeriesInfo(plane="sagittal")), library)
    running = App(home, VFRAC_EXAMPLES="0")
    running.start()
    return running
