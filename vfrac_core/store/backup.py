"""A consistent copy of the store while it is in use. Copying the file itself loses the newest saves without any sign."""

from __future__ import annotations

import secrets
from contextlib import suppress
from pathlib import Path

from vfrac_core.errors import StoreError
from vfrac_core.store.annotations import AnnotationStore
from vfrac_core.store.chain import head
from vfrac_core.store.connection import connect, explained
from vfrac_core.store.records import Anchor


def backup(store: AnnotationStore, file: Path) -> Anchor:
    """Copy the store to ``file`` with SQLite's backup API, and say where the copy's log ends.

    ``file`` may be a folder: the copy is then named after the end of its log, ``vfrac-1041-9f3c.sqlite3``. It has every
    save that was acknowledged before the call, appears whole or not at all, and replaces no file. The pixels and the
    secret are not in it: ``volumes/`` never changes and can be copied by any means; without ``.secret`` the series that
    are imported where it is restored become new cases.
    """
    if file.exists() and not file.is_dir():
        raise StoreError("the backup's file is there already; give another name, or a folder")
    folder = file if file.is_dir() else file.parent
    if not folder.is_dir():
        raise StoreError("no backup was made: its folder does not exist; make it, or give another name")
    draft = folder / f".backup-{secrets.token_hex(8)}"
    try:
        with explained("no backup was made"):
            anchor = _copy(store, draft)
        draft.rename(file / f"vfrac-{anchor.seq}-{anchor.hash[:4]}.sqlite3" if file.is_dir() else file)
    except OSError:
        raise StoreError("no backup was made: its folder is full or may not be written; name another one") from None
    finally:
        with suppress(OSError):  # it has its name by now, or never came to be
            draft.unlink()
    return anchor


def _copy(store: AnnotationStore, draft: Path) -> Anchor:
    with connect(store.file.path) as source, connect(draft) as copy:
        source.conn.backup(copy.conn, pages=-1)  # one step: no save can slip in between
        copy.conn.execute("PRAGMA journal_mode=DELETE")  # one file, without a WAL beside it
        if copy.conn.execute("PRAGMA quick_check").fetchall() != [("ok",)]:
            raise StoreError("no backup was made: the copy is damaged; check the disk")
        return head(copy)
