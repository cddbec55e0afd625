"""annotations/README.md says what lies in the store, and cannot go stale."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlite_utils import Database

from vfrac_core.store import dictionary
from vfrac_core.store.migrations import MIGRATIONS

README = Path(__file__).parents[2] / "annotations" / "README.md"


def test_the_dictionary_is_the_schemas():
    assert dictionary.renewed(README.read_text(encoding="utf-8")) == README.read_text(encoding="utf-8")


def test_a_stale_dictionary_fails_and_writing_mends_it(tmp_path):
    page = tmp_path / "README.md"
    page.write_text(README.read_text(encoding="utf-8").replace("| `sex` |", "| `gender` |"), encoding="utf-8")
    with pytest.raises(SystemExit, match="stale"):
        dictionary.main(["--check", str(page)])
    dictionary.main(["--write", str(page)])
    dictionary.main(["--check", str(page)])
    assert page.read_text(encoding="utf-8") == README.read_text(encoding="utf-8")


def test_every_table_view_and_column_is_in_it():
    database = Database(memory=True)
    MIGRATIONS.apply(database)
    text = dictionary.schema_text()
    names = [name for name in (*database.table_names(), *database.view_names()) if not name.startswith("_")]
    assert sorted(names) == sorted(dictionary.TABLES)
    for name in names:
        section = text.partition(f" `{name}`\n")[2].partition("###")[0]
        assert [column.name for column in database[name].columns if f"| `{column.name}` |" not in section] == []
    database.close()
