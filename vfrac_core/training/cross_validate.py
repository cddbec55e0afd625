"""Ten trainings, each tested on the tenth of the patients that it never saw (paper, "Training and Evaluation Methods")."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import torch

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.score_table import ScoreTable
from vfrac_core.model.initialise import Initialisation
from vfrac_core.model.resnet import VertebraResNet
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.model.weights import Training, save_weights
from vfrac_core.training.cases import TrainingSet
from vfrac_core.training.checkpoint import Progress
from vfrac_core.training.config import TrainConfig
from vfrac_core.training.first_weights import begin
from vfrac_core.training.fit import BEST, CHECKPOINT, Stopped, Tell, fit, is_finished, run_key
from vfrac_core.training.folds import Folds, Split, split_all, split_fold
from vfrac_core.training.pictures import make_labelled
from vfrac_core.training.progress_file import write_whole
from vfrac_core.training.scores import read_scores, score_cases, write_scores
from vfrac_core.training.team import ALONE, Team

WEIGHTS, SCORES, HISTORY = "weights.safetensors", "scores.csv", "history.json"
ALL = -1  # in place of a fold: everything is taught, nobody is tested


@dataclass(frozen=True, slots=True)
class Job:
    """One training, with everything that it needs, to be done here, in another process or on another machine.

    ``folds`` is None, and ``fold`` ``ALL``, where all cases are taught. ``out``: its own folder. ``pretrained``: what "synthetic"
    begins with. ``shape``: of tiny networks.
    """

    data: TrainingSet
    folds: Folds | None
    fold: int
    config: TrainConfig
    out: Path
    pretrained: Path | None = None
    shape: NetworkSpec | None = None
    device: str = "cpu"

    @property
    def split(self) -> Split:
        if self.folds is None:
            return split_all(self.data.cases, self.config)
        return split_fold(self.data.cases, self.folds, self.fold, self.config)


@dataclass(frozen=True, slots=True)
class History:
    """How one training went. ``losses``: [training, validation] of each epoch; ``initialisation``: what it began with, in a
    sentence; ``began_with``: the same as weights record it, one of "imagenet", "synthetic" and "random" where it was one."""

    key: str
    fold: int
    losses: list[list[float]]
    best_epoch: int
    seconds: float
    initialisation: str
    began_with: str
    threads: int


def run_job(
    job: Job,
    *,
    tell: Tell = lambda _tick: None,
    stopped: Stopped = lambda: False,
    clock: Callable[[], float] = time.monotonic,
    team: Team = ALONE,
) -> History | None:
    """Train, then test on the fold; None if it was stopped. What is finished is not done again.

    Leaves weights, scores (not for ``ALL``) and history in ``job.out``, and takes the checkpoint away. Each process of a
    ``team`` makes this call; one of them writes.
    """
    split = job.split
    key = run_key(job.config, job.data, split)
    job.out.mkdir(parents=True, exist_ok=True)
    if (done := read_history(job.out)) is not None:
        if done.key != key:
            raise VfracError("the run's folder belongs to another configuration or to other data; give another --out")
        return done
    if job.config.threads:
        torch.set_num_threads(job.config.threads)
    device = torch.device(job.device)
    beginning = begin(job.config, job.pretrained, job.shape)
    network, labelled = beginning.network.to(device), make_labelled(job.data, device)
    progress = fit(network, labelled, split, job.config, job.out, tell=tell, stopped=stopped, clock=clock, team=team)
    if not is_finished(progress, job.config):
        return None
    history = _history(job, key, progress, beginning.initialisation)
    if team.leads:
        _write(job, history, network)
    team.wait()
    return history


def _write(job: Job, history: History, network: VertebraResNet) -> None:
    """What a finished training leaves. The history comes last of the three: with it the training is finished."""
    save_weights(network.cpu(), job.out / WEIGHTS, training_of(job, history.began_with))
    if test := job.split.test:
        tested = [job.data.cases[i] for i in test]
        write_scores(score_cases(network.to(job.device), tested, fold=job.fold), job.out / SCORES)
    write_whole(job.out / HISTORY, json.dumps(asdict(history), indent=1))
    for name in (CHECKPOINT, BEST):
        (job.out / name).unlink(missing_ok=True)


def fold_jobs(job: Job) -> list[Job]:
    """A job for each fold of ``job.folds``, each in a folder of its own below ``job.out``."""
    assert job.folds is not None
    return [replace(job, fold=fold, out=fold_folder(job.out, fold)) for fold in range(job.folds.count)]


def training_of(job: Job, initialisation: str) -> Training:
    """What the weights say of themselves."""
    fold = "all" if job.fold == ALL else str(job.fold)
    return Training(job.data.kind, job.data.sha256, fold, initialisation=initialisation, label=label_text(job.data))


def fold_folder(out: Path, fold: int) -> Path:
    return out / f"fold-{fold:02d}"


def read_history(folder: Path) -> History | None:
    """Of a finished training; None where there is none."""
    try:
        return History(**json.loads((folder / HISTORY).read_text()))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError):
        raise VfracError(f"{HISTORY} in {folder.name} is damaged; delete that folder to train this fold again") from None


def read_fold_scores(out: Path, folds: Iterable[int]) -> list[ScoreTable]:
    return [read_scores(fold_folder(out, fold) / SCORES) for fold in folds]


def label_text(data: TrainingSet) -> str:
    """Who said malignant, as the weights and run.json have it."""
    counts: dict[str, int] = {}
    for case in data.cases:
        counts[case.label] = counts.get(case.label, 0) + 1
    return ", ".join(f"{label} ({count})" if len(counts) > 1 else label for label, count in sorted(counts.items()))


def _history(job: Job, key: str, progress: Progress, began: Initialisation) -> History:
    return History(
        key=key,
        fold=job.fold,
        losses=progress.losses,
        best_epoch=progress.best_epoch,
        seconds=progress.seconds,
        initialisation=began.sentence,
        began_with=began.name,
        threads=torch.get_num_threads(),
    )
