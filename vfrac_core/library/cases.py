"""Cases ready to be shown: their stacks in memory while they are used, their pixels cut into chunks for the browser."""

from __future__ import annotations

import gzip
import hmac
import math
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Final, Generic, TypeVar

import numpy as np

from vfrac_core.errors import NotAllowedError, StoreError
from vfrac_core.imaging.axial import AxialGrid, axial_grid, axial_slices
from vfrac_core.store import AnnotationStore, CaseRecord, VolumeLibrary
from vfrac_core.study.access import NOT_AVAILABLE
from vfrac_core.types import Hu3d, SagittalStack

Value = TypeVar("Value")

CHUNK_SLICES: Final = 8  # decision 1: the browser asks for the middle chunk first and can show it at once


class CaseLibrary:
    """Stacks and chunks by case id, kept in memory up to ``cache_bytes``. Safe to use from several threads."""

    def __init__(self, store: AnnotationStore, volumes: VolumeLibrary, *, secret: bytes, cache_bytes: int) -> None:
        self.store = store
        self.volumes = volumes
        self._secret = secret
        self._stacks = ByteCache[SagittalStack](cache_bytes, lambda stack: stack.hu.nbytes)
        self._chunks = ByteCache[bytes](cache_bytes // 4, len)

    def record(self, case_id: str) -> CaseRecord:
        """The case's row; NotAllowedError with the one neutral sentence if there is none."""
        record = self.store.case(case_id)
        if record is None:
            raise NotAllowedError(NOT_AVAILABLE)
        return record

    def stack(self, case_id: str) -> SagittalStack:
        """The sagittal stack of a case, HU int16 [slice, row, column]."""
        record = self.record(case_id)
        return self._stacks.get(case_id, lambda: self.volumes.stack(case_id, record.info))

    def chunk(self, case_id: str, index: int) -> bytes:
        """Gzip of int16 little-endian pixels of the slices 8·index … 8·index + 7 (fewer in the last chunk)."""
        record = self.record(case_id)
        if not 0 <= index < math.ceil(record.slices / CHUNK_SLICES):
            raise NotAllowedError(NOT_AVAILABLE)
        return self._chunks.get(f"{case_id}/{index}", lambda: self._compress(case_id, index))

    def axial_grid(self, case_id: str) -> AxialGrid | None:
        """Where the second volume's voxels lie; None without the imported volume, from which it is cut."""
        record = self.record(case_id)
        try:
            return axial_grid(self.volumes.volume(case_id, record.info))
        except StoreError:
            return None

    def axial_chunk(self, case_id: str, index: int) -> bytes:
        """As ``chunk``, of the second volume: axial slices 8·index … 8·index + 7."""
        grid = self.axial_grid(case_id)
        if grid is None or not 0 <= index < math.ceil(grid.shape[0] / CHUNK_SLICES):
            raise NotAllowedError(NOT_AVAILABLE)
        return self._chunks.get(f"{case_id}/axial/{index}", lambda: self._cut_axial(case_id, grid, index))

    def axial_version(self, record: CaseRecord) -> str:
        """As ``version``, of the second volume. Its number grows when the same case is cut in another way."""
        return hmac.new(self._secret, f"axial 1 {record.sha256}".encode(), "sha256").hexdigest()[:16]

    def version(self, record: CaseRecord) -> str:
        """Keyed hash of the pixels: ETag and part of the URL, so that a chunk may be cached for ever."""
        return hmac.new(self._secret, f"pixels {record.sha256}".encode(), "sha256").hexdigest()[:16]

    def patient_key(self, name: str) -> str:
        """Keyed hash of whatever names a person, so that two series of one are known as such and nobody is named."""
        return hmac.new(self._secret, f"patient {name}".encode(), "sha256").hexdigest()[:12]

    def _compress(self, case_id: str, index: int) -> bytes:
        return _gzip(self.stack(case_id).hu[index * CHUNK_SLICES : (index + 1) * CHUNK_SLICES])

    def _cut_axial(self, case_id: str, grid: AxialGrid, index: int) -> bytes:
        first = index * CHUNK_SLICES
        volume = self.volumes.volume(case_id)
        return _gzip(axial_slices(volume, grid, first, min(first + CHUNK_SLICES, grid.shape[0])))


def _gzip(slices: Hu3d) -> bytes:
    return gzip.compress(np.ascontiguousarray(slices, dtype="<i2").data, compresslevel=6, mtime=0)


class ByteCache(Generic[Value]):
    """Least recently used values up to a number of bytes. Two threads that miss at once both make the value: harmless."""

    def __init__(self, limit_bytes: int, size: Callable[[Value], int]) -> None:
        self._limit_bytes = limit_bytes
        self._size = size
        self._values: OrderedDict[str, Value] = OrderedDict()
        self._held_bytes = 0
        self._lock = threading.Lock()

    def get(self, key: str, make: Callable[[], Value]) -> Value:
        """The kept value, else a new one. The newest is kept even if it alone is over the limit."""
        with self._lock:
            if key in self._values:
                self._values.move_to_end(key)
                return self._values[key]
        value = make()
        with self._lock:
            if key not in self._values:
                self._values[key] = value
                self._held_bytes += self._size(value)
            while self._held_bytes > self._limit_bytes and len(self._values) > 1:
                _, dropped = self._values.popitem(last=False)
                self._held_bytes -= self._size(dropped)
        return value
