"""The command line as a user runs it: its own process, what it prints, how it ends."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from dicom_files import write_axial_series


def vfrac(*arguments: object, home: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "vfrac_core", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | {"VFRAC_DATA": str(home)}, check=False)


@pytest.fixture(scope="module")
def series(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("input") / "series"
    hu = np.random.default_rng(7).integers(-1000, 1500, (30, 64, 64), dtype=np.int16)
    write_axial_series(folder, hu, (3.0, 1.5, 1.5))
    return folder


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data") / "home"


@pytest.fixture(scope="module")
def case(series: Path, home: Path) -> str:
    done = vfrac("import", series, "--json", home=home)
    assert done.returncode == 0, done.stderr
    (imported,) = json.loads(done.stdout)["cases"]
    assert (imported["slices"], imported["rows"], imported["columns"]) == (32, 30, 64)
    return imported["case"]


def test_importing_again_names_the_same_case(series: Path, home: Path, case: str) -> None:
    assert case in vfrac("import", series, home=home).stdout


def test_what_is_no_ct_ends_with_2_and_one_json_document(tmp_path: Path, home: Path) -> None:
    (tmp_path / "notes.txt").write_text("not an image")
    done = vfrac("import", tmp_path, "--json", home=home)
    assert done.returncode == 2
    assert json.loads(done.stdout)["cases"] == []
    assert "Traceback" not in done.stderr


def test_an_unknown_case_is_one_line_on_stderr(home: Path) -> None:
    done = vfrac("predict", "nobody", "--slice", 1, "--box", "2,2,20,20", home=home)
    assert (done.returncode, done.stdout) == (2, "")
    assert len(done.stderr.strip().splitlines()) == 1


def test_a_box_that_is_none_is_one_line_on_stderr(home: Path, case: str) -> None:
    done = vfrac("predict", case, "--slice", 1, "--box", "2,2,20", home=home)
    assert done.returncode == 2
    assert "row_min" in done.stderr


def test_predict_answers_alike_for_the_case_and_for_its_folder(series: Path, home: Path, case: str) -> None:
    answers = [
        json.loads(vfrac("predict", what, "--slice", 15, "--box", "4,10,24,40", "--json", home=home).stdout)
        for what in (case, series)
    ]
    assert answers[0] == answers[1]
    assert [one["slice"] for one in answers[0]["slices"]] == [13, 14, 15, 16, 17]
    assert answers[0]["patient_probability"] == max(one["probability"] for one in answers[0]["slices"])
    assert "untrained" in answers[0]["weights"].lower()


def test_verify_and_backup_and_export_work_on_the_same_home(home: Path, case: str, tmp_path: Path) -> None:
    assert vfrac("verify", home=home).returncode == 0
    assert vfrac("backup", tmp_path / "copy.sqlite3", home=home).returncode == 0
    assert (tmp_path / "copy.sqlite3").exists()
    for form in ("csv", "json", "coco", "crops"):
        done = vfrac("export", "--out", tmp_path / "out", "--format", form, home=home)
        assert done.returncode == 0, done.stderr


def test_help_and_import_do_not_load_torch_or_gradio() -> None:
    code = (
        "import sys; from vfrac_core.cli.main import app; from vfrac_core.library import importing; "
        "print([name for name in ('torch', 'gradio') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
