"""vfrac_core/model/predictor.py: which weights answer."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from tests.unit.network_fixtures import (
    TINY,
    tiny_network,
)
from vfrac_core.errors import CheckpointMismatchError
from vfrac_core.model.predictor import load_predictor
from vfrac_core.model.weight_set import make_current
from vfrac_core.model.weights import Training, save_weights


def test_a_folder_without_a_manifest_serves_the_untrained_network_and_says_so_loudly(tmp_path: Path, caplog):
    with caplog.at_level(logging.WARNING):
        predictor = load_predictor(tmp_path)
    assert predictor.weights.trained is False
    assert predictor.weights.name.startswith("untrained-seed-")
    assert "UNTRAINED" in caplog.text


def test_weights_that_the_manifest_names_are_served(tmp_path: Path):
    save_weights(tiny_network(), tmp_path / "demo.safetensors", Training("synthetic crops", "0" * 64))
    assert load_predictor(tmp_path / "demo.safetensors", spec=TINY).weights.name == "demo"
    made = make_current(tmp_path / "weights", tmp_path / "demo.safetensors", TINY)
    weights = load_predictor(tmp_path / "weights", spec=TINY).weights
    assert (weights, weights.trained, weights.training_data) == (made, True, "synthetic crops")
    assert load_predictor(tmp_path / "weights" / "manifest.json", required=True, spec=TINY).weights == weights


def test_a_manifest_that_leads_nowhere_is_refused(tmp_path: Path):
    (tmp_path / "manifest.json").write_text('{"current": "gone.safetensors", "sha256": "x"}')
    with pytest.raises(CheckpointMismatchError, match=r"manifest\.json is damaged or of another version"):
        load_predictor(tmp_path)


@pytest.mark.parametrize("path", ["no.safetensors", "no", "no.json", ""])
def test_weights_that_were_asked_for_and_are_not_there_are_refused(tmp_path: Path, path: str):
    with pytest.raises(CheckpointMismatchError):
        load_predictor(tmp_path / path, required=True)
