"""kill -9 at any moment: what was acknowledged is there, once; what was not may be sent again."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from store_samples import draft

from vfrac_core.store import AnnotationStore, verify

ROOT = Path(__file__).parents[2]


@pytest.fixture
def writer():
    with subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("store_writer.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    ) as process:
        yield process
        process.stdin.close()


def kill_once(writer, home: Path, rng: random.Random) -> tuple[int, list[str]]:
    """Let it acknowledge some saves, then kill it somewhere inside the next one. Its pid and all it acknowledged."""
    writer.stdin.write(f"{home}\n")
    writer.stdin.flush()
    pid = int(writer.stdout.readline().split()[1])
    acknowledged = [writer.stdout.readline() for _ in range(rng.randint(0, 12))]
    time.sleep(rng.uniform(0, 0.004))  # a random place in a save of about 2 ms, not a wait for something
    os.kill(pid, signal.SIGKILL)
    while (line := writer.stdout.readline()) != "dead\n":
        acknowledged.append(line)
    return pid, acknowledged


def saved_ids(store: AnnotationStore) -> list[str]:
    return store.file.read(
        lambda db: [f"ack {row[0]} {row[1]} {row[2]}\n" for row in db.conn.execute("SELECT save_id, seq, hash FROM events")]
    )


def kill_often(writer, home: Path, times: int) -> None:
    rng = random.Random(20260301)
    acknowledged: list[str] = []
    for _ in range(times):
        pid, lines = kill_once(writer, home, rng)
        acknowledged += lines
        with AnnotationStore(home) as store:
            there = saved_ids(store)
            assert set(acknowledged) <= set(there)
            own = [line for line in there if line.startswith(f"ack {pid}-")]
            assert len(own) - len(lines) in (0, 1)  # the last one may be committed and not yet acknowledged
            send_again(store, f"{pid}-{len(lines)}")
    assert len(acknowledged) > times
    report = verify(home)
    assert not [problem for problem in report.problems if "pixels" not in problem]  # this store has no pixels


def send_again(store: AnnotationStore, save_id: str) -> None:
    """What the browser does after a crash: the save that got no answer, with its id."""
    if store.case("case1") is None or store.reader_of_token("secret") is None:
        return  # killed before there was anything to save
    reader = store.reader_of_token("secret")
    assert draft(store, reader, save_id) == draft(store, reader, save_id)
    assert sum(line.startswith(f"ack {save_id} ") for line in saved_ids(store)) == 1


def test_nothing_acknowledged_is_lost_in_20_kills(writer, tmp_path):
    kill_often(writer, tmp_path, 20)


@pytest.mark.slow
def test_nothing_acknowledged_is_lost_in_200_kills(writer, tmp_path):
    kill_often(writer, tmp_path, 200)
