"""Debian's Chromium, and the app in a process of its own."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from app_process import App
from playwright.sync_api import Page
from problems import without_problems

from vfrac_core.model.record import UNTRAINED_KIND, Training
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.model.untrained import untrained_network
from vfrac_core.model.weight_set import save_set

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


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict:
    return {"executable_path": CHROMIUM, "headless": True, "args": FLAGS}


@pytest.fixture(scope="session")
def browser_context_args() -> dict:
    return {"viewport": {"width": 1280, "height": 800}}


@pytest.fixture(scope="session")
def fresh_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data home with the first example and nothing else, made by an app of its own."""
    first = App(tmp_path_factory.mktemp("fresh") / "home")
    first.start()
    first.kill()
    return first.home


@contextmanager
def running_app(home: Path, like: Path, **environment: str) -> Iterator[App]:
    running = App(home, like=like, **environment)
    running.start()
    yield running
    running.kill()


@pytest.fixture(scope="session")
def app(fresh_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """One app for all tests that do not kill it."""
    with running_app(tmp_path_factory.mktemp("data") / "home", fresh_home) as running:
        yield running


@pytest.fixture(scope="session")
def sign_app(fresh_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app whose weights have a sign head. They are random: what is done with their answers is tested."""
    folder = tmp_path_factory.mktemp("signs")
    save_set(untrained_network(NetworkSpec(sign_head=True), seed=3), folder, Training(UNTRAINED_KIND, "0" * 64))
    with running_app(folder / "home", fresh_home, VFRAC_WEIGHTS=str(folder)) as running:
        yield running


@pytest.fixture(scope="module")
def one_case(fresh_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """An app for one file: what was saved last is this file's."""
    with running_app(tmp_path_factory.mktemp("one") / "home", fresh_home) as running:
        yield running


@pytest.fixture
def own_app(fresh_home: Path, tmp_path: Path) -> Iterator[App]:
    """An app for one test alone: it may be killed."""
    with running_app(tmp_path / "home", fresh_home) as running:
        yield running


@pytest.fixture
def clean_page(page: Page) -> Iterator[Page]:
    """A page on which any console error, exception or foreign host fails the test at its end."""
    with without_problems(page) as problems:
        page.on("request", lambda request: problems.append(f"foreign: {request.url}") if _foreign(request.url) else None)
        yield page


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
