"""The secret of a data home: made once, the same for everybody, on any drive."""

from __future__ import annotations

import errno
import stat
from pathlib import Path

import pytest

from vfrac_core.errors import SettingsError, VfracError
from vfrac_core.library.adopting import use_shipped
from vfrac_core.model.manifest import current_folder
from vfrac_core.settings import SHIPPED_WEIGHTS, Settings, load_secret, passing_secret


def no_hard_links(self: Path, target: Path) -> None:
    raise OSError(errno.EPERM, "not supported")


def test_a_drive_without_hard_links_keeps_one_secret_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "hardlink_to", no_hard_links)
    secret = load_secret(tmp_path / "home")
    assert (len(secret), load_secret(tmp_path / "home")) == (32, secret)
    (file,) = (tmp_path / "home").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_loser_of_two_programs_reads_the_winners_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def other_is_faster(self: Path, target: Path) -> None:
        self.write_bytes(b"w" * 32)
        raise FileExistsError

    monkeypatch.setattr(Path, "hardlink_to", other_is_faster)
    assert load_secret(tmp_path) == b"w" * 32
    assert [path.name for path in tmp_path.iterdir()] == [".secret"]


def test_a_home_that_cannot_be_one_is_a_setting_that_cannot_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for home in (tmp_path / "file", tmp_path / "file" / "below", tmp_path / ("x" * 5000)):
        with pytest.raises(SettingsError, match="data home is no folder"):
            load_secret(home)


def test_a_new_home_needs_no_warning_and_a_store_without_its_secret_does(tmp_path: Path, caplog) -> None:
    load_secret(tmp_path)
    assert not caplog.records
    (tmp_path / ".secret").unlink()
    (tmp_path / "vfrac.sqlite3").touch()
    load_secret(tmp_path)
    assert [record.levelname for record in caplog.records] == ["WARNING"]


def test_who_only_looks_leaves_no_secret_and_uses_the_one_that_is_there(tmp_path: Path) -> None:
    assert passing_secret(tmp_path / "home") != passing_secret(tmp_path / "home")
    assert not (tmp_path / "home").exists()
    assert passing_secret(tmp_path) != load_secret(tmp_path) == passing_secret(tmp_path)


@pytest.mark.parametrize(("text", "examples"), [(None, 24), ("0", 0), ("3", 3), ("24", 24)])
def test_the_number_of_examples_can_be_set(text: str | None, examples: int) -> None:
    assert Settings.from_environment({} if text is None else {"VFRAC_EXAMPLES": text}).examples == examples


@pytest.mark.parametrize("text", ["25", "-1", "all", "", "3.0"])
def test_a_number_of_examples_that_cannot_be_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(SettingsError, match="give 0 to 24"):
        Settings.from_environment({"VFRAC_EXAMPLES": text})


def test_own_weights_lie_in_the_data_home_and_the_shipped_ones_answer_until_there_are_some(tmp_path: Path) -> None:
    settings = Settings.from_environment({}, tmp_path / "home")
    assert settings.weights_dir == tmp_path / "home" / "weights"
    assert current_folder(settings) == SHIPPED_WEIGHTS
    settings.weights_dir.mkdir(parents=True)
    (settings.weights_dir / "manifest.json").write_text("{}")
    assert current_folder(settings) == settings.weights_dir
    assert use_shipped(settings).startswith("vfrac-")
    assert current_folder(settings) == SHIPPED_WEIGHTS


def test_a_folder_of_weights_that_was_named_is_the_only_one(tmp_path: Path) -> None:
    settings = Settings.from_environment({"VFRAC_WEIGHTS": str(tmp_path / "w")}, tmp_path)
    assert settings.weights_dir == current_folder(settings) == tmp_path / "w"
    with pytest.raises(VfracError, match="VFRAC_WEIGHTS names a folder of its own"):
        use_shipped(settings)
