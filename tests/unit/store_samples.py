"""Cases and readings with sensible defaults: a test states only what matters to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from vfrac_core.paper import SIGNS
from vfrac_core.store import AnnotationStore, CaseRecord, Reader, Reading, Receipt, VolumeLibrary, pixel_sha256
from vfrac_core.types import CtVolume, PixelBox, SagittalStack, SeriesInfo, SpacingMm

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
AFFINE = np.array([[3.0, 0, 0, -20], [0, 0, 0.8, 5], [0, -1.2, 0, 90], [0, 0, 0, 1]])


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> datetime:
        return self.now


def a_stack(seed: int = 0, slices: int = 9, rows: int = 40, columns: int = 50) -> SagittalStack:
    """Noise on a grid with three different spacings: 3, 1.2 and 0.8 mm."""
    hu = np.random.default_rng(seed).integers(-1000, 2000, (slices, rows, columns)).astype(np.int16)
    return SagittalStack(hu=hu, affine=AFFINE, info=SeriesInfo(plane="sagittal"))


def a_case(case_id: str = "case1", stack: SagittalStack | None = None, info: SeriesInfo | None = None) -> CaseRecord:
    stack = stack or a_stack()
    return CaseRecord(
        case_id=case_id,
        info=info or stack.info,
        slices=stack.slices,
        rows=stack.rows,
        columns=stack.columns,
        spacing_mm=SpacingMm(3.0, 1.2, 0.8),
        affine=stack.affine,
        sha256=pixel_sha256(stack.hu),
        imported_at=NOON,
    )


def a_reading(**changes: object) -> Reading:
    """A reading with nothing missing."""
    complete: dict = {
        "vertebral_level": "L1",
        "slice_index": 4,
        "box": PixelBox(10, 12, 25, 30),
        "marked_slices": (3, 4, 5),
        "signs": dict.fromkeys(SIGNS, "absent"),
        "diagnosis": "benign",
        "confidence": 4,
    }
    return Reading(**(complete | changes))


def add_case_with_pixels(home: Path, store: AnnotationStore, case_id: str = "case1", seed: int = 0) -> CaseRecord:
    stack = a_stack(seed)
    VolumeLibrary(home).save(case_id, CtVolume(hu=stack.hu, affine=stack.affine, info=stack.info), stack)
    case = a_case(case_id, stack)
    store.add_case(case)
    return case


def a_filled_store(home: Path, drafts: int = 5) -> tuple[AnnotationStore, Reader]:
    """One case with pixels, one reader, some drafts. The caller closes it."""
    store = AnnotationStore(home)
    add_case_with_pixels(home, store)
    reader = store.register_reader("a secret of the browser", "Ada Example", 7)
    for number in range(drafts):
        draft(store, reader, f"draft{number}")
    return store, reader


def save(
    method: Callable[..., Receipt], reader: Reader, save_id: str, reading: Reading | None = None, **changes: object
) -> Receipt:
    """Save a reading of ``case1`` by one of the store's ways: ``save_draft``, ``submit`` or ``correct``."""
    fields = {"case_id": "case1", "reader_id": reader.reader_id, "reading": reading or a_reading(), "ai_visible": False}
    return method(save_id, **(fields | changes))


def draft(store: AnnotationStore, reader: Reader, save_id: str, **changes: object) -> Receipt:
    """Save a draft of ``case1``."""
    return save(store.save_draft, reader, save_id, **changes)
