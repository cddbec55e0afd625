"""What a command is given and how it ends."""

from __future__ import annotations

from dataclasses import dataclass

BOX = ("--slice", 15, "--box", "4,10,24,40")
TOO_LONG = "x" * 5000


@dataclass
class Done:
    code: int
    stdout: str
    stderr: str


def assert_refused(done: Done, *words: str) -> None:
    """One line on stderr, exit 2, nothing on stdout."""
    assert (done.code, done.stdout) == (2, ""), done
    assert len(done.stderr.strip().splitlines()) == 1, done.stderr
    for word in words:
        assert word in done.stderr
