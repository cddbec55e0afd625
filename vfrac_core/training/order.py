"""In which order an epoch shows its pictures: keyed by (seed, epoch), so that it can be made again from anywhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from vfrac_core.training.config import TrainConfig


@dataclass(frozen=True, slots=True)
class Epoch:
    """The pictures of one epoch, in order: which sample, and which of its copies."""

    sample: Int64[np.ndarray, " picture"]
    copy: Int64[np.ndarray, " picture"]

    def steps(self, batch: int) -> int:
        return -(-len(self.sample) // batch)

    def batch(self, step: int, size: int) -> tuple[Int64[np.ndarray, " picture"], Int64[np.ndarray, " picture"]]:
        part = slice(step * size, (step + 1) * size)
        return self.sample[part], self.copy[part]


def epoch_order(samples: Int64[np.ndarray, " sample"], malignant: np.ndarray, config: TrainConfig, epoch: int) -> Epoch:
    """Each sample ``copies`` times; ``malignant``: of all samples, NaN where only signs are known.

    Balanced: as many pictures, of the cases with a class half of each, the samples of a class as equally often as the numbers
    allow (protocol.md E19).
    """
    rng = np.random.default_rng([config.seed, epoch])
    if not config.balanced:
        chosen, copy = np.repeat(samples, config.copies), np.tile(np.arange(config.copies), len(samples))
    else:
        chosen, copy = _balanced(samples, malignant[samples], config.copies, rng)
    order = rng.permutation(len(chosen))
    return Epoch(chosen[order], copy[order])


def _balanced(samples: np.ndarray, malignant: np.ndarray, copies: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    unknown, known = samples[np.isnan(malignant)], int((~np.isnan(malignant)).sum()) * copies
    parts = [_dealt(samples[malignant == value], known // 2 + (value * known) % 2, rng) for value in (0, 1) if known]
    parts += [_dealt(unknown, len(unknown) * copies, rng)] if len(unknown) else []
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _dealt(samples: np.ndarray, wanted: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """``wanted`` pictures of these samples: all of them again and again, the rest by lot."""
    rounds, rest = divmod(wanted, len(samples))
    chosen = np.concatenate([np.tile(samples, rounds), rng.permutation(samples)[:rest]])
    copy = np.concatenate([np.repeat(np.arange(rounds), len(samples)), np.full(rest, rounds)])
    return chosen, copy
