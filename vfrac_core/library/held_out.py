"""The networks of a cross-validation's folds, where they were kept: each may answer for the cases that it has not seen.

``<weights folder>/folds/<name of the weights>/fold-00.safetensors``, ``fold-01`` …
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vfrac_core.errors import CheckpointMismatchError
from vfrac_core.store import SeenInTraining
from vfrac_core.types import WeightsInfo

if TYPE_CHECKING:  # torch stays out of everything that only passes a predictor on
    from vfrac_core.model.predictor import Predictor

FOLDER: Final = "folds"
HELD: Final = 2  # networks in memory, some 100 MB each


def fold_file(weights_dir: Path, weights_name: str, fold: int) -> Path:
    """Where the network that was tested on ``fold`` (from 0) lies, if it was kept."""
    return weights_dir / FOLDER / weights_name / f"fold-{fold:02d}.safetensors"


def _load(file: Path) -> Predictor:
    from vfrac_core.model.predictor import load_predictor  # torch: only when a case needs it

    return load_predictor(file, required=True)


class HeldOutNetworks:
    """Loaded when a case needs one; the last two stay. Safe to use from several threads. Without a folder there are none."""

    def __init__(self, weights_dir: Path | None = None, load: Callable[[Path], Predictor] = _load) -> None:
        self._weights_dir = weights_dir
        self._load = load
        self._held: OrderedDict[tuple[str, int], Predictor] = OrderedDict()
        self._lock = threading.Lock()

    def of(self, weights: WeightsInfo, seen: SeenInTraining) -> Predictor | None:
        """The network that had not seen the case; None where it was not kept, or the weights were not cross-validated.

        CheckpointMismatchError for a file that is damaged, or that belongs to another fold or training set.
        """
        if self._weights_dir is None or seen.fold is None:
            return None
        file = fold_file(self._weights_dir, weights.name, seen.fold)
        key = (weights.sha256, seen.fold)
        with self._lock:
            if key not in self._held:
                if not file.is_file():
                    return None
                self._held[key] = self._checked(file, weights, seen.fold)
            self._held.move_to_end(key)
            while len(self._held) > HELD:
                self._held.popitem(last=False)
            return self._held[key]

    def _checked(self, file: Path, weights: WeightsInfo, fold: int) -> Predictor:
        network = self._load(file)
        found = network.weights
        if (found.fold, found.data_sha256) != (str(fold), weights.data_sha256):
            raise CheckpointMismatchError(
                "the weights of the held-out fold are those of another fold or training set; copy them again, or remove them"
            )
        network.weights = weights  # it speaks under the name, and with the logit shift, of the weights that are shown
        return network
