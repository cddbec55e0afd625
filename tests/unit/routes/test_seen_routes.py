"""At the doors of the app and of programs: no fitted number of a case that the network has learned from."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import gradio as gr
import pytest
from at_the_door import TOKEN_A, served, sign_in, study
from learning_samples import cross_validated, read, weights_of
from starlette.applications import Starlette
from starlette.testclient import TestClient

from vfrac_core.library.store_set import read_store_set
from vfrac_core.model.predictor import sigmoid
from vfrac_core.training.reader_choice import ReaderChoice
from vfrac_core.types import PixelBox
from vfrac_core.ui.api import add_api
from vfrac_core.ui.routes import routes
from vfrac_core.ui.services import Services

BOX = [4, 4, 20, 20]


@pytest.fixture
def trained(services: Services) -> Services:
    """The app after a training on its two cases, each read once."""
    reader = services.store.register_reader("r" * 64, "Senior", 20)
    for case, diagnosis in (("case0", "benign"), ("case1", "malignant")):
        read(services.store, reader, case, box=PixelBox(*BOX), slice_index=5, marked_slices=(4, 5), diagnosis=diagnosis)
    found = read_store_set(services.library, ReaderChoice())
    cross_validated(services.library, found)
    network = type(services.predictor())()
    network.weights = weights_of(found.version.sha256)
    return dataclasses.replace(services, _network=served(network))


@pytest.fixture
def door(trained: Services) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes(trained))) as client:
        yield client


def ask(door: TestClient, box: list[int], slices: list[int], mode: str = "explore"):
    headers = {"X-Vfrac-Ticket": study(door, mode=mode)["ticket"]}
    return door.post("/predict/case0", headers=headers, json={"slice": 5, "box": box, "slices": slices})


def test_the_screen_gets_the_stored_figures_of_the_annotated_box(door: TestClient) -> None:
    answer = ask(door, BOX, [3, 4, 5, 6, 7]).json()
    assert answer["out_of_fold"] == {"fold": 0, "folds": 2, "live": False}
    assert [one["slice"] for one in answer["slices"]] == [4, 5]
    assert answer["slices"][0]["probability"] == pytest.approx(sigmoid(0.5), abs=1e-7)
    assert answer["slices"][0]["cam"] is None


def test_another_box_is_refused_in_one_line_that_says_what_to_do(door: TestClient) -> None:
    answer = ask(door, [4, 4, 20, 21], [5])
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("seen in training: ")
    assert "0.5" not in answer.text


def test_boxes_near_the_annotated_one_are_refused(door: TestClient) -> None:
    headers = {"X-Vfrac-Ticket": study(door)["ticket"]}
    answer = door.post("/predict/case0/nearby", headers=headers, json={"slice": 5, "boxes_mm": [[4.0, 4.0, 20.0, 20.0]]})
    assert answer.status_code == 400
    assert "seen in training" in answer.json()["error"]


def test_in_annotate_the_ai_that_is_off_comes_first(door: TestClient) -> None:
    sign_in(door, TOKEN_A)
    headers = {"X-Vfrac-Ticket": study(door, mode="annotate", token=TOKEN_A)["ticket"], "X-Vfrac-Reader": TOKEN_A}
    answer = door.post("/predict/case0", headers=headers, json={"slice": 5, "box": BOX, "slices": [5]})
    assert answer.status_code == 403
    assert "seen in training" not in answer.text


def test_programs_are_refused_alike(trained: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    found = {}
    monkeypatch.setattr(gr, "api", lambda function, api_name: found.update({api_name: function}))
    add_api(trained)
    assert found["predict"]("case0", 5, BOX)["out_of_fold"]["live"] is False
    with pytest.raises(gr.Error, match="seen in training"):
        found["predict"]("case0", 5, [4, 4, 20, 21])
