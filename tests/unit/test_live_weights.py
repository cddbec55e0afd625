"""vfrac_core/ui/live_weights.py and weights_json.py: new weights are served without a restart, and named beside the number."""

from __future__ import annotations

import dataclasses
import logging
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.unit.network_fixtures import TINY, noise_stack, roi, tiny_network
from vfrac_core.errors import VfracError
from vfrac_core.model.initialise import random_network
from vfrac_core.model.predictor import Predictor, load_predictor
from vfrac_core.model.weight_set import save_set
from vfrac_core.model.weights import Training
from vfrac_core.signs import ai_caption
from vfrac_core.types import WeightsInfo
from vfrac_core.ui.live_weights import LOOK_EVERY_S, LiveWeights
from vfrac_core.ui.weights_json import weights_json

FIRST, SECOND = Training("first", "0" * 64), Training("second", "1" * 64)


def load_tiny(weights: Path, *, required: bool) -> Predictor:
    return load_predictor(weights, required=required, spec=TINY)


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_set(tiny_network(), tmp_path, FIRST)
    return tmp_path


@pytest.fixture
def live(folder: Path, clock: Clock) -> LiveWeights:
    live = LiveWeights(lambda: folder, load_tiny, clock)
    live.start()
    assert live.predictor().weights.training_data == "first"
    return live


def until(done: Callable[[], bool]) -> None:
    end = time.monotonic() + 60
    while not done():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def exchanging() -> bool:
    return any(thread.name == "exchange-network" for thread in threading.enumerate())


def look(live: LiveWeights, clock: Clock) -> Predictor:
    """Ask after the time to look again, wait for what that set off, and ask once more."""
    clock.now += LOOK_EVERY_S
    live.predictor()
    until(lambda: not exchanging())
    return live.predictor()


def test_a_new_manifest_is_served_without_a_restart_and_the_old_predictor_stays_whole(live, folder, clock):
    old = live.predictor()
    before = old.predict(noise_stack(), roi(), [7])
    made = save_set(random_network(TINY, 2).eval(), folder, SECOND)
    new = look(live, clock)
    assert new.weights == made
    after = new.predict(noise_stack(), roi(), [7])
    assert after.weights == made
    assert after.slices[0].logit != before.slices[0].logit, "an answer of the old network came out of a cache"
    again = old.predict(noise_stack(), roi(), [7])
    assert (again.weights, again.slices[0].logit) == (before.weights, before.slices[0].logit)


def test_new_weights_are_there_before_anybody_asks(folder):
    """Seen red: the first answer after ``use`` was the old network's, however long ago that was."""
    loads = []

    def load(weights: Path, *, required: bool) -> Predictor:
        predictor = load_tiny(weights, required=required)
        loads.append(predictor.weights.training_data)
        return predictor

    live = LiveWeights(lambda: folder, load)
    live.start()
    until(lambda: loads == ["first"])
    save_set(tiny_network(), folder, SECOND)
    until(lambda: loads == ["first", "second"] and not exchanging())
    assert live.predictor().weights.training_data == "second"
    live.close()


def test_nobody_waits_while_the_new_network_is_loaded(folder, clock):
    hold, loads = threading.Event(), []

    def slow(weights: Path, *, required: bool) -> Predictor:
        loads.append(required)
        if len(loads) > 1:
            assert hold.wait(60)
        return load_tiny(weights, required=required)

    live = LiveWeights(lambda: folder, slow, clock)
    live.start()
    first = live.predictor()
    save_set(tiny_network(), folder, SECOND)
    for _ in range(3):
        clock.now += LOOK_EVERY_S
        assert live.predictor() is first
        assert live.ready
    hold.set()
    until(lambda: live.predictor() is not first)
    assert loads == [False, True], "loaded once, whoever asked in between"


def test_the_disk_is_looked_at_every_two_seconds_at_most(live, folder, clock):
    save_set(tiny_network(), folder, SECOND)
    clock.now += LOOK_EVERY_S / 2
    live.predictor()
    assert not exchanging()
    assert live.predictor().weights.training_data == "first"
    assert look(live, clock).weights.training_data == "second"


@pytest.mark.parametrize("spoil", ["junk", "gone", "shard"])
def test_weights_that_cannot_be_loaded_leave_the_old_ones_and_one_line(live, folder, clock, caplog, spoil):
    old = live.predictor()
    if spoil == "junk":
        (folder / "manifest.json").write_text("{")
    elif spoil == "gone":
        (folder / "manifest.json").unlink()
    else:
        save_set(random_network(TINY, 2).eval(), folder, SECOND)
        for path in folder.glob("*.safetensors"):
            path.write_bytes(b"junk")
    with caplog.at_level(logging.INFO):
        assert look(live, clock) is old
        assert look(live, clock) is old
    assert len(caplog.records) == 1, "tried once"
    assert "the network before goes on serving: " in caplog.text
    save_set(tiny_network(), folder, SECOND)
    assert look(live, clock).weights.training_data == "second"


def test_reload_says_what_is_served_now_or_why_not(live, folder):
    made = save_set(tiny_network(), folder, SECOND)
    assert live.reload() == made == live.predictor().weights
    (folder / "manifest.json").write_text("{")
    with pytest.raises(VfracError, match=r"manifest\.json is damaged"):
        live.reload()
    assert live.predictor().weights == made


def test_a_first_network_that_fails_is_mended_by_a_good_manifest(tmp_path, clock):
    (tmp_path / "manifest.json").write_text("{")
    live = LiveWeights(lambda: tmp_path, load_tiny, clock)
    live.start()
    with pytest.raises(VfracError, match=r"manifest\.json is damaged"):
        live.predictor()
    made = save_set(tiny_network(), tmp_path, FIRST)
    clock.now += LOOK_EVERY_S
    assert live.ready
    until(lambda: not exchanging())
    assert live.predictor().weights == made


WEIGHTS = WeightsInfo("vfrac-0123456789ab", "0" * 64, "a synthetic cohort", trained=True, stem_stride=1, cam_layer="layer4")


@pytest.mark.parametrize(
    ("initialisation", "shift", "temperature", "words"),
    [
        ("not recorded", 0.0, 1.0, "Uncalibrated score of a network trained on a synthetic cohort. Single-centre"),
        ("synthetic", 0.0, 1.0, "cohort; started from synthetic pretraining. Single"),
        ("random", 0.0, 1.0, "cohort; started from random weights. Single"),
        ("imagenet", 0.0, 1.0, "cohort; started from ImageNet. Single"),
        ("the fold before", 0.0, 1.0, "cohort; started from the fold before. Single"),
        ("not recorded", -0.42, 1.0, "cohort; logit shift −0.42, fitted on out-of-fold patients as if both classes"),
        ("not recorded", 0.001, 1.0, "cohort; logit shift +0.001, fitted"),
        ("random", 1.0, 1.3, "weights; logit shift +1.00, fitted on out-of-fold patients as if both classes were equally"),
        ("not recorded", 0.0, 1.3, "Score of a network trained on a synthetic cohort; temperature 1.30, fitted out of fold."),
    ],
)
def test_the_caption_names_what_was_done_to_the_number(initialisation, shift, temperature, words):
    weights = dataclasses.replace(WEIGHTS, initialisation=initialisation, logit_shift=shift, temperature=temperature)
    found = weights_json(weights)
    assert words in found["caption"]
    assert (found["logit_shift"], found["temperature"], found["initialisation"]) == (shift, temperature, initialisation)


def test_untrained_weights_are_called_so_whatever_else_they_say():
    found = weights_json(dataclasses.replace(WEIGHTS, trained=False, logit_shift=1.0))
    assert found["caption"].startswith("UNTRAINED: ")


def test_the_plain_caption_is_what_it_was():
    assert ai_caption("x") == (
        "Uncalibrated score of a network trained on x. Single-centre design, metastases only (no myeloma or lymphoma)."
    )
