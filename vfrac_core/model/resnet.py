"""The paper's network: torchvision's ResNet50 with a 3 × 3 stem and one logit; on request six more, one for each sign."""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torchvision.models.resnet import Bottleneck, ResNet

from vfrac_core.model.spec import CAM_LAYERS, NetworkSpec
from vfrac_core.paper import CHANNELS, SIGNS, STEM_KERNEL

Images = Float[Tensor, "batch 3 64 64"]
Logits = Float[Tensor, "batch output"]  # 1, or 7 with a sign head
Activations = Float[Tensor, "batch channel grid_row grid_column"]
LastActivations = Float[Tensor, "batch last_channel last_row last_column"]  # of layer4, beside those of another layer


class VertebraResNet(ResNet):
    """Stem, max-pool, four layers of bottleneck blocks (16 in ResNet50), global average pooling, one linear unit.

    Li et al. 2021, "Deep Learning Architecture" and Fig. 1. Returns logits: sigmoid(logit) = malignant probability; with a sign
    head (ours) those of the six signs after it, from a linear unit of their own on the same features.
    The forward pass can be cut after any layer, which gives Grad-CAM its activations without hooks on a shared network.
    """

    def __init__(self, spec: NetworkSpec) -> None:
        super().__init__(Bottleneck, list(spec.blocks), num_classes=1, width_per_group=spec.width)
        self.spec = spec
        self.conv1 = nn.Conv2d(CHANNELS, 64, STEM_KERNEL, stride=spec.stem_stride, padding=STEM_KERNEL // 2, bias=False)
        if spec.sign_head:
            self.signs = nn.Linear(self.fc.in_features, len(SIGNS))

    def forward(self, images: Images) -> Logits:
        return self.head(self.activations(images, "layer4"))

    def activations(self, images: Images, layer: str) -> Activations:
        """What ``layer`` puts out, after its last ReLU."""
        x = self.maxpool(self.relu(self.bn1(self.conv1(images))))
        for name in CAM_LAYERS[: CAM_LAYERS.index(layer) + 1]:
            x = getattr(self, name)(x)
        return x

    def logits_after(self, activations: Activations, layer: str) -> Logits:
        """The rest of the forward pass, from what ``layer`` put out."""
        return self.head(self.last_activations(activations, layer))

    def last_activations(self, activations: Activations, layer: str) -> LastActivations:
        """What layer4 puts out, from what ``layer`` put out."""
        x = activations
        for name in CAM_LAYERS[CAM_LAYERS.index(layer) + 1 :]:
            x = getattr(self, name)(x)
        return x

    def head(self, activations: Activations) -> Logits:
        """Global average pooling and the linear units."""
        features = torch.flatten(self.avgpool(activations), 1)
        return torch.cat([unit(features) for unit in self.units], 1)

    @property
    def units(self) -> tuple[nn.Linear, ...]:
        """Malignancy's, and the signs' where there is one."""
        return (self.fc, self.signs) if self.spec.sign_head else (self.fc,)


def build_empty(spec: NetworkSpec) -> VertebraResNet:
    """The network with uninitialised memory for its weights: to be filled by ``initialise`` or ``weights``."""
    with torch.device("meta"):
        network = VertebraResNet(spec)
    return network.to_empty(device="cpu")
