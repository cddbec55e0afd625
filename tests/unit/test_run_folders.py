"""Runs in folders of their own: started, stopped, gone on with; and what is told of one whose process is gone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vfrac_core.errors import VfracError
from vfrac_core.library.processes import when_begun
from vfrac_core.library.run_command import COMMAND, RunCommand, read_command
from vfrac_core.library.run_curves import read_curves
from vfrac_core.library.run_folders import LOG, PROCESS, RunFolder, RunFolders
from vfrac_core.training.config import DEMO, read_config

WAIT_S = 20
COMMAND_OF_STUDY = RunCommand("train", study="annotate")
# A training as seen from outside: stops when asked, keeps how far it came in its folder, is done after three starts.
FAKE = """
import pathlib, signal, sys, time
out = pathlib.Path(next(a for a in sys.argv if a.startswith("--out=")).removeprefix("--out="))
print("begun with", " ".join(sys.argv[1:2]), file=sys.stderr, flush=True)
asked = []
signal.signal(signal.SIGTERM, lambda *_: asked.append(1))
(out / "ready").write_text("")
if "broken" in out.name: sys.exit("there is no case to learn from; label cases")
if (out / "saved").exists(): (out / "run.json").write_text("{}"); sys.exit(0)
while not asked: time.sleep(0.01)
(out / "saved").write_text("")
print("stopped; everything is saved", file=sys.stderr)
sys.exit(130)
"""


@pytest.fixture
def runs(tmp_path: Path) -> Iterator[RunFolders]:
    folders = RunFolders(tmp_path, (sys.executable, "-c", FAKE))
    yield folders
    for run in folders.all():
        if run.alive:
            os.kill(json.loads((run.folder / PROCESS).read_text())["pid"], 9)
    wait(lambda: not any(run.alive for run in folders.all()))


def wait(is_so: Callable[[], object]) -> None:
    until = time.monotonic() + WAIT_S
    while not is_so():
        assert time.monotonic() < until
        time.sleep(0.02)


def started(runs: RunFolders, name: str = "first", command: RunCommand = COMMAND_OF_STUDY) -> RunFolder:
    run = runs.start(name, command, DEMO)
    wait((run.folder / "ready").exists)
    return run


def ended(runs: RunFolders, name: str) -> RunFolder:
    wait(lambda: not runs.get(name).alive)
    return runs.get(name)


def test_a_run_is_started_stopped_gone_on_with_and_finished(runs: RunFolders) -> None:
    assert started(runs).state == "running"
    assert runs.get("first").last_line == "begun with train"
    assert runs.stop("first").state in ("stopping", "stopped")
    stopped = ended(runs, "first")
    assert (stopped.state, stopped.last_line) == ("stopped", "stopped; everything is saved")
    runs.resume("first")
    assert ended(runs, "first").state == "finished"
    with pytest.raises(VfracError, match="finished"):
        runs.resume("first")


def test_the_app_may_start_anew_while_it_runs(runs: RunFolders, tmp_path: Path) -> None:
    started(runs)
    anew = RunFolders(tmp_path, ("nobody starts this",))
    assert [run.state for run in anew.all()] == ["running"]
    anew.stop("first")
    assert ended(runs, "first").state == "stopped"


def test_one_trains_at_a_time(runs: RunFolders) -> None:
    started(runs)
    with pytest.raises(VfracError, match="first is training"):
        runs.start("second", COMMAND_OF_STUDY, DEMO)
    with pytest.raises(VfracError, match="first is training"):
        runs.resume("first")
    assert [run.name for run in runs.all()] == ["first"]  # nothing was left of the second


def test_a_second_stop_is_refused_for_it_would_not_save(runs: RunFolders) -> None:
    run = started(runs)
    os.kill(json.loads((run.folder / PROCESS).read_text())["pid"], 19)  # it cannot hear
    runs.stop("first")
    assert runs.get("first").state == "stopping"
    with pytest.raises(VfracError, match="already"):
        runs.stop("first")
    os.kill(json.loads((run.folder / PROCESS).read_text())["pid"], 18)
    assert ended(runs, "first").state == "stopped"


def test_a_run_that_refuses_has_failed_and_says_why(runs: RunFolders) -> None:
    runs.start("broken", COMMAND_OF_STUDY, DEMO)
    assert ended(runs, "broken").state == "failed"
    assert runs.get("broken").last_line == "there is no case to learn from; label cases"


def test_the_number_of_a_dead_process_is_nobody_elses(runs: RunFolders) -> None:
    """kill -9, and the number is this test's own now: the run has failed, and stopping it stops nobody."""
    run = started(runs)
    os.kill(json.loads((run.folder / PROCESS).read_text())["pid"], 9)
    assert ended(runs, "first").state == "failed"
    kept = json.loads((run.folder / PROCESS).read_text())
    (run.folder / PROCESS).write_text(json.dumps(kept | {"pid": os.getpid()}))
    assert runs.get("first").state == "failed"
    with pytest.raises(VfracError, match="not running"):
        runs.stop("first")


def test_an_ended_process_that_nobody_has_asked_for_is_not_alive() -> None:
    child = subprocess.Popen([sys.executable, "-c", ""])
    begun = when_begun(child.pid)
    assert begun is not None
    assert begun == when_begun(child.pid) or when_begun(child.pid) is None
    wait(lambda: when_begun(child.pid) is None)
    child.wait()


@pytest.mark.parametrize("pid", [0, -1, 2**30])
def test_a_number_that_no_process_has(pid: int) -> None:
    assert when_begun(pid) is None


@pytest.mark.parametrize("text", ["", "[]", '{"pid": "7", "begun": "x"}', '{"pid": 1}', "\x00"])
def test_a_damaged_note_of_the_process_is_no_living_one(runs: RunFolders, text: str) -> None:
    run = started(runs)
    runs.stop("first")
    ended(runs, "first")
    (run.folder / PROCESS).write_text(text)
    assert runs.get("first").state == "stopped"  # its log says so


class TestCommand:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "[]",
            '{"what": "train"}',
            '{"what": "rm", "study": "annotate"}',
            '{"what": "train", "study": "annotate", "shell": "x"}',
            '{"what": "train", "study": ["annotate"]}',
            '{"what": "train", "study": "annotate", "include_assisted": 1}',
            '{"what": "train", "cohort": "somewhere"}',
            '{"what": "train", "study": "annotate", "readers": "me"}',
        ],
    )
    def test_a_damaged_one_is_told_and_never_run(self, runs: RunFolders, text: str) -> None:
        run = started(runs)
        runs.stop("first")
        ended(runs, "first")
        (run.folder / COMMAND).write_text(text)
        (run.folder / "ready").unlink()
        assert "damaged" in runs.get("first").last_line
        with pytest.raises(VfracError, match="damaged"):
            runs.resume("first")
        assert not (run.folder / "ready").exists()

    @pytest.mark.parametrize("text", ['{"what": "train", "study": [7]}', '{"what": "train", "study": "a", "readers": 1}'])
    def test_kinds_are_checked_in_the_program_too_and_not_by_the_tests_alone(self, tmp_path: Path, text: str) -> None:
        """These tests check every type as they go; the program does not."""
        (tmp_path / COMMAND).write_text(text)
        asked = "import sys, pathlib, vfrac_core.library.run_command as c; print(c.read_command(pathlib.Path(sys.argv[1])))"
        found = subprocess.run([sys.executable, "-c", asked, tmp_path], capture_output=True, text=True, check=False)
        assert "VfracError: command.json is damaged" in found.stderr

    def test_it_comes_back_as_it_was_given(self, runs: RunFolders) -> None:
        given_one = RunCommand("cross-validate", cohort="/some where/$(x) cohort", readers="any")
        run = started(runs, "with.dots_and-dashes", given_one)
        assert read_command(run.folder) == given_one
        assert read_config(run.folder / "config.yaml") == DEMO

    @given(st.text(min_size=1))
    def test_a_folder_is_one_argument_whatever_its_name(self, name: str) -> None:
        command = RunCommand("train", cohort=f"/{name}")
        arguments = command.arguments(Path("/data/runs/x"), Path("/data"))
        assert f"--cohort=/{name}" in arguments
        assert len(arguments) == 5

    def test_a_study_with_its_readers(self) -> None:
        command = RunCommand("train", study="annotate", readers="majority", include_assisted=True, shift_from="cv")
        assert command.arguments(Path("/h/runs/x"), Path("/h")) == [
            "train",
            "--out=/h/runs/x",
            "--config=/h/runs/x/config.yaml",
            "--study=annotate",
            "--readers=majority",
            "--include-assisted",
            "--shift-from=/h/runs/cv",
            "--data=/h",
        ]


@pytest.mark.parametrize("name", ["", ".", "..", "../x", "a/b", "-x", ".hidden", "a b", "x" * 61, "ü", "a\n"])
def test_a_name_that_could_lead_elsewhere_is_refused(runs: RunFolders, tmp_path: Path, name: str) -> None:
    for refused in (lambda: runs.start(name, COMMAND_OF_STUDY, DEMO), lambda: runs.get(name), lambda: runs.stop(name)):
        with pytest.raises(VfracError):
            refused()
    assert not (tmp_path / "runs").exists()


def test_a_name_is_taken_once(runs: RunFolders) -> None:
    started(runs)
    runs.stop("first")
    ended(runs, "first")
    with pytest.raises(VfracError, match="name already"):
        runs.start("first", COMMAND_OF_STUDY, DEMO)
    assert runs.free_name("first") == "first-2"


def test_a_run_of_the_command_line_is_listed_when_it_is_finished(runs: RunFolders, tmp_path: Path) -> None:
    (tmp_path / "runs" / "by-hand").mkdir(parents=True)
    (tmp_path / "runs" / "a stray folder").mkdir()
    assert runs.all() == []
    (tmp_path / "runs" / "by-hand" / "run.json").write_text("{}")
    assert [(run.name, run.state) for run in runs.all()] == [("by-hand", "finished")]


def test_the_last_line_is_short_and_from_a_long_log_too(runs: RunFolders) -> None:
    run = started(runs)
    (run.folder / LOG).write_text("x\n" * 10_000 + "y" * 900 + "\n\n")
    assert runs.get("first").last_line == "y" * 300


STANDING = {"fold": 1, "folds": 3, "epoch": 2, "epochs": 8, "step": 5, "steps": 10, "loss": 0.4, "seconds": 100.0}
HISTORY = {
    "key": "k",
    "fold": 0,
    "best_epoch": 1,
    "seconds": 5.0,
    "initialisation": "random",
    "began_with": "random",
    "threads": 1,
}


class TestCurves:
    def test_finished_folds_and_the_one_on_its_way(self, tmp_path: Path) -> None:
        (tmp_path / "fold-00").mkdir()
        (tmp_path / "fold-00" / "history.json").write_text(json.dumps(HISTORY | {"losses": [[0.9, 0.8], [0.7, 0.6]]}))
        standing = STANDING | {"losses": [[0.9, 0.5], [0.8, 0.6]], "seconds_left": 300.0}
        (tmp_path / "progress.json").write_text(json.dumps(standing))
        found = read_curves(tmp_path)
        assert [(curve.fold, curve.best) for curve in found.curves] == [(0, 1), (1, 0)]
        assert found.curves[1].now is not None
        assert (found.curves[1].now.epoch, found.curves[1].now.loss) == (2.5, 0.4)
        assert found.seconds_left == 300 + 400  # and a whole third training

    def test_a_fold_that_is_done_is_not_drawn_twice(self, tmp_path: Path) -> None:
        (tmp_path / "all").mkdir()
        (tmp_path / "all" / "history.json").write_text(json.dumps(HISTORY | {"fold": -1, "losses": [[0.9, 0.8]]}))
        standing = STANDING | {"fold": 0, "folds": 1, "losses": [[0.9, 0.8]], "seconds_left": 0.0}
        (tmp_path / "progress.json").write_text(json.dumps(standing))
        assert len(read_curves(tmp_path).curves) == 1

    @pytest.mark.parametrize("name", ["progress.json", "run.json", "all/history.json"])
    def test_what_is_damaged_is_left_out(self, tmp_path: Path, name: str) -> None:
        (tmp_path / "all").mkdir()
        (tmp_path / name).write_text('{"fold": 1')
        assert read_curves(tmp_path).curves == ()
