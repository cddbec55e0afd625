"""A finished run's weights become the ones that the app shows; cases they have seen get their cross-validation's answers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from vfrac_core.errors import VfracError
from vfrac_core.library.held_out import fold_file
from vfrac_core.library.learning_data import STUDY, keep_out_of_fold
from vfrac_core.model.manifest import manifest_path, read_manifest
from vfrac_core.settings import Settings
from vfrac_core.store import AnnotationStore
from vfrac_core.types import WeightsInfo

if TYPE_CHECKING:  # torch
    from vfrac_core.model.spec import NetworkSpec
    from vfrac_core.training.run_record import RunRecord


@dataclass(frozen=True, slots=True)
class Adopted:
    """``out_of_fold``: whether cases of the training set will be answered by what their own fold's network said; ``folds``: how
    many of those networks were kept, so that they can answer live."""

    weights: WeightsInfo
    out_of_fold: bool
    folds: int


def use_weights(
    run: Path,
    weights_dir: Path,
    store: AnnotationStore | None,
    *,
    cross_validation: Path | None = None,
    keep_folds: bool = False,
    shape: NetworkSpec | None = None,
) -> Adopted:
    """Make the model of a finished ``train`` current in ``weights_dir``; a running app follows within seconds.

    ``cross_validation``: a finished one of the same data; what it said of each case goes into ``store`` where the cases are the
    store's, and its networks beside the weights if ``keep_folds``. ``shape``: of tiny networks. VfracError for a run that is not
    finished, and for other data.
    """
    from vfrac_core.training.run import ALL_SCORES
    from vfrac_core.training.run_record import read_record
    from vfrac_core.training.scores import read_scores
    from vfrac_core.training.shipping import ship

    record = read_record(run)
    if record.what != "train":
        raise VfracError("the folder is a cross-validation's; train one network of all cases, and give its folder")
    validated = None if cross_validation is None else _validated(cross_validation, record)
    weights = ship(record, run, weights_dir, validated, shape)
    if cross_validation is None or validated is None:
        return Adopted(weights, out_of_fold=False, folds=0)
    from_store = store is not None and record.data.source.startswith(STUDY)
    if store is not None and from_store:
        keep_out_of_fold(store, weights, read_scores(cross_validation / ALL_SCORES))
    folds = _keep_networks(cross_validation, validated, weights_dir, weights, shape) if keep_folds else 0
    return Adopted(weights, from_store, folds)


def use_shipped(settings: Settings) -> str:
    """The weights that vfrac came with answer again; their name. What had been made current stays in its run's folder.

    VfracError where VFRAC_WEIGHTS names one folder for all.
    """
    if settings.shipped_weights is None:
        raise VfracError("VFRAC_WEIGHTS names a folder of its own; leave it out, and what vfrac came with is there")
    manifest_path(settings.weights_dir).unlink(missing_ok=True)
    found = read_manifest(settings.shipped_weights)
    return found.info.name if found else "an untrained network"


def _validated(cross_validation: Path, record: RunRecord) -> RunRecord:
    from vfrac_core.training.run_record import read_record

    found = read_record(cross_validation)
    if found.what != "cross-validate" or found.data.sha256 != record.data.sha256:
        raise VfracError("the cross-validation had other data than the weights; give one of the same cases, or leave it out")
    return found


def _keep_networks(
    cross_validation: Path, validated: RunRecord, weights_dir: Path, weights: WeightsInfo, shape: NetworkSpec | None
) -> int:
    from vfrac_core.training.shipping import ship_fold

    for history in validated.histories:
        file = fold_file(weights_dir, weights.name, history.fold)
        file.parent.mkdir(parents=True, exist_ok=True)
        ship_fold(cross_validation, history.fold, file, weights, shape)
    return len(validated.histories)
