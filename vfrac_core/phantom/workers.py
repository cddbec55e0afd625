"""Cases on several processes: one case each at a time, numpy on one thread, none left behind whatever ends the program."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from typing import Final, TypeVar

from vfrac_core.errors import VfracError

Job = TypeVar("Job")
Result = TypeVar("Result")

THREADS: Final = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


def usable_cores() -> int:
    """The cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def run_jobs(work: Callable[[Job], Result], jobs: Sequence[Job], processes: int) -> Generator[Result]:
    """``work`` on each job, results as they come. ``work`` is importable by name; with one process it runs here.

    The first error stops the rest: jobs that are running end first. VfracError where the system ended a process.
    """
    if min(processes, len(jobs)) <= 1:
        yield from map(work, jobs)
        return
    with _one_thread_each(), _pool(min(processes, len(jobs))) as pool:
        left = iter(jobs)
        running: set[Future[Result]] = set()
        try:
            while True:
                for job in left:
                    running.add(pool.submit(work, job))
                    if len(running) == processes:
                        break
                if not running:
                    return
                done, running = wait(running, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        except BrokenProcessPool:
            raise VfracError("the system ended a process, probably for want of memory; run it again with --jobs 1") from None


@contextmanager
def _pool(processes: int) -> Iterator[ProcessPoolExecutor]:
    """Spawned, never forked: the program may have threads."""
    pool = ProcessPoolExecutor(processes, mp_context=multiprocessing.get_context("spawn"), initializer=_begin_worker)
    try:
        yield pool
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _one_thread_each() -> Iterator[None]:
    """Children read these when they import numpy."""
    before = {name: os.environ.get(name) for name in THREADS}
    os.environ.update(dict.fromkeys(THREADS, "1"))
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _begin_worker() -> None:
    """Ctrl+C goes to all processes of a terminal, and the parent answers it. A parent that was killed takes its workers along:
    by themselves they would wait for a next job for ever."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    assert parent is not None
    parent.join()
    os._exit(1)
