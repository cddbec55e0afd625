"""First weights of our own: where "synthetic" finds them, and the stream of synthetic cases that makes them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from vfrac_core.errors import VfracError
from vfrac_core.training.config import PRETRAINED

if TYPE_CHECKING:  # torch
    from vfrac_core.training.fit import Stopped, Tell

PRETRAINING_FOLDER: Final = "pretraining"  # in the data home


def has_pretraining(data_home: Path) -> bool:
    """Whether ``pretrained_weights`` would find some. Imports no torch."""
    return (data_home / PRETRAINING_FOLDER / PRETRAINED).is_file()


def pretrained_weights(data_home: Path) -> Path:
    """The finished weights of ``run_pretraining`` in this data home. VfracError where there are none."""
    if not has_pretraining(data_home):
        raise VfracError(
            "there are no weights of our own pretraining yet; run pretrain first (an hour), or begin with random ones"
        )
    return data_home / PRETRAINING_FOLDER / PRETRAINED


def run_pretraining(folder: Path, *, epochs: int | None, jobs: int, tell: Tell, stopped: Stopped) -> Path | None:
    """Make the stream's cases as they are needed, and learn from them; None if it was stopped: the same call goes on."""
    from vfrac_core.library.phantom_stream import PhantomStream
    from vfrac_core.training.pretrain import PRETRAINING, Stream, pretrain_weights

    folder.mkdir(parents=True, exist_ok=True)
    stream = Stream()
    config = replace(PRETRAINING, epochs=epochs or PRETRAINING.epochs)
    return pretrain_weights(PhantomStream(folder / "stream", stream, jobs), stream, config, folder, tell=tell, stopped=stopped)
