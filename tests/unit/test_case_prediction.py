"""A case that the network has learned from gets its out-of-fold answer, or none: never a fitted one."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from learning_samples import Network, a_library, all_read, cross_validated, weights_of
from store_samples import a_reading

from vfrac_core.errors import CheckpointMismatchError, InvalidRoiError, SeenInTrainingError
from vfrac_core.library.case_prediction import nearby_for_case, predict_case
from vfrac_core.library.held_out import HELD, HeldOutNetworks, fold_file
from vfrac_core.library.prediction import NearbyRequest, PredictionRequest
from vfrac_core.model.answer import answer_json
from vfrac_core.model.predictor import sigmoid
from vfrac_core.store import training_of
from vfrac_core.types import BoxMm, HeldOut, PixelBox, Roi

FITTED, LIVE = 0.987654, 0.123456
NEAR = BoxMm(5.0, 5.0, 30.0, 30.0)
DRAWN = a_reading().box
assert DRAWN is not None


@pytest.fixture
def library(tmp_path: Path):
    library = a_library(tmp_path / "home")
    yield library
    library.store.close()


@pytest.fixture
def found(library):
    found = all_read(library)
    cross_validated(library, found)
    return found


@pytest.fixture
def fitted(found) -> Network:
    return Network(weights_of(found.version.sha256), FITTED)


def ask(box: PixelBox = DRAWN, slice_index: int = 4, **more: object) -> PredictionRequest:
    return PredictionRequest(Roi(slice_index, box), **more)


def fold_network(folder: Path, fold: int, data_sha256: str, *, name: str = "ours", says: str = "") -> HeldOutNetworks:
    """A kept network for one fold, of which the file's content does not matter."""
    file = fold_file(folder, name, fold)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    return HeldOutNetworks(folder, lambda _: Network(weights_of(data_sha256, name=file.stem, fold=says or str(fold)), LIVE))


def seen_of(library, network: Network, case_id: str = "case3"):
    return training_of(library.store, case_id, network.weights)


def test_the_annotated_box_has_the_stored_figures_without_a_map(library, fitted: Network) -> None:
    answer = predict_case(library, "case3", fitted, HeldOutNetworks(), ask())
    assert [one.slice_index for one in answer.slices] == [3, 4, 5]
    assert [one.malignant_probability for one in answer.slices] == [sigmoid(index - 3.5) for index in (3, 4, 5)]
    assert (answer.patient_probability, answer.patient_slice) == (sigmoid(1.5), 5)
    assert answer.out_of_fold == HeldOut(1, 2, live=False)
    assert all(one.cam is None for one in answer.slices)
    told = answer_json("case3", answer)
    assert told["out_of_fold"] == {"fold": 1, "folds": 2, "live": False}
    assert (told["weights"], told["runtime"]) == ("ours", "stored")


def test_the_weights_shift_is_added_to_the_stored_logit(library, found) -> None:
    shifted = Network(weights_of(found.version.sha256, logit_shift=0.75), FITTED)
    answer = predict_case(library, "case3", shifted, HeldOutNetworks(), ask(slices=(4,)))
    assert answer.slices[0].malignant_probability == sigmoid(0.5 + 0.75)


def test_a_box_that_reaches_past_the_slice_is_clipped_before_it_is_compared(library, fitted: Network) -> None:
    with pytest.raises(InvalidRoiError):
        predict_case(library, "case3", fitted, HeldOutNetworks(), ask(PixelBox(100, 100, 120, 120)))


@given(
    edges=st.tuples(st.integers(0, 20), st.integers(0, 20), st.integers(24, 40), st.integers(24, 50)),
    slices=st.lists(st.integers(0, 8), min_size=1, max_size=5, unique=True),
    own=st.booleans(),
)
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_request_gets_the_fitted_number(library, fitted: Network, edges, slices, own) -> None:
    """Whatever box on whatever slice: refused, or every number is the stored one of that slice and box."""
    box = PixelBox(*edges)
    request = ask(DRAWN, slices=tuple(slices), slice_boxes=dict.fromkeys(slices, box)) if own else ask(box, slices=tuple(slices))
    try:
        answer = predict_case(library, "case2", fitted, HeldOutNetworks(), request)
    except SeenInTrainingError:
        return
    assert box == DRAWN
    assert all(one.malignant_probability == sigmoid(one.slice_index - 3.5) for one in answer.slices)


def test_with_the_held_out_folds_network_any_box_is_answered_live(library, found, fitted: Network, tmp_path: Path) -> None:
    held_out = fold_network(tmp_path, 1, found.version.sha256)
    answer = predict_case(library, "case3", fitted, held_out, ask(PixelBox(5, 5, 30, 30), slices=(0, 7)))
    assert [one.malignant_probability for one in answer.slices] == [LIVE, LIVE]
    assert (answer.weights.name, answer.out_of_fold) == ("ours", HeldOut(1, 2, live=True))
    assert answer.slices[0].cam is not None
    assert held_out.of(fitted.weights, seen_of(library, fitted)).weights is fitted.weights  # its shift is theirs
    boxes = NearbyRequest(4, (NEAR,))
    assert nearby_for_case(library, "case3", fitted, held_out, boxes) == [LIVE]
    with pytest.raises(SeenInTrainingError):  # the network of the other fold was not kept
        nearby_for_case(library, "case2", fitted, held_out, boxes)


@pytest.mark.parametrize("wrong", [{"says": "0"}, {"says": "all"}, {"data_sha256": "f" * 64}])
def test_a_network_of_another_fold_or_training_set_is_refused(library, fitted, tmp_path, wrong) -> None:
    held_out = fold_network(tmp_path, 1, **{"data_sha256": fitted.weights.data_sha256, **wrong})
    with pytest.raises(CheckpointMismatchError, match="another fold or training set"):
        predict_case(library, "case3", fitted, held_out, ask())


def test_at_most_two_networks_stay_in_memory(library, found, fitted, tmp_path) -> None:
    cross_validated(library, found, name="four", folds=4)
    weights, loaded = weights_of(found.version.sha256, name="four"), []
    for fold in range(4):
        fold_network(tmp_path, fold, found.version.sha256, name="four")

    def load(file: Path) -> Network:
        loaded.append(file.stem)
        return Network(weights_of(found.version.sha256, name=file.stem, fold=str(int(file.stem[-2:]))), LIVE)

    held_out, fitted = HeldOutNetworks(tmp_path, load), Network(weights, FITTED)
    for number in (0, 1, 2, 3, 3, 2, 3):
        predict_case(library, f"case{number}", fitted, held_out, ask())
    assert loaded == ["fold-00", "fold-01", "fold-02", "fold-03"]
    assert len(held_out._held) == HELD


def test_without_a_cross_validation_of_these_weights_there_is_no_answer(library, fitted: Network, found) -> None:
    renamed = Network(weights_of(found.version.sha256, name="renamed"), FITTED)
    with pytest.raises(SeenInTrainingError, match="seen in training"):
        predict_case(library, "case3", renamed, HeldOutNetworks(), ask())
    with pytest.raises(SeenInTrainingError, match="seen in training"):
        nearby_for_case(library, "case3", fitted, HeldOutNetworks(), NearbyRequest(4, (NEAR,)))


def test_a_case_that_was_not_learned_from_is_answered_as_ever(library, fitted: Network) -> None:
    a_library(library.store.home, cases=5, store=library.store)
    answer = predict_case(library, "case4", fitted, HeldOutNetworks(), ask(PixelBox(5, 5, 30, 30)))
    assert (answer.patient_probability, answer.out_of_fold) == (FITTED, None)
    assert answer_json("case4", answer)["out_of_fold"] is None
    assert nearby_for_case(library, "case4", fitted, HeldOutNetworks(), NearbyRequest(4, (NEAR,))) == [FITTED]
