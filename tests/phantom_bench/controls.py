"""Leak controls: what must say nothing of the class, on cohorts in which both classes have the same ages and sexes.

Corners: what lies before the spine, far from every sign. Noise: what the scanner adds, and what is left of the corners when their
structure is taken away. Outline: where the skin ends. Null: whole crops of cases without a sign. Whatever else differs by class
in them is a leak.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import gaussian_filter

from phantom_bench.cases import CORNER as PATCH
from phantom_bench.cases import FLAT_HU, INFO, REACH, Sample, labels, noise_of
from phantom_bench.linear import cross_validate_linear
from phantom_bench.network import Training, cross_validate, folds_of
from phantom_bench.scores import auc
from vfrac_core.imaging.reformat import reformat_sagittal
from vfrac_core.paper import SLICE_THICKNESS_MM
from vfrac_core.phantom.canvas import empty_canvas
from vfrac_core.phantom.choose import choose_changes
from vfrac_core.phantom.grid import crop_grid, full_grid
from vfrac_core.phantom.render import render
from vfrac_core.phantom.sampling import sample_case
from vfrac_core.phantom.scanner import add_noise
from vfrac_core.phantom.soft_tissue import paint_soft_tissue, spine_line
from vfrac_core.phantom.spec import DEFAULT_DIFFICULTY, CaseSpec, Difficulty
from vfrac_core.phantom.spine import build_spine
from vfrac_core.phantom.subject import draw_subject
from vfrac_core.phantom.textures import Textures
from vfrac_core.types import CtVolume

NULL_DIFFICULTY = replace(DEFAULT_DIFFICULTY, mimic=0.0)
CORNER = 10  # pixels to a side (phantom.md, section 11)
ROWS, COLUMNS = 40, 44  # that are painted for the corners: with room for the blur, and the seven slices
RAW = Training(epochs=8, standardise=False, divide_by=20.0)  # the strength of noise is not to be hidden by standardising
SMALL = Training(epochs=8, degrees=0.0, scale=0.0, shift=0.0)
FLAT_CURVE = 15  # features of the outline
MASK = 32  # pixels to a side of its picture


@dataclass(frozen=True, slots=True)
class Control:
    """AUC of one control on one cohort: by the network (mean over the slices, mean over folds) and by the regression."""

    name: str
    network: float | None
    linear: float

    @property
    def values(self) -> tuple[float, ...]:
        return tuple(value for value in (self.network, self.linear) if value is not None)


def matched_cohort(seed: int, pairs: int) -> tuple[CaseSpec, ...]:
    """``pairs`` malignant and as many benign cases of a seed. The i-th of both follow each other and have the
    age and sex of one of them, in turn."""
    found: dict[str, list[CaseSpec]] = {"malignant": [], "benign": []}
    index = 0
    while min(len(cases) for cases in found.values()) < pairs:
        spec = sample_case(seed, index)
        found[str(spec.diagnosis)].append(spec)
        index += 1
    made = []
    for number, (one, other) in enumerate(zip(*(cases[:pairs] for cases in found.values()), strict=True)):
        donor = (one, other)[number % 2]
        made += [replace(spec, age_years=donor.age_years, sex=donor.sex) for spec in (one, other)]
    return tuple(made)


def without_any_sign(specs: Sequence[CaseSpec]) -> tuple[CaseSpec, ...]:
    """The same people with nothing; to be made with ``NULL_DIFFICULTY``."""
    return tuple(replace(spec, signs=frozenset()) for spec in specs)


def match(values: np.ndarray, positive: np.ndarray, within: float) -> np.ndarray:
    """Positions of pairs of a positive and a negative, none used twice, whose ``values`` lie within so much of each other."""
    free = list(np.flatnonzero(~positive)[np.argsort(values[~positive])])
    chosen: list[int] = []
    for one in np.random.default_rng(0).permutation(np.flatnonzero(positive)):
        if not free:
            break
        nearest = min(free, key=lambda other: abs(values[other] - values[one]))
        if abs(values[nearest] - values[one]) <= within:
            chosen += [int(one), int(nearest)]
            free.remove(nearest)
    return np.array(sorted(chosen), int)


def network_auc(stacks: np.ndarray, positive: np.ndarray, training: Training) -> float:
    scores = cross_validate(stacks, positive, training)[:, :, 0].mean(axis=1)
    return mean_fold_auc(scores, positive)


def mean_fold_auc(scores: np.ndarray, positive: np.ndarray, folds: int = 3) -> float:
    """Mean over the folds: networks of different folds have scores of different levels, and mixing them is noise."""
    where = folds_of(positive.astype(float), folds)
    return float(np.mean([auc(scores[where == fold], positive[where == fold]) for fold in range(folds)]))


def linear_auc(features: np.ndarray, positive: np.ndarray) -> float:
    return mean_fold_auc(cross_validate_linear(features, positive), positive)


@dataclass(frozen=True, slots=True)
class Corners:
    """Corners and noise of a case as ``Sample`` has them, without the rest: a tenth of the time."""

    spec: CaseSpec
    upper: np.ndarray
    lower: np.ndarray
    noise: np.ndarray

    @property
    def malignant(self) -> bool:
        return self.spec.diagnosis == "malignant"


def make_corners(spec: CaseSpec, difficulty: Difficulty = DEFAULT_DIFFICULTY) -> Corners:
    """What lies before the spine of a training case, at the first draw of its changes (nothing is measured back)."""
    subject = draw_subject(spec, difficulty)
    whole = crop_grid(subject.slice_x_mm)
    aside = (whole.columns - COLUMNS) // 2  # a multiple of 8, as the coarsest texture needs it
    part = replace(whole, columns=COLUMNS, rows=ROWS)
    slices = np.full((whole.slices, whole.rows, whole.columns), FLAT_HU, np.float32)
    slices[:, :ROWS, aside : aside + COLUMNS] = render(subject, choose_changes(subject), part).slices
    volume = CtVolume(add_noise(slices, whole, subject.scanner, subject.streams), whole.affine, INFO)
    stack = reformat_sagittal(volume)
    middle = round((subject.slice_x_mm - float(stack.affine[0, 3])) / SLICE_THICKNESS_MM)
    near = slice(middle - REACH, middle + REACH + 1)
    return Corners(
        spec=spec,
        upper=stack.hu[near, :PATCH, :PATCH].copy(),
        lower=stack.hu[near, -PATCH:, :PATCH].copy(),
        noise=noise_of(spec, difficulty, middle),
    )


def corners(samples: Sequence[Sample | Corners], training: Training = SMALL, *, network: bool = True) -> Control:
    """10 × 10 pixels of each slice at the upper anterior corner of the stack."""
    positive, patches = labels(samples), _corner_patches(samples)
    found = network_auc(patches, positive, training) if network else None
    return Control("corners only", found, linear_auc(corner_features(samples), positive))


def corner_features(samples: Sequence[Sample | Corners]) -> np.ndarray:
    """What the regression sees of the corners: moments, and every second pixel of the middle slice."""
    patches = _corner_patches(samples)
    return np.concatenate([_moments(patches), patches[:, 3, ::2, ::2].reshape(len(patches), -1)], axis=1)


def _corner_patches(samples: Sequence[Sample | Corners]) -> np.ndarray:
    return np.stack([sample.upper[:, :CORNER, :CORNER] for sample in samples]).astype(np.float32)


def corner_scalars(samples: Sequence[Sample | Corners]) -> dict[str, float]:
    """AUC by rank of the corner's mean and SD."""
    patches = _corner_patches(samples)
    mean, sd = patches.mean(axis=(1, 2, 3)), patches.std(axis=(1, 2, 3))
    return {"corner mean": auc(mean, labels(samples)), "corner SD": auc(sd, labels(samples))}


def scanner_noise(samples: Sequence[Sample | Corners], training: Training = RAW, *, network: bool = True) -> Control:
    """What the scanner adds to even tissue: 32 × 32 pixels of each slice, its strength kept."""
    return _noise("scanner noise only", _scanner_patches(samples), samples, training, network=network)


def residual_noise(samples: Sequence[Sample | Corners], training: Training = RAW, *, network: bool = True) -> Control:
    """What is left of the real pixels, 24 × 24 at both anterior corners, when all that is wider than 1.5 pixels is taken away."""
    return _noise("residual noise only", _residual_patches(samples), samples, training, network=network)


def noise_features(samples: Sequence[Sample | Corners]) -> dict[str, np.ndarray]:
    """What the regression sees of both noises."""
    patches = {"residual noise only": _residual_patches(samples), "scanner noise only": _scanner_patches(samples)}
    return {name: _moments(noise, correlated=True) for name, noise in patches.items()}


def _scanner_patches(samples: Sequence[Sample | Corners]) -> np.ndarray:
    noise = np.stack([sample.noise for sample in samples]).astype(np.float32)
    return noise - noise.mean(axis=(2, 3), keepdims=True)


def _residual_patches(samples: Sequence[Sample | Corners]) -> np.ndarray:
    patches = np.stack([np.concatenate([s.upper, s.lower], axis=2) for s in samples]).astype(np.float32)
    patches = np.clip(patches, -160, 120)  # bowel gas and plaque are no noise
    return patches - gaussian_filter(patches, (0, 0, 1.5, 1.5))


def _noise(name: str, noise: np.ndarray, samples: Sequence[Sample | Corners], training: Training, *, network: bool) -> Control:
    positive = labels(samples)
    still = replace(training, degrees=0.0, scale=0.0)  # turning and scaling would smooth it
    return Control(
        name, network_auc(noise, positive, still) if network else None, linear_auc(_moments(noise, correlated=True), positive)
    )


def _moments(patches: np.ndarray, *, correlated: bool = False) -> np.ndarray:
    """Mean, SD, tails, and on request correlations with the neighbour along each axis."""
    centred = patches - patches.mean(axis=(2, 3), keepdims=True)
    flat = centred.reshape(len(patches), -1)
    sd = flat.std(axis=1)
    features = [patches.mean(axis=(1, 2, 3)), sd, np.log(sd + 1e-6), *np.quantile(flat, (0.02, 0.25, 0.75, 0.98), axis=1)]
    if correlated:
        for axis in (1, 2, 3):
            n = centred.shape[axis]
            for lag in (1, 2):
                products = np.take(centred, range(n - lag), axis) * np.take(centred, range(lag, n), axis)
                features.append(products.mean(axis=(1, 2, 3)) / (sd**2 + 1e-6))
    return np.stack(features, axis=1)


def outline(curves: np.ndarray, positive: np.ndarray, training: Training = SMALL, *, network: bool = True) -> Control:
    """Tissue or air, nothing else: ``curves`` as masks on the slices, and the curves themselves."""
    features = np.concatenate([curves[:, 3, :: curves.shape[2] // FLAT_CURVE], curves[:, [0, 6]].mean(2)], axis=1)
    rows = np.linspace(0, curves.shape[2] - 1, MASK).round().astype(int)
    y = np.linspace(curves.min() - 4, curves.max() + 4, MASK)
    masks = (y[None, None, None] < curves[:, :, rows, None]).astype(np.float32)
    return Control("outline only", network_auc(masks, positive, training) if network else None, linear_auc(features, positive))


def null(samples: Sequence[Sample], training: Training, *, matched_hu: float = 6.0) -> tuple[Control, dict[str, float]]:
    """Whole crops without a sign, and among pairs of the same sex whose trabecular bone differs by less than ``matched_hu``.

    Benign fractures meet weaker bone on purpose (40 % of them, by up to a fifth); what is left in the pairs is not that.
    """
    positive = labels(samples)
    crops = np.stack([sample.crops for sample in samples])
    scores = cross_validate(crops, positive, training)[:, :, 0].mean(axis=1)
    density = np.array([float(sample.parameters["patient.trabecular_hu"]) for sample in samples])
    pairs = match(density + np.where([sample.spec.sex == "M" for sample in samples], 1e4, 0.0), positive, matched_hu)
    coarse = crops[:, 3, 2::6, 2::6].reshape(len(crops), -1)
    control = Control("null: no sign", mean_fold_auc(scores, positive), linear_auc(coarse, positive))
    return control, {"pairs": len(pairs) // 2, "network": auc(scores[pairs], positive[pairs]), "density": auc(density, positive)}


def skin_curve(spec: CaseSpec, difficulty: Difficulty = DEFAULT_DIFFICULTY) -> np.ndarray:
    """y of the last tissue before the air behind, mm, on seven sagittal slices (one for each row of the full view).

    Nothing but the soft tissue is painted, on two columns for each slice, at the case's first draw of its changes.
    """
    subject = draw_subject(spec, difficulty)
    spine = build_spine(subject.patient, spec.level, choose_changes(subject))
    grid = full_grid()
    narrow = replace(grid, columns=30, centre_x_mm=subject.slice_x_mm)  # 21 mm
    canvas = empty_canvas(narrow, Textures(subject.patient.texture_shift))
    paint_soft_tissue(canvas, spine, spine_line(spine), subject.patient)
    tissue = canvas.hu[1::2] > -500
    last = narrow.rows - 1 - np.argmax(tissue[:, ::-1], axis=1)  # from the back
    slabs = np.array_split(np.arange(narrow.columns), 7)
    return np.stack([narrow.y[last[:, columns]].mean(axis=1) for columns in slabs]).astype(np.float32)
