"""A whole cohort into a folder: several processes, resumable, the same bytes for the same settings."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vfrac_core.errors import CannotBeShownError, VfracError
from vfrac_core.phantom.case import make_case
from vfrac_core.phantom.case_files import CaseMaker, CaseWriter
from vfrac_core.phantom.cohort import CaseRecord, CohortSettings, case_name
from vfrac_core.phantom.cohort_folder import PARAMETERS, TRUTH, open_folder
from vfrac_core.phantom.spec import CaseSpec
from vfrac_core.phantom.workers import run_jobs

Progress = Callable[[int], None]

DISK: Final = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS)


@dataclass(frozen=True, slots=True)
class WrittenCohort:
    """``made`` cases of this run; the others were there before. ``left_out``: names of those that could not be made."""

    cases: int
    made: int
    left_out: tuple[str, ...]
    truth: Path
    parameters: Path


def no_progress(done: int) -> None:
    """The listener that does not listen."""


def write_cohort(
    specs: Sequence[CaseSpec],
    out: Path,
    settings: CohortSettings,
    *,
    jobs: int = 1,
    progress: Progress = no_progress,
    make: CaseMaker = make_case,
) -> WrittenCohort:
    """Write all cases, then truth.csv and parameters.csv. ``progress`` hears how many are finished.

    Run again after whatever ended it, it goes on: finished cases stay, half-written ones are made again. ``jobs`` processes,
    each with ``make``, which has to be importable by its name. Where each sign is a coin of its own (``independent``) they may
    hide each other, a faint line in a destroyed body: such a case is left out and named. Raises VfracError, one line, for a
    folder that holds something else or another cohort, a full disk, and a case of another cohort that cannot be made.
    """
    assert [spec.index for spec in specs] == list(range(settings.cases))
    writer = CaseWriter(out, settings, make)
    work = _LeavingOut(writer) if settings.mode == "independent" else writer
    left_out = []
    try:
        with open_folder(out, settings) as folder:
            todo = [spec for spec in specs if not _finished(case_name(spec.index), writer, set(folder.records))]
            done = len(specs) - len(todo)
            progress(done)
            with closing(run_jobs(work, todo, jobs)) as records:
                for record in records:
                    if isinstance(record, str):
                        left_out.append(record)
                    else:
                        folder.add(record)
                    done += 1
                    progress(done)
            folder.finish()
    except OSError as error:
        if error.errno in DISK:
            raise VfracError("the disk is full or the folder may not be written; mend it and run the same again") from None
        raise
    left = tuple(sorted(left_out))
    return WrittenCohort(len(specs) - len(left), len(todo) - len(left), left, out / TRUTH, out / PARAMETERS)


@dataclass(frozen=True, slots=True)
class _LeavingOut:
    """Gives the name of a case that cannot be made in place of its record."""

    writer: CaseWriter

    def __call__(self, spec: CaseSpec) -> CaseRecord | str:
        try:
            return self.writer(spec)
        except CannotBeShownError:
            return case_name(spec.index)


def _finished(name: str, writer: CaseWriter, recorded: set[str]) -> bool:
    """Recorded, and nobody has deleted it since."""
    return name in recorded and all(path.exists() for path in writer.paths(name))
