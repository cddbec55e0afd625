"""Which class activation map is wanted. Imports no torch, so that screens and the command line can build one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vfrac_core.errors import VfracError
from vfrac_core.model.spec import CAM_LAYERS
from vfrac_core.paper import SIGNS

CAM_TARGETS: Final = ("malignant", "benign", *SIGNS)  # a sign's only where the network has a sign head
CAM_METHODS: Final = ("gradcam", "gradcam++", "layercam", "eigencam", "hirescam")


@dataclass(frozen=True, slots=True)
class CamRequest:
    """``target``: for what the map speaks. ``layer``: whose grid it has. ``method``: plain Grad-CAM, or one of the package's.

    Raises VfracError for a word that is not in ``CAM_TARGETS``, ``CAM_LAYERS`` or ``CAM_METHODS``.
    """

    target: str = "malignant"
    layer: str = "layer4"
    method: str = "gradcam"

    def __post_init__(self) -> None:
        _require("target", self.target, CAM_TARGETS)
        _require("layer", self.layer, CAM_LAYERS)
        _require("method", self.method, CAM_METHODS)


def _require(name: str, value: str, known: tuple[str, ...]) -> None:
    if value not in known:
        raise VfracError(f"the CAM {name} is unknown; expected one of {', '.join(known)}")
