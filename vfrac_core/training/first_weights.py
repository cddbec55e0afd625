"""Where a training begins: the one option of the configuration, as a network."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from vfrac_core.errors import VfracError
from vfrac_core.model.initialise import Initialisation, random_network, start_from_imagenet, start_from_weights
from vfrac_core.model.resnet import VertebraResNet
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.training.config import TrainConfig


@dataclass(frozen=True, slots=True)
class Beginning:
    """A network before its first step, and what it begins with."""

    network: VertebraResNet
    initialisation: Initialisation


def begin(config: TrainConfig, pretrained: Path | None = None, shape: NetworkSpec | None = None) -> Beginning:
    """The network of ``config``, the same for the same seed and files.

    ``pretrained``: the weights that "synthetic" begins with. ``shape``: blocks and width of a tiny network, for tests. ImageNet's
    weights are downloaded here, and only here, where the configuration says so and names no file; where that fails the network
    stays random and the record says so. VfracError for "synthetic" without ``pretrained``.
    """
    shape = shape or NetworkSpec()
    spec = NetworkSpec(config.stem_stride, shape.blocks, shape.width, config.sign_head)
    network = random_network(spec, config.seed)
    return Beginning(network, _start(network, config, pretrained))


def _start(network: VertebraResNet, config: TrainConfig, pretrained: Path | None) -> Initialisation:
    file = None if config.initial_file is None else Path(config.initial_file)
    if config.initial == "imagenet":
        return start_from_imagenet(network, file)
    if file is not None:
        return start_from_weights(network, file, "file")
    if config.initial == "random":
        return Initialisation("random", 0, f"random weights (seed {config.seed})")
    if pretrained is None:
        raise VfracError("there are no weights of our own pretraining yet; run pretrain first, or choose --init random")
    return start_from_weights(network, pretrained, "synthetic")
