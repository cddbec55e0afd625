"""kill -9 in mid-epoch: the same command goes on from the last checkpoint and ends with the same bits (one thread)."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from vfrac_core.training.cross_validate import SCORES, WEIGHTS

CHILD = Path(__file__).with_name("training_child.py")


def start(out: Path, every_s: float) -> subprocess.Popen[str]:
    root = CHILD.parents[2]
    environment = os.environ | {"PYTHONPATH": f"{root}{os.pathsep}{CHILD.parent}", "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [sys.executable, str(CHILD), str(out), str(every_s)], stdout=subprocess.PIPE, text=True, env=environment, cwd=root
    )


def finish(out: Path) -> list[str]:
    """To the end; the steps that it made."""
    child = start(out, 300)
    told, _ = child.communicate(timeout=240)
    assert child.returncode == 0
    return told.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("every_s", [0.0, 300.0], ids=["after each step", "at the epoch's end"])
def test_killed_in_mid_epoch_it_ends_with_the_same_bits(tmp_path: Path, every_s: float) -> None:
    whole = finish(tmp_path / "whole")
    child = start(tmp_path / "killed", every_s)
    assert child.stdout is not None
    for line in child.stdout:
        if line.strip() == "1 1":  # in the middle of the second epoch
            os.kill(child.pid, signal.SIGKILL)
            break
    child.stdout.close()
    assert child.wait(60) == -signal.SIGKILL
    rest = finish(tmp_path / "killed")
    assert 0 < len(rest) < len(whole)
    assert rest == whole[-len(rest) :]
    for name in (WEIGHTS, SCORES):
        one, other = (tmp_path / run / "fold-00" / name for run in ("whole", "killed"))
        assert one.read_bytes() == other.read_bytes(), name
