"""The weights that ship: whole, small enough for a plain push, what their card says, and right on most cases not seen."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from sklearn.metrics import roc_auc_score

from vfrac_core.evaluation.score_table import case_scores
from vfrac_core.library.cohort_set import read_cohort
from vfrac_core.model.manifest import FoundManifest, read_manifest
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.model.weight_set import load_checkpoint
from vfrac_core.phantom.cohort import CohortSettings
from vfrac_core.phantom.output import write_cohort
from vfrac_core.phantom.sampling import sample_cohort
from vfrac_core.phantom.seeds import TESTS
from vfrac_core.training.scores import score_cases

WEIGHTS = Path(__file__).parents[2] / "weights"


@pytest.fixture(scope="module")
def shipped() -> FoundManifest:
    found = read_manifest(WEIGHTS)
    assert found is not None
    return found


def test_each_file_can_be_pushed_to_a_space_and_all_of_them_are_in_git(shipped: FoundManifest) -> None:
    files = [WEIGHTS / shard.file for shard in shipped.content.shards]
    assert all(file.stat().st_size <= 9_000_000 for file in files)
    assert sum(file.stat().st_size for file in files) <= 50_000_000


def test_they_pass_their_own_probe_and_say_that_they_are_synthetic(shipped: FoundManifest) -> None:
    found = load_checkpoint(WEIGHTS, NetworkSpec())
    assert found is not None
    assert found.weights.trained
    assert "SYNTHETIC" in found.weights.training_data
    assert found.record.initialisation == "synthetic"
    assert found.record.sign_head
    assert found.record.logit_shift != 0
    assert found.record.precision == "float16"
    assert found.weights.sha256 == shipped.info.sha256


def test_the_card_is_of_these_weights_and_names_every_shard(shipped: FoundManifest) -> None:
    card = (WEIGHTS / "README.md").read_text(encoding="utf-8")
    assert shipped.info.sha256 in card
    assert all(shard.sha256 in card for shard in shipped.content.shards)
    assert re.search(r"Trained on synthetic images", card)
    assert "Not for clinical use" in card


@pytest.mark.slow
def test_they_tell_malignant_from_benign_on_cases_that_they_have_not_seen(tmp_path: Path) -> None:
    seed, count = TESTS[50], 40
    write_cohort(sample_cohort(seed, count, "expected"), tmp_path, CohortSettings(seed, "expected", count, "crops"))
    found = load_checkpoint(WEIGHTS, NetworkSpec())
    assert found is not None
    scores = case_scores(score_cases(found.network, read_cohort(tmp_path).cases), "max")
    assert roc_auc_score(scores.malignant, scores.logits) > 0.85
