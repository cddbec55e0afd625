"""Readings at the door: named, saved once, locked by the submission, and their reader's alone."""

from __future__ import annotations

import dataclasses

from at_the_door import COMPLETE, READING, TOKEN_A, TOKEN_B, save, sign_in
from starlette.testclient import TestClient

from vfrac_core.ui.services import Services


def sign_in_status(door: TestClient, name: str) -> int:
    body = {"display_name": name, "years_experience": 5}
    return door.post("/api/reader", headers={"X-Vfrac-Reader": TOKEN_A}, json=body).status_code


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


def test_cases_to_be_read_do_not_come_in_the_order_of_their_import(door: TestClient, services: Services) -> None:
    record = services.store.cases()[0]
    services.store.add_case(dataclasses.replace(record, case_id="aaa"))
    listed = [one["case"] for one in door.get("/api/cases?mode=annotate").json()["cases"]]
    assert listed == ["aaa", "case0", "case1"]
