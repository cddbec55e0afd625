"""Pixels: written whole or not at all, once, and nothing in them names a patient."""

from __future__ import annotations

import hashlib
import shutil
import subprocess

import numpy as np
import pytest
from store_samples import a_stack

from vfrac_core.errors import StoreError
from vfrac_core.store import VolumeLibrary, volumes
from vfrac_core.types import CtVolume, SeriesInfo


@pytest.fixture
def library(tmp_path):
    return VolumeLibrary(tmp_path)


def a_volume(seed: int = 1) -> CtVolume:
    hu = np.random.default_rng(seed).integers(-1000, 2000, (7, 8, 9)).astype(np.int16)
    return CtVolume(hu=np.asfortranarray(hu), affine=np.diag([0.5, 0.6, 2.5, 1.0]), info=SeriesInfo(plane="axial"))


def test_both_come_back_equal_with_the_info_that_is_handed_in(library):
    volume, stack = a_volume(), a_stack()
    library.save("case1", volume, stack)
    for loaded, saved in ((library.volume("case1", volume.info), volume), (library.stack("case1", stack.info), stack)):
        np.testing.assert_array_equal(loaded.hu, saved.hu)
        np.testing.assert_array_equal(loaded.affine, saved.affine)
        assert (loaded.hu.dtype, loaded.info, loaded.spacing_mm) == (np.int16, saved.info, saved.spacing_mm)


def test_what_was_saved_cannot_be_written_to(library):
    library.save("case1", a_volume(), a_stack())
    with pytest.raises(ValueError, match="read-only"):
        library.stack("case1").hu[0, 0, 0] = 1


def test_a_second_save_of_the_same_case_does_nothing(library):
    library.save("case1", a_volume(), a_stack(seed=1))
    library.save("case1", a_volume(), a_stack(seed=2))
    np.testing.assert_array_equal(library.stack("case1").hu, a_stack(seed=1).hu)


def test_of_two_saves_at_once_one_gives_way(library, monkeypatch):
    """The other import finishes while this one is writing."""
    other = VolumeLibrary(library.folder.parent)
    really_rename = volumes._rename_unless_there

    def rename_late(draft, target):
        monkeypatch.setattr(volumes, "_rename_unless_there", really_rename)
        other.save("case1", a_volume(), a_stack(seed=1))
        really_rename(draft, target)

    monkeypatch.setattr(volumes, "_rename_unless_there", rename_late)
    library.save("case1", a_volume(), a_stack(seed=2))
    np.testing.assert_array_equal(library.stack("case1").hu, a_stack(seed=1).hu)
    assert [path.name for path in library.folder.iterdir()] == ["case1"]


def test_a_save_that_breaks_leaves_nothing(library, monkeypatch):
    def full(folder):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(volumes, "_write_sums", full)
    with pytest.raises(StoreError, match="not saved: the disk is full"):
        library.save("case1", a_volume(), a_stack())
    assert list(library.folder.iterdir()) == []


def test_the_checksum_sees_one_changed_bit_and_a_missing_file(library):
    library.save("case1", a_volume(), a_stack())
    assert library.checksum_ok("case1")
    path = library.folder / "case1" / "volume.npy"
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    assert not library.checksum_ok("case1")
    path.unlink()
    assert not library.checksum_ok("case1")
    assert not library.checksum_ok("nothing")


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="no sha256sum")
def test_the_sums_can_be_checked_without_this_program(library):
    library.save("case1", a_volume(), a_stack())
    subprocess.run(["sha256sum", "--strict", "--quiet", "-c", "SHA256SUMS"], cwd=library.folder / "case1", check=True)


def test_missing_and_damaged_pixels_are_said(library):
    with pytest.raises(StoreError, match="not in the data home"):
        library.stack("case1")
    library.save("case1", a_volume(), a_stack())
    path = library.folder / "case1" / "stack.npy"
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(StoreError, match="damaged"):
        library.stack("case1")


@pytest.mark.parametrize("case_id", ["../../etc", "a/b", "", ".new-x"])
def test_an_id_that_leads_elsewhere_is_refused(library, case_id):
    for call in (library.stack, library.volume, library.checksum_ok, lambda one: library.save(one, a_volume(), a_stack())):
        with pytest.raises(StoreError, match="case id"):
            call(case_id)


def test_the_pixels_hash_is_that_of_the_little_endian_bytes():
    hu = np.array([[[1, -2]]], dtype=np.int16)
    assert volumes.pixel_sha256(hu) == hashlib.sha256(b"\x01\x00\xfe\xff").hexdigest()
