"""A cohort of stand-ins in a folder, and what lies there."""

from __future__ import annotations

import csv
from pathlib import Path

from phantom_fake import fake_case, some_specs

from vfrac_core.phantom.cohort import CohortSettings
from vfrac_core.phantom.output import WrittenCohort, write_cohort


def write(out: Path, settings: CohortSettings, **options) -> WrittenCohort:
    masked = settings.mode == "independent"
    return write_cohort(some_specs(settings.cases, masked=masked), out, settings, **{"make": fake_case} | options)


def content(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, the hidden ones too."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
