"""One network in one file: safetensors with metadata that say what it is. A file that is not ours is refused, never repaired.

No pickle anywhere. Shapes cannot tell a stride-1 network from a stride-2 one: the metadata and a stored probe must. What is
served and shipped is a set of smaller files, see ``weight_set``; the checks are the same.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import torch
from jaxtyping import Float
from torch import Tensor

from vfrac_core.errors import CheckpointMismatchError
from vfrac_core.model.manifest import FoundManifest
from vfrac_core.model.record import NOT_RECORDED, Training, WeightsRecord, make_record, read_record
from vfrac_core.model.resnet import Images, VertebraResNet, build_empty
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.model.tensor_file import TensorFile, pack, unpack, write_whole
from vfrac_core.types import WeightsInfo

MAX_BYTES = 200 * 1024**2  # ours have 94 MB in 32 bit, 47 MB in 16 bit
PROBE_TOLERANCE = 1e-4
MAX_ROUNDING: Final = 1e-3  # of a probability, by storing in 16 bit


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A network as it was loaded, and what is known about it. ``manifest``: of the set that it came from."""

    network: VertebraResNet
    weights: WeightsInfo
    record: WeightsRecord
    manifest: FoundManifest | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """A network's tensors as a file has them, and its record."""

    tensors: Mapping[str, Tensor]
    record: WeightsRecord


def probe_input() -> Float[Tensor, "1 3 64 64"]:
    """A fixed picture, by formula so that it is the same everywhere: sin(0.37 · channel + 0.11 · row + 0.07 · column)."""
    channel, row, column = torch.meshgrid(torch.arange(3), torch.arange(64), torch.arange(64), indexing="ij")
    return torch.sin(0.37 * channel + 0.11 * row + 0.07 * column)[None]


def save_weights(
    network: VertebraResNet, path: Path, training: Training, *, half: bool = False, crops: Images | None = None
) -> None:
    """Write the network to ``path``, which appears whole or not at all. ``half`` and ``crops`` as in ``prepare``."""
    stored = prepare(network, training, half=half, crops=crops)
    write_whole(path, pack(TensorFile(stored.record.as_metadata(), stored.tensors)))


def prepare(network: VertebraResNet, training: Training, *, half: bool, crops: Images | None = None) -> Stored:
    """The tensors and the record to store. ``half``: in 16 bit, half the size.

    The probe is answered by the weights as they are stored, so rounding to 16 bit is part of it. CheckpointMismatchError when
    that rounding moves a probability of the probe picture, or of the ``crops`` that are given, by more than 0.001.
    """
    plain = {name: value.detach().cpu() for name, value in network.state_dict().items()}
    tensors = {name: value.half() if half and value.is_floating_point() else value for name, value in plain.items()}
    rounded = _filled(network.spec, tensors)
    if half:
        _check_range(plain, tensors)
        _check_rounding(_filled(network.spec, plain), rounded, training, crops)
    return Stored(
        tensors, make_record(network.spec, training, probe_logit=_probe(rounded), precision="float16" if half else "float32")
    )


def load_weights(path: Path, spec: NetworkSpec) -> Checkpoint:
    """Read a weights file for the network ``spec``, with or without a sign head.

    Raises CheckpointMismatchError, in this order, when the file is missing or larger than 200 MB; it is no safetensors file; its
    metadata are incomplete or name another schema, architecture, stem stride, input or label; tensors are missing, surplus or
    of another shape or type; a weight is not finite; or the network does not answer the stored probe to 1e-4.
    """
    data = read_bytes(path, MAX_BYTES)
    content = unpack(data)
    stored = Stored(content.tensors, read_record(content.metadata, spec))
    network, record = restore(stored, spec)
    return Checkpoint(network, record.info(path.stem, hashlib.sha256(data).hexdigest()), record)


def read_bytes(path: Path, limit: int, what: str = "the weights file") -> bytes:
    """A whole file. CheckpointMismatchError when it is missing, cannot be read, or has more than ``limit`` bytes."""
    if not path.is_file():
        raise CheckpointMismatchError(f"{what} does not exist; check the manifest or the path")
    size = path.stat().st_size
    if size > limit:
        raise CheckpointMismatchError(f"{what} has {size / 1024**2:.0f} MB, expected at most {limit // 1024**2} MB")
    try:
        return path.read_bytes()
    except OSError:
        raise CheckpointMismatchError(f"{what} cannot be read; check its rights") from None


def restore(stored: Stored, spec: NetworkSpec) -> tuple[VertebraResNet, WeightsRecord]:
    """The network, its tensors and its probe checked; and its record, with the precision that was found."""
    spec = stored.record.spec(spec)
    _check_layout(stored.tensors, spec)
    _check_finite(stored.tensors)
    record = _with_precision(stored)
    network = _filled(spec, stored.tensors)
    _check_probe(network, record)
    return network, record


def _check_layout(found: Mapping[str, Tensor], spec: NetworkSpec) -> None:
    expected = _layout(spec)
    if missing := set(expected) - set(found):
        raise CheckpointMismatchError(
            f"the weights lack {len(missing)} of {len(expected)} tensors; they belong to another network"
        )
    if len(found) > len(expected):
        raise CheckpointMismatchError(f"the weights hold {len(found)} tensors, this network has {len(expected)}")
    for name, (shape, types) in expected.items():
        value = found[name]
        if tuple(value.shape) != shape or value.dtype not in types:
            raise CheckpointMismatchError(
                f"the tensor {name} has shape {tuple(value.shape)} and type {_type(value.dtype)}, "
                f"this network needs {shape} and {' or '.join(map(_type, types))}"
            )


def _type(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _layout(spec: NetworkSpec) -> dict[str, tuple[tuple[int, ...], tuple[torch.dtype, ...]]]:
    """Shape and allowed types of every tensor of the network; no memory is taken."""
    with torch.device("meta"):
        state = VertebraResNet(spec).state_dict()
    return {
        name: (tuple(value.shape), (torch.float32, torch.float16) if value.is_floating_point() else (torch.int64,))
        for name, value in state.items()
    }


def _check_finite(tensors: Mapping[str, Tensor]) -> None:
    for name, value in tensors.items():
        if not torch.isfinite(value).all():
            raise CheckpointMismatchError(f"the tensor {name} holds a weight that is not a number; train again or copy it again")


def _with_precision(stored: Stored) -> WeightsRecord:
    floating = {value.dtype for value in stored.tensors.values() if value.is_floating_point()}
    found = "float16" if floating == {torch.float16} else "float32"
    if stored.record.precision not in (found, NOT_RECORDED):
        raise CheckpointMismatchError(f"the weights are stored in {found}, their record says otherwise; copy them again")
    return replace(stored.record, precision=found)


def _filled(spec: NetworkSpec, tensors: Mapping[str, Tensor]) -> VertebraResNet:
    network = build_empty(spec)
    network.load_state_dict(tensors, strict=True)
    return network.eval()


def _check_probe(network: VertebraResNet, record: WeightsRecord) -> None:
    found = _probe(network)
    if not abs(found - record.probe_logit) <= PROBE_TOLERANCE:
        raise CheckpointMismatchError(
            f"the network answers the stored probe with {found:.4f}, its weights were saved with {record.probe_logit:.4f}; "
            "copy them again"
        )


def _probe(network: VertebraResNet) -> float:
    """Malignancy's logit for the fixed picture."""
    with torch.inference_mode():
        return float(network(probe_input())[0, 0])


def _check_range(plain: Mapping[str, Tensor], tensors: Mapping[str, Tensor]) -> None:
    for name, value in tensors.items():
        if torch.isfinite(plain[name]).all() and not torch.isfinite(value).all():
            raise CheckpointMismatchError(f"a weight of {name} is too large for 16 bit; store them in 32 bit")


def _check_rounding(exact: VertebraResNet, rounded: VertebraResNet, training: Training, crops: Images | None) -> None:
    inputs = probe_input() if crops is None else torch.cat([probe_input(), crops.cpu()])
    moved = float((_probabilities(exact, inputs, training) - _probabilities(rounded, inputs, training)).abs().max())
    if not moved <= MAX_ROUNDING:  # also where the answer is no number
        raise CheckpointMismatchError(
            f"storing the weights in 16 bit moves a probability by {moved:.4f}, allowed is {MAX_ROUNDING}; store them in 32 bit"
        )


def _probabilities(network: VertebraResNet, inputs: Images, training: Training) -> Float[Tensor, "batch output"]:
    """As they are shown: malignancy's with shift and temperature, the signs' plain."""
    with torch.inference_mode():
        logits = torch.cat([network(part) for part in inputs.split(64)]).double()
        malignancy = (logits[:, :1] + training.logit_shift) / training.temperature
        return torch.cat([malignancy, logits[:, 1:]], 1).sigmoid()
