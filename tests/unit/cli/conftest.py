"""A command in this process, a data home with an imported case, and a small one with a store alone."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from command_line import Done
from dicom_files import write_axial_series
from store_samples import a_filled_store

from tests.unit.network_fixtures import sign_predictor, tiny_predictor
from vfrac_core.cli.main import run
from vfrac_core.model import predictor as model


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


@pytest.fixture
def tiny_signs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with a sign head."""
    monkeypatch.setattr(model, "untrained_predictor", lambda spec: sign_predictor())
