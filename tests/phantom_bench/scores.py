"""Areas under the curve by ranks, without a threshold, and what their intervals are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.stats import rankdata

BOOTSTRAPS = 1000


@dataclass(frozen=True, slots=True)
class Interval:
    """An estimate with its 95 % bootstrap interval over patients."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f}–{self.high:.3f})"


def auc(scores: np.ndarray, positive: np.ndarray) -> float:
    """Probability that a positive scores higher than a negative, ties counted half."""
    positive = np.asarray(positive, bool)
    n, m = int(positive.sum()), int((~positive).sum())
    if not n or not m:
        return float("nan")
    return float((rankdata(scores)[positive].sum() - n * (n + 1) / 2) / (n * m))


def auc_interval(scores: np.ndarray, positive: np.ndarray, *, seed: int = 0) -> Interval:
    """With patients drawn again, each class by itself."""
    positive = np.asarray(positive, bool)
    rng, ones, zeros = np.random.default_rng(seed), np.flatnonzero(positive), np.flatnonzero(~positive)
    drawn = []
    for _ in range(BOOTSTRAPS):
        chosen = np.concatenate([rng.choice(ones, len(ones)), rng.choice(zeros, len(zeros))])
        drawn.append(auc(scores[chosen], positive[chosen]))
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Interval(auc(scores, positive), float(low), float(high))


def specificity_at(scores: np.ndarray, positive: np.ndarray, sensitivity: float = 0.95) -> tuple[float, float]:
    """(threshold, specificity) at the highest threshold that still calls this share of the positives."""
    positive = np.asarray(positive, bool)
    ordered = np.sort(scores[positive])[::-1]
    threshold = float(ordered[int(np.ceil(sensitivity * len(ordered))) - 1])
    return threshold, float((scores[~positive] < threshold).mean())
