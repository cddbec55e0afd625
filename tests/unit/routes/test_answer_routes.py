"""Answers of the teaching examples: who gets them, when, and that nothing of them is anywhere before."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
from at_the_door import TOKEN_A, TOKEN_B
from example_fake import Maker
from starlette.testclient import TestClient

from vfrac_core.library.cases import CaseLibrary
from vfrac_core.library.example_maker import make_missing
from vfrac_core.library.examples import example_cases
from vfrac_core.library.importing import add_volume
from vfrac_core.paper import SIGNS
from vfrac_core.phantom.teaching_texts import TEXTS
from vfrac_core.settings import Settings, load_secret
from vfrac_core.store import REFERENCE, AnnotationStore, VolumeLibrary, add_arrows
from vfrac_core.types import Arrow, WeightsInfo
from vfrac_core.ui.live_weights import LiveWeights
from vfrac_core.ui.services import Services

COMPLETE = {
    "slice_index": 5,
    "box": [4, 4, 14, 20],
    "vertebral_level": "L2",
    "signs": dict.fromkeys(SIGNS, "absent"),
    "diagnosis": "benign",
    "confidence": 3,
}


class NoPredictor:
    weights = WeightsInfo("untrained-test", "0" * 64, "nothing", trained=False, stem_stride=1, cam_layer="layer4")


@pytest.fixture
def services(tmp_path: Path) -> Iterator[Services]:
    """Three examples wanted, two made; and a case of the reader's own, imported between them."""
    settings = Settings(data_home=tmp_path / "home", examples=3)
    secret = load_secret(settings.data_home)
    network = LiveWeights(lambda: tmp_path / "weights", load=lambda weights, *, required: NoPredictor())
    network.start()
    with AnnotationStore(settings.data_home) as store:
        library = CaseLibrary(store, VolumeLibrary(settings.data_home), secret=secret, cache_bytes=10**7)
        examples = example_cases(secret, 3)
        make_missing(library, dict(list(examples.items())[:1]), make=Maker())
        add_volume("own", Maker()(examples[next(iter(examples))])[0].volume, library)
        make_missing(library, dict(list(examples.items())[:2]), make=Maker())
        yield Services(settings, secret, store, library, network, examples)


@pytest.fixture
def first(services: Services) -> str:
    return next(iter(services.examples))


def sign_in(door: TestClient, token: str) -> str:
    answer = door.post("/api/reader", headers=by(token), json={"display_name": "Reader", "years_experience": 5})
    return answer.json()["reader_id"]


def by(token: str) -> dict[str, str]:
    return {"X-Vfrac-Reader": token}


def save(door: TestClient, token: str, case: str, verb: str, save_id: str, **more: object) -> None:
    body = {"save_id": save_id * 32, "reading": COMPLETE, **more}
    assert door.post(f"/api/{verb}/{case}", headers=by(token), json=body).status_code == 200


def again(door: TestClient, case: str, token: str = "") -> object:
    answer = door.get(f"/api/answer/{case}", headers=by(token))
    assert answer.status_code == 200
    return answer.json()["answer"]


def study(door: TestClient, case: str, mode: str = "explore", token: str = "") -> dict:
    return door.get(f"/api/case/{case}?mode={mode}", headers=by(token)).json()["study"]


class TestTheList:
    def test_explore_numbers_the_examples_and_puts_them_first(self, door: TestClient, services: Services) -> None:
        cases = door.get("/api/cases?mode=explore").json()["cases"]
        ids = list(services.examples)
        assert [(one["title"], one["case"]) for one in cases] == [
            ("Example 1", ids[0]),
            ("Example 2", ids[1]),
            ("Case OWN", "own"),
        ]
        assert study(door, ids[1])["title"] == "Example 2"

    def test_to_be_read_they_are_cases_like_any_other(self, door: TestClient, services: Services) -> None:
        cases = door.get("/api/cases?mode=annotate").json()["cases"]
        assert [one["case"] for one in cases] == sorted(one["case"] for one in cases)
        assert not [one["title"] for one in cases if "Example" in one["title"]]
        ids = list(services.examples)[:2]
        opened = [study(door, case, "annotate") for case in (*ids, "own")]
        assert {one["answer"] for one in opened} == {"none"}
        assert {one["title"].split()[0] for one in opened} == {"Case"}

    def test_says_how_far_the_making_is(self, door: TestClient) -> None:
        progress = {"made": 2, "wanted": 3, "making": False}
        assert door.get("/api/examples").json() == {"examples": progress}
        assert door.get("/api/cases").json()["examples"] == progress


class TestShowTheAnswer:
    def test_gives_everything_and_notes_who_was_shown_it(self, door: TestClient, first: str, services: Services) -> None:
        reader = sign_in(door, TOKEN_A)
        assert study(door, first, token=TOKEN_A)["answer"] == "closed"
        shown = door.post(f"/api/answer/{first}", headers=by(TOKEN_A)).json()["answer"]
        assert shown["title"] == TEXTS[1].title
        assert shown["sentences"] == [TEXTS[1].seen, TEXTS[1].means]
        assert shown["truth"]["diagnosis"] == "benign"
        assert shown["truth"]["signs"] == dict.fromkeys(SIGNS, "absent") | {"vertebral_compression": "present"}
        assert [(arrow["sign"], arrow["slice_index"], arrow["row"], arrow["right"]) for arrow in shown["arrows"]] == [
            ("vertebral_compression", 4, 8.0, 0.0),
            (None, 5, 7.25, -1.0),
        ]
        assert study(door, first, token=TOKEN_A)["answer"] == "open"
        assert again(door, first, TOKEN_A) == shown
        assert again(door, first, TOKEN_A) == shown
        log = events(services, "answer_shown")
        assert [(event["case_id"], event["reader_id"]) for event in log] == [(first, reader)]

    def test_to_a_visitor_without_a_name_leaves_no_event_and_is_not_remembered_here(
        self, door: TestClient, first: str, services: Services
    ) -> None:
        assert door.post(f"/api/answer/{first}").json()["answer"]["title"] == TEXTS[1].title
        assert again(door, first) is None
        assert events(services, "answer_shown") == []

    def test_of_one_reader_is_not_given_to_another(self, door: TestClient, first: str) -> None:
        sign_in(door, TOKEN_A)
        sign_in(door, TOKEN_B)
        door.post(f"/api/answer/{first}", headers=by(TOKEN_A))
        assert again(door, first, TOKEN_B) is None
        assert study(door, first, token=TOKEN_B)["answer"] == "closed"

    def test_of_a_case_that_has_none_is_refused_like_one_that_is_unknown(self, door: TestClient, services: Services) -> None:
        unmade = list(services.examples)[2]
        answers = [door.post(f"/api/answer/{case}", headers=by(TOKEN_A)) for case in ("own", "nobody", unmade)]
        assert {(one.status_code, one.text) for one in answers} == {(403, '{"error": "this case is not available"}')}

    def test_before_the_reading_marks_it_as_not_to_learn_from(self, door: TestClient, first: str, services: Services) -> None:
        reader = sign_in(door, TOKEN_A)
        door.post(f"/api/answer/{first}", headers=by(TOKEN_A))
        save(door, TOKEN_A, first, "submit", "1")
        annotation = services.store.annotation(first, reader)
        assert annotation is not None
        assert annotation.answer_visible

    def test_in_a_browser_that_had_no_name_yet_is_told_with_the_reading(
        self, door: TestClient, first: str, services: Services
    ) -> None:
        door.post(f"/api/answer/{first}", headers=by(TOKEN_A))
        reader = sign_in(door, TOKEN_A)
        save(door, TOKEN_A, first, "draft", "1", answer_visible=True)
        save(door, TOKEN_A, first, "submit", "2")
        annotation = services.store.annotation(first, reader)
        assert annotation is not None
        assert annotation.answer_visible


class TestAfterTheOwnAnswer:
    def test_it_is_given_without_being_asked_for_and_counts_for_a_correction(
        self, door: TestClient, first: str, services: Services
    ) -> None:
        reader = sign_in(door, TOKEN_A)
        save(door, TOKEN_A, first, "draft", "1")
        assert again(door, first, TOKEN_A) is None
        save(door, TOKEN_A, first, "submit", "2")
        assert study(door, first, token=TOKEN_A)["answer"] == "open"
        shown = again(door, first, TOKEN_A)
        assert isinstance(shown, dict)
        assert shown["title"] == TEXTS[1].title
        before = services.store.annotation(first, reader)
        save(door, TOKEN_A, first, "correct", "3", reason="now I know")
        after = services.store.annotation(first, reader)
        assert before is not None
        assert after is not None
        assert (before.answer_visible, after.answer_visible) == (False, True)

    def test_other_cases_have_none(self, door: TestClient) -> None:
        sign_in(door, TOKEN_A)
        save(door, TOKEN_A, "own", "submit", "1")
        assert again(door, "own", TOKEN_A) is None

    def test_an_unknown_case_is_refused(self, door: TestClient) -> None:
        assert door.get("/api/answer/nobody").status_code == 403


class TestNothingOfItIsAnywhereBefore:
    def test_no_word_number_or_place_of_it_is_in_any_payload(self, door: TestClient, services: Services) -> None:
        sign_in(door, TOKEN_A)
        text = " ".join(everything(door, services).values())
        for number in (1, 2):
            words = TEXTS[number]
            assert not [told for told in (words.title, words.seen, words.means) if told in text]
        for word in ("benign", "malignant", "diagnosis", "difficulty", "arrows", "sentences", "truth", *SIGNS):
            assert word not in text, word

    def test_with_another_truth_every_payload_is_the_same(self, door: TestClient, services: Services, first: str) -> None:
        sign_in(door, TOKEN_A)
        before = everything(door, services)
        truth = services.store.annotation(first, REFERENCE, REFERENCE)
        assert truth is not None
        other = replace(
            truth.reading, diagnosis="malignant", vertebral_level="T9", slice_index=1, signs=dict.fromkeys(SIGNS, "present")
        )
        services.store.set_reference(first, other)
        add_arrows(services.store, first, [Arrow("bone_destruction", 1, 2.0, 3.0, 0.0, 1.0)])
        assert everything(door, services) == before


def everything(door: TestClient, services: Services) -> Mapping[str, str]:
    """What every door says to a reader who has not read anything and asked for no answer; tickets are signed anew each second."""
    said: dict[str, str] = {}
    for mode in ("explore", "annotate"):
        said[f"cases {mode}"] = door.get(f"/api/cases?mode={mode}", headers=by(TOKEN_A)).text
        for record in services.store.cases():
            opened = door.get(f"/api/case/{record.case_id}?mode={mode}", headers=by(TOKEN_A)).json()
            ticket = opened["study"].pop("ticket")
            said[f"{mode} {record.case_id}"] = json.dumps(opened)
            chunk = door.get(f"/{opened['study']['volume_url']}/0", headers={"X-Vfrac-Ticket": ticket})
            said[f"pixels {record.case_id}"] = f"{chunk.headers['etag']} {len(chunk.content)}"
            said[f"answer {record.case_id}"] = door.get(f"/api/answer/{record.case_id}", headers=by(TOKEN_A)).text
    said["examples"] = door.get("/api/examples").text
    return said


def events(services: Services, kind: str) -> list[dict]:
    query = "SELECT * FROM events WHERE kind = ?"
    return services.store.file.read(lambda database: list(database.query(query, [kind])))
