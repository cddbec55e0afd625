"""First weights of a network that is to be trained: ImageNet's, our own, or random, and said so."""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from pathlib import Path
from pickle import UnpicklingError  # what torch.load raises
from typing import Literal

import torch
from jaxtyping import Float
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn
from torchvision.models import ResNet50_Weights

from vfrac_core.errors import CheckpointMismatchError
from vfrac_core.model.resnet import VertebraResNet, build_empty
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.model.weights import load_weights

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Initialisation:
    """What was done: ``tensors`` that were taken over, and a sentence for the run's record, the weights and the screen."""

    kind: Literal["imagenet", "synthetic", "random", "file"]
    tensors: int
    sentence: str

    @property
    def name(self) -> str:
        """As weights record it: the sentence where the kind alone says too little."""
        return self.sentence if self.kind == "file" else self.kind


def random_network(spec: NetworkSpec, seed: int) -> VertebraResNet:
    """A network with torchvision's random initialisation, from a generator of its own: the same seed, the same weights.

    Convolutions by He et al. 2015 (normal, fan out), batch normalization as identity, the linear unit uniform within
    ±1/sqrt(inputs).
    """
    network = build_empty(spec)
    generator = torch.Generator().manual_seed(seed)
    for module in network.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu", generator=generator)
        elif isinstance(module, nn.BatchNorm2d):
            module.reset_parameters()
        elif isinstance(module, nn.Linear):
            bound = module.in_features**-0.5
            nn.init.uniform_(module.weight, -bound, bound, generator=generator)
            nn.init.zeros_(module.bias)
    return network


def start_from_weights(network: VertebraResNet, file: Path, kind: Literal["synthetic", "file"]) -> Initialisation:
    """Put weights of this program into every layer that matches, in place: the linear units too, and the signs' only where both
    networks have them. CheckpointMismatchError for a file that is none."""
    found = load_weights(file, replace(network.spec, sign_head=False))
    own = network.state_dict()
    matching = {name: value for name, value in found.network.state_dict().items() if name in own}
    network.load_state_dict(matching, strict=False)
    return Initialisation(kind, len(matching), f"weights trained on {found.weights.training_data}")


def start_from_imagenet(network: VertebraResNet, file: Path | None = None) -> Initialisation:
    """Put ImageNet weights into every layer that matches, in place; the 3 × 3 stem is made from the 7 × 7 kernel.

    From ``file`` (.safetensors, or torchvision's .pth, read without unpickling code), else by torchvision's download. The
    linear unit keeps its random weights: ImageNet has 1000 classes. When the download fails the network stays as it is,
    with a warning and ``kind`` "random". Paper: "initialized with ImageNet". A ``file`` that does not fit raises
    CheckpointMismatchError.
    """
    try:
        source = _read(file) if file else ResNet50_Weights.IMAGENET1K_V1.get_state_dict(progress=False)
    except OSError as error:
        if file:
            raise CheckpointMismatchError("the ImageNet weights cannot be read; give torchvision's resnet50 file") from None
        log.warning("ImageNet weights could not be downloaded (%s): the network starts from RANDOM weights", type(error).__name__)
        return Initialisation("random", 0, "random weights: ImageNet weights could not be downloaded")
    return _take_over(network, source)


def _read(file: Path) -> dict[str, Tensor]:
    try:
        if file.suffix == ".safetensors":
            return load_file(file)
        return torch.load(file, map_location="cpu", weights_only=True)
    except (SafetensorError, UnpicklingError, RuntimeError, EOFError):
        raise OSError("not a weights file") from None


def _take_over(network: VertebraResNet, source: dict[str, Tensor]) -> Initialisation:
    """All but the linear unit has to match; batch normalization's counters are optional (old files have none)."""
    if isinstance(stem := source.get("conv1.weight"), Tensor) and stem.ndim == 4:
        source = {**source, "conv1.weight": resample_stem(stem)}
    own = {name: value for name, value in network.state_dict().items() if not name.startswith("fc.")}
    matching = {name: source[name] for name, value in own.items() if getattr(source.get(name), "shape", None) == value.shape}
    if missing := [name for name in own if name not in matching and not name.endswith("num_batches_tracked")]:
        raise CheckpointMismatchError(
            f"the ImageNet weights lack {len(missing)} of {len(own)} tensors, {missing[0]} first; give torchvision's resnet50"
        )
    network.load_state_dict(matching, strict=False)
    return Initialisation("imagenet", len(matching), f"ImageNet weights in {len(matching)} tensors, stem resampled to 3 x 3")


def resample_stem(kernel: Float[Tensor, "out channel height width"]) -> Float[Tensor, "out channel 3 3"]:
    """A larger kernel summed over the 3 × 3 cells of its area, pixels on a cell's border counted by their fraction.

    The sum stays: a flat picture gives the same answer, so the ImageNet batch normalization behind it still fits.
    """
    return torch.einsum("ih,ochw,jw->ocij", _cells(kernel.shape[2]), kernel, _cells(kernel.shape[3]))


def _cells(size: int) -> Float[Tensor, "3 size"]:
    """Overlap of each third of [0, size) with each pixel."""
    near = torch.arange(3)[:, None] * (size / 3)
    pixel = torch.arange(size)[None, :]
    return (torch.minimum(near + size / 3, pixel + 1.0) - torch.maximum(near, pixel * 1.0)).clamp(min=0)
