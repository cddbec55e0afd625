"""Exports: with the safety line, and none from a public server."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator

import pytest
from at_the_door import COMPLETE, TOKEN_A, save, sign_in
from starlette.applications import Starlette
from starlette.testclient import TestClient

from vfrac_core.ui.routes import routes
from vfrac_core.ui.services import Services


def test_an_export_says_the_safety_line(door: TestClient) -> None:
    sign_in(door, TOKEN_A)
    save(door, TOKEN_A, COMPLETE, "submit")
    assert "Not for clinical use" in json.dumps(door.get("/export/json").json())


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
