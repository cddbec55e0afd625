"""A weights file for tests: rewritten with a fault, and the line that refuses it."""

from __future__ import annotations

from pathlib import Path

import pytest
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from tests.unit.network_fixtures import TINY
from vfrac_core.errors import CheckpointMismatchError
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.model.weights import Training, load_weights

TRAINING = Training(kind="synthetic crops", data_sha256="ab" * 32, fold="3")


def rewritten(path: Path, *, tensors=None, **metadata: str | None) -> Path:
    """The same file with other tensors or metadata (None removes an entry)."""
    with safe_open(path, framework="pt") as file:
        found = {**(file.metadata() or {}), **metadata}
    save_file(tensors or load_file(path), path, metadata={k: v for k, v in found.items() if v is not None})
    return path


def refusal(path: Path, spec: NetworkSpec = TINY) -> str:
    with pytest.raises(CheckpointMismatchError) as caught:
        load_weights(path, spec)
    line = str(caught.value)
    assert "\n" not in line
    assert str(path) not in line
    assert caught.value.__cause__ is None
    return line
