"""The worklist's order at the door: only for readers with a name, noted, and nothing else leaves with it."""

from __future__ import annotations

import dataclasses
import json
import time
from collections.abc import Iterator

import pytest
from at_the_door import COMPLETE, TOKEN_A, TOKEN_B, save, served, sign_in, still_loading
from learning_samples import read, weights_of
from starlette.applications import Starlette
from starlette.testclient import TestClient

from vfrac_core.store.order_choice import ORDER
from vfrac_core.store.rows import select
from vfrac_core.types import PixelBox
from vfrac_core.ui.routes import routes
from vfrac_core.ui.services import Services


def listed(door: TestClient, order: str = "usual", token: str = TOKEN_A, mode: str = "annotate") -> dict:
    answer = door.get(f"/api/cases?mode={mode}&order={order}", headers={"X-Vfrac-Reader": token})
    assert answer.status_code == 200, answer.text
    return answer.json()


def ids(answer: dict) -> list[str]:
    return [one["case"] for one in answer["cases"]]


def noted(services: Services) -> list[tuple[str, str | None]]:
    rows = services.store.file.read(
        lambda database: select(database, "SELECT payload FROM events WHERE kind = ? ORDER BY seq", ORDER)
    )
    payloads = [json.loads(row["payload"]) for row in rows]
    return [(one["order"], one["weights_sha256"]) for one in payloads]


def divide(services: Services, case: str) -> None:
    """Two other readers who do not agree."""
    for name, diagnosis in (("one", "benign"), ("two", "malignant")):
        reader = services.store.register_reader(name * 20, name, 3)
        read(services.store, reader, case, diagnosis=diagnosis, box=PixelBox(4, 4, 20, 20))


def with_network(services: Services, **weights: object) -> Services:
    network = type(services.predictor())()
    network.weights = weights_of("", **weights)
    return dataclasses.replace(services, _network=served(network))


@pytest.fixture
def trained(services: Services) -> Services:
    return with_network(services)


@pytest.fixture
def trained_door(trained: Services) -> Iterator[TestClient]:
    with TestClient(Starlette(routes=routes(trained))) as client:
        yield client


def test_cases_on_which_others_disagree_come_first_and_nothing_else_is_told(door: TestClient, services: Services) -> None:
    sign_in(door, TOKEN_A)
    before = listed(door)
    divide(services, "case1")
    assert ids(listed(door)) == ["case0", "case1"]
    after = listed(door, "disagree")
    assert ids(after) == ["case1", "case0"]
    assert {json.dumps(one, sort_keys=True) for one in after["cases"]} == {
        json.dumps(one, sort_keys=True) for one in before["cases"]
    }
    assert after["order"] == {"name": "disagree", "waiting": 0, "remark": ""}


def test_what_the_reader_has_begun_stands_behind(door: TestClient, services: Services) -> None:
    sign_in(door, TOKEN_A)
    divide(services, "case0")
    assert save(door, TOKEN_A, COMPLETE, "submit").status_code == 200
    assert ids(listed(door, "disagree")) == ["case1", "case0"]


def test_an_order_is_noted_when_it_changes_and_only_then(trained_door: TestClient, trained: Services) -> None:
    sign_in(trained_door, TOKEN_A)
    for order in ("usual", "usual", "disagree", "disagree", "least_sure", "least_sure", "usual"):
        listed(trained_door, order)
    assert noted(trained) == [("disagree", None), ("least_sure", "0" * 64), ("usual", None)]
    sign_in(trained_door, TOKEN_B)
    listed(trained_door, token=TOKEN_B)
    listed(trained_door, "disagree", mode="explore")  # Explore has its own order
    assert len(noted(trained)) == 3


def test_a_visitor_without_a_name_gets_the_usual_order_alone(door: TestClient, services: Services) -> None:
    assert ids(listed(door, token="")) == ["case0", "case1"]
    for order in ("disagree", "least_sure"):
        answer = door.get(f"/api/cases?mode=annotate&order={order}")
        assert answer.status_code == 403
        assert "give your name" in answer.json()["error"]
    assert door.get("/api/cases?mode=annotate&order=truth").status_code == 400
    assert noted(services) == []


def test_the_least_sure_come_first_once_the_network_has_looked(trained_door: TestClient, trained: Services) -> None:
    sign_in(trained_door, TOKEN_A)
    divide(trained, "case1")
    until = time.monotonic() + 20
    while (answer := listed(trained_door, "least_sure"))["order"]["waiting"] and time.monotonic() < until:
        time.sleep(0.01)
    assert ids(answer) == ["case1", "case0"]  # case0 has no box
    assert "probability" not in json.dumps(answer)
    own = trained.store.annotations("annotate")
    assert not any(one.ai_visible for one in own)


def test_an_untrained_or_loading_network_makes_no_order_and_says_so(services: Services) -> None:
    untrained = with_network(services, trained=False)
    loading = dataclasses.replace(services, _network=still_loading())
    for app, words, waiting in ((untrained, "untrained", 0), (loading, "being loaded", 2)):
        with TestClient(Starlette(routes=routes(app))) as door:
            sign_in(door, TOKEN_A)
            answer = listed(door, "least_sure")
            assert ids(answer) == ["case0", "case1"]
            assert words in answer["order"]["remark"]
            assert answer["order"]["waiting"] == waiting
    assert noted(services) == []
