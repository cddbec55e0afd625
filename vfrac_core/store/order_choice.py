"""In which order a reader has let the worklist be shown: whoever writes about the readings has to know how cases were picked."""

from __future__ import annotations

import json
from typing import Final

from sqlite_utils import Database

from vfrac_core.store import chain
from vfrac_core.store.annotations import AnnotationStore
from vfrac_core.store.chain import NewEvent
from vfrac_core.store.records import ANNOTATE
from vfrac_core.store.rows import select

ORDER: Final = "worklist_order"


def note_order(store: AnnotationStore, reader_id: str, order: str, usual: str, weights_sha256: str | None = None) -> None:
    """Note the order before it is shown; written only when it is another than before, ``usual`` before the first.

    ``weights_sha256``: of the network by which it was made, if any.
    """
    payload = {"order": order, "weights_sha256": weights_sha256}
    before = {"order": usual, "weights_sha256": None}

    def write(database: Database) -> None:
        if _last(database, reader_id, before) != payload:
            event = NewEvent(chain.own_save_id(database, ORDER), ORDER, payload, reader_id=reader_id, study_id=ANNOTATE)
            chain.append(database, event, store.clock())

    if store.file.read(lambda database: _last(database, reader_id, before)) != payload:  # the usual case takes no write lock
        store.file.write(write)


def _last(database: Database, reader_id: str, before: dict[str, str | None]) -> dict[str, str | None]:
    rows = select(
        database, "SELECT payload FROM events WHERE reader_id = ? AND kind = ? ORDER BY seq DESC LIMIT 1", reader_id, ORDER
    )
    return json.loads(rows[0]["payload"]) if rows else before
