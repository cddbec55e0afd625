"""Is that process still the one that we started? A number alone does not tell: after its end another process may get it."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Final

PROC: Final = Path("/proc")
BEGUN, STATE = 19, 0  # fields of /proc/<pid>/stat, counted behind the program's name


def when_begun(pid: int) -> str | None:
    """When a process began, as the system writes it: the same text each time it is asked. None for one that has ended, also where
    nobody has asked for its exit code yet."""
    if pid <= 0:
        return None
    return _from_proc(pid) if (PROC / "self" / "stat").exists() else _from_ps(pid)


def _from_proc(pid: int) -> str | None:
    """Ticks since the machine started, and which start that was."""
    try:
        fields = (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
    except (OSError, UnicodeDecodeError):
        return None
    return None if fields[STATE] in "ZX" else f"{boot} {fields[BEGUN]}"


def _from_ps(pid: int) -> str | None:
    """Systems without /proc, such as macOS."""
    try:
        asked = ["ps", "-o", "state=,lstart=", "-p", str(pid)]
        found = subprocess.run(asked, capture_output=True, text=True, check=True, timeout=10).stdout.split()
    except (OSError, subprocess.SubprocessError):
        return None
    return None if not found or found[0].startswith("Z") else " ".join(found[1:])
