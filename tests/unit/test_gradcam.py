"""vfrac_core/model/gradcam.py and cam_methods.py. Oracle: the package pytorch_grad_cam, used plainly on the same network.

In single precision the same network means folded and channels last, as it serves: another memory layout alone rounds the
convolutions otherwise, and a random network turns that into 1e-5 of a map. That folding adds rounding and nothing else is shown
in double precision, against the network as it was made.
"""

from __future__ import annotations

import copy
from functools import cache

import cv2
import numpy as np
import pytest
import pytorch_grad_cam as package
import torch
from pytorch_grad_cam.utils.image import scale_cam_image
from torch.nn import functional

from tests.unit.network_fixtures import real_network, sign_network, tiny_network
from vfrac_core.errors import VfracError
from vfrac_core.imaging.crop import input_batch
from vfrac_core.imaging.reformat import reformat_sagittal
from vfrac_core.imaging.roi import box_to_mm, square_box
from vfrac_core.model.cam_request import CAM_METHODS, CamRequest, shown_cam
from vfrac_core.model.gradcam import explain, explain_all
from vfrac_core.model.predictor import Predictor
from vfrac_core.model.resnet import VertebraResNet
from vfrac_core.model.serving import for_serving
from vfrac_core.model.untrained import untrained_info
from vfrac_core.paper import SIGNS
from vfrac_core.phantom.case import PhantomCase, make_case
from vfrac_core.phantom.seeds import TESTS
from vfrac_core.phantom.spec import CaseSpec
from vfrac_core.types import Roi, SagittalStack

METHODS = {
    "gradcam": package.GradCAM,
    "gradcam++": package.GradCAMPlusPlus,
    "layercam": package.LayerCAM,
    "hirescam": package.HiResCAM,
    "eigencam": package.EigenCAM,
}
SIGNS_OF_THE_CASE = frozenset({"vertebral_compression", "bone_cortex_interruption", "bone_destruction"})


def crops(count: int = 4) -> torch.Tensor:
    """Smooth pictures, as the linear interpolation of a crop leaves them."""
    coarse = torch.randn(count, 3, 16, 16, generator=torch.Generator().manual_seed(4))
    pictures = functional.interpolate(coarse, size=(64, 64), mode="bilinear")
    return (pictures / pictures.std((1, 2, 3), keepdim=True)).contiguous(memory_format=torch.channels_last)


@cache
def phantom() -> PhantomCase:
    return make_case(CaseSpec(TESTS[48], 1, "malignant", SIGNS_OF_THE_CASE, "L2", 62, "F"), view="crop")


@cache
def phantom_stack() -> SagittalStack:
    return reformat_sagittal(phantom().volume)


def fracture() -> tuple[Roi, range]:
    """The box around it, and its five slices."""
    middle = phantom().truth.slice_index
    return Roi(middle, phantom().truth.box), range(middle - 2, middle + 3)


@cache
def phantom_crops() -> torch.Tensor:
    """What the network gets for the box around the fracture: lesion, cortex, fat and noise as a CT has them."""
    stack, (roi, five) = phantom_stack(), fracture()
    square = square_box(box_to_mm(roi.box, stack.spacing_mm), stack.rows, stack.columns, stack.spacing_mm)
    return torch.from_numpy(input_batch(stack, square, five)).contiguous(memory_format=torch.channels_last)


@cache
def served_real() -> VertebraResNet:
    return for_serving(real_network())


@cache
def served_signs() -> VertebraResNet:
    return for_serving(sign_network())


@cache
def served_tiny() -> VertebraResNet:
    return for_serving(tiny_network())


def by_package(network: VertebraResNet, images: torch.Tensor, request: CamRequest) -> np.ndarray:
    """Stretched to 0…1 and to 64 × 64, as the package does it; a target is given for every picture."""
    network = copy.deepcopy(network).requires_grad_(True)
    sign = -1 if request.target == "benign" else 1
    output = 1 + SIGNS.index(request.target) if request.target in SIGNS else 0
    cam = METHODS[request.method](network, [getattr(network, request.layer)])
    return cam(images, targets=[lambda logit: sign * logit[output]] * len(images))


def stretched(maps: torch.Tensor) -> np.ndarray:
    return scale_cam_image(scale_cam_image(maps.numpy(), (64, 64)))


@pytest.mark.parametrize("target", ["malignant", "benign"])
@pytest.mark.parametrize("layer", ["layer3", "layer4"])
def test_grad_cam_agrees_with_the_package_after_its_stretching(layer, target):
    request = CamRequest(target=target, layer=layer)
    explained = explain(served_real(), crops(), request)
    assert np.abs(stretched(explained.maps) - by_package(served_real(), crops(), request)).max() <= 1e-5


@pytest.mark.parametrize("layer", ["layer3", "layer4"])
def test_predict_agrees_with_the_package_on_a_synthetic_case(layer):
    """From the box on the stack, as the screen and the command line ask."""
    request = CamRequest(layer=layer)
    predictor = Predictor(real_network(), untrained_info(real_network(), 1))
    roi, five = fracture()
    prediction = predictor.predict(phantom_stack(), roi, five, cam=request)
    grids = torch.from_numpy(np.stack([answer.cam.grid for answer in prediction.slices]))
    assert np.abs(stretched(grids) - by_package(served_real(), phantom_crops(), request)).max() <= 1e-5


@pytest.mark.parametrize("layer", ["layer3", "layer4"])
def test_in_double_precision_the_served_network_agrees_with_the_package_on_the_network_as_it_was_made(layer):
    """Folding moves a map of single precision by up to 1e-2, and so does the package itself when it computes in single
    precision what it computed in double: a last bit switches a ReLU. Without that rounding nothing is left (measured: 1e-14).
    """
    request = CamRequest(layer=layer)
    made, images = copy.deepcopy(real_network()).double(), phantom_crops().double()
    explained = explain(for_serving(made), images, request)
    assert explained.maps.dtype == torch.float64
    assert (explained.maps.amax((1, 2)) > 0).all()  # blank maps would agree too
    assert np.abs(stretched(explained.maps) - by_package(made, images, request)).max() <= 1e-5


@pytest.mark.parametrize("layer", ["layer3", "layer4"])
@pytest.mark.parametrize("method", METHODS)
def test_every_method_agrees_with_the_package_used_plainly(method, layer):
    request = CamRequest(method=method, layer=layer)
    explained = explain(served_tiny(), crops(), request)
    assert np.abs(stretched(explained.maps) - by_package(served_tiny(), crops(), request)).max() <= 1e-5


@pytest.mark.parametrize("layer", ["layer3", "layer4"])
@pytest.mark.parametrize("target", ["malignant", "benign", *SIGNS])
def test_with_a_sign_head_every_target_agrees_with_the_package(target, layer):
    request = CamRequest(target, layer)
    explained = explain(served_signs(), crops(), request)
    assert (explained.maps.amax((1, 2)) > 0).any()
    assert np.abs(stretched(explained.maps) - by_package(served_signs(), crops(), request)).max() <= 1e-5


@pytest.mark.parametrize("layer", ["layer3", "layer4"])
def test_the_logits_do_not_depend_on_which_map_is_wanted(layer):
    of = {target: explain(served_signs(), crops(), CamRequest(target, layer)) for target in ("malignant", *SIGNS)}
    for explained in of.values():
        assert torch.allclose(explained.logits, of["malignant"].logits, atol=1e-6)
    maps = [explained.maps for explained in of.values()]
    assert not any(torch.equal(one, other) for i, one in enumerate(maps) for other in maps[:i])


@pytest.mark.parametrize("layer", ["layer3", "layer4"])
def test_the_map_of_a_sign_is_refused_in_one_line_where_there_is_no_sign_head(layer):
    with pytest.raises(VfracError) as caught:
        explain(served_tiny(), crops(), CamRequest("bone_destruction", layer))
    assert str(caught.value) == "these weights know no single signs; ask for the malignant or the benign map"


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


@pytest.mark.parametrize("target", ["malignant", "benign", *SIGNS])
def test_the_fused_map_is_layer_cam_where_grad_cam_of_the_last_layer_speaks_too(target):
    """Both factors are held to the package above; the finer grid of the second and the smoothing of the first are OpenCV's."""
    network, images = served_signs(), crops()
    fine = explain(network, images, CamRequest(target, "layer3", "layercam")).maps.numpy()
    coarse = explain(network, images, CamRequest(target, "layer4", "gradcam")).maps.numpy()
    weights = np.array([1, 2, 1], np.float32) / 4
    smooth = np.stack([cv2.sepFilter2D(one, -1, weights, weights, borderType=cv2.BORDER_REPLICATE) for one in fine])
    expected = smooth * np.stack([cv2.resize(one, (8, 8), interpolation=cv2.INTER_LINEAR) for one in coarse])
    fused = explain(network, images, shown_cam(target))
    assert expected.max() > 0
    np.testing.assert_allclose(fused.maps.numpy(), expected, rtol=1e-4, atol=1e-5 * expected.max())
    assert torch.allclose(fused.logits, explain(network, images, CamRequest()).logits, atol=1e-6)


def test_all_maps_of_one_pass_are_those_of_one_pass_each():
    network, images = sign_network(), crops()
    found = explain_all(network, images)
    for target in ("malignant", *SIGNS):
        torch.testing.assert_close(found["gradcam"][target], explain(network, images, CamRequest(target=target)).maps)
        torch.testing.assert_close(found["fused"][target], explain(network, images, shown_cam(target)).maps)
    assert list(found["fused"]) == list(found["gradcam"]) == ["malignant", *SIGNS]


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
        ({"target": "both"}, f"the CAM target is unknown; expected one of malignant, benign, {', '.join(SIGNS)}"),
        ({"layer": "fc"}, "the CAM layer is unknown; expected one of layer1, layer2, layer3, layer4"),
        ({"method": "fused"}, "the CAM layer is unknown; expected one of layer3"),
        (
            {"method": "magic"},
            "the CAM method is unknown; expected one of fused, gradcam, gradcam++, layercam, eigencam, hirescam",
        ),
    ],
)
def test_an_unknown_request_is_refused_in_one_line(wrong, line):
    with pytest.raises(VfracError) as caught:
        CamRequest(**wrong)
    assert str(caught.value) == line
