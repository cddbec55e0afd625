"""``predict`` for a case that the weights have learned from: by its id and by its folder."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import BOX, assert_refused
from learning_samples import KEY, cross_validated, read, weights_of

from tests.unit.network_fixtures import tiny_network
from vfrac_core.library.cases import CaseLibrary
from vfrac_core.library.store_set import read_store_set
from vfrac_core.model import predictor as model
from vfrac_core.store import AnnotationStore, VolumeLibrary
from vfrac_core.training.reader_choice import ReaderChoice
from vfrac_core.types import PixelBox

OTHER = ("--slice", 15, "--box", "4,10,24,41")


@pytest.fixture
def learned(home: Path, case: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """The case was read and learned from, and the program's weights are those."""
    with AnnotationStore(home) as store:
        if store.annotations("annotate") == []:
            reader = store.register_reader("r" * 64, "Senior", 20)
            read(store, reader, case, box=PixelBox(4, 10, 24, 40), slice_index=15, marked_slices=(14, 15))
        library = CaseLibrary(store, VolumeLibrary(home), secret=KEY, cache_bytes=10**7)
        found = read_store_set(library, ReaderChoice())
        cross_validated(library, found, folds=3)
    weights = weights_of(found.version.sha256)
    monkeypatch.setattr(model, "untrained_predictor", lambda spec: model.Predictor(tiny_network(), weights))
    return case


def test_the_annotated_box_has_its_out_of_fold_answer_by_id_and_by_folder(vfrac, cohort: Path, home: Path, learned: str) -> None:
    for what in (learned, cohort):
        answer = json.loads(vfrac("predict", what, *BOX, "--json", home=home).stdout)
        assert answer["out_of_fold"] == {"fold": 0, "folds": 3, "live": False}
        assert [one["slice"] for one in answer["slices"]] == [14, 15]
    done = vfrac("predict", learned, *BOX, home=home)
    assert "out of fold (fold 1 of 3, stored figures)" in done.stderr


def test_another_box_is_refused_by_id_and_by_folder(vfrac, cohort: Path, home: Path, learned: str) -> None:
    for what in (learned, cohort):
        assert_refused(vfrac("predict", what, *OTHER, home=home), "seen in training")


def test_a_home_that_knows_nothing_of_it_answers(vfrac, cohort: Path, learned: str, tmp_path: Path) -> None:
    answer = json.loads(vfrac("predict", cohort, *OTHER, "--json", home=tmp_path / "none").stdout)
    assert answer["out_of_fold"] is None
