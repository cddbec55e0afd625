"""From a cohort folder to weights in use, by commands alone, with the real network on a dozen tiny cases."""

from __future__ import annotations

import csv
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from command_line import assert_refused
from learning_samples import a_library, all_read
from training_fixtures import BOX, a_stack

from vfrac_core.imaging.crop_file import write_crop
from vfrac_core.paper import SIGNS

CONFIG = "preset: demo\ninitial: random\nepochs: 1\nbatch: 8\nfolds: 2\npatience: null\n"

CORNERS = ("box_row_min", "box_col_min", "box_row_max", "box_col_max")


def tiny_cohort(folder: Path, cases: int = 12) -> Path:
    """Noise with a bright middle in the malignant ones; with masks of it."""
    folder.mkdir()
    rows = []
    for number in range(cases):
        name, malignant = f"case-{number:04d}", number % 2
        stack = a_stack(number)
        stack.hu[:, 28:38, 28:40] += 900 * malignant
        place = write_crop(folder / f"{name}.npz", stack, BOX, (3, 4, 5), name)
        lesion = np.zeros(stack.hu.shape, np.uint8)
        lesion[:, 28:38, 28:40] = 0b111111
        np.savez_compressed(folder / f"{name}_masks.npz", lesion=place.cut(lesion))
        box = dict(zip(CORNERS, place.box(BOX).as_tuple(), strict=True))
        signs = {sign: (number + k) % 2 for k, sign in enumerate(SIGNS)}
        own = {"case": name, "diagnosis": ("benign", "malignant")[malignant], "vertebral_level": "L1"}
        rows.append({**own, **signs, **box, "slice_index": 4 - place.first, "abnormal_slices": "1 2 3"})
    with (folder / "truth.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_from_a_cohort_to_weights_in_use(vfrac, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cohort, home, weights = tiny_cohort(tmp_path / "cohort"), tmp_path / "home", tmp_path / "weights"
    monkeypatch.setenv("VFRAC_WEIGHTS", str(weights))
    (tmp_path / "config.yaml").write_text(CONFIG)
    common = ("--cohort", cohort, "--config", tmp_path / "config.yaml", "--json")
    validated = vfrac("cross-validate", "--out", tmp_path / "cv", *common, home=home)
    assert validated.code == 0, validated.stderr
    assert "2 trainings of up to" in validated.stderr
    found = json.loads(validated.stdout)
    assert found["results"]["plain"]["per_patient"]["n"] == 12
    assert {"plain", "logit shift", "temperature"} == set(found["results"])
    trained = vfrac("train", "--out", tmp_path / "run", "--shift-from", tmp_path / "cv", *common, home=home)
    assert trained.code == 0, trained.stderr
    used = vfrac("use", "--run", tmp_path / "run", "--cross-validation", tmp_path / "cv", home=home)
    assert used.code == 0, used.stderr
    assert "is current" in used.stdout
    judged = vfrac("evaluate", "--out", tmp_path / "judged", "--weights", weights, "--cohort", cohort, "--json", home=home)
    assert judged.code == 0, judged.stderr
    figures = json.loads(judged.stdout)
    assert figures["per_patient"]["n"] == 12
    assert figures["without_recalibration"]["per_patient"]["n"] == 12
    assert set(figures["cam_focus"]["fused"]) == set(figures["cam_focus"]["gradcam"]) == {"malignant", *SIGNS}
    assert list(figures["signs"]) == list(SIGNS)
    assert (tmp_path / "judged" / "failures.png").stat().st_size > 10_000
    assert "the very cases that the weights learned from" in judged.stderr
    assert "fold 2/2, epoch 1/1, loss" in validated.stderr, "a log has a line for each epoch"
    again = vfrac("cross-validate", "--out", tmp_path / "cv", *common, home=home)
    assert "going on with a run that was begun: 2 of 2 trainings are finished" in again.stderr
    assert json.loads(again.stdout)["results"] == found["results"]


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_case_of_the_training_set_is_answered_by_the_network_of_its_fold(
    vfrac, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Seen red: what the weights had learned from did not come out of their file, and the fitted answer was shown."""
    home, weights = tmp_path / "home", tmp_path / "weights"
    monkeypatch.setenv("VFRAC_WEIGHTS", str(weights))
    library = a_library(home, 12)
    all_read(library)
    library.store.close()
    (tmp_path / "config.yaml").write_text(CONFIG)
    common = ("--study", "annotate", "--config", tmp_path / "config.yaml")
    shift = ("--shift-from", tmp_path / "cv")
    use = ("use", "--run", tmp_path / "run", "--cross-validation", tmp_path / "cv", "--keep-folds")
    for command in (
        ("cross-validate", "--out", tmp_path / "cv", *common),
        ("train", "--out", tmp_path / "run", *shift, *common),
        use,
    ):
        done = vfrac(*command, home=home)
        assert done.code == 0, done.stderr
    ask = ("predict", "case3", "--slice", 4, "--slices", "3-5", "--json", "--box")
    live = json.loads(vfrac(*ask, "10,12,25,30", home=home).stdout)
    assert live["out_of_fold"]["live"] is True
    assert json.loads(vfrac(*ask, "10,12,25,34", home=home).stdout)["out_of_fold"]["live"] is True
    shutil.rmtree(weights / "folds")
    stored = json.loads(vfrac(*ask, "10,12,25,30", home=home).stdout)
    assert stored["out_of_fold"] == {**live["out_of_fold"], "live": False}
    for now, kept in zip(live["slices"], stored["slices"], strict=True):
        assert now["probability"] == pytest.approx(kept["probability"], abs=2e-3)  # the kept networks are in 16 bit
    refused = vfrac(*ask, "10,12,25,34", home=home)
    assert (refused.code, "seen in training" in refused.stderr) == (2, True)


class TestRefused:
    def test_without_cases_or_with_two_places_for_them(self, vfrac, tmp_path: Path) -> None:
        assert_refused(vfrac("train", "--out", tmp_path / "run", home=tmp_path / "home"), "either --cohort DIR or --study NAME")
        both = ("--cohort", tmp_path, "--study", "annotate")
        assert_refused(vfrac("train", "--out", tmp_path / "run", *both, home=tmp_path / "home"), "either --cohort")

    def test_a_folder_that_is_no_cohort(self, vfrac, tmp_path: Path) -> None:
        refused = vfrac("cross-validate", "--out", tmp_path / "run", "--cohort", tmp_path, home=tmp_path / "home")
        assert_refused(refused, "no truth.csv")

    def test_a_preset_beside_a_configuration(self, vfrac, tmp_path: Path) -> None:
        (tmp_path / "c.yaml").write_text("preset: demo\n")
        more = ("--preset", "paper", "--config", tmp_path / "c.yaml", "--cohort", tmp_path)
        assert_refused(vfrac("train", "--out", tmp_path / "run", *more, home=tmp_path / "home"), "give one of them")

    def test_a_wrong_entry_of_the_configuration(self, vfrac, tmp_path: Path) -> None:
        (tmp_path / "c.yaml").write_text("preset: demo\nepoches: 3\n")
        more = ("--config", tmp_path / "c.yaml", "--cohort", tmp_path)
        assert_refused(vfrac("train", "--out", tmp_path / "run", *more, home=tmp_path / "home"), "'epoches' that is not known")

    def test_a_configuration_that_is_not_there_no_yaml_or_of_no_preset(self, vfrac, tmp_path: Path) -> None:
        file = tmp_path / "c.yaml"
        ask = ("train", "--out", tmp_path / "run", "--config", file, "--cohort", tmp_path)
        assert_refused(vfrac(*ask, home=tmp_path / "home"), "there is no configuration c.yaml")
        file.write_text("preset: demo\nepochs: [1\n")
        assert_refused(vfrac(*ask, home=tmp_path / "home"), "c.yaml is no YAML in line 3")
        file.write_text("preset: dmeo\n")
        assert_refused(vfrac(*ask, home=tmp_path / "home"), "preset is 'dmeo' in c.yaml, expected paper or demo")
        file.write_text("preset: demo\nepochs: one\n")
        assert_refused(vfrac(*ask, home=tmp_path / "home"), "epochs is 'one' in the configuration, expected a whole number")

    def test_synthetic_before_the_pretraining(self, vfrac, tmp_path: Path) -> None:
        more = ("--cohort", tiny_cohort(tmp_path / "cohort", 4), "--preset", "demo")
        refused = vfrac("train", "--out", tmp_path / "run", *more, home=tmp_path / "home")
        assert_refused(refused, "run pretrain first")
