"""Grad-CAM (Selvaraju et al., ICCV 2017) from the same forward pass as the logits. No hooks, so threads cannot meet in them.

Not in the paper: our addition. The maps are raw: not negative, on the layer's own grid, not stretched to 0…1, so that one
slice can be compared with another.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from vfrac_core.model.cam_methods import package_maps
from vfrac_core.model.cam_request import CamRequest
from vfrac_core.model.resnet import Activations, Images, Logits, VertebraResNet

Maps = Float[Tensor, "batch grid_row grid_column"]


@dataclass(frozen=True, slots=True)
class Explained:
    """Logits of a batch, and one map for each."""

    logits: Logits
    maps: Maps


def explain(network: VertebraResNet, images: Images, request: CamRequest) -> Explained:
    """One forward pass over the batch; backwards only from the target layer, and not at all for Grad-CAM at layer4.

    The target of "malignant" is the logit, that of "benign" its negative.
    """
    sign = 1.0 if request.target == "malignant" else -1.0
    with torch.inference_mode():
        activations = network.activations(images, request.layer)
        if request.layer == "layer4" and request.method == "gradcam":
            return Explained(network.head(activations), _closed_form(network, activations).mul(sign).relu())
    return _by_gradient(network, activations.clone(), sign, request)


def _closed_form(network: VertebraResNet, activations: Activations) -> Maps:
    """Behind layer4 stand only the mean over the grid and one linear unit: the gradient is weight / grid size everywhere."""
    size = activations.shape[2] * activations.shape[3]
    return torch.einsum("bkrc,k->brc", activations, network.fc.weight[0]) / size


def _by_gradient(network: VertebraResNet, activations: Activations, sign: float, request: CamRequest) -> Explained:
    """``activations`` is a copy from outside inference mode: only such a tensor can carry a gradient."""
    with torch.enable_grad():
        leaf = activations.requires_grad_()
        logits = network.logits_after(leaf, request.layer)
        (gradient,) = torch.autograd.grad(sign * logits.sum(), leaf)
    leaf, logits = leaf.detach(), logits.detach()
    if request.method != "gradcam":
        return Explained(logits, package_maps(request.method, leaf, gradient))
    weight = gradient.mean((2, 3))
    return Explained(logits, torch.einsum("bkrc,bk->brc", leaf, weight).relu())
