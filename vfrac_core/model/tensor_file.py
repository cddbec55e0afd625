"""Tensors and metadata as safetensors bytes and back. No pickle. The same tensors and metadata give the same bytes."""

from __future__ import annotations

import json
import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor

from vfrac_core.errors import CheckpointMismatchError

_LENGTH = 8  # bytes: a safetensors file begins with the length of its JSON header, little endian


@dataclass(frozen=True, slots=True)
class TensorFile:
    """What a safetensors file holds."""

    metadata: Mapping[str, str]
    tensors: Mapping[str, Tensor]


def pack(content: TensorFile) -> bytes:
    """The bytes of a safetensors file.

    safetensors writes the metadata in an order that changes from run to run, so the header is written again with its metadata
    sorted: the same length, the same meaning.
    """
    plain = save({name: value.contiguous() for name, value in content.tensors.items()}, metadata=dict(content.metadata))
    size, header = _header(plain)
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
    assert len(text) <= size, "safetensors writes its header as short as JSON can be"
    return b"".join((plain[:_LENGTH], text.ljust(size), memoryview(plain)[_LENGTH + size :]))


def unpack(data: bytes) -> TensorFile:
    """CheckpointMismatchError for what is no whole safetensors file."""
    try:
        tensors = load(data)
    except (SafetensorError, KeyError, ValueError):  # the last two: a type of numbers that torch has not
        raise CheckpointMismatchError("the weights file is damaged or no safetensors file; copy it again") from None
    return TensorFile(_header(data)[1].get("__metadata__", {}), tensors)


def write_whole(path: Path, data: bytes) -> None:
    """Write ``path`` so that it appears whole or not at all, after a power cut too. OSError as the system gives it."""
    draft = path.with_name(f"{path.name}.{os.getpid()}-{threading.get_ident()}.part")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _header(data: bytes) -> tuple[int, dict[str, dict[str, str]]]:
    """Of a file that safetensors has read or written, so that its length and JSON are right."""
    size = int.from_bytes(data[:_LENGTH], "little")
    return size, json.loads(data[_LENGTH : _LENGTH + size])
