"""Chunks that the browser gets, and the cache that keeps them."""

from __future__ import annotations

import gzip
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from vfrac_core.errors import NotAllowedError, StoreError
from vfrac_core.imaging.axial import axial_slices
from vfrac_core.library.cases import CHUNK_SLICES, ByteCache, CaseLibrary
from vfrac_core.library.importing import add_volume
from vfrac_core.store import AnnotationStore, VolumeLibrary
from vfrac_core.types import CtVolume, SeriesInfo

SHAPE = (19, 24, 20)  # three chunks, the last with three slices


@pytest.fixture
def library(tmp_path: Path) -> Iterator[CaseLibrary]:
    hu = np.random.default_rng(1).integers(-1024, 3071, SHAPE, dtype=np.int16)
    affine = np.array([[3.0, 0, 0, 0], [0, 0, 1, 0], [0, -1, 0, 0], [0, 0, 0, 1]])
    with AnnotationStore(tmp_path) as store:
        library = CaseLibrary(store, VolumeLibrary(tmp_path), secret=b"k" * 32, cache_bytes=10**7)
        add_volume("case0", CtVolume(hu, affine, SeriesInfo(plane="sagittal")), library)
        yield library


def test_the_chunks_are_the_stack_as_little_endian_int16(library: CaseLibrary) -> None:
    stack = library.stack("case0")
    count = -(-stack.slices // CHUNK_SLICES)
    pixels = b"".join(gzip.decompress(library.chunk("case0", index)) for index in range(count))
    assert np.array_equal(np.frombuffer(pixels, "<i2").reshape(stack.hu.shape), stack.hu)


def test_the_second_volume_comes_in_chunks_too(library: CaseLibrary) -> None:
    grid, volume = library.axial_grid("case0"), library.volumes.volume("case0")
    assert grid is not None
    count = -(-grid.shape[0] // CHUNK_SLICES)
    pixels = b"".join(gzip.decompress(library.axial_chunk("case0", index)) for index in range(count))
    expected = axial_slices(volume, grid, 0, grid.shape[0])
    assert np.array_equal(np.frombuffer(pixels, "<i2").reshape(grid.shape), expected)
    with pytest.raises(NotAllowedError):
        library.axial_chunk("case0", count)


def test_without_the_imported_volume_there_is_no_second_one(library: CaseLibrary, tmp_path: Path) -> None:
    (tmp_path / "volumes" / "case0" / "volume.npy").unlink()
    assert library.axial_grid("case0") is None
    with pytest.raises(NotAllowedError):
        library.axial_chunk("case0", 0)


def test_a_chunk_is_the_same_bytes_each_time(library: CaseLibrary) -> None:
    other = CaseLibrary(library.store, library.volumes, secret=b"k" * 32, cache_bytes=10**7)
    assert library.chunk("case0", 1) == other.chunk("case0", 1)


@pytest.mark.parametrize("index", [-1, 3, 10**9])
def test_a_chunk_that_does_not_exist_is_refused(library: CaseLibrary, index: int) -> None:
    with pytest.raises(NotAllowedError):
        library.chunk("case0", index)


def test_an_unknown_case_is_refused_with_the_one_sentence(library: CaseLibrary) -> None:
    with pytest.raises(NotAllowedError, match=r"^this case is not available$"):
        library.stack("nobody")


def test_lost_pixels_come_back_by_importing_again(library: CaseLibrary, tmp_path: Path) -> None:
    volume, before = library.volumes.volume("case0"), library.stack("case0").hu.copy()
    volume = CtVolume(volume.hu.copy(), volume.affine, SeriesInfo(plane="sagittal"))
    shutil.rmtree(tmp_path / "volumes" / "case0")
    assert add_volume("case0", volume, library)[1] is False
    assert np.array_equal(library.volumes.stack("case0").hu, before)


def test_a_lost_imported_volume_comes_back_by_importing_again(library: CaseLibrary, tmp_path: Path) -> None:
    kept = library.volumes.volume("case0")
    volume = CtVolume(kept.hu.copy(), kept.affine, SeriesInfo(plane="sagittal"))
    (tmp_path / "volumes" / "case0" / "volume.npy").unlink()
    with pytest.raises(StoreError, match="pixels were others"):
        add_volume("case0", CtVolume(volume.hu + np.int16(1), volume.affine, volume.info), library)
    assert library.axial_grid("case0") is None
    assert add_volume("case0", volume, library)[1] is False
    assert library.axial_grid("case0") is not None
    assert library.volumes.checksum_ok("case0")


def test_other_pixels_do_not_take_the_place_of_lost_ones(library: CaseLibrary, tmp_path: Path) -> None:
    volume = library.volumes.volume("case0")
    other = CtVolume(volume.hu + np.int16(1), volume.affine, SeriesInfo(plane="sagittal"))
    shutil.rmtree(tmp_path / "volumes" / "case0")
    with pytest.raises(StoreError, match="pixels were others"):
        add_volume("case0", other, library)


def test_the_version_is_keyed_so_that_it_says_nothing_about_the_pixels(library: CaseLibrary) -> None:
    record = library.record("case0")
    other = CaseLibrary(library.store, library.volumes, secret=b"o" * 32, cache_bytes=10**7)
    assert library.version(record) != other.version(record)
    assert record.sha256[:16] != library.version(record)


def test_the_cache_drops_the_least_recently_used_and_keeps_within_its_bytes() -> None:
    made: list[str] = []
    cache = ByteCache[bytes](10, len)

    def get(key: str) -> bytes:
        return cache.get(key, lambda: made.append(key) or b"12345")

    for key in ("a", "b", "a", "c", "a", "b"):
        get(key)
    assert made == ["a", "b", "c", "b"]
