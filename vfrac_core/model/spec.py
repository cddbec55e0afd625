"""What a network is, in words that a weights file can carry and a loader can compare. Imports no torch."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vfrac_core.paper import INPUT_SIZE, SIGNS, STEM_STRIDE

SCHEMA: Final = "vfrac-weights-1"
INPUT_SPEC: Final = f"3 neighbouring sagittal slices, {INPUT_SIZE}x{INPUT_SIZE}, linear, z-score over the crop"
MALIGNANT: Final = "malignant"
CAM_LAYERS: Final = ("layer1", "layer2", "layer3", "layer4")
RESNET50_BLOCKS: Final = (3, 4, 6, 3)
RUNTIME: Final = "torch"  # the only one so far
MAX_SLICES: Final = 64  # of one request: one forward pass


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """The paper's ResNet50 by default. Fewer ``blocks`` or a smaller ``width`` make the tiny networks of the tests.

    ``stem_stride`` 1 (ours) leaves a 4 × 4 map at layer4, 2 (torchvision's) 2 × 2; the paper does not say (decision 4).
    ``sign_head``: a second linear unit for the six signs, on the same features; not in the paper.
    """

    stem_stride: int = STEM_STRIDE
    blocks: tuple[int, int, int, int] = RESNET50_BLOCKS
    width: int = 64
    sign_head: bool = False

    @property
    def outputs(self) -> tuple[str, ...]:
        """What each logit says: malignant, and with a sign head the six signs after it."""
        return (MALIGNANT, *(SIGNS if self.sign_head else ()))

    @property
    def label_order(self) -> str:
        return " ".join(self.outputs)

    @property
    def architecture(self) -> str:
        """``resnet50-stem3x3`` for the paper's network; other shapes are spelt out."""
        if self.blocks == RESNET50_BLOCKS and self.width == 64:
            return "resnet50-stem3x3"
        return f"resnet-{'-'.join(map(str, self.blocks))}-width{self.width}-stem3x3"
