"""Every door of ours, tried as a visitor, as a reader, as another reader and on a public server."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from vfrac_core.errors import VfracError
from vfrac_core.imaging.roi import fit_box, fit_box_mm
from vfrac_core.library.cases import CaseLibrary
from vfrac_core.library.importing import add_volume
from vfrac_core.paper import SIGNS
from vfrac_core.settings import Settings, load_secret
from vfrac_core.store import AnnotationStore, VolumeLibrary
from vfrac_core.types import (
    CamMap,
    CtVolume,
    Prediction,
    SeriesInfo,
    SlicePrediction,
    WeightsInfo,
)
from vfrac_core.ui.routes import routes
from vfrac_core.ui.services import Services

WEIGHTS = WeightsInfo("untrained-test", "0" * 64, "nothing", trained=False, stem_stride=1, cam_layer="layer4")
TOKEN_A, TOKEN_B = "a" * 64, "b" * 64
READING = {"slice_index": 5, "box": [4, 4, 20, 20], "signs": {"bone_destruction": "present"}}
COMPLETE = READING | {
    "vertebral_level": "L2",
    "signs": dict.fromkeys(SIGNS, "absent"),
    "diagnosis": "benign",
    "confidence": 3,
}


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
    predictor: Future = Future()
    predictor.set_result(FixedPredictor())
    with AnnotationStore(settings.data_home) as store:
        library = CaseLibrary(store, VolumeLibrary(settings.data_home), secret=secret, cache_bytes=10**7)
        hu = np.random.default_rng(2).integers(-1000, 1500, (20, 32, 32), dtype=np.int16)
        affine = np.array([[3.0, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]])
        add_volume("case0", CtVolume(hu, affine, SeriesInfo(plane="sagittal", synthetic=True)), library)
        add_volume("case1", CtVolume(hu + 1, affine, SeriesInfo(plane="sagittal")), library)
        yield Services(settings=settings, secret=secret, store=store, library=library, _predictor=predictor)


@pytest.fixture
def door(services: Services) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes(services))) as client:
        yield client


def sign_in(door: TestClient, token: str, name: str = "Reader") -> dict:
    answer = door.post("/api/reader", headers={"X-Vfrac-Reader": token}, json={"display_name": name, "years_experience": 5})
    assert answer.status_code == 200, answer.text
    return answer.json()


def sign_in_status(door: TestClient, name: str) -> int:
    body = {"display_name": name, "years_experience": 5}
    return door.post("/api/reader", headers={"X-Vfrac-Reader": TOKEN_A}, json=body).status_code


def study(door: TestClient, case: str = "case0", mode: str = "explore", token: str = "") -> dict:
    answer = door.get(f"/api/case/{case}?mode={mode}", headers={"X-Vfrac-Reader": token})
    assert answer.status_code == 200, answer.text
    return answer.json()["study"]


def ask(door: TestClient, ticket: str, case: str = "case0", token: str = "") -> int:
    body = {"slice": 5, "box": [4, 4, 20, 20], "slices": [4, 5]}
    return door.post(f"/predict/{case}", headers={"X-Vfrac-Ticket": ticket, "X-Vfrac-Reader": token}, json=body).status_code


def save(door: TestClient, token: str, reading: dict, verb: str = "draft", save_id: str = "0" * 32, **more: object) -> object:
    body = {"save_id": save_id, "reading": reading, "ai_visible": False, **more}
    return door.post(f"/api/{verb}/case0", headers={"X-Vfrac-Reader": token}, json=body)


class TestPixels:
    """Of the sagittal stack, and of the second volume: by the same rules."""

    @pytest.fixture(params=["volume", "axial"])
    def url_of(self, request: pytest.FixtureRequest) -> Callable[[dict], str]:
        return lambda opened: opened["volume_url"] if request.param == "volume" else opened["axial"]["url"]

    def test_need_a_ticket_of_that_very_case(self, door: TestClient, url_of: Callable[[dict], str]) -> None:
        opened, other = study(door), study(door, "case1")
        url = f"/{url_of(opened)}/0"
        assert door.get(url).status_code == 403
        assert door.get(url, headers={"X-Vfrac-Ticket": other["ticket"]}).status_code == 403
        assert door.get(url, headers={"X-Vfrac-Ticket": opened["ticket"]}).status_code == 200

    def test_are_sent_once(self, door: TestClient, url_of: Callable[[dict], str]) -> None:
        opened = study(door)
        headers = {"X-Vfrac-Ticket": opened["ticket"]}
        first = door.get(f"/{url_of(opened)}/0", headers=headers)
        assert "immutable" in first.headers["cache-control"]
        assert first.headers["content-encoding"] == "gzip"
        again = door.get(f"/{url_of(opened)}/0", headers=headers | {"If-None-Match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")

    @pytest.mark.parametrize("kind", ["volume", "axial"])
    def test_of_another_version_are_refused(self, door: TestClient, kind: str) -> None:
        headers = {"X-Vfrac-Ticket": study(door)["ticket"]}
        assert door.get(f"/{kind}/case0/0000000000000000/0", headers=headers).status_code == 403

    def test_of_a_second_volume_that_is_not_there_are_not_offered(self, door: TestClient, services: Services) -> None:
        opened = study(door)
        (services.settings.data_home / "volumes" / "case0" / "volume.npy").unlink()
        assert study(door)["axial"] is None
        answer = door.get(f"/{opened['axial']['url']}/0", headers={"X-Vfrac-Ticket": opened["ticket"]})
        assert answer.status_code == 403

    def test_of_the_second_volume_tell_their_geometry_and_no_place_in_the_room(self, door: TestClient) -> None:
        assert study(door)["axial"].keys() == {"url", "shape", "chunk_slices", "spacing_mm", "start_mm"}
        assert study(door)["axial"]["shape"] == [32, 32, 20]
        assert study(door)["axial"]["start_mm"] == [0, 0, 0]


class TestPredictions:
    def test_are_open_in_explore(self, door: TestClient) -> None:
        assert ask(door, study(door)["ticket"]) == 200

    def test_are_refused_without_a_ticket(self, door: TestClient) -> None:
        assert ask(door, "") == 403

    def test_are_refused_in_annotate_until_being_seen_is_recorded(self, door: TestClient) -> None:
        sign_in(door, TOKEN_A)
        ticket = study(door, mode="annotate", token=TOKEN_A)["ticket"]
        assert ask(door, ticket) == 403
        shown = door.post("/api/ai_shown/case0", headers={"X-Vfrac-Reader": TOKEN_A}, json={"save_id": "1" * 32})
        assert shown.status_code == 200
        assert ask(door, ticket) == 200

    def test_seen_in_explore_by_a_named_reader_make_the_later_reading_an_assisted_one(
        self, door: TestClient, services: Services
    ) -> None:
        reader = sign_in(door, TOKEN_A)
        assert ask(door, study(door, token=TOKEN_A)["ticket"]) == 200
        save(door, TOKEN_A, READING)
        annotation = services.store.annotation("case0", reader["reader_id"])
        assert annotation is not None
        assert annotation.ai_visible

    def test_seen_after_the_submission_make_a_correction_an_assisted_one(self, door: TestClient, services: Services) -> None:
        reader = sign_in(door, TOKEN_A)
        save(door, TOKEN_A, COMPLETE, "submit", "1" * 32)
        assert ask(door, study(door, mode="annotate", token=TOKEN_A)["ticket"]) == 200
        before = services.store.annotation("case0", reader["reader_id"])
        save(door, TOKEN_A, COMPLETE, "correct", "2" * 32, reason="second thoughts")
        after = services.store.annotation("case0", reader["reader_id"])
        assert before is not None
        assert after is not None
        assert (before.ai_visible, after.ai_visible) == (False, True)

    def test_with_the_ticket_of_the_time_before_the_name_are_recorded_too(self, door: TestClient, services: Services) -> None:
        nameless = study(door)["ticket"]
        reader = sign_in(door, TOKEN_A)
        assert ask(door, nameless, token=TOKEN_A) == 200
        save(door, TOKEN_A, READING)
        annotation = services.store.annotation("case0", reader["reader_id"])
        assert annotation is not None
        assert annotation.ai_visible

    def test_refuse_a_box_outside_the_slice_with_one_line(self, door: TestClient) -> None:
        body = {"slice": 5, "box": [400, 400, 420, 420], "slices": [5]}
        answer = door.post("/predict/case0", headers={"X-Vfrac-Ticket": study(door)["ticket"]}, json=body)
        assert answer.status_code == 400
        assert "outside" in answer.json()["error"]


class TestNearbyBoxes:
    """No door beside /predict may be wider than it."""

    BOXES = ((4.0, 4.0, 20.0, 20.0), (2.0, 4.5, 18.0, 20.5))

    def ask(self, door: TestClient, ticket: str, token: str = "", case: str = "case0", **more: object) -> object:
        body = {"slice": 5, "boxes_mm": self.BOXES, **more}
        headers = {"X-Vfrac-Ticket": ticket, "X-Vfrac-Reader": token}
        return door.post(f"/predict/{case}/nearby", headers=headers, json=body)

    def test_are_answered_in_explore_one_number_a_box(self, door: TestClient) -> None:
        answer = self.ask(door, study(door)["ticket"])
        assert answer.json() == {"case": "case0", "slice": 5, "probabilities": [0.5, 0.5]}

    def test_need_a_ticket_of_that_very_case(self, door: TestClient) -> None:
        assert self.ask(door, "").status_code == 403
        assert self.ask(door, study(door, "case1")["ticket"]).status_code == 403

    def test_are_refused_in_annotate_until_being_seen_is_recorded(self, door: TestClient) -> None:
        sign_in(door, TOKEN_A)
        ticket = study(door, mode="annotate", token=TOKEN_A)["ticket"]
        assert self.ask(door, ticket, TOKEN_A).status_code == 403
        door.post("/api/ai_shown/case0", headers={"X-Vfrac-Reader": TOKEN_A}, json={"save_id": "1" * 32})
        assert self.ask(door, ticket, TOKEN_A).status_code == 200

    def test_seen_by_a_named_reader_are_recorded_as_the_ai_is(self, door: TestClient, services: Services) -> None:
        reader = sign_in(door, TOKEN_A)
        assert self.ask(door, study(door)["ticket"], TOKEN_A).status_code == 200
        annotation = services.store.annotation("case0", reader["reader_id"])
        assert annotation is not None
        assert annotation.ai_visible

    @pytest.mark.parametrize(
        "wrong",
        [
            {"boxes_mm": []},
            {"boxes_mm": [BOXES[0]] * 6},
            {"boxes_mm": [(4.0, 4.0, 4.0, 20.0)]},
            {"boxes_mm": [(400.0, 400.0, 420.0, 420.0)]},
            {"boxes_mm": [(4.0, 4.0, 20.0)]},
            {"slice": 99},
        ],
    )
    def test_that_cannot_be_used_are_refused(self, door: TestClient, wrong: dict) -> None:
        assert self.ask(door, study(door)["ticket"], **wrong).status_code == 400


class TestReadings:
    def test_need_a_name_first(self, door: TestClient) -> None:
        assert save(door, TOKEN_A, READING).status_code == 403

    def test_come_back_to_their_reader_alone(self, door: TestClient) -> None:
        sign_in(door, TOKEN_A)
        sign_in(door, TOKEN_B)
        assert save(door, TOKEN_A, READING | {"comment": "mine"}).status_code == 200
        own = door.get("/api/case/case0?mode=annotate", headers={"X-Vfrac-Reader": TOKEN_A})
        assert own.json()["annotation"]["reading"]["comment"] == "mine"
        for token in (TOKEN_B, "", "c" * 64):
            other = door.get("/api/case/case0?mode=annotate", headers={"X-Vfrac-Reader": token})
            assert other.json()["annotation"] is None
            assert "mine" not in other.text

    def test_sent_twice_are_saved_once(self, door: TestClient) -> None:
        sign_in(door, TOKEN_A)
        first, second = save(door, TOKEN_A, READING), save(door, TOKEN_A, READING)
        assert first.json()["receipt"] == second.json()["receipt"]

    def test_tell_when_they_were_saved_when_they_are_opened_again(self, door: TestClient) -> None:
        sign_in(door, TOKEN_A)
        receipt = save(door, TOKEN_A, READING | {"flagged": True}).json()["receipt"]
        own = door.get("/api/case/case0?mode=annotate", headers={"X-Vfrac-Reader": TOKEN_A}).json()["annotation"]
        assert (own["saved_at"], own["seq"], own["reading"]["flagged"]) == (receipt["at"], receipt["seq"], True)
        listed = door.get("/api/cases?mode=annotate", headers={"X-Vfrac-Reader": TOKEN_A}).json()["cases"]
        assert {one["case"]: one["flagged"] for one in listed} == {"case0": True, "case1": False}

    def test_are_not_submitted_while_something_is_missing(self, door: TestClient) -> None:
        sign_in(door, TOKEN_A)
        answer = save(door, TOKEN_A, READING, "submit")
        assert answer.status_code == 400
        assert "diagnosis" in answer.json()["error"]
        assert answer.json()["missing"][0] == "vertebral level"

    def test_are_locked_once_submitted_and_corrected_only_with_a_reason(self, door: TestClient) -> None:
        sign_in(door, TOKEN_A)
        assert save(door, TOKEN_A, COMPLETE, "submit", "1" * 32).status_code == 200
        assert save(door, TOKEN_A, COMPLETE, "draft", "2" * 32).status_code == 409
        assert save(door, TOKEN_A, COMPLETE, "submit", "3" * 32).status_code == 409
        assert save(door, TOKEN_A, COMPLETE, "correct", "4" * 32).status_code == 400
        assert save(door, TOKEN_A, COMPLETE, "correct", "5" * 32, reason="wrong level").status_code == 200

    def test_with_a_wrong_value_are_the_readers_mistake_and_not_the_stores(self, door: TestClient) -> None:
        sign_in(door, TOKEN_A)
        assert save(door, TOKEN_A, READING | {"vertebral_level": "C7"}).status_code == 400
        assert save(door, TOKEN_A, READING | {"slice_index": 99}).status_code == 400
        assert save(door, TOKEN_A, READING | {"comment": "x" * 3000}).status_code == 400

    def test_are_tried_again_by_the_browser_only_when_that_can_help(self, door: TestClient) -> None:
        assert sign_in_status(door, "   ") == 400
        sign_in(door, TOKEN_A)
        assert save(door, TOKEN_A, COMPLETE, "correct", reason="nothing was submitted").status_code == 400
        assert save(door, TOKEN_A, READING, started_at="0001-01-01T00:00:00+05:00").status_code == 400

    def test_are_never_left_in_a_cache(self, door: TestClient) -> None:
        assert door.get("/api/cases").headers["cache-control"] == "private, no-store"


class TestNames:
    def test_typed_twice_make_two_readers(self, door: TestClient) -> None:
        assert sign_in(door, TOKEN_A, "Same")["reader_id"] != sign_in(door, TOKEN_B, "Same")["reader_id"]

    def test_are_not_listed_for_others(self, door: TestClient) -> None:
        sign_in(door, TOKEN_A, "Hidden Name")
        assert "Hidden Name" not in door.get("/api/cases", headers={"X-Vfrac-Reader": TOKEN_B}).text


class TestPublicServer:
    @pytest.fixture
    def public(self, services: Services) -> Iterator[TestClient]:
        open_to_all = dataclasses.replace(services, settings=dataclasses.replace(services.settings, public=True))
        with TestClient(Starlette(routes=routes(open_to_all))) as client:
            yield client

    @pytest.mark.parametrize("form", ["csv", "json", "coco", "crops"])
    def test_exports_nothing(self, public: TestClient, form: str) -> None:
        sign_in(public, TOKEN_A)
        assert public.get(f"/export/{form}", headers={"X-Vfrac-Reader": TOKEN_A}).status_code == 403


def test_an_export_says_the_safety_line(door: TestClient) -> None:
    sign_in(door, TOKEN_A)
    save(door, TOKEN_A, COMPLETE, "submit")
    assert "Not for clinical use" in json.dumps(door.get("/export/json").json())


def test_unknown_and_foreign_cases_are_refused_in_the_same_words(door: TestClient) -> None:
    answers = {door.get(f"/api/case/{case}").text for case in ("nobody", "case9", "..%2F..%2Fetc")}
    assert len(answers) <= 2  # our sentence, or the router's 404 for a path with slashes
    assert all("Traceback" not in text for text in answers)


def test_a_body_that_is_too_large_is_refused(door: TestClient) -> None:
    answer = door.post("/api/reader", headers={"X-Vfrac-Reader": TOKEN_A}, content=b"x" * 300_000)
    assert answer.status_code == 400
    assert "256 kB" in answer.json()["error"]


def test_reading_works_without_the_network(services: Services) -> None:
    failed: Future = Future()
    failed.set_exception(VfracError("the network could not be loaded"))
    with TestClient(Starlette(routes=routes(dataclasses.replace(services, _predictor=failed)))) as door:
        sign_in(door, TOKEN_A)
        assert study(door, mode="annotate", token=TOKEN_A)["weights"]["trained"] is False
        assert save(door, TOKEN_A, COMPLETE, "submit").status_code == 200
        assert ask(door, study(door)["ticket"]) == 400


def test_cases_to_be_read_do_not_come_in_the_order_of_their_import(door: TestClient, services: Services) -> None:
    record = services.store.cases()[0]
    services.store.add_case(dataclasses.replace(record, case_id="aaa"))
    listed = [one["case"] for one in door.get("/api/cases?mode=annotate").json()["cases"]]
    assert listed == ["aaa", "case0", "case1"]


def test_a_bug_is_one_neutral_sentence(
    door: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(services.store.__class__, "cases", lambda self: SimpleNamespace().nothing)
    answer = door.get("/api/cases")
    assert answer.status_code == 500
    assert "SimpleNamespace" not in answer.text
    assert "a route failed: AttributeError at" in caplog.text
    assert "SimpleNamespace" not in caplog.text  # the exception's words may quote a file name
