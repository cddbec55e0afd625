"""From a finished run to weights that are served: the rows of their model card, and a fold's network in their place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from vfrac_core.model.spec import NetworkSpec
from vfrac_core.model.weight_set import make_current
from vfrac_core.model.weights import load_weights, save_weights
from vfrac_core.training.cross_validate import WEIGHTS, fold_folder
from vfrac_core.training.estimate import duration
from vfrac_core.training.results import figure_text
from vfrac_core.training.run import MODEL
from vfrac_core.training.run_record import RunRecord
from vfrac_core.types import WeightsInfo


def ship(record: RunRecord, run: Path, weights_dir: Path, validated: RunRecord | None, shape: NetworkSpec | None) -> WeightsInfo:
    """The model of ``run`` becomes the current one of ``weights_dir``, in 16 bit: refused where that would move a probability."""
    spec = shape or NetworkSpec(record.config["stem_stride"])
    return make_current(weights_dir, run / MODEL, spec, half=True, card=card_rows(record, validated))


def ship_fold(cross_validation: Path, fold: int, file: Path, weights: WeightsInfo, shape: NetworkSpec | None) -> None:
    """A fold's network with the shift and temperature of the weights in whose place it will answer."""
    found = load_weights(fold_folder(cross_validation, fold) / WEIGHTS, shape or NetworkSpec(weights.stem_stride))
    training = replace(found.record.training(), logit_shift=weights.logit_shift, temperature=weights.temperature)
    save_weights(found.network, file, training, half=True)


def card_rows(record: RunRecord, validated: RunRecord | None) -> dict[str, str]:
    """What was run, on what, for how long; and what a cross-validation of the same data found, out of fold."""
    config, data, history = record.config, record.data, record.histories[0]
    rows = {
        "program": record.program + (f", commit {record.commit}" if record.commit else ""),
        "data": f"{data.kind.rstrip('.')}: {data.malignant} malignant, {data.benign} benign, label by {data.label}",
        "preset": str(config["preset"]),
        "first weights": record.initialisation,
        "training": f"{len(history.losses)} epochs, the best was {history.best_epoch + 1}; {duration(history.seconds)}",
        "machine": record.machine,
        "trained": record.finished_at[:10],
    }
    return rows if validated is None else rows | _out_of_fold_rows(validated)


def _out_of_fold_rows(validated: RunRecord) -> dict[str, str]:
    folds = len(validated.histories)
    rows = {"cross-validation": f"{folds} folds, {duration(validated.training_seconds)}; all figures by patient, out of fold"}
    for name, figures in validated.results.items():
        rows |= {f"{label}, {name}": figure_text(figures["per_patient"][key]) for key, label in SHOWN.items()}
    return rows


SHOWN: Mapping[str, str] = {
    "auc": "AUC",
    "sensitivity": "sensitivity",
    "specificity": "specificity",
    "balanced_accuracy": "balanced accuracy",
}
