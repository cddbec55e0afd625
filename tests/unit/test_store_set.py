"""From readings in the store to a training set: what is in it, what never is, and that it comes out the same again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from learning_samples import a_library, all_read, read, readers
from store_samples import a_reading

from vfrac_core.errors import StoreError, VfracError
from vfrac_core.library.cases import CaseLibrary
from vfrac_core.library.store_set import assemble_again, read_store_set
from vfrac_core.paper import SIGNS
from vfrac_core.store import Anchor, Reading, data_version, note_answer_shown, note_patient, save_data_version
from vfrac_core.training.pictures import make_pictures
from vfrac_core.training.reader_choice import ReaderChoice
from vfrac_core.types import PixelBox


@pytest.fixture
def library(tmp_path: Path):
    library = a_library(tmp_path)
    yield library
    library.store.close()


def names(library: CaseLibrary, **choice: object) -> list[str]:
    return [case.case for case in read_store_set(library, ReaderChoice(**choice)).data.cases]


def test_a_case_has_the_pixels_boxes_and_slices_of_the_reading(library: CaseLibrary) -> None:
    own = PixelBox(12, 14, 24, 28)
    read(library.store, readers(library.store)["senior"], "case1", marked_slices=(3, 4, 6), slice_boxes={6: own})
    (case,) = read_store_set(library, ReaderChoice()).data.cases
    stack = library.stack("case1")
    assert case.stack_slices == (3, 4, 6)
    for used, box, index in zip(case.slices, case.boxes, case.stack_slices, strict=True):
        drawn = own if index == 6 else a_reading().box
        assert drawn is not None
        inside = np.s_[box.row_min : box.row_max, box.col_min : box.col_max]
        of_stack = np.s_[drawn.row_min : drawn.row_max, drawn.col_min : drawn.col_max]
        assert np.array_equal(case.hu[used][inside], stack.hu[index][of_stack])
    assert (case.malignant, case.label, case.synthetic, case.patient) == (False, "senior reader", False, "case1")
    assert len(make_pictures([case])) == 3


def test_without_marked_slices_five_are_taken_around_the_boxs(library: CaseLibrary) -> None:
    read(library.store, readers(library.store)["senior"], "case1", marked_slices=())
    (case,) = read_store_set(library, ReaderChoice()).data.cases
    assert case.stack_slices == (2, 3, 4, 5, 6)


def test_what_was_made_with_the_ai_or_after_the_answer_is_never_in(library: CaseLibrary) -> None:
    store = library.store
    who = readers(store)
    read(store, who["junior"], "case0")
    read(store, who["junior"], "case1", ai_visible=True)
    note_answer_shown(store, "case2", who["junior"].reader_id)  # the browser did not say so: the log knows
    read(store, who["junior"], "case2")
    store.show_ai("seen-case3", case_id="case3", reader_id=who["junior"].reader_id, weights_sha256="0" * 64)
    read(store, who["junior"], "case3")
    for readers_ in ("senior", "majority", "any"):
        assert names(library, readers=readers_) == ["case0"]
        assert names(library, readers=readers_, include_assisted=True) == ["case0", "case1", "case3"]
    counts = read_store_set(library, ReaderChoice()).version.counts
    assert (counts["readings_left_out_assisted"], counts["readings_left_out_answer_seen"]) == (2, 1)
    assert (counts["cases"], counts["benign"], counts["malignant"], counts["cases_without_a_usable_reading"]) == (1, 1, 0, 3)


def test_a_senior_reader_who_saw_the_ai_does_not_silence_the_junior(library: CaseLibrary) -> None:
    who = readers(library.store)
    read(library.store, who["junior"], "case0", diagnosis="malignant")
    read(library.store, who["senior"], "case0", diagnosis="benign", ai_visible=True)
    (case,) = read_store_set(library, ReaderChoice()).data.cases
    assert case.malignant


def test_the_first_submission_counts_whatever_the_clocks_say_and_with_its_correction(library: CaseLibrary, monkeypatch) -> None:
    store, who = library.store, readers(library.store)
    read(store, who["junior"], "case0", diagnosis="benign")
    monkeypatch.setattr(store, "clock", lambda: store.case("case0").imported_at.replace(year=2001))  # set back
    read(store, who["senior"], "case0", diagnosis="benign")
    corrected = a_reading(diagnosis="malignant")
    junior = who["junior"].reader_id
    store.correct("mended", case_id="case0", reader_id=junior, reading=corrected, ai_visible=False, reason="typo")
    (case,) = read_store_set(library, ReaderChoice(readers="any")).data.cases
    assert case.malignant


def test_readers_who_are_divided_leave_the_case_out_and_it_is_counted(library: CaseLibrary) -> None:
    who = readers(library.store)
    read(library.store, who["junior"], "case0", diagnosis="malignant")
    read(library.store, who["senior"], "case0", diagnosis="benign")
    read(library.store, who["senior"], "case1")
    found = read_store_set(library, ReaderChoice(readers="majority"))
    assert [case.case for case in found.data.cases] == ["case1"]
    assert found.version.counts["cases_left_out_tie"] == 1
    library.store.set_reference("case0", Reading(diagnosis="malignant", signs=dict.fromkeys(SIGNS, "absent")))
    assert names(library, readers="majority") == ["case0", "case1"]


def test_two_series_of_one_patient_are_one_patient(library: CaseLibrary) -> None:
    all_read(library)
    for case_id in ("case0", "case2"):
        note_patient(library.store, case_id, "0123456789ab")
    found = read_store_set(library, ReaderChoice())
    assert [case.patient for case in found.data.cases] == ["0123456789ab", "case1", "0123456789ab", "case3"]
    assert found.version.counts["patients"] == 3


def test_a_data_version_comes_out_the_same_after_everything_was_changed(library: CaseLibrary) -> None:
    found = all_read(library)
    save_data_version(library.store, found.version)
    store, who = library.store, readers(library.store)
    other = a_reading(diagnosis="malignant", box=PixelBox(1, 1, 20, 20))
    store.correct("c", case_id="case0", reader_id=who["senior"].reader_id, reading=other, ai_visible=False, reason="other level")
    store.register_reader("secret of junior", "junior", 40)  # now the most senior
    read(store, who["junior"], "case1", diagnosis="benign")
    store.set_reference("case2", Reading(diagnosis="malignant", signs=dict.fromkeys(SIGNS, "absent")))
    note_patient(store, "case3", "0123456789ab")

    now = read_store_set(library, ReaderChoice())
    assert now.data.sha256 != found.data.sha256
    kept = data_version(store, found.version.sha256)
    assert kept == found.version
    again = assemble_again(library, kept)
    assert again.data.sha256 == found.data.sha256
    assert again.version == found.version


def test_a_log_that_is_not_the_one_is_refused(library: CaseLibrary) -> None:
    all_read(library)
    with pytest.raises(StoreError, match="no event #3 with the hash"):
        read_store_set(library, ReaderChoice(), at=Anchor(3, "f" * 64))


def test_a_version_that_does_not_come_out_the_same_is_refused(library: CaseLibrary) -> None:
    found = all_read(library)
    with pytest.raises(StoreError, match="does not come out the same"):
        assemble_again(library, replace(found.version, sha256="f" * 64))


def test_the_second_assembly_reads_no_volume_and_a_damaged_crop_is_cut_again(library: CaseLibrary, monkeypatch) -> None:
    first = all_read(library)
    with monkeypatch.context() as patch:
        patch.setattr(CaseLibrary, "stack", lambda *_: pytest.fail("the stack was read"))
        assert read_store_set(library, ReaderChoice()).data.sha256 == first.data.sha256
    crops = sorted((library.store.home / "crops").iterdir())
    assert len(crops) == 4
    assert all(crop.suffix == ".npz" for crop in crops)
    middle = bytearray(crops[0].read_bytes())
    middle[len(middle) // 2] ^= 0xFF
    crops[0].write_bytes(middle)
    crops[1].write_bytes(b"")
    crops[2].unlink()
    assert read_store_set(library, ReaderChoice()).data.sha256 == first.data.sha256
    with monkeypatch.context() as patch:
        patch.setattr(CaseLibrary, "stack", lambda *_: pytest.fail("the stack was read"))
        read_store_set(library, ReaderChoice())


def test_an_empty_store_says_what_to_do(library: CaseLibrary) -> None:
    with pytest.raises(VfracError, match="label cases in Annotate"):
        read_store_set(library, ReaderChoice())
