"""What of the controls cannot be seen or read."""

from __future__ import annotations

from playwright.sync_api import Frame, Page


def cut_off(page: Page | Frame) -> list[str]:
    """Controls whose text is wider than they are, or that reach past the window's edge."""
    return page.evaluate(
        """() => [...document.querySelectorAll('button, label, select, legend, h2, h3')].filter(e => {
            const box = e.getBoundingClientRect();
            if (!box.width || !box.height) return false;
            const squeezed = e.tagName === 'BUTTON' && e.scrollWidth > e.clientWidth + 2;
            return box.right > window.innerWidth + 1 || box.left < -1 || squeezed;
        }).map(e => `${e.tagName} ${e.id || e.textContent.trim().slice(0, 40)}`)"""
    )
