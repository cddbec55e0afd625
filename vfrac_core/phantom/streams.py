"""Random numbers by name. Each part of a case draws from a stream of its own, whether it is used or not.

So a twin without one sign shares every other number with the case, and the difference of the two is that sign.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Streams:
    """The streams of case ``index`` of a cohort's ``seed``."""

    seed: int
    index: int

    def named(self, name: str) -> np.random.Generator:
        """The stream ``name`` from its start, the same at every call and in every process."""
        return np.random.default_rng(np.random.SeedSequence(self.seed, spawn_key=(self.index, zlib.crc32(name.encode()))))
