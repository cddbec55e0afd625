"""What the AI says: open in Explore, in Annotate not before being seen is recorded."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from at_the_door import COMPLETE, READING, TOKEN_A, ask, save, served, sign_in, study
from httpx import Response
from starlette.applications import Starlette
from starlette.testclient import TestClient

from tests.unit.network_fixtures import sign_predictor, tiny_predictor
from vfrac_core.errors import VfracError
from vfrac_core.model.predictor import Predictor
from vfrac_core.paper import SIGNS
from vfrac_core.ui.live_weights import LiveWeights
from vfrac_core.ui.routes import routes
from vfrac_core.ui.services import Services


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


class TestSigns:
    """What the sign head says comes through the same door, under the same rules."""

    def ask(
        self, services: Services, predictor: Predictor, target: str, mode: str = "explore", token: str = "", **cam: str
    ) -> Response:
        with TestClient(Starlette(routes=routes(dataclasses.replace(services, _network=served(predictor))))) as door:
            if token:
                sign_in(door, token)
            headers = {"X-Vfrac-Ticket": study(door, mode=mode, token=token)["ticket"], "X-Vfrac-Reader": token}
            body = {"slice": 5, "box": [4, 4, 20, 20], "slices": [3, 4, 5, 6, 7], "cam": {"target": target, **cam}}
            return door.post("/predict/case0", headers=headers, json=body)

    def test_are_answered_and_each_has_a_map_of_its_own(self, services: Services) -> None:
        predictor = sign_predictor()
        answers = {target: self.ask(services, predictor, target).json() for target in ("malignant", *SIGNS)}
        plain = answers["malignant"]
        assert plain["patient_signs"] == {name: max(one["signs"][name] for one in plain["slices"]) for name in SIGNS}
        grids = set()
        for answer in answers.values():
            assert answer["patient_signs"] == pytest.approx(plain["patient_signs"], abs=2e-6)
            grids.add(str([one["cam"]["grid"] for one in answer["slices"]]))
        assert len(grids) == 7

    def test_have_the_map_that_is_shown_first_on_the_finer_grid_and_on_no_other(self, services: Services) -> None:
        predictor = sign_predictor()
        coarse = self.ask(services, predictor, "bone_destruction").json()["slices"][0]["cam"]
        fused = self.ask(services, predictor, "bone_destruction", layer="layer3", method="fused").json()["slices"][0]["cam"]
        assert (fused["method"], fused["layer"], coarse["method"]) == ("fused", "layer3", "gradcam")
        assert len(fused["grid"]) == 2 * len(coarse["grid"])
        refused = self.ask(services, predictor, "bone_destruction", layer="layer4", method="fused")
        assert refused.status_code == 400
        assert refused.json() == {"error": "the CAM layer is unknown; expected one of layer3"}

    def test_are_null_without_a_sign_head(self, services: Services) -> None:
        answer = self.ask(services, tiny_predictor(), "malignant").json()
        assert answer["patient_signs"] is None
        assert {one["signs"] for one in answer["slices"]} == {None}

    def test_cannot_be_mapped_without_a_sign_head(self, services: Services) -> None:
        refused = self.ask(services, tiny_predictor(), "bone_destruction")
        assert refused.status_code == 400
        assert refused.json() == {"error": "these weights know no single signs; ask for the malignant or the benign map"}

    @pytest.mark.parametrize("wrong", ["ribs", "", "malignant\n", "xbone_destruction", "bone_destruction,benign"])
    def test_of_another_name_are_refused(self, services: Services, wrong: str) -> None:
        refused = self.ask(services, sign_predictor(), wrong)
        assert refused.status_code == 400
        assert refused.json()["error"].startswith("the request was not understood: cam")

    @pytest.mark.parametrize("target", ["malignant", *SIGNS])
    def test_are_refused_in_annotate_until_being_seen_is_recorded(self, services: Services, target: str) -> None:
        refused = self.ask(services, sign_predictor(), target, "annotate", TOKEN_A)
        assert (refused.status_code, list(refused.json())) == (403, ["error"])


def test_reading_works_without_the_network(services: Services, tmp_path: Path) -> None:
    def fail(weights: Path, *, required: bool) -> None:
        raise VfracError("the network could not be loaded")

    failed = LiveWeights(lambda: tmp_path, load=fail)
    failed.start()
    with TestClient(Starlette(routes=routes(dataclasses.replace(services, _network=failed)))) as door:
        sign_in(door, TOKEN_A)
        assert study(door, mode="annotate", token=TOKEN_A)["weights"]["trained"] is False
        assert save(door, TOKEN_A, COMPLETE, "submit").status_code == 200
        assert ask(door, study(door)["ticket"]) == 400
