"""Which class activation map is wanted. Imports no torch, so that screens and the command line can build one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vfrac_core.errors import VfracError
from vfrac_core.model.spec import CAM_LAYERS
from vfrac_core.paper import SIGNS

CAM_TARGETS: Final = ("malignant", "benign", *SIGNS)  # a sign's only where the network has a sign head
CAM_METHODS: Final = ("fused", "gradcam", "gradcam++", "layercam", "eigencam", "hirescam")
SHOWN_METHOD: Final = "fused"  # the screen's first map: decision 99 has what it was measured to do
FUSED_LAYER: Final = "layer3"


@dataclass(frozen=True, slots=True)
class CamRequest:
    """``target``: for what the map speaks. ``layer``: whose grid it has. ``method``: plain Grad-CAM, one of the package's, or
    "fused": LayerCAM at layer3, smoothed, times Grad-CAM at layer4, on the grid of layer3 and of no other.

    Raises VfracError for a word that is not in ``CAM_TARGETS``, ``CAM_LAYERS`` or ``CAM_METHODS``, or another layer for "fused".
    """

    target: str = "malignant"
    layer: str = "layer4"
    method: str = "gradcam"

    def __post_init__(self) -> None:
        _require("target", self.target, CAM_TARGETS)
        _require("layer", self.layer, CAM_LAYERS)
        _require("method", self.method, CAM_METHODS)
        if self.method == "fused":
            _require("layer", self.layer, (FUSED_LAYER,))


def shown_cam(target: str = "malignant") -> CamRequest:
    """The map that the screen shows first."""
    return CamRequest(target, FUSED_LAYER, SHOWN_METHOD)


def _require(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise VfracError(f"the CAM {name} is unknown; expected one of {', '.join(known)}")
