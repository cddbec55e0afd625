"""Makes the teaching examples that a data home lacks: the first at once, the others in one process of low priority.

``python -m vfrac_core.library.example_maker`` is that process. It is told what to do in one line of JSON, and ends when its
standard input does, so it never outlives the app. What is made is not made again: killed at any moment, it goes on where it was.
"""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

import vfrac_core
from vfrac_core.errors import VfracError
from vfrac_core.library.cases import CaseLibrary
from vfrac_core.library.examples import Make, add_example, example_cases, is_made
from vfrac_core.phantom.teaching import TeachingExample, make_example
from vfrac_core.settings import load_secret
from vfrac_core.store import AnnotationStore, VolumeLibrary

log = logging.getLogger(__name__)

LOWEST_PRIORITY: Final = 19
PATIENCE_S: Final = 10  # until a process that was asked to end is ended


class ExampleMaker:
    """The process that makes what is missing. ``count``: how many of the examples are wanted."""

    def __init__(self, data_home: Path, count: int) -> None:
        self._job = json.dumps({"home": str(data_home.absolute()), "count": count})
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """A fresh interpreter, never a fork: the server has threads."""
        root = str(Path(vfrac_core.__file__).parents[1])
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "vfrac_core.library.example_maker"], stdin=subprocess.PIPE, env=environment
        )
        assert self._process.stdin is not None
        with suppress(OSError):  # it has died already; ``running`` says so
            self._process.stdin.write(self._job.encode() + b"\n")
            self._process.stdin.flush()

    @property
    def running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End it, whatever it is doing. What it has not finished is made at the next start."""
        if self._process is None:
            return
        assert self._process.stdin is not None
        with suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def make_first(library: CaseLibrary, examples: Mapping[str, TeachingExample], make: Make = make_example) -> None:
    """So that an empty library has a case when the first page opens. A few seconds, once per data home."""
    if examples and not library.store.cases():
        log.info("making the first example; the others follow in the background")
        _make(library, *next(iter(examples.items())), make)


def missing(library: CaseLibrary, examples: Mapping[str, TeachingExample]) -> dict[str, TeachingExample]:
    """The examples that are not there yet, or not whole."""
    return {case_id: example for case_id, example in examples.items() if not is_made(library, case_id)}


def make_missing(library: CaseLibrary, examples: Mapping[str, TeachingExample], make: Make = make_example) -> None:
    """Make them one after the other. One that cannot be made does not hold up the others."""
    for case_id, example in missing(library, examples).items():
        _make(library, case_id, example, make)


def _make(library: CaseLibrary, case_id: str, example: TeachingExample, make: Make) -> None:
    try:
        add_example(library, case_id, example, make)
    except VfracError as refused:
        log.error("example %d was not made: %s", example.number, refused)
    else:
        log.info("example %d is ready", example.number)


def main() -> None:
    """The process: nice to everybody else on the machine."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if hasattr(os, "nice"):
        os.nice(LOWEST_PRIORITY)
    job = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, name="end-with-parent", daemon=True).start()
    home = Path(job["home"])
    secret = load_secret(home)
    with AnnotationStore(home) as store:
        library = CaseLibrary(store, VolumeLibrary(home), secret=secret, cache_bytes=0)
        make_missing(library, example_cases(secret, job["count"]))


def _end_with_parent() -> None:
    """Whether the app was stopped or killed, the pipe closes. The store and the volumes survive an end at any moment."""
    while os.read(0, 1):  # not through sys.stdin, whose lock the interpreter wants when it ends by itself
        pass
    os._exit(0)


if __name__ == "__main__":
    main()
