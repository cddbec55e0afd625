"""Grad-CAM (Selvaraju et al., ICCV 2017) from the same forward pass as the logits. No hooks, so threads cannot meet in them.

Not in the paper: our addition. The maps are raw: not negative, on the layer's own grid, not stretched to 0…1, so that one
slice can be compared with another.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor

from vfrac_core.errors import VfracError
from vfrac_core.model.cam_methods import package_maps
from vfrac_core.model.cam_request import CamRequest
from vfrac_core.model.resnet import Activations, Images, Logits, VertebraResNet

Maps = Float[Tensor, "batch grid_row grid_column"]


@dataclass(frozen=True, slots=True)
class Explained:
    """Logits of a batch, and one map for each picture."""

    logits: Logits
    maps: Maps


def explain(network: VertebraResNet, images: Images, request: CamRequest) -> Explained:
    """One forward pass over the batch; backwards only from the target layer, and not at all for Grad-CAM at layer4.

    The target of "malignant" is the logit, that of "benign" its negative, that of a sign the sign's own. Raises VfracError for a
    sign where the network has no sign head.
    """
    output, sign = _target(network, request.target)
    with torch.inference_mode():
        activations = network.activations(images, request.layer)
        if request.layer == "layer4" and request.method == "gradcam":
            return Explained(network.head(activations), _closed_form(network, activations, output).mul(sign).relu())
    return _by_gradient(network, activations.clone(), output, sign, request)


def explain_all(network: VertebraResNet, images: Images) -> dict[str, Maps]:
    """Grad-CAM at layer4 of every output of the network, by its name, from one forward pass: the maps of ``explain``."""
    with torch.inference_mode():
        activations = network.activations(images, "layer4")
        outputs = enumerate(network.spec.outputs)
        return {name: _closed_form(network, activations, output).relu() for output, name in outputs}


def _target(network: VertebraResNet, target: str) -> tuple[int, float]:
    """Which logit, and with which sign."""
    if target == "benign":
        return 0, -1.0
    outputs = network.spec.outputs
    if target not in outputs:
        raise VfracError("these weights know no single signs; ask for the malignant or the benign map")
    return outputs.index(target), 1.0


def _closed_form(network: VertebraResNet, activations: Activations, output: int) -> Maps:
    """Behind layer4 stand only the mean over the grid and linear units: the gradient is weight / grid size everywhere."""
    size = activations.shape[2] * activations.shape[3]
    weight = torch.cat([unit.weight for unit in network.units])[output]
    return torch.einsum("bkrc,k->brc", activations, weight) / size


def _by_gradient(network: VertebraResNet, activations: Activations, output: int, sign: float, request: CamRequest) -> Explained:
    """``activations`` is a copy from outside inference mode: only such a tensor can carry a gradient."""
    with torch.enable_grad():
        leaf = activations.requires_grad_()
        logits = network.logits_after(leaf, request.layer)
        (gradient,) = torch.autograd.grad(sign * logits[:, output].sum(), leaf)
    leaf, logits = leaf.detach(), logits.detach()
    if request.method != "gradcam":
        return Explained(logits, package_maps(request.method, leaf, gradient))
    weight = gradient.mean((2, 3))
    return Explained(logits, torch.einsum("bkrc,bk->brc", leaf, weight).relu())
