"""What a page complains of: console errors and exceptions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Page


@contextmanager
def without_problems(page: Page) -> Iterator[list[str]]:
    """Fails at its end if there were any. The list can be added to."""
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(f"exception: {error}"))
    page.on("console", lambda message: problems.append(f"console: {message.text}") if message.type == "error" else None)
    yield problems
    assert problems == []
