"""vfrac_core/report/model_card.py: the card says what was run, on what, and what it does not prove."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from vfrac_core.model.manifest import FoundManifest, Manifest, Shard
from vfrac_core.model.record import Training, make_record
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.report.model_card import ModelCard, Row, card_text

TRAINING = Training("the synthetic cohort vfrac-phantom-2", "ab" * 32, initialisation="synthetic", label="reference")
CARD = ModelCard(
    data="1000 cases, 68 % malignant.",
    synthetic=True,
    method="Ten folds by patient, each case tested once.",
    results=(Row("AUC per patient", "0.95 (0.93 to 0.96), n = 1000"), Row("a | b", "two\nlines")),
    sensitivity=0.9,
    specificity=0.8,
    report="docs/report.html",
)


def found(training: Training = TRAINING, *, signs: bool = False, **card: str) -> FoundManifest:
    record = make_record(NetworkSpec(sign_head=signs), training, probe_logit=0.5, precision="float16")
    manifest = Manifest(record, (Shard("model-00000000.safetensors", "c" * 64),), card)
    return FoundManifest(Path("manifest.json"), manifest, manifest.as_bytes())


def test_the_front_matter_is_yaml_with_licence_and_tags():
    _, front, body = card_text(found(), CARD).split("---\n", 2)
    facts = yaml.safe_load(front)
    assert facts["license"] == "apache-2.0"
    assert {"synthetic-data", "research-only"} <= set(facts["tags"])
    assert body.startswith("\n# Model card: vfrac-")
    assert "synthetic-data" not in card_text(found(), replace(CARD, synthetic=False))


def test_what_was_run_on_what_and_for_how_long_is_said():
    text = card_text(found(epochs="30", minutes="95"), CARD)
    for words in (
        "| epochs | 30 |",
        "| minutes | 95 |",
        "A network trained on the synthetic cohort vfrac-phantom-2. 1000 cases",
        "| started from | our own pretraining on synthetic crops. ImageNet was not used, unlike in the paper |",
        "| AUC per patient | 0.95 (0.93 to 0.96), n = 1000 |",
        r"| a \| b | two lines |",
        "The whole report: docs/report.html",
        "float16",
        "c" * 64,
    ):
        assert words in text


def test_the_limits_are_always_there():
    for card in (CARD, replace(CARD, synthetic=False)):
        text = card_text(found(), card)
        for words in ("Research and teaching only. Not a medical device.", "no myeloma, no lymphoma", "No external test."):
            assert words in text
        assert ("Synthetic data prove the machinery and not the diagnosis" in text) is card.synthetic


@pytest.mark.parametrize(("start", "used"), [("imagenet", True), ("synthetic", False), ("random", False)])
def test_where_imagenet_was_not_used_the_card_says_so(start, used):
    assert ("ImageNet was not used" not in card_text(found(replace(TRAINING, initialisation=start)), CARD)) is used


def test_shift_and_temperature_are_named_with_their_formula():
    assert "an uncalibrated score: no shift, no temperature" in card_text(found(), CARD)
    text = card_text(found(replace(TRAINING, logit_shift=-0.42, temperature=1.3)), CARD)
    assert "sigmoid((logit − 0.42) / 1.3); logit shift −0.42, fitted on out-of-fold patients" in text


def test_the_six_signs_are_named_where_the_network_has_them():
    assert "bone_destruction" in card_text(found(signs=True), CARD)
    assert "bone_destruction" not in card_text(found(), CARD)


def test_the_table_of_predictive_values_stands_in_the_card():
    text = card_text(found(), CARD)
    assert "| 10 % | 33.3 % | 98.6 % |" in text
    assert "| 68 % |" in text
    assert "PPV" not in card_text(found(), replace(CARD, sensitivity=None))


def test_the_same_facts_give_the_same_text():
    assert card_text(found(), CARD) == card_text(found(), CARD)
    assert card_text(found(), CARD).endswith("\n")
