"""What holds at every door: no stranger learns anything, no body is too large, and a bug is one sentence."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from at_the_door import TOKEN_A
from starlette.testclient import TestClient

from vfrac_core.ui.services import Services


def test_unknown_and_foreign_cases_are_refused_in_the_same_words(door: TestClient) -> None:
    answers = {door.get(f"/api/case/{case}").text for case in ("nobody", "case9", "..%2F..%2Fetc")}
    assert len(answers) <= 2  # our sentence, or the router's 404 for a path with slashes
    assert all("Traceback" not in text for text in answers)


def test_a_body_that_is_too_large_is_refused(door: TestClient) -> None:
    answer = door.post("/api/reader", headers={"X-Vfrac-Reader": TOKEN_A}, content=b"x" * 300_000)
    assert answer.status_code == 400
    assert "256 kB" in answer.json()["error"]


def test_a_bug_is_one_neutral_sentence(
    door: TestClient, services: Services, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(services.store.__class__, "cases", lambda self: SimpleNamespace().nothing)
    answer = door.get("/api/cases")
    assert answer.status_code == 500
    assert "SimpleNamespace" not in answer.text
    assert "a route failed: AttributeError at" in caplog.text
    assert "SimpleNamespace" not in caplog.text  # the exception's words may quote a file name
