"""Ridge logistic regression on standardised features, tried on patients that it has not seen. Strong where pictures are small."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from phantom_bench.network import folds_of
from phantom_bench.scores import auc


def cross_validate_linear(features: np.ndarray, positive: np.ndarray, *, ridge: float = 10.0, folds: int = 3) -> np.ndarray:
    """A score for each patient by the regression that did not see it."""
    positive = np.asarray(positive, float)
    where, scores = folds_of(positive, folds), np.zeros(len(positive))
    for fold in range(folds):
        seen = where != fold
        mean, sd = features[seen].mean(0), features[seen].std(0) + 1e-9
        scaled = (features - mean) / sd
        weights = _fit(scaled[seen], positive[seen], ridge)
        scores[~seen] = scaled[~seen] @ weights[1:]
    return scores


def leave_one_cohort_out(features: Sequence[np.ndarray], positive: Sequence[np.ndarray], *, ridge: float = 10.0) -> list[float]:
    """AUC on each cohort of the regression that was taught on all others."""
    found = []
    for out in range(len(features)):
        others = [i for i in range(len(features)) if i != out]
        seen = np.concatenate([features[i] for i in others])
        mean, sd = seen.mean(0), seen.std(0) + 1e-9
        weights = _fit((seen - mean) / sd, np.concatenate([positive[i] for i in others]).astype(float), ridge)
        found.append(auc(((features[out] - mean) / sd) @ weights[1:], positive[out]))
    return found


def _fit(features: np.ndarray, positive: np.ndarray, ridge: float) -> np.ndarray:
    def loss(weights: np.ndarray) -> tuple[float, np.ndarray]:
        logits = weights[0] + features @ weights[1:]
        error = expit(logits) - positive
        value = float(np.logaddexp(0, logits).sum() - positive @ logits + ridge / 2 * (weights[1:] ** 2).sum())
        slope = features.T @ error + ridge * weights[1:]
        return value, np.concatenate([[error.sum()], slope])

    return np.asarray(minimize(loss, np.zeros(features.shape[1] + 1), jac=True, method="L-BFGS-B").x)
