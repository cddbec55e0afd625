"""A cohort that cannot be written, or not into this folder, is refused, and what is there is left alone."""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace

import pytest
from phantom_fake import SEED, no_fourth_case, some_settings
from phantom_folder import content, rows, write

from vfrac_core.errors import VfracError
from vfrac_core.phantom.spec import Difficulty
from vfrac_core.phantom.workers import THREADS


class TestRefused:
    @pytest.mark.parametrize(
        ("other", "word"),
        [
            ({"seed": SEED + 1}, "another seed"),
            ({"mode": "independent"}, "another mode"),
            ({"form": "crops"}, "another format (dicom, not crops)"),
            ({"spacing_mm": 3.0}, "another spacing_mm"),
            ({"masks": True}, "another masks"),
            ({"difficulty": Difficulty(subtle=0.1)}, "another difficulty;"),
            ({"cases": 1}, "more cases"),
        ],
    )
    def test_a_folder_begun_with_other_settings(self, tmp_path, other, word):
        write(tmp_path, some_settings(2))
        before = content(tmp_path)
        with pytest.raises(VfracError) as refused:
            write(tmp_path, replace(some_settings(2), **other))
        assert word in str(refused.value)
        assert content(tmp_path) == before

    def test_another_version_of_the_generator(self, tmp_path):
        write(tmp_path, some_settings(1))
        memory = tmp_path / ".cohort.jsonl"
        settings, *lines = memory.read_text().splitlines(keepends=True)
        memory.write_text(json.dumps(json.loads(settings) | {"generator": "vfrac-phantom-0"}) + "\n" + "".join(lines))
        with pytest.raises(VfracError, match=r"another generator \(vfrac-phantom-0, not"):
            write(tmp_path, some_settings(1))

    def test_the_size_of_a_quota_cohort_counts(self, tmp_path):
        write(tmp_path, some_settings(2, mode="quota"))
        with pytest.raises(VfracError, match=r"another cases \(2, not 3\)"):
            write(tmp_path, some_settings(3, mode="quota"))

    def test_a_folder_with_something_else_in_it_is_left_alone(self, tmp_path):
        (tmp_path / ".work").mkdir()
        (tmp_path / ".work" / "mine.txt").write_text("mine")
        with pytest.raises(VfracError, match="not empty"):
            write(tmp_path, some_settings(1))
        assert content(tmp_path) == {".work/mine.txt": b"mine"}

    def test_a_file_in_the_place_of_the_folder(self, tmp_path):
        (tmp_path / "out").write_text("")
        with pytest.raises(VfracError, match="cannot be made"):
            write(tmp_path / "out", some_settings(1))

    def test_a_damaged_memory(self, tmp_path):
        (tmp_path / ".cohort.jsonl").write_text("{}}\n")
        with pytest.raises(VfracError, match="damaged"):
            write(tmp_path, some_settings(1))

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot lock a folder")
    def test_a_second_program_at_the_same_time(self, tmp_path):
        import fcntl

        held = os.open(tmp_path, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            with pytest.raises(VfracError, match="another program"):
                write(tmp_path, some_settings(1))
        finally:
            os.close(held)

    @pytest.mark.parametrize("jobs", [1, 2])
    def test_a_case_that_cannot_be_made_is_named_and_the_others_are_kept(self, tmp_path, jobs):
        environment = {name: os.environ.get(name) for name in THREADS}
        with pytest.raises(VfracError, match="case-0004: a sign could not be made visible"):
            write(tmp_path, some_settings(4, "crops"), make=no_fourth_case, jobs=jobs)
        assert {name: os.environ.get(name) for name in THREADS} == environment
        assert not (tmp_path / ".work").exists()
        assert write(tmp_path, some_settings(4, "crops")).made < 4

    @pytest.mark.parametrize("jobs", [1, 2])
    def test_signs_that_are_coins_may_hide_each_other_then_the_case_is_left_out(self, tmp_path, jobs):
        for _ in range(2):  # gone on with, it is left out again
            written = write(tmp_path, some_settings(5, "crops", mode="independent"), make=no_fourth_case, jobs=jobs)
            assert written.left_out == ("case-0004",)
            assert written.cases == 4
        assert [row["case"] for row in rows(tmp_path / "truth.csv")] == ["case-0001", "case-0002", "case-0003", "case-0005"]
        assert not (tmp_path / "case-0004.npz").exists()

    def test_a_full_disk(self, tmp_path, monkeypatch):
        import errno

        def full(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("vfrac_core.phantom.case_files.write_crop", full)
        with pytest.raises(VfracError, match="disk is full"):
            write(tmp_path, some_settings(1, "crops"))
