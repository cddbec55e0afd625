"""The parts of the study that ask what must not say the class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from phantom_bench import controls, drawn
from phantom_bench.cases import labels, made_once, make_samples
from phantom_bench.linear import leave_one_cohort_out
from phantom_bench.network import Training
from phantom_bench.size import Figures, Say, Size
from vfrac_core.phantom.sampling import sample_cohort
from vfrac_core.phantom.seeds import CROSS_VALIDATION, LEAK_CONTROLS

NULL_EPOCHS = 10
FURTHER = CROSS_VALIDATION[900:910]  # cohorts that nothing else uses


def leaks(size: Size, say: Say) -> Figures:
    """Corners, noise and outline alone, on five cohorts of equal ages and sexes."""
    rows: dict[str, list[Figures]] = {}
    corner_ranks: list[dict[str, float]] = []
    for seed in LEAK_CONTROLS[: size.seeds]:
        specs = controls.matched_cohort(seed, size.pairs)
        samples = made_once(controls.make_corners, specs, say=say)
        curves = np.stack(made_once(controls.skin_curve, specs, say=say))
        for control in (
            controls.corners(samples),
            controls.residual_noise(samples),
            controls.scanner_noise(samples),
            controls.outline(curves, labels(samples)),
        ):
            _add(rows, control, seed, say)
        corner_ranks.append(controls.corner_scalars(samples))
    return {"pairs": size.pairs, "seeds": list(LEAK_CONTROLS[: size.seeds]), "controls": rows, "corner ranks": corner_ranks}


def repeat(size: Size, say: Say) -> Figures:
    """The regression's corners and noise once more, on ten further cohorts."""
    rows: dict[str, list[Figures]] = {}
    seeds = FURTHER[: 2 * size.seeds]
    for seed in seeds:
        samples = made_once(controls.make_corners, controls.matched_cohort(seed, size.pairs), say=say)
        for control in (
            controls.corners(samples, network=False),
            controls.residual_noise(samples, network=False),
            controls.scanner_noise(samples, network=False),
        ):
            _add(rows, control, seed, say)
    return {"pairs": size.pairs, "seeds": list(seeds), "controls": rows, "all cohorts": _over_cohorts(size, seeds)}


def _over_cohorts(size: Size, seeds: Sequence[int]) -> dict[str, list[float]]:
    """AUC on each of all the cohorts, of a regression taught on the others: what many cases can find, if there is anything."""
    features: dict[str, list[np.ndarray]] = {}
    positive = []
    for seed in (*LEAK_CONTROLS[: size.seeds], *seeds):
        samples = made_once(controls.make_corners, controls.matched_cohort(seed, size.pairs))
        positive.append(labels(samples))
        for name, values in {"corners only": controls.corner_features(samples), **controls.noise_features(samples)}.items():
            features.setdefault(name, []).append(values)
    return {name: leave_one_cohort_out(values, positive) for name, values in features.items()}


def null(size: Size, say: Say) -> Figures:
    """Whole crops with the signs off, on five cohorts of equal ages and sexes."""
    rows: dict[str, list[Figures]] = {}
    matched: list[dict[str, float]] = []
    for seed in LEAK_CONTROLS[: size.seeds]:
        specs = controls.without_any_sign(controls.matched_cohort(seed, size.null_pairs))
        control, closer = controls.null(make_samples(specs, controls.NULL_DIFFICULTY, say), Training(epochs=NULL_EPOCHS))
        _add(rows, control, seed, say)
        matched.append(closer)
        say(f"  {closer}")
    return {"pairs": size.null_pairs, "seeds": list(LEAK_CONTROLS[: size.seeds]), "controls": rows, "matched by density": matched}


def _add(rows: dict[str, list[Figures]], control: controls.Control, seed: int, say: Say) -> None:
    rows.setdefault(control.name, []).append({"network": control.network, "linear": control.linear})
    say(f"  seed {seed}, {control.name}: {', '.join(f'{value:.3f}' for value in control.values)}")


def unmatched(size: Size, say: Say) -> Figures:
    """The null control as the cohort is, ages and densities unmatched; for comparison."""
    specs = sample_cohort(CROSS_VALIDATION[1], size.independent, "expected")
    bare = make_samples(controls.without_any_sign(specs), controls.NULL_DIFFICULTY, say)
    control, _ = controls.null(bare, Training(epochs=NULL_EPOCHS))
    say(f"  network {control.network:.3f}")
    return {"cases": len(specs), "network": control.network}


def ranks(size: Size, say: Say) -> Figures:
    """Every drawn number by rank, among the cases that have it."""
    specs = drawn.any_signs(LEAK_CONTROLS[0], size.drawn)
    malignant = np.array([spec.diagnosis == "malignant" for spec in specs])
    parameters = drawn.draw_parameters(specs)
    found = drawn.rank_parameters(parameters, malignant)
    for rank in (rank for rank in found if rank.leaks):
        say(f"  LEAK {rank.name}: {rank.auc:.3f}")
    return {
        "cases": len(specs),
        "ranks": [[r.name, r.malignant, r.benign, r.auc, r.few, r.reason] for r in found],
        "leaks": [rank.name for rank in found if rank.leaks],
        "shares": drawn.shares(parameters, malignant),
    }
