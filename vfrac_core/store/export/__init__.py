"""Readings as files for other programs. Readers appear as codes; every file carries the safety line and the log's end."""

from __future__ import annotations

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vfrac_core.errors import StoreError
from vfrac_core.store.annotations import AnnotationStore
from vfrac_core.store.export.coco import coco_text
from vfrac_core.store.export.comments import CommentHit, scan_comments
from vfrac_core.store.export.crops import write_crops
from vfrac_core.store.export.snapshot import Snapshot, take_snapshot
from vfrac_core.store.export.table import csv_text, json_text
from vfrac_core.store.records import Anchor
from vfrac_core.store.volumes import VolumeLibrary

Format = Literal["csv", "json", "coco", "crops"]


@dataclass(frozen=True, slots=True)
class Export:
    """A written export. ``hits`` are passages of comments that may name somebody: look at them before passing it on."""

    file: Path
    annotations: int
    anchor: Anchor
    hits: tuple[CommentHit, ...]


def export(store: AnnotationStore, volumes: VolumeLibrary, form: Format, folder: Path, *, study_id: str | None = None) -> Export:
    """Write the readings of one study, or of all, as one file into ``folder``.

    ``csv`` and ``json`` hold every answer, drafts too (``submitted_at`` empty); ``coco`` and ``crops`` only submitted ones
    with a box. ``crops`` is a zip of one .npz per answer and the table. StoreError if the folder cannot take it.
    """
    snapshot = take_snapshot(store, study_id)
    try:
        file = _write(snapshot, volumes, form, folder)
    except OSError:
        raise StoreError("nothing was exported: the folder is full, no folder, or may not be written; name another") from None
    return Export(file, len(snapshot.annotations), snapshot.anchor, scan_comments(snapshot.annotations, snapshot.reader_names))


def _write(snapshot: Snapshot, volumes: VolumeLibrary, form: Format, folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    stem = f"vfrac-{snapshot.anchor.seq}-{snapshot.anchor.hash[:4]}"
    if form == "crops":
        return _zip_of_crops(snapshot, volumes, folder / f"{stem}-crops")
    text = {"csv": csv_text, "json": json_text, "coco": coco_text}[form](snapshot)
    file = folder / {"csv": f"{stem}.csv", "json": f"{stem}.json", "coco": f"{stem}-coco.json"}[form]
    file.write_text(text, encoding="utf-8", newline="")
    return file


def _zip_of_crops(snapshot: Snapshot, volumes: VolumeLibrary, stem: Path) -> Path:
    with tempfile.TemporaryDirectory(dir=stem.parent, prefix=".crops-") as draft:
        write_crops(snapshot, volumes, Path(draft))
        return Path(shutil.make_archive(str(stem), "zip", draft))
