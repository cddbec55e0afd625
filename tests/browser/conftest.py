"""The app as its own process on a free port with an empty data home, and Debian's Chromium."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
START_S = 120


class App:
    """One running vfrac. ``kill`` is kill -9; ``start`` again uses the same data home and port."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = home.parent / f"{home.name}.log"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        environment = os.environ | {"VFRAC_DATA": str(self.home), "GRADIO_SERVER_PORT": str(self.port)}
        with self.log.open("ab") as log:
            self._process = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=log, stderr=log)
        until = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
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


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    return {"executable_path": CHROMIUM, "headless": True, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args() -> dict:
    return {"viewport": {"width": 1280, "height": 800}}


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One app for all tests that do not kill it."""
    running = App(tmp_path_factory.mktemp("data") / "home")
    running.start()
    yield running
    running.kill()


@pytest.fixture
def own_app(tmp_path: Path) -> Iterator[App]:
    """An app for one test alone: it may be killed."""
    running = App(tmp_path / "home")
    running.start()
    yield running
    running.kill()


@pytest.fixture
def clean_page(page: Page) -> Iterator[Page]:
    """A page on which any console error, exception or foreign host fails the test at its end."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(f"exception: {error}"))
    page.on("console", lambda message: problems.append(f"console: {message.text}") if message.type == "error" else None)
    page.on("request", lambda request: problems.append(f"foreign: {request.url}") if _foreign(request.url) else None)
    yield page
    assert problems == []


def _foreign(url: str) -> bool:
    return url.startswith("http") and not url.startswith("http://127.0.0.1:")


@pytest.fixture
def requests_of(page: Page) -> Callable[[], list[str]]:
    """Call it once to forget what was requested so far; call it again to see what was requested since."""
    seen: list[str] = []
    page.on("request", lambda request: seen.append(request.url))

    def drain() -> list[str]:
        drained = seen.copy()
        seen.clear()
        return drained

    return drain
