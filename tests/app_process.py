"""The app as its own process, on a free port and with a data home of its own: started, killed, started again.

It makes one teaching example, unless a test wants another number. ``like`` is a home to begin with, so that not every test waits
for it.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).parents[1]
START_S = 120


class App:
    """One running vfrac. ``kill`` is kill -9; ``start`` again uses the same data home and port."""

    def __init__(self, home: Path, *, like: Path | None = None, **environment: str) -> None:
        self.home = home
        self._environment = {"VFRAC_EXAMPLES": "1"} | environment
        if like is not None:
            shutil.copytree(like, home)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.uploads = home.parent / f"{home.name}-uploads"
        self.log = home.parent / f"{home.name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        own = {"VFRAC_DATA": str(self.home), "GRADIO_SERVER_PORT": str(self.port), "GRADIO_TEMP_DIR": str(self.uploads)}
        environment = os.environ | own | self._environment
        with self.log.open("ab") as log:
            self._process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=log, stderr=log)
        until = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.kill()
                raise RuntimeError(f"the app did not start:\n{self.log.read_text()[-4000:]}")
            time.sleep(0.1)

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def _answers(self) -> bool:
        try:
            return urllib.request.urlopen(f"{self.url}/api/cases", timeout=5).status == 200
        except (urllib.error.URLError, OSError):
            return False


def free_port() -> int:
    with socket.socket() as door:
        door.bind(("127.0.0.1", 0))
        return door.getsockname()[1]
