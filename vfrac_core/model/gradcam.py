"""Grad-CAM (Selvaraju et al., ICCV 2017) and its kin from the forward pass of the logits. No hooks: threads cannot meet in them.

Not in the paper: our addition. The maps are raw: not negative, on the layer's own grid, not stretched to 0…1, so that one
slice can be compared with another.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional

from vfrac_core.errors import VfracError
from vfrac_core.model.cam_methods import package_maps
from vfrac_core.model.cam_request import FUSED_LAYER, CamRequest
from vfrac_core.model.resnet import Activations, Images, Logits, VertebraResNet

Maps = Float[Tensor, "batch grid_row grid_column"]
CoarseMaps = Float[Tensor, "batch last_row last_column"]


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


def explain_all(network: VertebraResNet, images: Images) -> dict[str, dict[str, Maps]]:
    """By method and output's name: the maps of ``explain`` for "fused" and for Grad-CAM at layer4, from one forward pass."""
    with torch.inference_mode():
        activations = network.activations(images, FUSED_LAYER)
    found: dict[str, dict[str, Maps]] = {"fused": {}, "gradcam": {}}
    with torch.enable_grad():
        leaf = activations.clone().requires_grad_()
        last = network.last_activations(leaf, FUSED_LAYER)
        logits = network.head(last).sum(0)
    for output, name in enumerate(network.spec.outputs):
        (gradient,) = torch.autograd.grad(logits[output], leaf, retain_graph=True)
        coarse = _closed_form(network, last.detach(), output).relu()
        found["gradcam"][name] = coarse
        found["fused"][name] = _fused(leaf.detach(), gradient, coarse)
    return found


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
    weight = torch.cat([unit.weight for unit in network.units])[output].detach()
    return torch.einsum("bkrc,k->brc", activations, weight) / size


def _fused(fine: Activations, gradient: Activations, coarse: CoarseMaps) -> Maps:
    """LayerCAM (Jiang et al., IEEE TIP 2021) on the finer grid, where the coarse map of the last layer speaks as well.

    LayerCAM's authors join layers by the higher of both; the product asks that both agree. How it was chosen, and how far that
    is proved: decision 99.
    """
    layercam = _without_the_stride(torch.einsum("bkrc,bkrc->brc", fine, gradient.relu()))
    grid = (fine.shape[2], fine.shape[3])
    return layercam * functional.interpolate(coarse[:, None], grid, mode="bilinear", align_corners=False)[:, 0]


def _without_the_stride(maps: Maps) -> Maps:
    """Layer4 begins with a stride of 2, so gradients before it alternate from place to place and a map would be dots. The
    weights 1 2 1 take out exactly this alternation."""
    weights = maps.new_tensor([1.0, 2.0, 1.0]) / 4
    around = functional.pad(maps[:, None], (1, 1, 1, 1), mode="replicate")
    return functional.conv2d(around, torch.outer(weights, weights)[None, None])[:, 0]


def _by_gradient(network: VertebraResNet, activations: Activations, output: int, sign: float, request: CamRequest) -> Explained:
    """``activations`` is a copy from outside inference mode: only such a tensor can carry a gradient."""
    with torch.enable_grad():
        leaf = activations.requires_grad_()
        last = network.last_activations(leaf, request.layer)
        logits = network.head(last)
        (gradient,) = torch.autograd.grad(sign * logits[:, output].sum(), leaf)
    leaf, last, logits = leaf.detach(), last.detach(), logits.detach()
    if request.method == "fused":
        return Explained(logits, _fused(leaf, gradient, _closed_form(network, last, output).mul(sign).relu()))
    if request.method != "gradcam":
        return Explained(logits, package_maps(request.method, leaf, gradient))
    weight = gradient.mean((2, 3))
    return Explained(logits, torch.einsum("bkrc,bk->brc", leaf, weight).relu())
