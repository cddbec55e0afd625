"""Requests whose answers a test keeps back until it wants them to come."""

from __future__ import annotations

from playwright.sync_api import Page, Route


def hold_back(page: Page, pattern: str) -> list[Route]:
    """The next request of this kind waits; the list gets it when it comes. ``fallback`` lets it go on."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(pattern, hold, times=1)
    return held
