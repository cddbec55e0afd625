"""A backup is complete, sound and secret-free, also while readers are at work."""

from __future__ import annotations

import threading

import pytest
from store_samples import a_filled_store, draft

from vfrac_core.errors import StoreError
from vfrac_core.settings import load_secret
from vfrac_core.store import AnnotationStore, backup, verify


@pytest.fixture
def filled(tmp_path):
    store, reader = a_filled_store(tmp_path / "home")
    with store:
        yield store, reader


def restored(file, home) -> AnnotationStore:
    home.mkdir()
    (home / "vfrac.sqlite3").write_bytes(file.read_bytes())
    return AnnotationStore(home)


def test_a_backup_under_load_has_every_save_that_was_acknowledged_before_it_began(filled, tmp_path):
    store, reader = filled
    acknowledged: list[int] = []
    enough, stop = threading.Event(), threading.Event()

    def keep_saving() -> None:
        while not stop.is_set():
            acknowledged.append(draft(store, reader, f"load{len(acknowledged)}").seq)
            enough.set()

    writer = threading.Thread(target=keep_saving)
    writer.start()
    try:
        assert enough.wait(30)
        for number in range(8):
            before = acknowledged[-1]
            anchor = backup(store, tmp_path / f"copy{number}.sqlite3")
            with restored(tmp_path / f"copy{number}.sqlite3", tmp_path / f"restored{number}") as copy:
                assert copy.head() == anchor
                assert anchor.seq >= before
            problems = verify(tmp_path / f"restored{number}").problems
            assert problems == ("the pixels of case case1 are missing or were changed",)
    finally:
        stop.set()
        writer.join()
    assert verify(tmp_path / "home", str(anchor)).ok


def test_into_a_folder_it_is_named_after_the_end_of_its_log(filled, tmp_path):
    store, _ = filled
    folder = tmp_path / "copies"
    folder.mkdir()
    anchor = backup(store, folder)
    assert [path.name for path in folder.iterdir()] == [f"vfrac-{anchor.seq}-{anchor.hash[:4]}.sqlite3"]


def test_it_replaces_no_file_and_leaves_nothing_half_done(filled, tmp_path):
    store, _ = filled
    (tmp_path / "mine").write_text("precious")
    with pytest.raises(StoreError, match="there already"):
        backup(store, tmp_path / "mine")
    with pytest.raises(StoreError, match="no backup was made"):
        backup(store, tmp_path / "mine" / "below a file")
    assert (tmp_path / "mine").read_text() == "precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "mine"]


def test_the_secret_is_not_in_it(filled, tmp_path):
    store, _ = filled
    secret = load_secret(tmp_path / "home")
    backup(store, tmp_path / "copy")
    content = (tmp_path / "copy").read_bytes()
    assert secret not in content
    assert secret.hex().encode() not in content
