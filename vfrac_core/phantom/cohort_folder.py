"""The folder of a cohort: who may write into it, which of its cases are finished, and the two tables at the end.

``.cohort.jsonl`` remembers: its first line is the settings, each further one a finished case. A line is added after the case's
files have their names, so that a run that was killed at any point is taken up by the same command.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from vfrac_core.errors import VfracError
from vfrac_core.phantom.case_files import WORK
from vfrac_core.phantom.cohort import TRUTH_COLUMNS, CaseRecord, CohortSettings, case_name

MEMORY: Final = ".cohort.jsonl"
TRUTH, PARAMETERS = "truth.csv", "parameters.csv"


class CohortFolder:
    """One cohort being written. Made by ``open_folder``."""

    def __init__(self, out: Path, settings: CohortSettings) -> None:
        self.out, self.settings = out, settings
        self.records: dict[str, CaseRecord] = {}

    def begin(self) -> None:
        """Take up what was begun here with the same settings. VfracError for another cohort's folder, or any other."""
        lines = _lines(self.out / MEMORY)
        if not lines and any(path.name != _draft(self.out / MEMORY).name for path in self.out.iterdir()):
            raise VfracError("the folder is not empty and no cohort was begun in it; give a new folder")
        if lines:
            _check_same(lines[0], self.settings.record())
        for line in lines[1:]:
            record = CaseRecord(**line)
            self.records[record.name] = record
        if set(self.records) - {case_name(index) for index in range(self.settings.cases)}:
            raise VfracError("the folder holds more cases than were asked for; ask for as many, or give another folder")
        self._rewrite()
        shutil.rmtree(self.out / WORK, ignore_errors=True)

    def add(self, record: CaseRecord) -> None:
        """Remember a finished case."""
        self.records[record.name] = record
        with (self.out / MEMORY).open("a", encoding="utf-8") as file:
            file.write(_line(asdict(record)))

    def finish(self) -> None:
        """Both tables, in the order of the cases."""
        self._rewrite()
        records = self._sorted()
        write_whole(self.out / PARAMETERS, parameters_text(records))
        write_whole(self.out / TRUTH, table_text(TRUTH_COLUMNS, [record.truth for record in records]))

    def _rewrite(self) -> None:
        """In order and without the half line that a killed run may have left."""
        lines = [self.settings.record(), *(asdict(record) for record in self._sorted())]
        write_whole(self.out / MEMORY, "".join(map(_line, lines)))

    def _sorted(self) -> list[CaseRecord]:
        return [self.records[name] for name in sorted(self.records, key=lambda name: (len(name), name))]


@contextmanager
def open_folder(out: Path, settings: CohortSettings) -> Iterator[CohortFolder]:
    """The folder, made if it is not there, for this program alone. VfracError where that cannot be."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError:
        raise VfracError("the folder cannot be made; give another one") from None
    with _alone(out):
        folder = CohortFolder(out, settings)
        folder.begin()
        try:
            yield folder
        finally:
            shutil.rmtree(out / WORK, ignore_errors=True)


def parameters_text(records: Sequence[CaseRecord]) -> str:
    """One line a case; a column for everything that any case has drawn, empty where this one has not."""
    columns = sorted({name for record in records for name in record.parameters})
    return table_text(("case", *columns), [{"case": record.name, **record.parameters} for record in records])


def table_text(columns: Sequence[str], rows: Sequence[Mapping[str, object]]) -> str:
    """CSV, RFC 4180, with a line feed at the end of a line."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def write_whole(path: Path, text: str) -> None:
    """Under its name there is the whole text or what was there before."""
    draft = _draft(path)
    draft.write_text(text, encoding="utf-8", newline="")
    draft.replace(path)


def _draft(path: Path) -> Path:
    return path.with_name(f".{path.name.lstrip('.')}.new")


def _line(content: object) -> str:
    return json.dumps(content) + "\n"


def _lines(path: Path) -> list[dict[str, Any]]:
    """What can be read; a killed run leaves its last line incomplete."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]
    except FileNotFoundError:
        return []
    except ValueError:  # not UTF-8, or not JSON
        raise VfracError(f"the file {MEMORY} in the folder is damaged; give a new folder") from None


def _check_same(begun: Mapping[str, Any], wanted: Mapping[str, Any]) -> None:
    for name in sorted({*begun, *wanted}):
        if begun.get(name) != wanted.get(name):
            shown = "" if isinstance(wanted.get(name), dict) else f" ({begun.get(name)}, not {wanted.get(name)})"
            raise VfracError(f"the folder was begun with another {name}{shown}; repeat that command, or give another folder")


@contextmanager
def _alone(out: Path) -> Iterator[None]:
    """Two programs that write one cohort would move each other's files. The lock ends with its process, however that ends."""
    try:
        import fcntl
    except ImportError:  # Windows has no such lock, and cannot open a folder
        yield
        return
    folder = os.open(out, os.O_RDONLY)
    try:
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise VfracError("another program is writing into this folder; wait for it, or give another one") from None
        yield
    finally:
        os.close(folder)
