"""The network's scores for the worklist: in the background, kept by weights, and no box or number leaves the server."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from learning_samples import Network, a_library, cross_validated, read, readers, weights_of
from store_samples import a_reading

from vfrac_core.library.held_out import HeldOutNetworks
from vfrac_core.library.store_set import read_store_set
from vfrac_core.library.uncertainty import Scores, Uncertainty
from vfrac_core.model.predictor import sigmoid
from vfrac_core.paper import SIGNS
from vfrac_core.store import Reading, readings_as_of
from vfrac_core.training.reader_choice import ReaderChoice
from vfrac_core.types import PixelBox


class Counting(Network):
    """Says more the further right the box is, and remembers what it was asked."""

    def __init__(self, weights) -> None:
        super().__init__(weights, 0.5)
        self.asked: list[tuple[int, int]] = []

    def predict(self, stack, roi, slices, **more):
        self.asked.append((roi.slice_index, roi.box.col_min))
        self.probability = roi.box.col_min / 100
        return super().predict(stack, roi, slices, **more)


@pytest.fixture
def library(tmp_path: Path):
    library = a_library(tmp_path / "home")
    yield library
    library.store.close()


def done(uncertainty: Uncertainty, library, network) -> Scores:
    """Ask until nothing is waiting."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        found = uncertainty.scores(library, network, HeldOutNetworks(), readings_as_of(library.store).annotations)
        if not found.waiting:
            return found
        time.sleep(0.01)
    raise AssertionError("the scores did not come")


def test_the_reference_box_is_taken_first_and_a_case_without_a_box_has_no_score(library) -> None:
    who = readers(library.store)
    read(library.store, who["junior"], "case0", box=PixelBox(10, 20, 25, 40))
    read(library.store, who["senior"], "case0", box=PixelBox(10, 25, 25, 40))
    read(library.store, who["junior"], "case1", box=PixelBox(10, 21, 25, 40))
    truth = Reading(box=PixelBox(10, 22, 25, 40), slice_index=3, signs=dict.fromkeys(SIGNS, "absent"))
    library.store.set_reference("case1", truth)
    library.store.save_draft("d", case_id="case2", reader_id=who["junior"].reader_id, reading=a_reading(), ai_visible=False)
    network = Counting(weights_of(""))
    assert done(Uncertainty(), library, network).of_case == {"case0": 0.20, "case1": 0.22}
    assert sorted(network.asked) == [(3, 22), (4, 20)]


def test_scores_are_kept_for_these_weights_alone_and_a_damaged_file_is_made_anew(library) -> None:
    read(library.store, readers(library.store)["junior"], "case0", box=PixelBox(10, 20, 25, 40))
    first = Counting(weights_of("", sha256="1" * 64))
    done(Uncertainty(), library, first)
    again = Counting(weights_of("", sha256="1" * 64))
    assert done(Uncertainty(), library, again).of_case == {"case0": 0.2}
    assert (len(first.asked), again.asked) == (1, [])
    other = Counting(weights_of("", sha256="2" * 64))
    done(Uncertainty(), library, other)
    assert len(other.asked) == 1
    (file,) = (library.store.home / "scores").glob("1*.json")
    assert list(json.loads(file.read_text()).values()) == [0.2]
    for damaged in ('{"a": "b"}', "[1]", "{"):
        file.write_text(damaged)
        anew = Counting(weights_of("", sha256="1" * 64))
        assert done(Uncertainty(), library, anew).of_case == {"case0": 0.2}
        assert len(anew.asked) == 1


def test_a_case_that_was_learned_from_has_its_out_of_fold_score_or_none(library) -> None:
    junior = readers(library.store)["junior"]
    for case in ("case0", "case1"):
        read(library.store, junior, case, diagnosis="malignant" if case == "case1" else "benign")
    found = read_store_set(library, ReaderChoice())
    cross_validated(library, found)
    assert done(Uncertainty(), library, Counting(weights_of(found.version.sha256))).of_case == {
        "case0": sigmoid(1.5),
        "case1": sigmoid(1.5),
    }
    unknown = Counting(weights_of(found.version.sha256, name="renamed", sha256="3" * 64))
    assert done(Uncertainty(), library, unknown).of_case == {}
    assert unknown.asked == []


def test_a_bug_over_one_case_does_not_end_the_ranking_of_the_others(library) -> None:
    class Broken(Counting):
        def predict(self, stack, roi, slices, **more):
            if roi.box.col_min == 20:
                raise RuntimeError("a bug")
            return super().predict(stack, roi, slices, **more)

    junior = readers(library.store)["junior"]
    for case, column in (("case0", 20), ("case1", 21)):
        read(library.store, junior, case, box=PixelBox(10, column, 25, 40))
    assert done(Uncertainty(), library, Broken(weights_of(""))).of_case == {"case1": 0.21}
