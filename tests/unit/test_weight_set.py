"""vfrac_core/model/weight_set.py and manifest.py: a set of shards is served whole, exactly as it was written, or not at all."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from tests.unit.network_fixtures import TINY, real_network, tiny_network
from tests.unit.weight_set_files import SMALL, TRAINING, loaded, other_network, same, shards
from vfrac_core.errors import CheckpointMismatchError
from vfrac_core.model.initialise import random_network
from vfrac_core.model.manifest import Manifest, Shard, read_manifest
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.model.weight_set import (
    SHARD_SCHEMA,
    load_checkpoint,
    save_set,
)
from vfrac_core.model.weights import load_weights, save_weights


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_set(tiny_network(), tmp_path / "set", TRAINING, card={"epochs": "3"}, shard_bytes=SMALL)
    return tmp_path / "set"


def refusal(weights: Path) -> str:
    with pytest.raises(CheckpointMismatchError) as caught:
        load_checkpoint(weights, TINY)
    line = str(caught.value)
    assert "\n" not in line
    assert str(weights.parent) not in line
    return line


def with_manifest(folder: Path, **change: object) -> Path:
    """The folder with entries of the manifest's top level changed (None removes one)."""
    path = folder / "manifest.json"
    found = {**json.loads(path.read_bytes()), **change}
    path.write_text(json.dumps({name: value for name, value in found.items() if value is not None}))
    return folder


def relisted(folder: Path) -> Path:
    """The manifest names the shards as they are now: the hashes are right again, whatever is in them."""
    listed = [{"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()} for path in shards(folder)]
    return with_manifest(folder, shards=listed)


def rewritten(path: Path, tensors: dict[str, torch.Tensor]) -> None:
    save_file(tensors, path, metadata={"schema": SHARD_SCHEMA})


def test_a_set_is_loaded_by_its_folder_its_manifest_and_each_of_its_shards(folder):
    files = shards(folder)
    assert [path.name[14:] for path in files] == [f"-{n:05d}-of-00003.safetensors" for n in (1, 2, 3)]
    digest = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    for weights in (folder, folder / "manifest.json", *files):
        checkpoint = loaded(weights)
        assert same(checkpoint.network, tiny_network())
        assert (checkpoint.weights.name, checkpoint.weights.sha256) == (f"vfrac-{digest[:12]}", digest)
        assert checkpoint.record.training() == TRAINING


def test_a_set_is_the_same_network_as_the_single_file(folder, tmp_path):
    save_weights(tiny_network(), tmp_path / "one.safetensors", TRAINING)
    one, many = load_weights(tmp_path / "one.safetensors", TINY), loaded(folder)
    assert one.record == many.record
    assert same(one.network, many.network)


def test_the_manifest_says_everything_and_is_as_small_as_a_page(folder):
    found = json.loads((folder / "manifest.json").read_bytes())
    assert list(found) == ["record", "shards", "card"]
    assert found["card"] == {"epochs": "3"}
    record = found["record"]
    assert (record["architecture"], record["stem_stride"], record["precision"]) == (TINY.architecture, 1, "float32")
    assert (record["logit_shift"], record["temperature"], record["initialisation"]) == (-0.42, 1.0, "synthetic")
    assert [Shard(**one) for one in found["shards"]] == [
        Shard(path.name, hashlib.sha256(path.read_bytes()).hexdigest()) for path in shards(folder)
    ]
    assert (folder / "manifest.json").stat().st_size < 4000


@pytest.mark.slow
def test_the_same_network_gives_the_same_files_in_another_process(folder, tmp_path):
    code = (
        f"import torch; torch.set_num_threads({torch.get_num_threads()});"  # the probe's last bit depends on it
        "import sys; from pathlib import Path; from tests.unit.test_weight_set import *;"
        "save_set(tiny_network(), Path(sys.argv[1]), TRAINING, card={'epochs': '3'}, shard_bytes=SMALL)"
    )
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "again")], check=True)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        path.name: path.read_bytes() for path in (tmp_path / "again").iterdir()
    }


@pytest.mark.slow
def test_the_paper_network_in_16_bit_ships_in_files_below_9_megabytes_and_50_in_all(tmp_path):
    network = random_network(NetworkSpec(), 1).eval()
    save_set(network, tmp_path, TRAINING, half=True)
    sizes = [path.stat().st_size for path in tmp_path.iterdir()]
    assert max(sizes) < 9e6
    assert sum(sizes) < 50e6
    assert load_checkpoint(tmp_path, NetworkSpec()) is not None


@pytest.mark.slow
def test_the_paper_network_in_32_bit_needs_no_file_above_10_megabytes(tmp_path):
    save_set(real_network(), tmp_path, TRAINING)
    assert max(path.stat().st_size for path in tmp_path.iterdir()) < 10e6


def test_the_probe_is_that_of_the_rounded_weights(tmp_path):
    save_set(tiny_network(), tmp_path / "half", TRAINING, half=True)
    save_set(tiny_network(), tmp_path / "full", TRAINING)
    half, full = loaded(tmp_path / "half").record, loaded(tmp_path / "full").record
    assert half.precision == "float16"
    assert half.probe_logit != full.probe_logit


def test_a_missing_shard_is_refused(folder):
    gone = shards(folder)[1]
    gone.unlink()
    assert refusal(folder) == f"the shard {gone.name} does not exist; check the manifest or the path"


def test_exchanged_shards_are_refused(folder):
    first, second, *_ = shards(folder)
    one, other = first.read_bytes(), second.read_bytes()
    first.write_bytes(other)
    second.write_bytes(one)
    assert refusal(folder) == f"{first.name} is not the shard that manifest.json names (SHA-256 differs); copy it again"


def test_a_shard_with_one_changed_bit_is_refused(folder):
    last = shards(folder)[-1]
    data = bytearray(last.read_bytes())
    data[-1] ^= 1
    last.write_bytes(data)
    assert "SHA-256 differs" in refusal(folder)


def test_a_shard_of_another_set_is_refused_even_if_it_is_listed(folder, tmp_path):
    save_set(other_network(), tmp_path / "other", TRAINING, shard_bytes=SMALL)
    shards(folder)[0].write_bytes(shards(tmp_path / "other")[0].read_bytes())
    assert refusal(relisted(folder)).startswith("the network answers the stored probe with")


def test_a_surplus_tensor_is_refused(folder):
    last = shards(folder)[-1]
    rewritten(last, {**load_file(last), "extra": torch.zeros(1)})
    assert "this network has" in refusal(relisted(folder))


def test_a_tensor_in_two_shards_is_refused(folder):
    first, last = shards(folder)[0], shards(folder)[-1]
    rewritten(last, {**load_file(last), "conv1.weight": load_file(first)["conv1.weight"]})
    assert refusal(relisted(folder)) == f"{last.name} holds a tensor that another shard holds too; copy the whole set again"


def test_a_list_that_leaves_a_shard_out_is_refused(folder):
    listed = json.loads((folder / "manifest.json").read_bytes())["shards"]
    assert refusal(with_manifest(folder, shards=listed[1:])).startswith("the weights lack ")


def test_a_wrong_probe_is_refused(folder):
    record = json.loads((folder / "manifest.json").read_bytes())["record"]
    record["probe_logit"] += 0.001
    assert refusal(with_manifest(folder, record=record)).startswith("the network answers the stored probe with")


@pytest.mark.parametrize(
    ("name", "value"),
    [("stem_stride", 2), ("architecture", "resnet18"), ("schema", "vfrac-weights-9"), ("input_spec", "1 slice")],
)
def test_a_set_for_another_network_is_refused_with_both_values(folder, name, value):
    record = json.loads((folder / "manifest.json").read_bytes())["record"] | {name: value}
    assert refusal(with_manifest(folder, record=record)).startswith(f"weights were trained with {name} {value}, this program ")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"record": None}, "at record: field required"),
        ({"shards": []}, "at shards: "),
        ({"shards": [{"file": "../other.safetensors", "sha256": "0" * 64}]}, "at shards file: value error, expected the bare"),
        ({"shards": [{"file": "a.safetensors", "sha256": "x"}]}, "at shards sha256: "),
        ({"shards": [{"file": "a.safetensors", "sha256": "0" * 64}] * 2}, "names a shard twice"),
        ({"card": {"a": 3}}, "at card: "),
        ({"card": {"two\nlines": 3}}, "at card: "),
    ],
)
def test_a_manifest_that_cannot_be_understood_is_refused(folder, change, words):
    assert words in refusal(with_manifest(folder, **change))


@pytest.mark.parametrize("name", ["temperature", "logit_shift"])
def test_a_shift_or_temperature_that_gives_no_probability_is_refused(folder, name):
    record = json.loads((folder / "manifest.json").read_bytes())["record"] | {name: float("nan")}
    assert f"at record {name}: " in refusal(with_manifest(folder, record=record))


@pytest.mark.parametrize("text", ["", "{", "[]", '{"current": "x.safetensors", "sha256": "0"}', "null", " " * (1024**2 + 1)])
def test_what_is_no_manifest_is_refused(tmp_path, text):
    (tmp_path / "manifest.json").write_text(text)
    assert refusal(tmp_path / "manifest.json").startswith("manifest.json ")


def test_a_shard_without_its_set_is_refused(folder):
    one = shards(folder)[2]
    old = one.with_name("model-00000000-00001-of-00002.safetensors")
    old.write_bytes(one.read_bytes())
    assert refusal(old) == "this shard is not of the set that manifest.json beside it names; give that manifest"
    (folder / "manifest.json").unlink()
    assert refusal(one) == "this is one shard of a set, without manifest.json beside it; copy the whole set"


def test_a_shard_alone_is_no_single_file(folder):
    with pytest.raises(CheckpointMismatchError, match="carry no"):
        load_weights(shards(folder)[0], TINY)


def test_what_is_read_is_what_was_written(folder):
    found = read_manifest(folder)
    assert found is not None
    assert isinstance(found.content, Manifest)
    assert found.content.as_bytes() == found.data
