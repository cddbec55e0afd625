"""A full disk: said so, nothing half saved, earlier saves readable, works again when there is room."""

from __future__ import annotations

import os
import resource

import pytest
from store_samples import a_filled_store, a_reading, draft

from vfrac_core.errors import StoreError
from vfrac_core.store import connection, verify

LONG = "x" * 2000


@pytest.fixture
def filled(tmp_path):
    store, reader = a_filled_store(tmp_path)
    with store:
        yield store, reader


def save_until_refused(store, reader) -> int:
    for number in range(500):
        try:
            draft(store, reader, f"more{number}", reading=a_reading(comment=LONG))
        except StoreError as refused:
            assert str(refused).startswith("not saved: the disk is full")
            return number
    raise AssertionError("the disk never got full")


def check_all_there_and_works_again(store, reader, home, saved: int) -> None:
    again = draft(store, reader, f"more{saved}", reading=a_reading(comment=LONG))
    assert store.head() == (again.seq, again.hash)
    count = store.file.read(lambda db: db.conn.execute("SELECT count(*) FROM events WHERE save_id LIKE 'more%'").fetchone()[0])
    assert count == saved + 1
    assert verify(home).ok


def test_a_full_file_is_said_and_forgotten_when_there_is_room(filled, tmp_path, monkeypatch):
    store, reader = filled
    really_connect = connection.connect

    def connect_with_few_pages(*args, **kwargs):
        database = really_connect(*args, **kwargs)
        (pages,) = database.conn.execute("PRAGMA page_count").fetchone()
        database.conn.execute(f"PRAGMA max_page_count={max(pages, 60)}")
        return database

    with monkeypatch.context() as patch:
        patch.setattr(connection, "connect", connect_with_few_pages)
        saved = save_until_refused(store, reader)
        assert store.annotation("case1", reader.reader_id).reading is not None
    check_all_there_and_works_again(store, reader, tmp_path, saved)


def test_a_file_that_may_not_grow_is_a_full_disk_as_well(filled, tmp_path):
    store, reader = filled
    size = max(path.stat().st_size for path in tmp_path.glob("vfrac.sqlite3*"))
    _, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40_000, hard))
    try:
        saved = save_until_refused(store, reader)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    check_all_there_and_works_again(store, reader, tmp_path, saved)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_home_that_may_not_be_written_is_said(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(StoreError, match="may not write"):
        a_filled_store(tmp_path)
