"""``read_path``: the parent's side. Starts the child, listens, watches the clock, and never looks into a file itself."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import BinaryIO, cast

import numpy as np

import vfrac_core
from vfrac_core.dicom.messages import At, Begun, Done, Headers, Job, Loaded, Message, Refused, decode, encode
from vfrac_core.dicom.records import LoadedSeries, Progress, Refusal, no_progress
from vfrac_core.settings import Limits
from vfrac_core.types import CtVolume

MESSAGE_BYTES = 1_000_000
GO = b"go\n"


def read_path(path: Path, *, secret: bytes, limits: Limits, progress: Progress = no_progress) -> Iterator[LoadedSeries | Refusal]:
    """Read every CT series of a folder (any depth), a zip, one DICOM file or a NIfTI, one after the other.

    Yields a ``LoadedSeries`` for each series that is a regular CT volume, and a ``Refusal`` (one line, no patient data) for
    each other series and each bad file. Never raises for what is in the files. ``secret`` keys the case ids. ``progress`` is
    called with a fraction from 0 to 1 and a sentence without names.

    All parsing happens in a child process with limits on memory, time and computing. Where it dies over a series, that
    series is refused and another child goes on with the next. The volume's array is mapped from a file already deleted.
    """
    with TemporaryDirectory(prefix="vfrac-") as folder:
        state = _State(progress)
        while state.first_series < state.series:
            job = Job(str(path.absolute()), secret.hex(), folder, state.first_series, limits)
            with _child(limits) as child:
                yield from _converse(child, job, state)
            if state.unfinished:
                yield _blame(state, path, child)
        progress(1.0, "all files are read")


@dataclass(slots=True)
class _State:
    """How far the reading is. ``series`` is 1 until the headers are read: there is something to do."""

    progress: Progress
    first_series: int = 0
    series: int = 1
    begun: Begun | None = None
    at: At = field(default_factory=lambda: At(0.0, "starting", ""))
    unfinished: bool = False

    def move(self, at: At) -> None:
        """A second child begins with the headers again; the bar does not go back."""
        self.at = At(max(at.fraction, self.at.fraction), at.sentence, at.position)
        self.progress(self.at.fraction, self.at.sentence)


class _Child:
    """A running child and its clock. ``timed_out`` says that the clock ended it."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: int) -> None:
        self.process, self.seconds, self.timed_out = process, seconds, False
        self.timer: threading.Timer | None = None

    def start_clock(self) -> None:
        self.stop_clock()
        self.timer = threading.Timer(self.seconds, self._end)
        self.timer.daemon = True
        self.timer.start()

    def stop_clock(self) -> None:
        if self.timer is not None:
            self.timer.cancel()

    def tell(self, line: bytes) -> None:
        """A child that is already dead does not listen; that is noticed when nothing more comes from it."""
        pipe = cast(BinaryIO, self.process.stdin)
        with suppress(OSError):
            pipe.write(line)
            pipe.flush()

    def listen(self) -> Message | None:
        """The next message, or None where the child has ended or speaks nonsense."""
        line = cast(BinaryIO, self.process.stdout).readline(MESSAGE_BYTES)
        try:
            return decode(line) if line else None
        except (ValueError, KeyError, TypeError):
            return None

    def _end(self) -> None:
        self.timed_out = True
        self.process.kill()


@contextmanager
def _child(limits: Limits) -> Iterator[_Child]:
    """A fresh interpreter, never a fork (the server has threads), that imports nothing of ours but ``dicom``."""
    root = str(Path(vfrac_core.__file__).parents[1])
    paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-m", "vfrac_core.dicom.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=environment,
    )
    child = _Child(process, limits.child_wall_seconds)
    try:
        child.start_clock()
        yield child
    finally:
        child.stop_clock()
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            _close(pipe)


def _converse(child: _Child, job: Job, state: _State) -> Iterator[LoadedSeries | Refusal]:
    """Go through the child's messages until all series are done or the child is (then ``state.unfinished``).

    The clock stands while the caller works with what was yielded.
    """
    state.begun, state.unfinished = None, True
    child.tell(encode(job))
    while state.unfinished and (message := child.listen()) is not None:
        match message:
            case At():
                state.move(message)
                if message.renew:
                    child.start_clock()
            case Headers() | Done():
                _next_series(child, message, state)
            case Begun():
                state.begun = message
            case Refused():
                child.stop_clock()
                yield Refusal(message.path, message.position, message.reason)
                child.start_clock()
            case Loaded():
                child.stop_clock()
                yield _take(message, Path(job.folder))
                child.start_clock()
    child.process.poll()


def _next_series(child: _Child, message: Headers | Done, state: _State) -> None:
    if isinstance(message, Headers):
        state.series = message.series
    else:
        state.first_series, state.begun = state.first_series + 1, None
    state.unfinished = state.first_series < state.series
    child.start_clock()
    child.tell(GO)


def _take(message: Loaded, folder: Path) -> LoadedSeries:
    """Map the pixels and delete their name: the memory is the file's, the file is gone when the volume is."""
    path = folder / Path(message.file).name
    on_windows = os.name == "nt"  # a mapped file cannot be deleted there
    hu = np.load(path, mmap_mode=None if on_windows else "c", allow_pickle=False)
    path.unlink()
    volume = CtVolume(hu, message.affine_array(), message.series_info())
    return LoadedSeries(message.case_id, volume, message.source)


def _blame(state: _State, path: Path, child: _Child) -> Refusal:
    """One line for a dead child. It goes on after the series that it died of, or not at all if it never got to one."""
    reason = _cause_of_death(child)
    if state.begun is None:
        state.first_series = state.series
        return Refusal(path.name, state.at.position or None, f"the headers could not be read: {reason}")
    state.first_series = state.begun.index + 1
    return Refusal(state.begun.source, state.at.position or state.begun.position, f"a slice could not be decoded: {reason}")


def _cause_of_death(child: _Child) -> str:
    if child.timed_out:
        return f"it took longer than {child.seconds} s; copy the series again, or give it uncompressed"
    if child.process.returncode == -getattr(signal, "SIGXCPU", 24):
        return "it needed too much computing; copy the series again, or give it uncompressed"
    return "the decoder stopped over it, so it is probably damaged; copy the series again, or give it uncompressed"


def _close(pipe: object) -> None:
    with suppress(OSError):  # what was not yet written need not be: nobody listens
        cast(BinaryIO, pipe).close()
