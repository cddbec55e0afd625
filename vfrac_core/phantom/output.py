"""A whole cohort into a folder: several processes, resumable, the same bytes for the same settings."""

from __future__ import annotations

import errno
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from vfrac_core.errors import VfracError
from vfrac_core.phantom.case import make_case
from vfrac_core.phantom.case_files import CaseMaker, CaseWriter
from vfrac_core.phantom.cohort import CohortSettings, case_name
from vfrac_core.phantom.cohort_folder import PARAMETERS, TRUTH, open_folder
from vfrac_core.phantom.spec import CaseSpec
from vfrac_core.phantom.workers import run_jobs

Progress = Callable[[int], None]

DISK: Final = (errno.ENOSPC, errno.EDQUOT, errno.EACCES, errno.EPERM, errno.EROFS)


@dataclass(frozen=True, slots=True)
class WrittenCohort:
    """``made`` cases of this run; the others were there before."""

    cases: int
    made: int
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
    each with ``make``, which has to be importable by its name. Raises VfracError, one line, for a folder that holds something
    else or another cohort, a full disk, and a case that cannot be made.
    """
    assert [spec.index for spec in specs] == list(range(settings.cases))
    writer = CaseWriter(out, settings, make)
    try:
        with open_folder(out, settings) as folder:
            todo = [spec for spec in specs if not _finished(case_name(spec.index), writer, set(folder.records))]
            done = len(specs) - len(todo)
            progress(done)
            with closing(run_jobs(writer, todo, jobs)) as records:
                for record in records:
                    folder.add(record)
                    done += 1
                    progress(done)
            folder.finish()
    except OSError as error:
        if error.errno in DISK:
            raise VfracError("the disk is full or the folder may not be written; mend it and run the same again") from None
        raise
    return WrittenCohort(len(specs), len(todo), out / TRUTH, out / PARAMETERS)


def _finished(name: str, writer: CaseWriter, recorded: set[str]) -> bool:
    """Recorded, and nobody has deleted it since."""
    return name in recorded and all(path.exists() for path in writer.paths(name))
