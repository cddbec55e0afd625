"""Weights on disk: safetensors with metadata that say what they are. A file that is not ours is refused, never repaired.

No pickle anywhere. Shapes cannot tell a stride-1 network from a stride-2 one: the metadata and a stored probe must.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import torch
from jaxtyping import Float
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from vfrac_core.errors import CheckpointMismatchError
from vfrac_core.model.resnet import VertebraResNet, build_empty
from vfrac_core.model.spec import CAM_LAYERS, INPUT_SPEC, SCHEMA, NetworkSpec
from vfrac_core.types import WeightsInfo

MAX_BYTES = 200 * 1024**2  # ours have 94 MB in 32 bit, 47 MB in 16 bit
MAX_TEXT = 200
PROBE_TOLERANCE = 1e-4
UNTRAINED_KIND = "nothing (random weights)"


@dataclass(frozen=True, slots=True)
class Training:
    """Where the weights come from. ``kind`` completes "a network trained on …"; ``fold`` is a number or "all";
    ``data_sha256`` names the exact training set; ``initialisation`` and ``label`` say from what and towards what it was trained;
    ``logit_shift`` is added to every malignancy logit (0: none)."""

    kind: str
    data_sha256: str
    fold: str = "all"
    cam_layer: str = "layer4"
    initialisation: str = "not recorded"
    label: str = "not recorded"
    logit_shift: float = 0.0


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A network as it was loaded, and its record."""

    network: VertebraResNet
    weights: WeightsInfo


@dataclass(frozen=True, slots=True)
class _Metadata:
    """The metadata of a file: strings, because safetensors has nothing else."""

    architecture: str
    stem_stride: str
    fold: str
    data_sha256: str
    training_kind: str
    cam_layer: str
    probe_logit: str
    schema: str = field(default=SCHEMA)
    input_spec: str = field(default=INPUT_SPEC)
    label_order: str = field(default=NetworkSpec().label_order)
    initialisation: str = "not recorded"
    label: str = "not recorded"
    logit_shift: str = "0.0"


def probe_input() -> Float[Tensor, "1 3 64 64"]:
    """A fixed picture, by formula so that it is the same everywhere: sin(0.37 · channel + 0.11 · row + 0.07 · column)."""
    channel, row, column = torch.meshgrid(torch.arange(3), torch.arange(64), torch.arange(64), indexing="ij")
    return torch.sin(0.37 * channel + 0.11 * row + 0.07 * column)[None]


def save_weights(network: VertebraResNet, path: Path, training: Training, *, half: bool = False) -> None:
    """Write the network to ``path``, which appears whole or not at all. ``half``: 16 bit, half the size (|Δp| about 2e-5).

    The probe is answered by the weights as they are stored, so rounding to 16 bit is part of it.
    """
    stored = {name: value.half() if half and value.is_floating_point() else value for name, value in network.state_dict().items()}
    metadata = _Metadata(
        architecture=network.spec.architecture,
        stem_stride=str(network.spec.stem_stride),
        fold=training.fold,
        data_sha256=training.data_sha256,
        training_kind=training.kind,
        cam_layer=training.cam_layer,
        probe_logit=repr(_probe(_filled(network.spec, stored))),
        label_order=network.spec.label_order,
        initialisation=training.initialisation,
        label=training.label,
        logit_shift=repr(float(training.logit_shift)),
    )
    draft = path.with_name(f"{path.name}.part")
    save_file({name: value.contiguous() for name, value in stored.items()}, draft, metadata=asdict(metadata))
    draft.replace(path)


def load_weights(path: Path, spec: NetworkSpec) -> Checkpoint:
    """Read a weights file for the network ``spec``, with or without a sign head. Raises CheckpointMismatchError, in this order, when

    the file is missing or larger than 200 MB; it is no safetensors file; its metadata are incomplete or name another schema,
    architecture, stem stride, input or label; tensors are missing, surplus or of another shape or type; a weight is not
    finite; or the network does not answer the stored probe to 1e-4.
    """
    _check_size(path)
    try:
        with safe_open(path, framework="pt") as file:
            metadata = _check_metadata(file.metadata() or {}, spec)
            spec = replace(spec, sign_head=metadata.label_order != NetworkSpec().label_order)
            _check_layout(file, spec)
            tensors = {name: file.get_tensor(name) for name in _layout(spec)}  # exactly these, by the check before
    except (SafetensorError, OSError):
        raise CheckpointMismatchError("the weights file is damaged or no safetensors file; copy it again") from None
    _check_finite(tensors)
    network = _filled(spec, tensors)
    _check_probe(network, metadata)
    return Checkpoint(network, _record(path, metadata))


def _record(path: Path, metadata: _Metadata) -> WeightsInfo:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return WeightsInfo(
        name=path.stem,
        sha256=digest,
        training_data=metadata.training_kind,
        trained=metadata.training_kind != UNTRAINED_KIND,
        stem_stride=int(metadata.stem_stride),
        cam_layer=metadata.cam_layer,
    )


def _check_size(path: Path) -> None:
    if not path.is_file():
        raise CheckpointMismatchError("the weights file does not exist; check the manifest or the path")
    size = path.stat().st_size
    if size > MAX_BYTES:
        raise CheckpointMismatchError(f"the weights file has {size / 1024**2:.0f} MB, expected at most {MAX_BYTES // 1024**2} MB")


def _check_metadata(found: dict[str, str], spec: NetworkSpec) -> _Metadata:
    names = tuple(_Metadata.__dataclass_fields__)
    missing = [name for name in names if name not in found]
    if missing:
        raise CheckpointMismatchError(f"the weights carry no {missing[0]} in their metadata; they were not saved by this program")
    metadata = _Metadata(**{name: found[name] for name in names})
    if any(not value.isprintable() or not 0 < len(value) <= MAX_TEXT for value in asdict(metadata).values()):
        raise CheckpointMismatchError(
            f"the weights' metadata hold a text that is empty, unprintable or over {MAX_TEXT} characters"
        )
    _require("schema", metadata.schema, SCHEMA)
    _require("architecture", metadata.architecture, spec.architecture)
    _require("stem_stride", metadata.stem_stride, str(spec.stem_stride))
    _require("input_spec", metadata.input_spec, INPUT_SPEC)
    known = [replace(spec, sign_head=signs).label_order for signs in (False, True)]
    if metadata.label_order not in known:
        _require("label_order", metadata.label_order, " or ".join(known))
    if metadata.cam_layer not in CAM_LAYERS:
        raise CheckpointMismatchError(f"the weights name an unknown CAM layer; expected one of {', '.join(CAM_LAYERS)}")
    return metadata


def _require(name: str, found: str, expected: str) -> None:
    if found != expected:
        raise CheckpointMismatchError(f"weights were trained with {name} {found}, this program runs {expected}")


def _check_layout(file: safe_open, spec: NetworkSpec) -> None:
    expected = _layout(spec)
    found = set(file.keys())
    if missing := sorted(set(expected) - found):
        raise CheckpointMismatchError(
            f"the weights lack {len(missing)} of {len(expected)} tensors; they belong to another network"
        )
    if len(found) > len(expected):
        raise CheckpointMismatchError(f"the weights hold {len(found)} tensors, this network has {len(expected)}")
    for name, (shape, types) in expected.items():
        part = file.get_slice(name)
        if tuple(part.get_shape()) != shape or part.get_dtype() not in types:
            raise CheckpointMismatchError(
                f"the tensor {name} has shape {tuple(part.get_shape())} and type {part.get_dtype()}, "
                f"this network needs {shape} and {' or '.join(types)}"
            )


def _layout(spec: NetworkSpec) -> dict[str, tuple[tuple[int, ...], tuple[str, ...]]]:
    """Shape and allowed safetensors types of every tensor of the network; no memory is taken."""
    with torch.device("meta"):
        state = VertebraResNet(spec).state_dict()
    return {
        name: (tuple(value.shape), ("F32", "F16") if value.is_floating_point() else ("I64",)) for name, value in state.items()
    }


def _check_finite(tensors: dict[str, Tensor]) -> None:
    for name, value in tensors.items():
        if not torch.isfinite(value).all():
            raise CheckpointMismatchError(f"the tensor {name} holds a weight that is not a number; train again or copy it again")


def _filled(spec: NetworkSpec, tensors: dict[str, Tensor]) -> VertebraResNet:
    network = build_empty(spec)
    network.load_state_dict(tensors, strict=True)
    return network.eval()


def _check_probe(network: VertebraResNet, metadata: _Metadata) -> None:
    found = _probe(network)
    try:
        expected = float(metadata.probe_logit)
    except ValueError:
        expected = float("nan")
    if not abs(found - expected) <= PROBE_TOLERANCE:
        raise CheckpointMismatchError(
            f"the network answers the stored probe with {found:.4f}, its weights were saved with {expected:.4f}; copy them again"
        )


def _probe(network: VertebraResNet) -> float:
    """The malignancy logit of the probe picture."""
    with torch.inference_mode():
        return float(network(probe_input())[0, 0])
