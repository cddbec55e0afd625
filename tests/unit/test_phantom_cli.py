"""``phantom`` as a user has it: real cases, few and small, in processes of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from phantom_folder import rows

from vfrac_core.cli.main import run
from vfrac_core.phantom.cohort import TRUTH_COLUMNS
from vfrac_core.store import REFERENCE, AnnotationStore

ROOT = Path(__file__).parents[2]
SEED = 6_000  # of seeds.TESTS


def start(*arguments: object) -> subprocess.Popen[str]:
    """A process group of its own: Ctrl+C in a terminal goes to all of it."""
    signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in a job in the background, and a child inherits that
    return subprocess.Popen(
        [sys.executable, "-m", "vfrac_core", "phantom", *map(str, arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        start_new_session=True,
    )


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict]:
    """Two full cases, made by the program."""
    out = tmp_path_factory.mktemp("phantom") / "cohort"
    process = start("--out", out, "--cases", 2, "--seed", SEED, "--spacing", 3, "--json")
    stdout, stderr = process.communicate(timeout=200)
    assert process.returncode == 0, stderr
    assert stderr == "SYNTHETIC: computer-generated images, no patient.\n"
    return out, json.loads(stdout)


def test_it_says_in_one_document_what_it_made(cohort):
    out, said = cohort
    assert said == {
        "folder": str(out),
        "cases": 2,
        "made": 2,
        "left_out": [],
        "format": "dicom",
        "seed": SEED,
        "mode": "expected",
        "spacing_mm": 3.0,
        "truth": str(out / "truth.csv"),
        "parameters": str(out / "parameters.csv"),
    }
    assert tuple(rows(out / "truth.csv")[0]) == TRUTH_COLUMNS
    assert [row["case"] for row in rows(out / "parameters.csv")] == ["case-0001", "case-0002"]


def test_its_cases_are_imported_with_their_truth(cohort, tmp_path, capsys):
    out, _ = cohort
    home = tmp_path / "home"
    assert run(["import", str(out), "--truth", str(out / "truth.csv"), "--data", str(home), "--json"]) == 0
    answer = capsys.readouterr()
    ids = {case["source"]: case["case"] for case in json.loads(answer.out)["cases"]}
    assert set(ids) == {"case-0001", "case-0002"}
    assert "2 cases have it; 0 rows without an imported case, 0 cases without a row" in answer.err
    with AnnotationStore(home) as store:
        for row in rows(out / "truth.csv"):
            case, reading = store.case(ids[row["case"]]), store.annotation(ids[row["case"]], REFERENCE, REFERENCE).reading
            assert case.info.synthetic
            assert (reading.diagnosis, reading.vertebral_level) == (row["diagnosis"], row["vertebral_level"])
            assert reading.slice_index == int(row["slice_index"])


@pytest.mark.slow
def test_crops_are_made_again_bit_by_bit_after_ctrl_c(tmp_path):
    """All processes of the group hear it, as in a terminal; nobody prints a traceback."""
    options = ("--cases", 8, "--seed", SEED, "--format", "crops", "--mode", "independent", "--masks", "--jobs", 2)
    process = start("--out", tmp_path / "stopped", *options)
    memory, until = tmp_path / "stopped" / ".cohort.jsonl", time.monotonic() + 120
    while not memory.exists() or memory.read_bytes().count(b"\n") < 2:
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGINT)
    stdout, stderr = process.communicate(timeout=60)
    assert (process.returncode, stdout, stderr.strip()) == (130, "", "")
    assert not (tmp_path / "stopped" / ".work").exists()

    for out, jobs in (("stopped", 1), ("whole", 2)):
        process = start("--out", tmp_path / out, *options[:-1], jobs)
        assert process.wait(timeout=200) == 0, process.communicate()
        process.communicate()
    stopped, whole = ({path.name: path.read_bytes() for path in (tmp_path / out).iterdir()} for out in ("stopped", "whole"))
    assert stopped == whole
    with np.load(tmp_path / "whole" / "case-0001.npz") as crop, np.load(tmp_path / "whole" / "case-0001_masks.npz") as masks:
        assert crop["hu"].shape == masks["labels"].shape == masks["lesion"].shape
        assert masks["labels"].any()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--mode", "quota", "--cases", "3"), "433"),
        (("--cases", "0"), "--cases"),
        (("--seed", "-1"), "--seed"),
        (("--spacing", "4"), "--spacing"),
        (("--format", "png"), "--format"),
        (("--cases", "1", "--jobs", "0"), "--jobs"),
    ],
)
def test_what_cannot_be_made_is_one_line(tmp_path, capsys, options, words):
    assert run(["phantom", "--out", str(tmp_path / "out"), *options, "--json"]) == 2
    answer = capsys.readouterr()
    assert words in json.loads(answer.out)["error"]
    assert len(answer.err.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


def test_a_folder_of_another_cohort_is_refused(cohort, capsys):
    out, _ = cohort
    assert run(["phantom", "--out", str(out), "--cases", "2", "--seed", str(SEED + 1)]) == 2
    assert "the folder was begun with another seed" in capsys.readouterr().err
