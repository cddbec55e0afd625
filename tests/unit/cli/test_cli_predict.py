"""``predict``: the same answer for a case and for its folder, and one line where there is none."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import BOX, TOO_LONG, assert_refused

from vfrac_core.paper import SIGNS


class TestPredict:
    @pytest.mark.usefixtures("tiny")
    def test_answers_alike_for_the_case_and_for_its_folder(self, vfrac, cohort: Path, home: Path, case: str) -> None:
        answers = [
            json.loads(vfrac("predict", what, *BOX, "--runtime", "torch", "--json", home=home).stdout) for what in (case, cohort)
        ]
        assert answers[0] == answers[1]
        assert [one["slice"] for one in answers[0]["slices"]] == [13, 14, 15, 16, 17]
        assert answers[0]["patient_probability"] == max(one["probability"] for one in answers[0]["slices"])
        assert "untrained" in answers[0]["weights"].lower()

    @pytest.mark.usefixtures("tiny")
    def test_a_path_is_answered_without_making_a_data_home(self, vfrac, cohort: Path, tmp_path: Path) -> None:
        done = vfrac("predict", cohort, *BOX, "--json", home=tmp_path / "none")
        assert (done.code, len(json.loads(done.stdout)["slices"])) == (0, 5)
        assert not (tmp_path / "none").exists()

    @pytest.mark.usefixtures("tiny_signs")
    def test_the_six_signs_are_told_and_each_has_its_map(self, vfrac, home: Path, case: str) -> None:
        answers = {
            target: json.loads(vfrac("predict", case, *BOX, "--cam", target, "--json", home=home).stdout)
            for target in ("malignant", "bone_destruction")
        }
        signs = answers["malignant"]["patient_signs"]
        assert list(signs) == list(SIGNS)
        assert answers["bone_destruction"]["patient_signs"] == pytest.approx(signs, abs=2e-6)
        grids = [[one["cam"]["grid"] for one in answer["slices"]] for answer in answers.values()]
        assert grids[0] != grids[1]
        lines = vfrac("predict", case, *BOX, home=home).stdout.splitlines()
        assert lines[-6:] == [f"patient    {name} {p:.4f}  (highest of the slices around the box)" for name, p in signs.items()]

    @pytest.mark.usefixtures("tiny")
    def test_without_a_sign_head_there_is_no_line_of_a_sign_and_no_map_of_one(self, vfrac, home: Path, case: str) -> None:
        assert "highest" not in vfrac("predict", case, *BOX, home=home).stdout
        assert_refused(vfrac("predict", case, *BOX, "--cam", "bone_destruction", home=home), "these weights know no single signs")

    @pytest.mark.parametrize(
        ("more", "words"),
        [
            (("--slices", "8-3"), "--slices runs backwards"),
            (("--slices", "0-999999999"), "more than 64 slices"),
            (("--slices", "3-67"), ""),
            (("--slices", "9" * 5000), "--slices is not a range"),
            (("--box", "2,2,20"), "row_min"),
            (("--box", f"2,2,20,{'9' * 5000}"), "row_min"),
            (("--runtime", "onnx"), "the runtime onnx is not in this version"),
            (("--cam", "ribs"), "unknown"),
        ],
    )
    def test_what_cannot_be_answered_is_one_line(self, vfrac, small_home: Path, more: tuple[str, str], words: str) -> None:
        assert_refused(vfrac("predict", "case1", *BOX, *more, home=small_home), words)

    @pytest.mark.parametrize("what", ["nobody", TOO_LONG])
    def test_an_unknown_case_is_one_line_on_stderr(self, vfrac, small_home: Path, what: str) -> None:
        assert_refused(vfrac("predict", what, *BOX, home=small_home), "not")

    @pytest.mark.parametrize(
        ("weights", "words"),
        [
            ("gone", "do not exist"),
            ("gone.safetensors", "do not exist"),
            (TOO_LONG, "do not exist"),
            (".", "no manifest.json"),
            ("notes.txt", "no safetensors file"),
            ("manifest.json", "manifest.json is damaged"),
            ("notes.txt/manifest.json", "do not exist"),
        ],
    )
    def test_weights_that_are_none_are_refused_not_replaced_by_random_ones(
        self, vfrac, small_home: Path, tmp_path: Path, weights: str, words: str
    ) -> None:
        (tmp_path / "notes.txt").write_text("no weights")
        if weights == "manifest.json":
            (tmp_path / weights).write_text("{}")
        done = vfrac("predict", "case1", "--slice", 4, "--box", "4,10,24,40", "--weights", tmp_path / weights, home=small_home)
        assert_refused(done, words)
