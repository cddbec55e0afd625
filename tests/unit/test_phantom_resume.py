"""A cohort on disk has the same bytes for the same settings, whatever ended the first attempts."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest
from phantom_fake import no_fourth_case, some_settings
from phantom_folder import content, write

ROOT = Path(__file__).parents[2]


class TestTheSameBytes:
    @pytest.mark.parametrize("form", ["dicom", "crops"])
    def test_in_one_process_and_in_several(self, tmp_path, form):
        settings = some_settings(5, form, masks=True)
        write(tmp_path / "one", settings)
        write(tmp_path / "two", settings, jobs=2)
        assert content(tmp_path / "one") == content(tmp_path / "two")

    def test_a_cohort_may_grow_and_its_first_cases_stay(self, tmp_path):
        write(tmp_path / "grown", some_settings(2))
        before = content(tmp_path / "grown")
        assert write(tmp_path / "grown", some_settings(4)).made == 2
        write(tmp_path / "whole", some_settings(4))
        assert content(tmp_path / "grown") == content(tmp_path / "whole")
        assert all(content(tmp_path / "whole")[path] == file for path, file in before.items() if path.startswith("case-"))

    def test_a_finished_case_is_not_made_again_and_a_deleted_one_is(self, tmp_path):
        settings = some_settings(3, "crops")
        write(tmp_path, settings)
        before = content(tmp_path)
        assert write(tmp_path, settings, make=no_fourth_case).made == 0
        (tmp_path / "case-0002.npz").unlink()
        assert write(tmp_path, settings).made == 1
        assert content(tmp_path) == before

    def test_what_a_killed_run_leaves_does_no_harm(self, tmp_path):
        """A case without its line, half a line, a half-written case, a half-written table."""
        settings = some_settings(3)
        write(tmp_path / "whole", settings)
        write(tmp_path / "torn", settings)
        lines = (tmp_path / "torn" / ".cohort.jsonl").read_text().splitlines(keepends=True)
        (tmp_path / "torn" / ".cohort.jsonl").write_text("".join(lines[:2]) + lines[2][:40])
        (tmp_path / "torn" / "case-0003" / "slice0009.dcm").unlink()
        (tmp_path / "torn" / ".work" / "half" / "case-0003").mkdir(parents=True)
        (tmp_path / "torn" / "truth.csv").unlink()
        (tmp_path / "torn" / ".truth.csv.new").write_text("case,dia")
        assert write(tmp_path / "torn", settings).made == 2
        assert content(tmp_path / "torn") == content(tmp_path / "whole")

    @pytest.mark.slow
    @pytest.mark.parametrize("form", ["dicom", "crops"])
    def test_killed_again_and_again_it_ends_with_the_same_and_leaves_no_process(self, tmp_path, form):
        cases, rng = 24, random.Random(20260301)
        write(tmp_path / "whole", some_settings(cases, form, masks=True))
        out, kills = tmp_path / "killed", 0
        while kills < 3:
            process = start(out, cases, form)
            wait_for_another_case(out, process)
            time.sleep(rng.uniform(0, 0.03))  # a random place in a case of about 30 ms, not a wait for something
            process.kill()
            process.communicate(timeout=30)  # ends when the last worker has let go of the pipe
            kills += 1
        assert not (out / "truth.csv").exists(), "the run was over before it was killed"
        process = start(out, cases, form)
        assert process.communicate(timeout=120) == (b"", b"")
        assert process.returncode == 0
        assert content(out) == content(tmp_path / "whole")


def start(out: Path, cases: int, form: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(Path(__file__).with_name("phantom_fake.py")), str(out), str(cases), form]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


def wait_for_another_case(out: Path, process: subprocess.Popen[bytes]) -> None:
    memory, until = out / ".cohort.jsonl", time.monotonic() + 60
    before = lines_of(memory)
    while lines_of(memory) <= max(before, 1):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.002)


def lines_of(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0
