"""vfrac_core/model/weight_set.py: weights become the ones that are served, and old ones go only when told to."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.unit.network_fixtures import TINY, tiny_network
from tests.unit.weight_set_files import SMALL, TRAINING, loaded, other_network, same, shards
from vfrac_core.errors import CheckpointMismatchError, VfracError
from vfrac_core.model.weight_set import (
    make_current,
    remove_old_shards,
    save_set,
)
from vfrac_core.model.weights import load_weights, save_weights


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    save_set(tiny_network(), tmp_path / "set", TRAINING, card={"epochs": "3"}, shard_bytes=SMALL)
    return tmp_path / "set"


class TestMakeCurrent:
    def test_a_set_is_copied_with_its_name(self, folder, tmp_path):
        weights = make_current(tmp_path / "served", folder, TINY)
        assert weights == loaded(tmp_path / "served").weights == loaded(folder).weights
        assert {path.name for path in (tmp_path / "served").iterdir()} == {path.name for path in folder.iterdir()}

    def test_a_single_file_of_a_run_is_split_and_keeps_every_weight(self, tmp_path):
        save_weights(tiny_network(), tmp_path / "all.safetensors", TRAINING)
        weights = make_current(tmp_path / "served", tmp_path / "all.safetensors", TINY, logit_shift=0.25, temperature=1.5)
        served = loaded(tmp_path / "served")
        assert served.weights == weights
        assert same(served.network, tiny_network())
        assert served.record.training() == replace(TRAINING, logit_shift=0.25, temperature=1.5)
        assert served.manifest is not None
        digest = load_weights(tmp_path / "all.safetensors", TINY).weights.sha256
        assert served.manifest.content.card == {"made from": f"SHA-256 {digest}"}

    def test_16_bit_stay_16_bit(self, tmp_path):
        save_weights(tiny_network(), tmp_path / "h.safetensors", TRAINING, half=True)
        make_current(tmp_path / "served", tmp_path / "h.safetensors", TINY)
        before, after = load_weights(tmp_path / "h.safetensors", TINY), loaded(tmp_path / "served")
        assert before.record == after.record
        assert same(before.network, after.network)

    def test_the_shards_that_were_there_are_not_touched(self, folder):
        before = {path: path.stat() for path in shards(folder)}
        make_current(folder, folder, TINY, logit_shift=1.0)
        save_set(other_network(), folder, TRAINING, shard_bytes=SMALL)
        for path, stat in before.items():
            assert (path.stat().st_ino, path.stat().st_mtime_ns) == (stat.st_ino, stat.st_mtime_ns)
        assert same(loaded(folder).network, other_network())

    def test_old_shards_go_when_they_are_told_to(self, folder):
        old = [path.name for path in shards(folder)]
        (folder / "fold-3.safetensors").write_bytes(b"not a shard")
        save_set(other_network(), folder, TRAINING, shard_bytes=SMALL)
        assert list(remove_old_shards(folder)) == old
        assert remove_old_shards(folder) == ()
        assert (folder / "fold-3.safetensors").exists()
        assert same(loaded(folder).network, other_network())

    def test_without_a_manifest_nothing_is_removed(self, folder):
        (folder / "manifest.json").unlink()
        with pytest.raises(CheckpointMismatchError, match="which shards are old cannot be told"):
            remove_old_shards(folder)
        assert len(shards(folder)) == 3

    def test_bad_weights_never_become_current(self, folder, tmp_path):
        (tmp_path / "bad.safetensors").write_bytes(b"junk")
        before = (folder / "manifest.json").read_bytes()
        with pytest.raises(CheckpointMismatchError, match="damaged"):
            make_current(folder, tmp_path / "bad.safetensors", TINY)
        assert (folder / "manifest.json").read_bytes() == before

    @pytest.mark.parametrize("fails_at", [1, 3, 4])
    def test_a_full_disk_leaves_the_old_set_current(self, folder, tmp_path, monkeypatch, fails_at):
        save_set(other_network(), tmp_path / "new", TRAINING, shard_bytes=SMALL)
        calls = []

        def full(descriptor: int) -> None:
            calls.append(descriptor)
            if len(calls) == fails_at:
                raise OSError("No space left on device")

        monkeypatch.setattr("os.fsync", full)
        with pytest.raises(VfracError, match="cannot be written"):
            make_current(folder, tmp_path / "new", TINY)
        assert same(loaded(folder).network, tiny_network())
        assert not list(folder.glob("*.part"))
