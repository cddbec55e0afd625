"""A set of weights: shards small enough for a plain git push, and manifest.json that says what they are. What the app serves.

A shard's name holds a hash of the set, so an update never writes over a shard that a running app is reading; the manifest is
replaced last. Whoever reads sees the old set or the new one.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from huggingface_hub import split_torch_state_dict_into_shards
from safetensors import SafetensorError, safe_open
from torch import Tensor

from vfrac_core.errors import CheckpointMismatchError, VfracError
from vfrac_core.model.manifest import MANIFEST, FoundManifest, Manifest, Shard, manifest_path, read_manifest
from vfrac_core.model.record import Training, check_record
from vfrac_core.model.resnet import Images, VertebraResNet
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.model.tensor_file import TensorFile, pack, unpack, write_whole
from vfrac_core.model.weights import MAX_BYTES, Checkpoint, Stored, load_weights, prepare, read_bytes, restore
from vfrac_core.types import WeightsInfo

SHARD_BYTES: Final = 8_900_000  # of tensors; with its header a file stays below 9 MB
SHARD_SCHEMA: Final = "vfrac-shard-1"
_SHARD_NAME: Final = re.compile(r"model-[0-9a-f]{8}(-\d{5}-of-\d{5})?\.safetensors")


def load_checkpoint(weights: Path, spec: NetworkSpec, *, required: bool = True) -> Checkpoint | None:
    """The network behind a weights file, a manifest, a folder with a manifest, or any shard of a set.

    Raises CheckpointMismatchError for weights that do not belong to this program and for a path that leads to none; where they
    are not ``required``, a folder without a manifest gives None.
    """
    if required and not os.path.exists(weights):
        raise CheckpointMismatchError("the weights do not exist; give a .safetensors file, or a manifest.json or its folder")
    if weights.suffix == ".safetensors" or (os.path.isfile(weights) and weights.suffix != ".json"):
        return _load_set(_set_of_shard(weights), spec) if _is_shard(weights) else load_weights(weights, spec)
    found = read_manifest(weights)
    if found is None and required:
        raise CheckpointMismatchError("the weights folder has no manifest.json; give a .safetensors file, or add the manifest")
    return None if found is None else _load_set(found, spec)


def save_set(
    network: VertebraResNet,
    folder: Path,
    training: Training,
    *,
    half: bool = False,
    crops: Images | None = None,
    card: Mapping[str, str] | None = None,
    shard_bytes: int = SHARD_BYTES,
) -> WeightsInfo:
    """Write the network as a set and make it the folder's current one. Old shards stay: ``remove_old_shards``.

    ``half`` and ``crops`` as in ``weights.prepare``; ``card``: free rows for the model card. Shards have at most ``shard_bytes``
    of tensors; a single tensor that is larger (layer4's in 32 bit: 9.4 MB) has one to itself. The same network, training and
    card give the same files.
    """
    stored = prepare(network, training, half=half, crops=crops)
    shards = _shards(stored.tensors, shard_bytes)
    listed = tuple(Shard(name, hashlib.sha256(data).hexdigest()) for name, data in shards.items())
    manifest = Manifest(stored.record, listed, dict(card or {}))
    return _publish(folder, FoundManifest(folder / MANIFEST, manifest, manifest.as_bytes()), shards)


def make_current(
    weights_dir: Path,
    source: Path,
    spec: NetworkSpec,
    *,
    half: bool = False,
    crops: Images | None = None,
    logit_shift: float | None = None,
    temperature: float | None = None,
    card: Mapping[str, str] | None = None,
) -> WeightsInfo:
    """Make ``source``, whatever ``load_checkpoint`` takes, the weights that ``weights_dir`` serves. A running app follows.

    A set is copied as it is and keeps its name. A single file is split into shards; so is a set when something is to change: its
    precision, the shift and temperature fitted out of fold, or rows of the card. The source is loaded with all checks first.
    VfracError when it does not pass them, or the folder cannot be written.
    """
    checkpoint = load_checkpoint(source, spec)
    assert checkpoint is not None, "required weights are there or refused"
    unchanged = not half and logit_shift is None and temperature is None and card is None
    try:
        if checkpoint.manifest is not None and unchanged:
            return _copy(checkpoint.manifest, weights_dir)
        record = checkpoint.record
        return save_set(
            checkpoint.network,
            weights_dir,
            replace(
                record.training(),
                logit_shift=record.logit_shift if logit_shift is None else logit_shift,
                temperature=record.temperature if temperature is None else temperature,
            ),
            half=half or record.precision == "float16",
            crops=crops,
            card={**_earlier_card(checkpoint), **(card or {})},
        )
    except OSError:
        raise VfracError("the weights folder cannot be written; check its rights and the free space") from None


def remove_old_shards(weights_dir: Path) -> tuple[str, ...]:
    """Delete the shards that the folder's manifest does not name; their names. Not while another program may be loading them.

    CheckpointMismatchError, and nothing is deleted, where no manifest says which ones are current.
    """
    found = read_manifest(weights_dir)
    if found is None:
        raise CheckpointMismatchError("the weights folder has no manifest.json; which shards are old cannot be told")
    current = {shard.file for shard in found.content.shards}
    files = sorted(path for path in weights_dir.iterdir() if _SHARD_NAME.fullmatch(path.name) and path.name not in current)
    for path in files:
        path.unlink()
    return tuple(path.name for path in files)


def _shards(tensors: Mapping[str, Tensor], shard_bytes: int) -> dict[str, bytes]:
    """File name and content; the names hold the first digits of a hash over all contents."""
    split = split_torch_state_dict_into_shards(dict(tensors), max_shard_size=shard_bytes)
    packed = {
        name: pack(TensorFile({"schema": SHARD_SCHEMA}, {one: tensors[one] for one in names}))
        for name, names in split.filename_to_tensors.items()
    }
    whole = hashlib.sha256(b"".join(hashlib.sha256(data).digest() for data in packed.values())).hexdigest()
    return {name.replace("model", f"model-{whole[:8]}", 1): data for name, data in packed.items()}


def _publish(folder: Path, manifest: FoundManifest, shards: Mapping[str, bytes]) -> WeightsInfo:
    """Shards first, the manifest last. A shard that is there already is left alone: a running app may be reading it."""
    folder.mkdir(parents=True, exist_ok=True)
    for shard in manifest.content.shards:
        path, data = folder / shard.file, shards[shard.file]
        if not (path.is_file() and path.read_bytes() == data):
            write_whole(path, data)
    write_whole(folder / MANIFEST, manifest.data)
    return manifest.info


def _copy(source: FoundManifest, folder: Path) -> WeightsInfo:
    return _publish(folder, source, {shard.file: _shard_bytes(source, shard, MAX_BYTES) for shard in source.content.shards})


def _earlier_card(checkpoint: Checkpoint) -> dict[str, str]:
    """The rows of the set before, and from which weights this one is made."""
    before = checkpoint.manifest.content.card if checkpoint.manifest else {}
    return {**before, "made from": f"SHA-256 {checkpoint.weights.sha256}"}


def _load_set(found: FoundManifest, spec: NetworkSpec) -> Checkpoint:
    """Everything that ``load_weights`` checks; and each shard's SHA-256, before anything in it is read."""
    check_record(found.content.record, spec)
    tensors: dict[str, Tensor] = {}
    left = MAX_BYTES
    for shard in found.content.shards:
        data = _shard_bytes(found, shard, left)
        left -= len(data)
        part = unpack(data).tensors
        if tensors.keys() & part.keys():
            raise CheckpointMismatchError(f"{shard.file} holds a tensor that another shard holds too; copy the whole set again")
        tensors.update(part)
    network, record = restore(Stored(tensors, found.content.record), spec)
    return Checkpoint(network, found.info, record, found)


def _shard_bytes(found: FoundManifest, shard: Shard, limit: int) -> bytes:
    data = read_bytes(found.path.parent / shard.file, limit, f"the shard {shard.file}")
    if hashlib.sha256(data).hexdigest() != shard.sha256:
        raise CheckpointMismatchError(f"{shard.file} is not the shard that manifest.json names (SHA-256 differs); copy it again")
    return data


def _is_shard(path: Path) -> bool:
    """By its header only. What cannot be read is no shard: loading it says why."""
    try:
        with safe_open(path, framework="pt") as file:
            return (file.metadata() or {}).get("schema") == SHARD_SCHEMA
    except (SafetensorError, OSError):
        return False


def _set_of_shard(path: Path) -> FoundManifest:
    found = read_manifest(manifest_path(path.parent))
    if found is None:
        raise CheckpointMismatchError("this is one shard of a set, without manifest.json beside it; copy the whole set")
    if path.name not in {shard.file for shard in found.content.shards}:
        raise CheckpointMismatchError("this shard is not of the set that manifest.json beside it names; give that manifest")
    return found
