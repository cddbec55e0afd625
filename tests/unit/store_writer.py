"""A program that saves until it is killed: for test_store_kill.py. It imports once and forks for each kill, which is quick.

Reads the data home from a line of stdin, forks a writer, and says "dead" when that is gone. The writer says "pid N",
then "ack <save id> <seq> <hash>" after each save that was acknowledged to it. Lines are written whole (below PIPE_BUF).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from store_samples import a_case, draft

from vfrac_core.store import AnnotationStore


def main() -> None:
    for line in sys.stdin:
        pid = os.fork()
        if pid == 0:
            save_until_killed(Path(line.strip()))
        os.waitpid(pid, 0)
        say("dead")


def save_until_killed(home: Path) -> None:
    say(f"pid {os.getpid()}")
    store = AnnotationStore(home)
    store.add_case(a_case())
    reader = store.register_reader("secret", "Ada", 1)
    number = 0
    while True:
        save_id = f"{os.getpid()}-{number}"
        receipt = draft(store, reader, save_id)
        say(f"ack {save_id} {receipt.seq} {receipt.hash}")
        number += 1


def say(line: str) -> None:
    os.write(1, f"{line}\n".encode())


if __name__ == "__main__":
    main()
