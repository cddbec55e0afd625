"""Several folds at a time on one machine, each in a process with its share of the cores.

A pipe joins each process to this one: ticks and the outcome come up, one word goes down, and it means stop. So does the end of
the pipe: a fold whose parent was killed saves where it is and ends.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Final

import torch

from vfrac_core.errors import VfracError
from vfrac_core.phantom.workers import usable_cores
from vfrac_core.training.cross_validate import History, Job, run_job
from vfrac_core.training.fit import Stopped, Tell

ASKED_EVERY_S: Final = 0.2  # whether to stop


def in_processes(jobs: list[Job], tell: Callable[[Job], Tell], stopped: Stopped, *, processes: int) -> Iterator[History | None]:
    """Histories as the folds end. A failure stops the other folds, which save where they are, and is then raised.

    VfracError where the system ended a process.
    """
    left, threads = list(jobs), max(1, usable_cores() // processes)
    running: dict[Connection, _Fold] = {}
    failure: Exception | None = None
    try:
        while running or (left and not failure and not stopped()):
            while left and len(running) < processes and not failure and not stopped():
                fold = _Fold(left[0], threads, tell(left.pop(0)))
                running[fold.pipe] = fold
            for fold in [running[pipe] for pipe in wait(list(running), ASKED_EVERY_S) if isinstance(pipe, Connection)]:
                if (outcome := fold.hear()) is not None:
                    running.pop(fold.pipe).end()
                    failure = failure or outcome.failure
                    yield outcome.history
            if failure or stopped():
                for fold in running.values():
                    fold.stop()
    finally:
        for fold in running.values():
            fold.end()
    if failure:
        raise failure


@dataclass(frozen=True, slots=True)
class _Outcome:
    """``history`` is None if the fold was stopped, or failed."""

    history: History | None = None
    failure: Exception | None = None


class _Fold:
    """A fold in its process, and this end of its pipe."""

    def __init__(self, job: Job, threads: int, tell: Tell) -> None:
        context = multiprocessing.get_context("spawn")  # never forked: the program has threads
        self.pipe, far_end = context.Pipe()
        self._tell, self._process = tell, context.Process(target=_train, args=(job, threads, far_end))
        self._is_stopping = False
        self._process.start()
        far_end.close()  # else nobody would notice when the process has gone

    def hear(self) -> _Outcome | None:
        """Take one message: a tick is told, an outcome given back."""
        try:
            message = self.pipe.recv()
        except (EOFError, OSError):
            return _Outcome(
                failure=VfracError(
                    "the system ended a process, probably for want of memory; run it again with fewer --jobs: it goes on"
                )
            )
        if isinstance(message, _Outcome):
            return message
        self._tell(message)
        return None

    def stop(self) -> None:
        if not self._is_stopping:
            self._is_stopping = True
            with contextlib.suppress(OSError):  # it has just ended
                self.pipe.send("stop")

    def end(self) -> None:
        self.pipe.close()
        self._process.join()


def _train(job: Job, threads: int, pipe: Connection) -> None:
    """What a process does. Ctrl+C goes to all processes of a terminal; the parent answers it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    torch.set_num_threads(threads)

    def send(message: object) -> None:
        with contextlib.suppress(OSError):  # the parent has gone; ``pipe.poll`` says so too
            pipe.send(message)

    try:
        outcome = _Outcome(run_job(job, tell=send, stopped=pipe.poll))
    except Exception as failure:  # noqa: BLE001 - whatever it is, the parent raises it again
        outcome = _Outcome(failure=failure)
    send(outcome)
