"""Cases and readers in the store: added once, found again, refused where they cannot be."""

from __future__ import annotations

import pytest
from store_samples import a_case

from vfrac_core.errors import StoreError
from vfrac_core.types import SeriesInfo


class TestCases:
    def test_a_case_comes_back_equal_and_is_added_once(self, store):
        info = SeriesInfo("coronal", True, True, 40.0, 400.0, "F", "90+", 120.0, 1.25, "BONE", "vfrac phantom", "x", ("a", "b"))
        case = a_case("other", info=info)
        assert store.add_case(case) is True
        assert store.add_case(case) is False
        assert store.case("other") == case
        assert (store.case("other").affine == case.affine).all()
        assert [one.case_id for one in store.cases()] == ["case1", "other"]

    def test_a_case_that_is_not_there_is_none(self, store):
        assert store.case("nothing") is None

    @pytest.mark.parametrize("case_id", ["", "../x", "a/b", ".hidden", "x" * 41, "ü"])
    def test_an_id_that_is_no_folder_name_is_refused(self, case_id):
        with pytest.raises(StoreError, match="case id"):
            a_case(case_id)


class TestReaders:
    def test_the_token_is_the_reader_and_only_its_hash_is_kept(self, store, tmp_path):
        reader = store.register_reader("the-very-secret-token", "Ada", 3)
        assert store.reader_of_token("the-very-secret-token") == reader
        assert store.reader_of_token("another") is None
        assert b"the-very-secret-token" not in b"".join(path.read_bytes() for path in tmp_path.glob("vfrac*"))

    def test_the_same_name_with_another_token_is_another_reader(self, store):
        first, second = (store.register_reader(token, "Ada", 3) for token in ("one", "two"))
        assert first.reader_id != second.reader_id
        assert len(store.readers()) == 2

    def test_new_years_change_the_reader_and_leave_an_event(self, store):
        before = store.register_reader("one", "Ada", 3)
        seq = store.head().seq
        assert store.register_reader("one", "Ada", 3) == before
        assert store.head().seq == seq
        after = store.register_reader("one", "Ada", 4)
        assert (after.reader_id, after.years_experience) == (before.reader_id, 4)
        assert store.head().seq == seq + 1
        assert store.reader_of_token("one") == after

    @pytest.mark.parametrize(
        ("name", "years"), [("", 3), (" \n", 3), ("x" * 81, 3), ("Ada", -1), ("Ada", float("nan")), ("Ada", 81)]
    )
    def test_a_name_or_years_that_cannot_be_are_refused(self, store, name, years):
        with pytest.raises(StoreError):
            store.register_reader("one", name, years)
