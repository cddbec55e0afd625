"""Pixels: for the holder of a ticket of that very case, and sent once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from at_the_door import study
from starlette.testclient import TestClient

from vfrac_core.ui.services import Services


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
