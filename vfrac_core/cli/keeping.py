"""``export``, ``backup``, ``verify``: taking readings out, keeping them safe, proving that nothing was changed."""

from __future__ import annotations


