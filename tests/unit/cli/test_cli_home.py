"""``verify``, ``backup`` and ``export`` on a data home; what is none is refused and not made."""

from __future__ import annotations

from pathlib import Path

import pytest
from command_line import BOX, TOO_LONG, assert_refused


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
