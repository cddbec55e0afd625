"""manifest.json: which weights are the current ones of a folder, and all that is known about them. Imports no torch.

The only file that an update of the weights replaces. Its SHA-256 names the weights.
"""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Annotated, Final

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass

from vfrac_core.errors import CheckpointMismatchError
from vfrac_core.model.record import Text, WeightsRecord
from vfrac_core.settings import Settings
from vfrac_core.types import WeightsInfo

MANIFEST: Final = "manifest.json"
MAX_MANIFEST_BYTES: Final = 1024**2


def _bare_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,180}\.safetensors", name):
        raise ValueError("expected the bare name of a .safetensors file")
    return name


@checked_dataclass(frozen=True, slots=True)
class Shard:
    """One file of a set, beside the manifest."""

    file: Annotated[str, AfterValidator(_bare_name)]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]


@checked_dataclass(frozen=True, slots=True)
class Manifest:
    """A set of weights. ``card``: free rows for the model card, such as epochs, minutes and machine."""

    record: WeightsRecord
    shards: Annotated[tuple[Shard, ...], Field(min_length=1, max_length=1000)]
    card: dict[Text, Text] = Field(default_factory=dict)

    def as_bytes(self) -> bytes:
        """As it stands in the file; the same manifest gives the same bytes."""
        return (json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n").encode()


@dataclass(frozen=True, slots=True)
class FoundManifest:
    """A manifest as it was read, with its exact bytes: they name the weights."""

    path: Path
    content: Manifest
    data: bytes

    @property
    def info(self) -> WeightsInfo:
        """``name`` is short, for a line on the screen; ``sha256`` is whole."""
        digest = hashlib.sha256(self.data).hexdigest()
        return self.content.record.info(f"vfrac-{digest[:12]}", digest)


def manifest_path(weights: Path) -> Path:
    """Of a folder, or of a manifest itself."""
    return weights if weights.suffix == ".json" else weights / MANIFEST


def current_folder(settings: Settings) -> Path:
    """The folder whose weights answer: one's own where some were made current, else the shipped ones."""
    own, shipped = settings.weights_dir, settings.shipped_weights
    return own if shipped is None or manifest_path(own).is_file() else shipped


def read_manifest(weights: Path) -> FoundManifest | None:
    """The manifest of a folder, or a manifest itself; None where there is none: nothing is trained.

    Raises CheckpointMismatchError when it cannot be understood, or names a file outside its folder. Whether the record belongs to
    this program's network is checked where the weights are loaded.
    """
    path = manifest_path(weights)
    try:
        with path.open("rb") as file:
            data = file.read(MAX_MANIFEST_BYTES + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        raise CheckpointMismatchError("manifest.json cannot be read; check the path and its rights") from None
    if len(data) > MAX_MANIFEST_BYTES:
        raise CheckpointMismatchError("manifest.json has more than 1 MB; it was not written by this program")
    return FoundManifest(path, _parsed(data), data)


def _parsed(data: bytes) -> Manifest:
    try:
        manifest = TypeAdapter(Manifest).validate_json(data)
    except ValidationError as wrong:
        error = wrong.errors(include_url=False, include_input=False)[0]
        place = " ".join(str(part) for part in error["loc"] if part in _PLACES)
        raise CheckpointMismatchError(
            f"manifest.json is damaged or of another version{place and f', at {place}'}: {error['msg'].lower()}"
        ) from None
    if len({shard.file for shard in manifest.shards}) < len(manifest.shards):
        raise CheckpointMismatchError("manifest.json names a shard twice; copy the whole set again")
    return manifest


_PLACES: Final = {"record", "shards", "card", "file", "sha256", *WeightsRecord.__dataclass_fields__}
