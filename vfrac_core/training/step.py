"""One step of Adam on one batch, and answers without a step."""

from __future__ import annotations

from functools import partial

import numpy as np
import torch
from jaxtyping import Float32, Int64
from torch import Tensor, nn
from torch.optim import Optimizer

from vfrac_core.training.augment import draw, network_input, no_draws
from vfrac_core.training.config import TrainConfig
from vfrac_core.training.objective import loss_of
from vfrac_core.training.pictures import Labelled, Pictures
from vfrac_core.training.team import ALONE, Team

EVALUATED_AT_ONCE = 64
Samples = Int64[np.ndarray, " picture"]
Part = tuple[Int64[np.ndarray, " _"], Int64[np.ndarray, " _"]]  # samples and copies; parts are not all equally large


def make_optimiser(network: nn.Module, config: TrainConfig) -> Optimizer:
    """Adam whose weight decay is the gradient of an L2 penalty, not AdamW's (paper: "cross entropy with L2 regularization")."""
    return torch.optim.Adam(
        network.parameters(), lr=config.learning_rate, betas=(config.beta1, config.beta2), weight_decay=config.l2
    )


def learning_rate(config: TrainConfig, epoch: int, step: int, steps: int) -> float:
    """The configured one; over the last ``cool_down`` epochs it falls in a straight line to 0."""
    left = config.epochs - epoch - step / steps
    return config.learning_rate * min(1.0, left / config.cool_down) if config.cool_down else config.learning_rate


def train_step(
    network: nn.Module,
    optimiser: Optimizer,
    labelled: Labelled,
    samples: Samples,
    copies: Samples,
    *,
    epoch: int,
    config: TrainConfig,
    team: Team = ALONE,
) -> float:
    """Draw, forward, backward, one step. The loss of the batch before the step: the mean over its parts."""
    optimiser.zero_grad(set_to_none=True)
    loss_of_part = partial(part_loss, network, labelled, epoch=epoch, config=config)
    loss = team.backward(network, [partial(loss_of_part, *part) for part in parts_of(samples, copies, config)])
    optimiser.step()
    return loss


def parts_of(samples: Samples, copies: Samples, config: TrainConfig) -> list[Part]:
    """The batch in ``config.parts`` parts, as equal as can be; a last batch of fewer pictures shows some of them twice."""
    if len(samples) < config.parts:
        samples, copies = np.resize(samples, config.parts), np.resize(copies, config.parts)
    return list(zip(np.array_split(samples, config.parts), np.array_split(copies, config.parts), strict=True))


def part_loss(
    network: nn.Module, labelled: Labelled, samples: Samples, copies: Samples, *, epoch: int, config: TrainConfig
) -> Float32[Tensor, ""]:
    """Draw and forward."""
    pictures = labelled.pictures
    draws = draw(config, epoch, [labelled.names[i] for i in samples], [int(c) for c in copies])
    images = network_input(pictures, samples, draws)
    with torch.autocast(images.device.type, torch.bfloat16, enabled=config.mixed_precision and images.is_cuda):
        logits = network(images)
    return loss_of(logits.float(), pictures.malignant[samples], pictures.signs[samples], config.sign_weight)


def logits_of(network: nn.Module, pictures: Pictures, samples: Samples) -> Float32[Tensor, "picture output"]:
    """Of the samples as the app serves them, without a draw."""
    network.eval()
    parts = [samples[first : first + EVALUATED_AT_ONCE] for first in range(0, len(samples), EVALUATED_AT_ONCE)]
    with torch.no_grad():
        return torch.cat([network(network_input(pictures, part, no_draws(len(part)))) for part in parts])
