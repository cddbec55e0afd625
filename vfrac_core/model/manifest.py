"""weights/manifest.json: which weights file is the current one. The only thing that an update of the weights changes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from vfrac_core.errors import CheckpointMismatchError

MANIFEST = "manifest.json"


class _Manifest(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore")

    current: str
    sha256: str


@dataclass(frozen=True, slots=True)
class CurrentWeights:
    """The file that the manifest names, and the SHA-256 that it must have."""

    path: Path
    sha256: str


def read_manifest(weights: Path) -> CurrentWeights | None:
    """The current weights file of a folder, or of a manifest itself; None where there is no manifest: nothing is trained.

    Raises CheckpointMismatchError when the manifest cannot be understood, or names a file outside its folder.
    """
    path = weights if weights.suffix == ".json" else weights / MANIFEST
    try:
        manifest = _Manifest.model_validate_json(path.read_bytes())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        raise CheckpointMismatchError("manifest.json cannot be read; check the path and its rights") from None
    except ValidationError:
        raise CheckpointMismatchError("manifest.json is damaged; expected the entries current and sha256") from None
    if Path(manifest.current).name != manifest.current:
        raise CheckpointMismatchError("manifest.json names a file outside the weights folder; expected a bare file name")
    return CurrentWeights(path.parent / manifest.current, manifest.sha256)


def write_manifest(weights_dir: Path, current: CurrentWeights) -> None:
    """Make ``current`` the weights that the next start loads."""
    draft = weights_dir / f"{MANIFEST}.part"
    draft.write_text(json.dumps({"current": current.path.name, "sha256": current.sha256}, indent=2) + "\n")
    draft.replace(weights_dir / MANIFEST)
