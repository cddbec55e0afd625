"""The other CAM methods that users ask for, by the package pytorch_grad_cam: its formulas, on our activations and gradients.

The package's hooks live on the network and its maps are stretched to 0…1; both are left out by calling only the method's own
``get_cam_image``. What is left of it is not made for threads, so one call at a time.
"""

from __future__ import annotations

import threading

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor, nn

_ONE_AT_A_TIME = threading.Lock()


def package_maps(
    method: str,
    activations: Float[Tensor, "batch channel grid_row grid_column"],
    gradient: Float[Tensor, "batch channel grid_row grid_column"],
) -> Float[Tensor, "batch grid_row grid_column"]:
    """Raw, non-negative maps of "gradcam++", "layercam", "hirescam" or "eigencam" (which looks at no class at all).

    ``gradient`` is that of the target (the malignant logit, or its negative) with respect to ``activations``.
    """
    with _ONE_AT_A_TIME:
        cam = _formula(method)(nn.BatchNorm2d(1), [])  # it asks some network for its device, and hooks itself onto no layer
        maps = cam.get_cam_image(None, None, [], activations.numpy(), gradient.numpy(), False)
    return torch.from_numpy(np.maximum(maps, 0).astype(np.float32))


def _formula(method: str) -> type:
    import pytorch_grad_cam as package  # slow to import (matplotlib, scikit-learn), and seldom wanted

    return {
        "gradcam++": package.GradCAMPlusPlus,
        "layercam": package.LayerCAM,
        "hirescam": package.HiResCAM,
        "eigencam": package.EigenCAM,
    }[method]
