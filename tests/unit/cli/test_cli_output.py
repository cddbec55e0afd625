"""What goes to stdout and stderr, and the exit code; in processes of their own where a process is the subject."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from command_line import BOX, assert_refused


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
