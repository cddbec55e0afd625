"""The case that an empty library starts with, so that there is something on the screen at once."""

from __future__ import annotations

import hmac

from vfrac_core.library.cases import CaseLibrary
from vfrac_core.library.importing import add_volume
from vfrac_core.phantom.builtin import builtin_volume


def ensure_builtin_case(library: CaseLibrary, secret: bytes) -> None:
    """Put the synthetic example into a library that has no case. Takes about a second, once per data home."""
    if not library.store.cases():
        add_volume(builtin_case_id(secret), builtin_volume(), library)


def builtin_case_id(secret: bytes) -> str:
    """Keyed like every case id, so that it says nothing about what the case is."""
    return hmac.new(secret, b"built-in case", "sha256").hexdigest()[:12]
