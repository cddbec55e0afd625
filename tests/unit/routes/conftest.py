"""Our doors without a browser: two cases in a library, and a client that knocks."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from vfrac_core.imaging.roi import fit_box, fit_box_mm
from vfrac_core.library.cases import CaseLibrary
from vfrac_core.library.importing import add_volume
from vfrac_core.settings import Settings, load_secret
from vfrac_core.store import AnnotationStore, VolumeLibrary
from vfrac_core.types import CamMap, CtVolume, Prediction, SeriesInfo, SlicePrediction, WeightsInfo
from vfrac_core.ui.live_weights import LiveWeights
from vfrac_core.ui.routes import routes
from vfrac_core.ui.services import Services

WEIGHTS = WeightsInfo("untrained-test", "0" * 64, "nothing", trained=False, stem_stride=1, cam_layer="layer4")


class FixedPredictor:
    """Answers 0.5 for every box on the slice: here only the door is tested."""

    weights = WEIGHTS

    def predict_boxes(self, stack, slice_index, boxes):
        for box in boxes:
            fit_box_mm(box, stack.rows, stack.columns, stack.spacing_mm)
        return [0.5] * len(boxes)

    def predict(self, stack, roi, slices, *, cam, slice_boxes):
        fit_box(roi.box, stack.rows, stack.columns, stack.spacing_mm)
        grid = CamMap(cam.layer, cam.target, cam.method, np.zeros((4, 4), np.float32))
        answers = tuple(SlicePrediction(index, 0.0, 0.5, grid) for index in slices)
        return Prediction(roi, WEIGHTS, "test", answers, 0.5, roi.slice_index)


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    settings = Settings(data_home=tmp_path / "home")
    secret = load_secret(settings.data_home)
    network = LiveWeights(lambda: tmp_path / "weights", load=lambda weights, *, required: FixedPredictor())
    network.start()
    with AnnotationStore(settings.data_home) as store:
        library = CaseLibrary(store, VolumeLibrary(settings.data_home), secret=secret, cache_bytes=10**7)
        hu = np.random.default_rng(2).integers(-1000, 1500, (20, 32, 32), dtype=np.int16)
        affine = np.array([[3.0, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]])
        add_volume("case0", CtVolume(hu, affine, SeriesInfo(plane="sagittal", synthetic=True)), library)
        add_volume("case1", CtVolume(hu + 1, affine, SeriesInfo(plane="sagittal")), library)
        yield Services(settings=settings, secret=secret, store=store, library=library, _network=network)


@pytest.fixture
def door(services: Services) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes(services))) as client:
        yield client
