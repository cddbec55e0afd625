"""The command line: what it prints and how it ends. In this process, except where a process is the subject."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from dicom_files import write_axial_series
from store_samples import a_filled_store

from tests.unit.network_fixtures import tiny_predictor
from vfrac_core.cli.main import run
from vfrac_core.model import predictor as model
from vfrac_core.store import REFERENCE, AnnotationStore
from vfrac_core.types import PixelBox

BOX = ("--slice", 15, "--box", "4,10,24,40")
TOO_LONG = "x" * 5000


@dataclass
class Done:
    code: int
    stdout: str
    stderr: str


@pytest.fixture
def vfrac(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch):
    """Run a command on a data home."""

    def run_here(*arguments: object, home: Path) -> Done:
        monkeypatch.setenv("VFRAC_DATA", str(home))
        capsys.readouterr()
        code = run([str(one) for one in arguments])
        return Done(code, *capsys.readouterr())

    return run_here


def import_json(*arguments: object) -> dict:
    """In a process of its own, as a user does it."""
    command = [sys.executable, "-m", "vfrac_core", "import", *map(str, arguments), "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("input") / "cohort"
    hu = np.random.default_rng(7).integers(-1000, 1500, (30, 64, 64), dtype=np.int16)
    write_axial_series(folder / "case-001", hu, (3.0, 1.5, 1.5))
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data") / "home"


@pytest.fixture(scope="module")
def case(cohort: Path, home: Path) -> str:
    (imported,) = import_json(cohort, "--data", home)["cases"]
    assert (imported["slices"], imported["rows"], imported["columns"]) == (32, 30, 64)
    return imported["case"]


@pytest.fixture
def small_home(tmp_path: Path) -> Path:
    """A store with one case; nothing was imported for it."""
    a_filled_store(tmp_path / "small")[0].close()
    return tmp_path / "small"


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> None:
    """The random network, but tiny: building the real one takes seconds."""
    monkeypatch.setattr(model, "untrained_predictor", lambda spec: tiny_predictor())


def assert_refused(done: Done, *words: str) -> None:
    """One line on stderr, exit 2, nothing on stdout."""
    assert (done.code, done.stdout) == (2, ""), done
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    for word in words:
        assert word in done.stderr


class TestImport:
    def test_importing_again_names_the_same_case(self, vfrac, cohort: Path, home: Path, case: str) -> None:
        assert case in vfrac("import", cohort, home=home).stdout

    def test_what_is_no_ct_ends_with_2_and_one_json_document(self, vfrac, tmp_path: Path, home: Path) -> None:
        (tmp_path / "notes.txt").write_text("not an image")
        done = vfrac("import", tmp_path, "--json", home=home)
        assert done.code == 2
        assert json.loads(done.stdout)["cases"] == []

    def test_a_name_too_long_for_a_path_is_refused(self, vfrac, home: Path) -> None:
        done = vfrac("import", TOO_LONG, home=home)
        assert (done.code, done.stdout) == (2, "")


HEADER = (
    "case,diagnosis,vertebral_compression,bone_cortex_interruption,paravertebral_soft_tissue_mass,transverse_fracture_line,"
    "multiple_segments,bone_destruction,vertebral_level,slice_index,box_row_min,box_col_min,box_row_max,box_col_max,"
    "abnormal_slices,age_years"
)
ROW = "case-001,malignant,1,0,0,1,,0,L1,15,4,10,24,40,14 15 16,63"


class TestTruth:
    @pytest.fixture
    def table(self, tmp_path: Path):
        def write(*rows: str) -> Path:
            path = tmp_path / "truth.csv"
            path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
            return path

        return write

    def test_a_row_becomes_the_reference_standard_of_the_case_once(
        self, vfrac, table, cohort: Path, home: Path, case: str
    ) -> None:
        truth = table(ROW, ROW.replace("case-001", "case-002"))
        heads = []
        for _ in range(2):
            done = vfrac("import", cohort, "--truth", truth, home=home)
            assert done.code == 0, done.stderr
            assert "1 cases have it; 1 rows without an imported case, 0 cases without a row" in done.stderr
            with AnnotationStore(home) as store:
                heads.append(store.head())
                reading = store.annotation(case, REFERENCE, REFERENCE).reading
        assert heads[0] == heads[1]
        assert (reading.diagnosis, reading.vertebral_level, reading.slice_index) == ("malignant", "L1", 15)
        assert (reading.box, reading.marked_slices) == (PixelBox(4, 10, 24, 40), (14, 15, 16))
        assert reading.signs["vertebral_compression"] == "present"
        assert reading.signs["bone_destruction"] == "absent"
        assert reading.signs["multiple_segments"] == "not_assessable"

    def test_a_row_without_a_diagnosis_is_taken_for_its_signs(self, vfrac, table, cohort: Path, tmp_path: Path) -> None:
        home = tmp_path / "home"
        done = vfrac("import", cohort, "--truth", table(ROW.replace("malignant", "")), home=home)
        assert (done.code, "1 cases have it" in done.stderr) == (0, True), done.stderr
        with AnnotationStore(home) as store:
            reading = store.annotation(store.cases()[0].case_id, REFERENCE, REFERENCE).reading
        assert (reading.diagnosis, reading.signs["transverse_fracture_line"]) == (None, "present")

    def test_the_folder_itself_is_matched_by_its_name_and_a_case_without_a_row_counts(
        self, vfrac, table, cohort: Path, home: Path, case: str
    ) -> None:
        assert "1 cases have it" in vfrac("import", cohort / "case-001", "--truth", table(ROW), home=home).stderr
        done = vfrac("import", cohort, "--truth", table(), home=home)
        assert (done.code, "1 cases without a row" in done.stderr) == (0, True)

    def test_a_row_outside_the_stack_is_refused_after_the_import(self, vfrac, table, cohort: Path, home: Path, case: str) -> None:
        done = vfrac("import", cohort, "--json", "--truth", table(ROW.replace("40,14", "999,14")), home=home)
        assert done.code == 2
        assert json.loads(done.stdout)["cases"][0]["case"] == case
        assert "row 2 of the truth table: not saved: the box lies outside" in done.stderr

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            (ROW.replace("malignant", "MUELLER"), "row 3 of the truth table has a wrong diagnosis"),
            (ROW.replace("L1", "MUELLER"), "a wrong vertebral_level"),
            (ROW.replace("14 15 16", "14 MUELLER"), "a wrong abnormal_slices"),
            (ROW.replace("1,0,0,1", "1,2,0,1"), "a wrong bone_cortex_interruption"),
            (ROW.replace("15,4,", "15,,"), "a wrong box_row_min"),
            (ROW.replace("4,10,24", "24,10,4"), "row 3 of the truth table: the box is empty or reversed"),
            (ROW, "row 3 of the truth table has a wrong case"),
            ("MUELLER", "a wrong diagnosis"),
            ("MUELLER,,1,0,0,1,,0,L1,15,4,10,24,40", "a wrong abnormal_slices"),
        ],
    )
    def test_a_wrong_row_is_one_line_without_its_values_before_anything_is_imported(
        self, vfrac, table, tmp_path: Path, row: str, words: str
    ) -> None:
        done = vfrac("import", tmp_path, "--truth", table(ROW, row), home=tmp_path / "home")
        assert_refused(done, words)
        assert "MUELLER" not in done.stderr
        assert not (tmp_path / "home").exists()

    def test_a_table_that_is_none_is_refused(self, vfrac, cohort: Path, tmp_path: Path) -> None:
        (tmp_path / "bad.csv").write_bytes(b"case\xff\n")
        (tmp_path / "few.csv").write_text("case,diagnosis\n")
        for name, words in (("bad.csv", "cannot be read"), ("gone.csv", "cannot be read"), ("few.csv", "has no column")):
            assert_refused(vfrac("import", cohort, "--truth", tmp_path / name, home=tmp_path / "home"), words)


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
            (("--cam", "bone_destruction"), "no sign outputs yet"),
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


class TestHome:
    def test_verify_and_backup_and_export_work_on_the_same_home(self, vfrac, small_home: Path, tmp_path: Path) -> None:
        assert vfrac("verify", home=small_home).code == 0
        assert vfrac("backup", tmp_path / "copy.sqlite3", home=small_home).code == 0
        assert (tmp_path / "copy.sqlite3").exists()
        for form in ("csv", "json", "coco", "crops"):
            done = vfrac("export", "--out", tmp_path / "out", "--format", form, home=small_home)
            assert done.code == 0, done.stderr

    @pytest.mark.parametrize("command", [("verify",), ("backup", "copy"), ("export", "--out", "out"), ("predict", "case1", *BOX)])
    def test_a_mistyped_home_is_refused_and_not_made(self, vfrac, tmp_path: Path, command: tuple[object, ...]) -> None:
        assert_refused(vfrac(*command, "--data", tmp_path / "typo", home=tmp_path), "there is no store in the data home")
        assert not (tmp_path / "typo").exists()

    def test_a_file_as_data_home_is_refused(self, vfrac, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        for home in ("file", "file/below", TOO_LONG):
            assert_refused(vfrac("import", tmp_path, home=tmp_path / home), "the data home is no folder")

    def test_an_export_onto_a_file_is_refused(self, vfrac, small_home: Path, tmp_path: Path) -> None:
        (tmp_path / "file").write_text("")
        assert_refused(vfrac("export", "--out", tmp_path / "file", home=small_home), "nothing was exported")

    def test_a_restored_backup_without_its_secret_says_that_cases_are_keyed_anew(self, vfrac, small_home: Path, caplog) -> None:
        assert vfrac("export", "--out", small_home / "out", home=small_home).code == 0
        assert "case ids are keyed anew" in caplog.text


class TestRefusals:
    @pytest.mark.parametrize(
        "command",
        [
            ("verify",),
            ("backup", "copy"),
            ("export", "--out", "out"),
            ("predict", "nobody", *BOX),
            ("import", ".", "--truth", "gone.csv"),
            ("export",),
            ("export", "--out", "out", "--format", "xlsx"),
            ("predict", "case1", "--slice", "one", "--box", "1,1,2,2"),
        ],
    )
    def test_json_is_one_document_with_the_same_line(self, vfrac, tmp_path: Path, command: tuple[object, ...]) -> None:
        done = vfrac(*command, "--json", home=tmp_path / "none")
        assert done.code == 2
        assert json.loads(done.stdout) == {"error": done.stderr.rstrip("\n")}

    @pytest.mark.parametrize("command", [("importt",), ("predict",), ("verify", "--nothing"), ("export", "--format", "xlsx")])
    def test_a_wrong_call_is_one_line(self, vfrac, tmp_path: Path, command: tuple[str, ...]) -> None:
        assert_refused(vfrac(*command, home=tmp_path))

    @pytest.mark.parametrize("command", [("--help",), (), ("predict", "--help"), ("version",)])
    def test_help_and_version_are_no_refusals(self, vfrac, tmp_path: Path, command: tuple[str, ...]) -> None:
        done = vfrac(*command, home=tmp_path)
        assert (done.code, done.stderr) == (0, "")
        assert done.stdout


class TestProcess:
    def test_warnings_and_refusals_are_on_stderr_and_the_exit_code_is_2(self, small_home: Path) -> None:
        command = [sys.executable, "-m", "vfrac_core", "predict", "nobody", *map(str, BOX), "--json"]
        environment = os.environ | {"VFRAC_DATA": str(small_home)}
        done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
        assert done.returncode == 2
        assert set(json.loads(done.stdout)) == {"error"}
        assert "keyed anew" in done.stderr.splitlines()[0]

    def test_help_and_import_do_not_load_torch_or_gradio(self) -> None:
        code = (
            "import sys; from vfrac_core.cli.main import app; from vfrac_core.library import importing; "
            "print([name for name in ('torch', 'gradio') if name in sys.modules])"
        )
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
        assert done.stdout.strip() == "[]"
