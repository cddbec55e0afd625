"""Gradio's own doors: every endpoint that exists is in the table below, and answers a stranger as the table says.

Nothing is private in Gradio: hidden and undocumented endpoints can be called by name and by index. So a new endpoint
without a line here fails this test.
"""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from app_process import App

TRAINING = ["study", "senior", False, "", "train", "demo", "random", "", 10, 1, "", "run"]  # the Training page's controls
TABLE = {  # endpoint: (arguments of a stranger, what a private server answers, what a public one answers)
    "cases": ([], "spacing_mm", "spacing_mm"),
    "predict": (["CASE", 30, [60, 70, 100, 110], [30], "malignant"], "probability", "probability"),
    "save_annotation": (["CASE", "x" * 64, {}, "0" * 32, False], "give your name", "give your name"),
    "export": (["json"], "Not for clinical use", "closed on a public server"),
    "case_table": ([], "Cases (1)", None),
    "import_upload": ([[], []], "no CT series was found", None),
    "look_at_data": (TRAINING, "there is no case to learn from", None),
    "how_long": (TRAINING, "there is no case to learn from", None),
    "start_run": ([*TRAINING[:-1], "../up"], "the name of a run may have up to 60", None),
    "stop_run": ([None], "there is no such run", None),
    "resume_run": ([None], "there is no such run", None),
    "watch_runs": ([None, None], "No run yet", None),
    "compare_runs": ([[]], '"data":[""]', None),
    "make_current": ([None, "", False], "no run was chosen", None),
    "answering_now": ([], "Answering now", None),
}


@dataclass(frozen=True)
class Server:
    app: App
    public: bool

    def ask(self, path: str, body: object = None) -> tuple[int, str]:
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.app.url + path, data, {"Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, answer.read().decode(errors="replace")
        except urllib.error.HTTPError as refused:
            with refused:
                return refused.code, refused.read().decode(errors="replace")


@pytest.fixture(scope="module", params=[False, True], ids=["private", "public"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    app = App(tmp_path_factory.mktemp("data") / "home", VFRAC_PUBLIC="1" if request.param else "0")
    app.start()
    yield Server(app, request.param)
    app.kill()


def test_every_endpoint_is_known_and_answers_a_stranger_as_agreed(server: Server) -> None:
    config = json.loads(server.ask("/config")[1])
    found = {one["api_name"]: one["id"] for one in config["dependencies"]}
    agreed = {name: row[2 if server.public else 1] for name, row in TABLE.items() if row[2 if server.public else 1]}
    assert set(found) == set(agreed)
    case = json.loads(server.ask("/api/cases")[1])["cases"][0]["case"]
    for name, words in agreed.items():
        arguments = [case if argument == "CASE" else argument for argument in TABLE[name][0]]
        body = {"fn_index": found[name], "data": arguments, "session_hash": "stranger"}
        _, answer = server.ask("/gradio_api/run/predict", body)
        assert words in answer, (name, answer)


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/redoc", "/monitoring", "/gradio_api/runs"])
def test_no_door_that_gradio_opens_by_default_is_open(server: Server, path: str) -> None:
    status, answer = server.ask(path)
    assert status in (403, 404) or "Reading desk" in answer, (status, answer[:200])


def test_a_public_server_takes_no_uploads(server: Server) -> None:
    assert (server.ask("/gradio_api/upload", {})[0] == 403) is server.public


@pytest.mark.parametrize("name", ["vfrac.sqlite3", ".secret"])
def test_the_data_home_is_not_served(server: Server, name: str) -> None:
    assert server.ask(f"/gradio_api/file={(server.app.home / name).resolve()}")[0] in (403, 404)
