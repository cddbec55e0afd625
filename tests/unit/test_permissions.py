"""Gradio's own doors: every endpoint that exists is in the table below, and answers a stranger as the table says.

Nothing is private in Gradio: hidden and undocumented endpoints can be called by name and by index. So a new endpoint
without a line here fails this test.
"""

from __future__ import annotations

import dataclasses
import os
import socket
from collections.abc import Iterator

import pytest

os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

import httpx
from test_routes import services  # noqa: F401  # a fixture

from vfrac_core.ui.build import build, launch
from vfrac_core.ui.services import Services

TABLE = {  # endpoint: (arguments of a stranger, what a private server answers, what a public one answers)
    "cases": ([], "case0", "case0"),
    "predict": (["case0", 5, [4, 4, 20, 20], [5]], "probability", "probability"),
    "save_annotation": (["case0", "x" * 64, {}, "0" * 32, False], "give your name", "give your name"),
    "export": (["json"], "Not for clinical use", "closed on a public server"),
    "import_upload": ([[]], "no CT series was found", None),
}


@pytest.fixture(params=[False, True], ids=["private", "public"])
def server(request: pytest.FixtureRequest, services: Services) -> Iterator[tuple[str, bool]]:  # noqa: F811
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        port = door.getsockname()[1]
    settings = dataclasses.replace(services.settings, port=port, public=request.param)
    opened = dataclasses.replace(services, settings=settings)
    demo = build(opened)
    address = launch(demo, opened)
    yield address.rstrip("/"), request.param
    demo.close()


def endpoints(address: str) -> dict[str, int]:
    config = httpx.get(f"{address}/config").json()
    return {one["api_name"] or one["targets"][0][1]: one["id"] for one in config["dependencies"]}


def test_every_endpoint_is_known_and_answers_a_stranger_as_agreed(server: tuple[str, bool]) -> None:
    address, public = server
    found = endpoints(address)
    expected = {name for name, row in TABLE.items() if row[2 if public else 1] is not None}
    assert set(found) == expected
    for name in expected:
        body = {"fn_index": found[name], "data": TABLE[name][0], "session_hash": "stranger"}
        answer = httpx.post(f"{address}/gradio_api/run/predict", json=body, timeout=60)
        assert str(TABLE[name][2 if public else 1]) in answer.text, (name, answer.text)


def test_no_door_that_gradio_opens_by_default_is_open(server: tuple[str, bool]) -> None:
    address, _ = server
    for path in ("/openapi.json", "/docs", "/gradio_api/runs"):
        assert httpx.get(address + path).status_code in (403, 404), path
    assert httpx.get(f"{address}/monitoring").status_code in (403, 404)


def test_the_data_home_is_not_served(server: tuple[str, bool], services: Services) -> None:  # noqa: F811
    address, _ = server
    for file in (services.settings.data_home / "vfrac.sqlite3", services.settings.data_home / ".secret"):
        assert httpx.get(f"{address}/gradio_api/file={file.resolve()}").status_code in (403, 404)
