"""HU crops kept between two assemblies of a training set, named by what they were cut from. What is damaged is cut again."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from vfrac_core.errors import StoreUnavailableError, VfracError
from vfrac_core.imaging.crop_file import Crop, read_crop, write_crop
from vfrac_core.store import CaseRecord
from vfrac_core.types import PixelBox, SagittalStack

FORMAT: Final = "crop 1"  # another one when the same case is cut in another way


class CropCache:
    """Crops in ``folder``, each in the format of ``imaging.crop_file``. Anything in it may be deleted at any time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def get(self, case: CaseRecord, box: PixelBox, boxes: Mapping[int, PixelBox], stack: Callable[[], SagittalStack]) -> Crop:
        """The crop around ``box`` and the ``boxes`` of the used slices; ``stack`` is asked only where it is not kept.

        StoreError if the pixels are lost; StoreUnavailableError where the crop cannot be written.
        """
        file = self._folder / f"{_key(case, box, boxes)}.npz"
        kept = _read(file, len(boxes))
        if kept is not None:
            return kept
        pixels = stack()
        self._write(file, pixels, case.case_id, box, boxes)
        return read_crop(file)

    def _write(self, file: Path, stack: SagittalStack, case_id: str, box: PixelBox, boxes: Mapping[int, PixelBox]) -> None:
        """Whole or not at all: it gets its name when it is written."""
        draft = self._folder / f".new-{secrets.token_hex(8)}.npz"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_crop(draft, stack, box, tuple(boxes), case_id, slice_boxes=boxes)
            draft.replace(file)
        except OSError:
            raise StoreUnavailableError("the crops cannot be kept: the data home is full or may not be written") from None
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)


def _key(case: CaseRecord, box: PixelBox, boxes: Mapping[int, PixelBox]) -> str:
    """All that decides the crop's content."""
    where = [[index, *one.as_tuple()] for index, one in sorted(boxes.items())]
    cut = [FORMAT, case.sha256, list(case.spacing_mm), list(box.as_tuple()), where]
    return hashlib.sha256(json.dumps(cut).encode()).hexdigest()[:32]


def _read(file: Path, slices: int) -> Crop | None:
    """None for a file that is not there or is damaged: the zip's checksums tell."""
    if not file.is_file():
        return None
    try:
        crop = read_crop(file)
    except VfracError:
        return None
    return crop if len(crop.slices) == slices else None
