"""vfrac_core/model/gradcam.py and cam_methods.py. Oracle: the package pytorch_grad_cam, used plainly on the same network.

The same network means folded and channels last, as it serves: another memory layout alone rounds the convolutions otherwise,
and a random network turns that into 1e-5 of a map. The last bits of the folding have a test of their own.
"""

from __future__ import annotations

import copy
from functools import cache

import numpy as np
import pytest
import pytorch_grad_cam as package
import torch
from pytorch_grad_cam.utils.image import scale_cam_image
from torch.nn import functional

from tests.unit.network_fixtures import real_network, tiny_network
from vfrac_core.errors import VfracError
from vfrac_core.model.cam_request import CAM_METHODS, CamRequest
from vfrac_core.model.gradcam import explain
from vfrac_core.model.resnet import VertebraResNet
from vfrac_core.model.serving import for_serving

METHODS = {
    "gradcam": package.GradCAM,
    "gradcam++": package.GradCAMPlusPlus,
    "layercam": package.LayerCAM,
    "hirescam": package.HiResCAM,
    "eigencam": package.EigenCAM,
}


def crops(count: int = 4) -> torch.Tensor:
    """Smooth pictures, as the linear interpolation of a crop leaves them."""
    coarse = torch.randn(count, 3, 16, 16, generator=torch.Generator().manual_seed(4))
    pictures = functional.interpolate(coarse, size=(64, 64), mode="bilinear")
    return (pictures / pictures.std((1, 2, 3), keepdim=True)).contiguous(memory_format=torch.channels_last)


@cache
def served_real() -> VertebraResNet:
    return for_serving(real_network())


@cache
def served_tiny() -> VertebraResNet:
    return for_serving(tiny_network())


def by_package(network: VertebraResNet, request: CamRequest) -> np.ndarray:
    """Stretched to 0…1 and to 64 × 64, as the package does it; a target is given for every picture."""
    network = copy.deepcopy(network).requires_grad_(True)
    sign = 1 if request.target == "malignant" else -1
    cam = METHODS[request.method](network, [getattr(network, request.layer)])
    return cam(crops(), targets=[lambda logit: sign * logit[0]] * len(crops()))


def stretched(maps: torch.Tensor) -> np.ndarray:
    return scale_cam_image(scale_cam_image(maps.numpy(), (64, 64)))


@pytest.mark.parametrize("target", ["malignant", "benign"])
@pytest.mark.parametrize("layer", ["layer3", "layer4"])
def test_grad_cam_agrees_with_the_package_after_its_stretching(layer, target):
    request = CamRequest(target=target, layer=layer)
    explained = explain(served_real(), crops(), request)
    assert np.abs(stretched(explained.maps) - by_package(served_real(), request)).max() <= 1e-5


@pytest.mark.parametrize("layer", ["layer3", "layer4"])
@pytest.mark.parametrize("method", CAM_METHODS)
def test_every_method_agrees_with_the_package_used_plainly(method, layer):
    request = CamRequest(method=method, layer=layer)
    explained = explain(served_tiny(), crops(), request)
    assert np.abs(stretched(explained.maps) - by_package(served_tiny(), request)).max() <= 1e-5


def test_folding_moves_a_map_by_no_more_than_rounding():
    """At layer4, where no ReLU lies behind the map: elsewhere the last bit may switch one, and its gradient, on or off."""
    plain = explain(real_network(), crops().contiguous(), CamRequest())
    served = explain(served_real(), crops(), CamRequest())
    assert np.abs(stretched(plain.maps) - stretched(served.maps)).max() <= 1e-4


@pytest.mark.parametrize("layer", ["layer3", "layer4"])
def test_benign_is_the_negative_of_malignant(layer):
    network = served_tiny()
    malignant = explain(network, crops(), CamRequest("malignant", layer))
    benign = explain(network, crops(), CamRequest("benign", layer))
    assert torch.allclose(malignant.logits, benign.logits, atol=1e-6)
    assert (malignant.maps >= 0).all()
    assert (benign.maps >= 0).all()
    assert (malignant.maps * benign.maps == 0).all()
    if layer == "layer4":  # there the signed map's mean is the logit itself, less the bias
        signed = (malignant.maps - benign.maps).sum((1, 2))
        assert torch.allclose(signed + network.fc.bias, malignant.logits[:, 0], atol=1e-5)


def test_the_closed_form_at_layer4_equals_autograd():
    network = served_tiny()
    with torch.inference_mode():
        activations = network.activations(crops(), "layer4")
    leaf = activations.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(network.head(leaf).sum(), leaf)
    expected = (gradient.mean((2, 3), keepdim=True) * leaf.detach()).sum(1).relu()
    assert torch.allclose(explain(network, crops(), CamRequest()).maps, expected, atol=1e-6)


def test_the_map_is_on_the_layers_own_grid_and_is_not_stretched():
    network = served_tiny()
    maps = explain(network, crops(), CamRequest(layer="layer3")).maps
    assert maps.shape == (4, 8, 8)
    assert len({round(float(m.max()), 4) for m in maps}) > 1


def test_explaining_leaves_no_hooks_and_no_gradients_on_the_network():
    network = served_tiny()
    for method in CAM_METHODS:
        explain(network, crops(), CamRequest(layer="layer3", method=method))
    assert not any(module._forward_hooks or module._backward_hooks for module in network.modules())
    assert all(parameter.grad is None for parameter in network.parameters())


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        ({"target": "both"}, "the CAM target is unknown; expected one of malignant, benign"),
        ({"layer": "fc"}, "the CAM layer is unknown; expected one of layer1, layer2, layer3, layer4"),
        ({"method": "magic"}, "the CAM method is unknown; expected one of gradcam, gradcam++, layercam, eigencam, hirescam"),
    ],
)
def test_an_unknown_request_is_refused_in_one_line(wrong, line):
    with pytest.raises(VfracError) as caught:
        CamRequest(**wrong)
    assert str(caught.value) == line
