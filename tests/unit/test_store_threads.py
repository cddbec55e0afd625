"""Twenty readers at once, and a file that another program holds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext

import pytest
from store_samples import a_filled_store, draft

from vfrac_core.errors import StoreError
from vfrac_core.store import chain, connection
from vfrac_core.store.connection import StoreFile, connect


@pytest.mark.parametrize("version", [(3, 51, 3), (3, 40, 1)], ids=["wal, where it works", "rollback journal"])
def test_twenty_threads_times_a_hundred_saves_lose_none_and_break_no_chain(tmp_path, monkeypatch, version):
    monkeypatch.setattr("vfrac_core.store.annotations.StoreFile", lambda path: StoreFile(path, version=version))
    saves = 100 if version >= (3, 51, 3) else 10  # each save costs three fsyncs more with a rollback journal
    store, _ = a_filled_store(tmp_path, drafts=0)

    def read_for(number: int) -> set[int]:
        reader = store.register_reader(f"token {number}", f"Reader {number}", number)
        return {draft(store, reader, f"{number}-{i}").seq for i in range(saves)}

    with store, ThreadPoolExecutor(20) as threads:
        numbers = set().union(*threads.map(read_for, range(20)))
        assert len(numbers) == 20 * saves
        assert list(store.file.read(lambda db: list(chain.breaks(db)))) == []
        assert len(store.annotations("annotate")) == 20


def test_several_programs_lose_none_either(tmp_path, monkeypatch):
    """Without this process's own lock the threads are to SQLite what programs are: only BEGIN IMMEDIATE keeps order."""
    monkeypatch.setattr(connection, "_WRITE_LOCK", nullcontext())
    store, reader = a_filled_store(tmp_path, drafts=0)
    before = store.head().seq
    with store, ThreadPoolExecutor(6) as threads:
        list(threads.map(lambda number: draft(store, reader, f"s{number}"), range(120)))
        assert store.head().seq == before + 120
        assert list(store.file.read(lambda db: list(chain.breaks(db)))) == []


def test_a_file_that_stays_busy_is_not_saved_trying_again_and_works_when_it_is_free(tmp_path):
    a_filled_store(tmp_path)[0].close()
    file = StoreFile(tmp_path / "vfrac.sqlite3", timeout_s=0.05)
    with connect(file.path) as other:
        other.conn.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match=r"^not saved, trying again$"):
            file.write(chain.head)
        other.conn.execute("ROLLBACK")
    assert file.write(chain.head).seq > 0
    file.close()


def test_a_busy_file_gets_one_second_try(tmp_path, monkeypatch):
    a_filled_store(tmp_path)[0].close()
    file = StoreFile(tmp_path / "vfrac.sqlite3", timeout_s=0.05)
    other = connect(file.path)
    other.conn.execute("BEGIN IMMEDIATE")
    tries = []

    def connect_and_release(*args, **kwargs):
        tries.append(1)
        if len(tries) == 2:
            other.conn.execute("ROLLBACK")
        return connect(*args, **kwargs)

    monkeypatch.setattr(connection, "connect", connect_and_release)
    assert file.write(chain.head).seq > 0
    assert len(tries) == 2
    other.close()
    file.close()
