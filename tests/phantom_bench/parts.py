"""The parts of the study. Each takes its size and someone to tell of progress, and gives figures that JSON can hold."""

from __future__ import annotations

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import torch

from phantom_bench.cases import PROCESSES, Sample, cut, labels, make_samples
from phantom_bench.leak_parts import leaks, null, ranks, repeat, unmatched
from phantom_bench.network import Training, cross_validate, predict, train
from phantom_bench.scores import auc, auc_interval, specificity_at
from phantom_bench.size import Figures, Say, Size
from vfrac_core.dicom import LoadedSeries, read_path
from vfrac_core.imaging.reformat import reformat_sagittal
from vfrac_core.paper import SIGNS
from vfrac_core.phantom.cohort import CohortSettings
from vfrac_core.phantom.output import write_cohort
from vfrac_core.phantom.sampling import sample_cohort
from vfrac_core.phantom.seeds import CROSS_VALIDATION, EVALUATION, INDEPENDENT
from vfrac_core.phantom.spec import DEFAULT_DIFFICULTY, CaseSpec, Mode
from vfrac_core.phantom.streams import Streams
from vfrac_core.settings import Limits
from vfrac_core.types import PixelBox

SECRET = b"phantom study"


def learn(size: Size, say: Say) -> Figures:
    """The reference network on the paper's cohort: 3-fold cross-validation by patient."""
    samples = _cohort(size, say)
    malignant = labels(samples)
    logits = cross_validate(_crops(samples), malignant, Training(epochs=size.epochs), say=say)[:, :, 0]
    most, mean = logits.max(axis=1), logits.mean(axis=1)
    threshold, specificity = specificity_at(most, malignant)
    faint = np.array([_faint(sample.spec) for sample in samples])
    at_half = most >= 0
    figures = {
        "cases": {"malignant": int(malignant.sum()), "benign": int((~malignant).sum())},
        "slice": auc(logits.ravel(), np.repeat(malignant, logits.shape[1])),
        "patient max": _interval(most, malignant),
        "patient mean": _interval(mean, malignant),
        "specificity at sensitivity .95": specificity,
        "at 0.5": {"sensitivity": float(at_half[malignant].mean()), "specificity": float((~at_half[~malignant]).mean())},
        "faint": auc(most[faint], malignant[faint]),
        "clear": auc(most[~faint], malignant[~faint]),
        "fade": [auc(logits[:, slot], malignant) for slot in range(logits.shape[1])],
        "errors": _errors(samples, most >= threshold),
        "scalars": _scalars(samples),
    }
    say(f"  patient max {figures['patient max']}, mean {figures['patient mean']}, specificity at .95 {specificity:.2f}")
    return figures


def confirm(size: Size, say: Say) -> Figures:
    """The same on a cohort of other seeds, on which no knob was turned."""
    samples = make_samples(sample_cohort(EVALUATION[1], size.cohort, _mode(size)), say=say)
    malignant = labels(samples)
    logits = cross_validate(_crops(samples), malignant, Training(epochs=size.epochs), say=say)[:, :, 0]
    most = logits.max(axis=1)
    _, specificity = specificity_at(most, malignant)
    say(f"  patient max {_interval(most, malignant)}, specificity at .95 {specificity:.2f}")
    return {
        "cases": {"malignant": int(malignant.sum()), "benign": int((~malignant).sum())},
        "slice": auc(logits.ravel(), np.repeat(malignant, logits.shape[1])),
        "patient max": _interval(most, malignant),
        "patient mean": _interval(logits.mean(axis=1), malignant),
        "specificity at sensitivity .95": specificity,
    }


def signs(size: Size, say: Say) -> Figures:
    """Each sign on independent cases: six outputs, no class."""
    samples = make_samples(sample_cohort(INDEPENDENT[0], size.independent, "independent"), say=say)
    bits = np.array([[sample.has(sign) for sign in SIGNS] for sample in samples])
    logits = cross_validate(_crops(samples), bits, Training(epochs=size.epochs), say=say)
    most, mean = logits.max(axis=1), logits.mean(axis=1)
    each = {
        sign: {"present": int(bits[:, k].sum()), "max": _interval(most[:, k], bits[:, k]), "mean": auc(mean[:, k], bits[:, k])}
        for k, sign in enumerate(SIGNS)
    }
    for sign, values in each.items():
        say(f"  {sign}: {values['max']}")
    return {"cases": len(samples), "signs": each}


def full(size: Size, say: Say) -> Figures:
    """A network taught on crops, tried on full cases that came through DICOM import, and on the same cases as crops."""
    samples = _cohort(size, say)
    torch.set_num_threads(PROCESSES)
    training = Training(epochs=size.epochs)
    network = train(_crops(samples), labels(samples)[:, None], training)
    specs = sample_cohort(EVALUATION[0], size.full, "expected")
    malignant = np.array([spec.diagnosis == "malignant" for spec in specs])
    small = predict(network, _crops(make_samples(specs, say=say)), training)[:, :, 0]
    imported = predict(network, _imported(specs, say), training)[:, :, 0]
    patient = {name: logits.max(axis=1) for name, logits in (("crop", small), ("full", imported))}
    figures: Figures = {
        "taught on": len(samples),
        "cases": {"malignant": int(malignant.sum()), "benign": int((~malignant).sum())},
        "crop": _interval(patient["crop"], malignant),
        "full": _interval(patient["full"], malignant),
        "logit difference": {"mean": float((imported - small).mean()), "SD": float((imported - small).std())},
        "logit SD": float(small.std()),
    }
    say(f"  as crops {figures['crop']}, imported {figures['full']}")
    return figures


PARTS: dict[str, Callable[[Size, Say], Figures]] = {
    part.__name__: part for part in (learn, confirm, signs, full, ranks, leaks, repeat, unmatched, null)
}


def _cohort(size: Size, say: Say) -> list[Sample]:
    return make_samples(sample_cohort(CROSS_VALIDATION[0], size.cohort, _mode(size)), say=say)


def _mode(size: Size) -> Mode:
    return "quota" if size.cohort == 433 else "expected"


def _crops(samples: Sequence[Sample]) -> np.ndarray:
    return np.stack([sample.crops for sample in samples])


def _interval(scores: np.ndarray, positive: np.ndarray) -> list[float]:
    found = auc_interval(scores, positive)
    return [found.value, found.low, found.high]


def _faint(spec: CaseSpec) -> bool:
    """Whether the case's signs were drawn faint, as the generator draws it."""
    return bool(Streams(spec.seed, spec.index).named("subtle").random() < DEFAULT_DIFFICULTY.subtle)


def _errors(samples: Sequence[Sample], called: np.ndarray) -> list[list[Any]]:
    """[class, what, cases, share of errors] at the threshold of sensitivity .95."""
    malignant = labels(samples)
    wrong = called != malignant
    groups: list[tuple[str, str, np.ndarray]] = []
    for diagnosis, own in (("benign", ~malignant), ("malignant", malignant)):
        groups.append((diagnosis, "all", own))
        for sign in SIGNS:
            has = np.array([sample.has(sign) for sample in samples])
            groups += [(diagnosis, f"{sign}: present", own & has), (diagnosis, f"{sign}: absent", own & ~has)]
    kinds = np.array([str(sample.parameters.get("Destruction.kind")) for sample in samples])
    groups += [("malignant", f"destruction {kind}", malignant & (kinds == kind)) for kind in ("lytic", "mixed", "blastic")]
    for mimic in ("Resorption", "Retropulsion", "Haematoma", "GasCleft"):
        shows = np.array([any(name.startswith(f"{mimic}.") for name in sample.parameters) for sample in samples])
        groups.append(("benign", f"with {mimic}", ~malignant & shows))
    return [[diagnosis, what, int(of.sum()), float(wrong[of].mean())] for diagnosis, what, of in groups if of.sum() >= 5]


def _scalars(samples: Sequence[Sample]) -> dict[str, float]:
    """AUC by rank of single numbers that a network could use, none of them a sign."""
    malignant = labels(samples)
    values = {
        "side of the box": [sample.box_side_mm for sample in samples],
        "trabecular HU": [sample.parameters["patient.trabecular_hu"] for sample in samples],
        "age": [sample.spec.age_years for sample in samples],
        "man": [sample.spec.sex == "M" for sample in samples],
        "measured loss of height": [sample.parameters["loss"] for sample in samples],
        "noise SD": [sample.parameters["scanner.noise_hu"] for sample in samples],
    }
    return {name: auc(np.array(value, float), malignant) for name, value in values.items()}


def _imported(specs: Sequence[CaseSpec], say: Say) -> np.ndarray:
    """The cases as full axial series, written, read back by the importer, reformatted, cut at truth.csv's box."""
    with TemporaryDirectory(prefix="vfrac-study-") as temporary:
        folder = Path(temporary) / "cohort"
        settings = CohortSettings(specs[0].seed, "expected", len(specs), "dicom")
        written = write_cohort(specs, folder, settings, jobs=PROCESSES, progress=lambda done: _tell(say, done, len(specs)))
        with written.truth.open(newline="") as file:
            rows = list(csv.DictReader(file))
        return np.stack([_crop_of(folder, row) for row in rows])


def _crop_of(folder: Path, row: dict[str, str]) -> np.ndarray:
    (loaded,) = read_path(folder / row["case"], secret=SECRET, limits=Limits())
    assert isinstance(loaded, LoadedSeries), loaded
    box = PixelBox(*(int(row[f"box_{edge}"]) for edge in ("row_min", "col_min", "row_max", "col_max")))
    return cut(reformat_sagittal(loaded.volume), box, int(row["slice_index"]))


def _tell(say: Say, done: int, of: int) -> None:
    if done % 20 == 0 or done == of:
        say(f"  {done} of {of} cases written")
