"""What visitors and readers ask for at the door, as their browsers do."""

from __future__ import annotations

from pathlib import Path

from starlette.testclient import TestClient

from vfrac_core.paper import SIGNS
from vfrac_core.ui.live_weights import LiveWeights

TOKEN_A, TOKEN_B = "a" * 64, "b" * 64
READING = {"slice_index": 5, "box": [4, 4, 20, 20], "signs": {"bone_destruction": "present"}}
COMPLETE = READING | {
    "vertebral_level": "L2",
    "signs": dict.fromkeys(SIGNS, "absent"),
    "diagnosis": "benign",
    "confidence": 3,
}


def sign_in(door: TestClient, token: str, name: str = "Reader") -> dict:
    answer = door.post("/api/reader", headers={"X-Vfrac-Reader": token}, json={"display_name": name, "years_experience": 5})
    assert answer.status_code == 200, answer.text
    return answer.json()


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


def served(predictor: object) -> LiveWeights:
    """As if this network had been loaded."""
    network = LiveWeights(Path, load=lambda weights, *, required: predictor)
    network.start()
    network.predictor()
    return network


def still_loading() -> LiveWeights:
    """A network that does not come."""
    return LiveWeights(Path)
