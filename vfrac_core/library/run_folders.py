"""Runs that the app starts: each a folder and a process of its own, which outlives the app. One trains at a time.

<data home>/runs/<name>/: command.json, config.yaml, process.json, log.txt, and what the training itself leaves there.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Final, Literal

import vfrac_core
from vfrac_core.errors import VfracError
from vfrac_core.library.processes import when_begun
from vfrac_core.library.run_command import CONFIG, RunCommand, read_command, write_command
from vfrac_core.training.config import TrainConfig, write_config

RUNS, PROCESS, LOG = "runs", "process.json", "log.txt"
RECORD: Final = "run.json"  # as training.run_record names it: a finished run has one
NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
NICE: Final = 10
TAIL_BYTES, LINE = 4096, 300
STOPPED: Final = "stopped;"  # begins the last line of a command that was asked to stop

State = Literal["running", "stopping", "stopped", "finished", "failed"]
PROGRAM: Final = (sys.executable, "-m", "vfrac_core")


@dataclass(frozen=True, slots=True)
class RunProcess:
    """The process that was started last. ``begun``: when, as the system writes it; a number alone may have become another's."""

    pid: int
    begun: str
    asked_to_stop: bool = False

    @property
    def alive(self) -> bool:
        return when_begun(self.pid) == self.begun


@dataclass(frozen=True, slots=True)
class RunFolder:
    """One run as it stands. ``command`` is None where it was started from the command line, or its record is damaged: then it
    cannot be gone on with here. ``last_line``: what it said last. ``begun``: seconds of the clock, of its folder's making."""

    name: str
    folder: Path
    state: State
    last_line: str
    command: RunCommand | None
    begun: float

    @property
    def alive(self) -> bool:
        return self.state in ("running", "stopping")


class RunFolders:
    """Threads may share it. ``program``: what is started with a command's arguments; tests have a quicker one."""

    def __init__(self, data_home: Path, program: Sequence[str] = PROGRAM) -> None:
        self._home, self._program = data_home.resolve(), tuple(program)
        self._root = self._home / RUNS
        self._turn = threading.Lock()  # nobody starts between another's look and its start
        self._children: list[subprocess.Popen[bytes]] = []  # so that one that has ended is not kept by the system

    def all(self) -> list[RunFolder]:
        """By name. What is no run in there is left out."""
        if not self._root.is_dir():
            return []
        found = [_read(folder) for folder in sorted(self._root.iterdir()) if folder.is_dir() and NAME.fullmatch(folder.name)]
        self._children = [child for child in self._children if child.poll() is None]
        return [run for run in found if run is not None]

    def get(self, name: str) -> RunFolder:
        """VfracError for a name that no run has."""
        found = _read(self._root / name) if NAME.fullmatch(name or "") and (self._root / name).is_dir() else None
        if found is None:
            raise VfracError("there is no such run; choose one of the list")
        return found

    def free_name(self, wish: str) -> str:
        """The name itself, or with a number behind it where there is such a run."""
        taken = {run.name for run in self.all()}
        return next(name for name in (wish, *(f"{wish}-{k}" for k in range(2, len(taken) + 3))) if name not in taken)

    def start(self, name: str, command: RunCommand, config: TrainConfig) -> RunFolder:
        """VfracError for a name that is taken or no name, and while another run trains."""
        if not NAME.fullmatch(name):
            raise VfracError(
                "the name of a run may have up to 60 letters, digits, dots, dashes and underlines, and no others; change it"
            )
        with self._turn:
            self._require_nobody_trains()
            if command.shift_from is not None:
                self.get(command.shift_from)
            try:
                (self._root / name).mkdir(parents=True)
            except FileExistsError:
                raise VfracError("there is a run of this name already; give another name, or resume it") from None
            write_config(config, self._root / name / CONFIG)
            write_command(command, self._root / name)
            self._launch(self._root / name, command)
        return self.get(name)

    def resume(self, name: str) -> RunFolder:
        """The same command again: it goes on where it stopped. VfracError for a run that is finished or was not begun here."""
        with self._turn:
            run = self.get(name)
            if run.state == "finished":
                raise VfracError("this run is finished; begin a new one")
            if run.command is None:
                raise VfracError(f"this run cannot be gone on with here: {run.last_line or 'it was begun from the command line'}")
            self._require_nobody_trains()
            self._launch(run.folder, run.command)
        return self.get(name)

    def stop(self, name: str) -> RunFolder:
        """Ask it to end: it saves at its next step, and goes on from there when it is resumed. A second time is refused, for it
        would end it without saving."""
        with self._turn:
            run = self.get(name)
            process = _read_process(run.folder)
            if process is None or not run.alive:
                raise VfracError("this run is not running; nothing was stopped")
            if process.asked_to_stop:
                raise VfracError("this run was asked to stop already; it ends as soon as its step is done")
            _write_process(replace(process, asked_to_stop=True), run.folder)
            os.kill(process.pid, signal.SIGTERM)  # as Ctrl+C, but heard also where the app was started with that one ignored
        return self.get(name)

    def _require_nobody_trains(self) -> None:
        if busy := [run.name for run in self.all() if run.alive]:
            raise VfracError(f"the run {busy[0]} is training; stop it, or wait for its end: one trains at a time")

    def _launch(self, folder: Path, command: RunCommand) -> None:
        """In a session of its own, so that neither the app's end nor its Ctrl+C ends it; the app and its readers go first."""
        arguments = [*self._program, *command.arguments(folder, self._home)]
        with (folder / LOG).open("ab") as log:
            child = subprocess.Popen(
                arguments,
                cwd=Path(vfrac_core.__file__).parents[1],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if hasattr(os, "setpriority"):
            os.setpriority(os.PRIO_PROCESS, child.pid, NICE)
        self._children.append(child)
        _write_process(RunProcess(child.pid, when_begun(child.pid) or "ended at once"), folder)


def _read(folder: Path) -> RunFolder | None:
    line = _last_line(folder)
    try:
        command = read_command(folder)
    except VfracError as damaged:
        command, line = None, str(damaged)
    process, finished = _read_process(folder), (folder / RECORD).is_file()
    if command is None and process is None and not finished:
        return None
    config = folder / CONFIG  # written once, when the run began
    begun = (config if config.is_file() else folder).stat().st_mtime
    return RunFolder(folder.name, folder, _state(process, line, finished=finished), line, command, begun)


def _state(process: RunProcess | None, line: str, *, finished: bool) -> State:
    if process is not None and process.alive:
        return "stopping" if process.asked_to_stop else "running"
    if finished:
        return "finished"
    asked = process is not None and process.asked_to_stop
    return "stopped" if asked or line.startswith(STOPPED) else "failed"


def _read_process(folder: Path) -> RunProcess | None:
    """None where there is none, or it cannot be read: then nobody can say that it is alive."""
    try:
        found = RunProcess(**json.loads((folder / PROCESS).read_text()))
    except (OSError, ValueError, TypeError):
        return None
    return found if type(found.pid) is int and isinstance(found.begun, str) else None


def _write_process(process: RunProcess, folder: Path) -> None:
    draft = folder / f"{PROCESS}.part"
    draft.write_text(json.dumps(asdict(process)))
    draft.replace(folder / PROCESS)


def _last_line(folder: Path) -> str:
    try:
        with (folder / LOG).open("rb") as log:
            log.seek(max(0, log.seek(0, os.SEEK_END) - TAIL_BYTES))
            lines = log.read().decode(errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.strip()[:LINE] for line in reversed(lines) if line.strip()), "")
