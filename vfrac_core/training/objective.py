"""What is made small: binary cross-entropy of the malignancy logit (paper), and of the six signs where they are known (ours)."""

from __future__ import annotations

import torch
from jaxtyping import Float32
from torch import Tensor
from torch.nn import functional


def loss_of(
    logits: Float32[Tensor, "picture output"],
    malignant: Float32[Tensor, " picture"],
    signs: Float32[Tensor, "picture 6"],
    sign_weight: float,
) -> Float32[Tensor, ""]:
    """The mean over the known labels; NaN is a label that is not known. Without a sign head there is one output, and ``signs``
    count for nothing. The L2 penalty is the optimiser's."""
    loss = _known_mean(logits[:, 0], malignant)
    if logits.shape[1] == 1:
        return loss
    return loss + sign_weight * _known_mean(logits[:, 1:], signs)


def _known_mean(logits: Tensor, labels: Tensor) -> Tensor:
    """0 where no label is known, with a gradient of 0."""
    known = ~labels.isnan()
    each = functional.binary_cross_entropy_with_logits(logits, labels.nan_to_num(), reduction="none")
    return torch.where(known, each, 0).sum() / known.sum().clamp(min=1)
