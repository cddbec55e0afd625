"""Random affine draws (paper: translation, scaling, rotation), and the one interpolation from HU to the network's input.

A draw depends only on (seed, epoch, sample's name, copy): not on the batch, the worker or what was drawn before. So a training
can go on after any step, in any number of processes, with the same pictures.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float32, Int64
from torch import Tensor
from torch.nn import functional

from vfrac_core.paper import CHANNELS, INPUT_SIZE
from vfrac_core.training.config import TrainConfig
from vfrac_core.training.pictures import Pictures

FLAT_HU = 1e-6  # a crop with a smaller SD is flat: as imaging.crop.prepare_input


@dataclass(frozen=True, slots=True)
class Draws:
    """One affine for each picture: ``degrees`` counter-clockwise, ``scale`` of what is shown (above 1: smaller structures),
    ``shift`` (down, right) in sides of the square."""

    degrees: Float32[np.ndarray, " picture"]
    scale: Float32[np.ndarray, " picture"]
    shift: Float32[np.ndarray, "picture 2"]


def draw(config: TrainConfig, epoch: int, samples: Sequence[str], copies: Sequence[int]) -> Draws:
    """Uniform within ± the configured ranges (protocol.md E14). ``samples``: names such as "case 14"."""
    values = np.array([_uniform(config.seed, epoch, name, copy) for name, copy in zip(samples, copies, strict=True)], np.float32)
    return Draws(config.degrees * values[:, 0], 1 + config.scale * values[:, 1], config.shift * values[:, 2:])


def no_draws(count: int) -> Draws:
    """Pictures as they are served."""
    return Draws(np.zeros(count, np.float32), np.ones(count, np.float32), np.zeros((count, 2), np.float32))


def _uniform(seed: int, epoch: int, name: str, copy: int) -> np.ndarray:
    """Four numbers in [−1, 1)."""
    digest = hashlib.blake2b(f"{seed}/{epoch}/{name}/{copy}".encode(), digest_size=16).digest()
    return np.frombuffer(digest, "<u4").astype(np.float64) / 2**31 - 1


def network_input(pictures: Pictures, samples: Int64[np.ndarray, " picture"], draws: Draws) -> Float32[Tensor, "picture 3 64 64"]:
    """The drawn squares, resampled linearly once and standardised over the three channels together.

    Without a draw exactly what the app computes: ``prepare_input(crop_triplet(…))``, to float32 (tested). The same affine for the
    three channels. Channels last in memory, which is what convolutions are fastest on.
    """
    at = torch.from_numpy(samples).to(pictures.hu.device)
    hu = pictures.hu[pictures.neighbours[at]].float()
    size = [len(samples), CHANNELS, INPUT_SIZE, INPUT_SIZE]
    grid = functional.affine_grid(_theta(pictures, at, draws), size, align_corners=False)
    crops = functional.grid_sample(hu, grid, mode="bilinear", padding_mode="border", align_corners=False)
    return standardise(crops).contiguous(memory_format=torch.channels_last)


def standardise(crops: Float32[Tensor, "picture 3 64 64"]) -> Float32[Tensor, "picture 3 64 64"]:
    """Mean 0 and (population) SD 1 over each picture; all 0 where it is flat."""
    centred = crops - crops.mean((1, 2, 3), keepdim=True)
    sd = centred.square().mean((1, 2, 3), keepdim=True).sqrt()
    return torch.where(sd < FLAT_HU, torch.zeros_like(centred), centred / sd.clamp(min=FLAT_HU))


def _theta(pictures: Pictures, at: Int64[Tensor, " picture"], draws: Draws) -> Float32[Tensor, "picture 2 3"]:
    """From places on the input, −1 to 1 (column, row), to places on the padded crop, −1 to 1 (column, row)."""
    rows, columns = pictures.hu.shape[1:]
    angle, scale, shift = (torch.from_numpy(v).to(at.device) for v in (np.deg2rad(draws.degrees), draws.scale, draws.shift))
    half, centre = pictures.half_side[at], pictures.centre[at] + 2 * shift * pictures.half_side[at]
    to_row, to_column = 2 / rows, 2 / columns
    cos, sin = scale * angle.cos(), scale * angle.sin()
    column = torch.stack([half[:, 1] * cos * to_column, half[:, 1] * sin * to_column, centre[:, 1] * to_column - 1], 1)
    row = torch.stack([-half[:, 0] * sin * to_row, half[:, 0] * cos * to_row, centre[:, 0] * to_row - 1], 1)
    return torch.stack([column, row], 1)
