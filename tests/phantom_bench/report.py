"""The figures of the study as a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

Figures = dict[str, Any]

LIMIT = 0.04  # of the mean distance from 0.5, over the cohorts
LOST = 0.02  # of AUC by the way through DICOM
WANTED = (0.85, 0.97)
INSIDE = (0.40, 0.60)
MOST = "AUC, most of five slices"

HEAD = """# The synthetic cohort, judged

Written by `scripts/phantom_study.py`; the same figures are in phantom-study.json. Everything here is synthetic. It asks
whether the cases teach the six signs and little else; a part that is not on this page has not been run. **It says nothing about
the diagnosis of a real patient, and no network taught on these cases has seen one.** That the areas come out near the paper's is
by construction: the difficulty was set until they did, on the first cohort below.

The reference network has four layers of 3 × 3 convolutions (24, 48, 96, 128 channels, 163,801 weights). It is taught from scratch
for 18 epochs, on 64 × 64 × 3 crops prepared as the app prepares them, five slices a case, each turned, scaled and shifted anew at
every epoch (±15°, 0.9–1.1, ±10 %). It is tried on patients that it has not seen (3 folds); the last epoch is taken and nothing is
selected. Intervals are 95 %, from 1000 bootstrap samples of patients. Minutes are those of two shared cores; a short code names
the generator's source.
"""

LEARN = """
## Can it be learned?

{of} {cases}, at the paper's counts (`quota`), at the default difficulty.

{areas}
Specificity at sensitivity 0.95: {specificity:.2f}, the threshold set afterwards (the paper has 0.95 and 0.80). At 0.5:
sensitivity {half[sensitivity]:.2f}, specificity {half[specificity]:.2f}.

Who is called wrongly at the threshold of sensitivity 0.95:

{errors}
Single numbers that say something of the class without a picture (AUC by rank; above 0.5: higher in the malignant):

{scalars}"""

CONFIRM = """
The same on another cohort ({of} {cases}), made of seeds on which no knob was turned: patient {most} by the most of five slices
(wanted {low}–{high}: {verdict}), {mean} by their mean, slice {slice:.3f}; specificity {specificity:.2f} at sensitivity 0.95.
"""

SIGNS = """
## Each sign by itself

{of} {cases} `independent` cases: each sign a coin of its own, no class; one output a sign.

{signs}
The box holds one body, so there is little to see `multiple segments` by.
"""

FULL = """
## Crops against full cases

{of} Taught on {taught} crops; tried on {cases} of another range of seeds, once as crops, and once written as full axial DICOM
series, imported, reformatted and cut at the box of truth.csv.

{areas}
Lost by the way through DICOM: {lost:+.3f}; wanted at most {limit}: {verdict}. The logits of the two differ by
{mean:+.2f} ± {sd:.2f}; their own SD is {own:.2f}.
"""

RANKS = """
## Every drawn number by rank

{of} {cases} cases drawn and not painted: both classes with the same ages and sexes, each sign by a coin of its own in both, so
that each is common. AUC among the cases that have the number; 0.40–0.60 unless it may differ. Outside without a reason: {leaks}.

{outside}
{inside}
Too few of one class to rank (malignant : benign): {few}.

How often a change is there at all (malignant, benign), where the shares differ by more than 3 %: {shares}.
"""

LEAKS = """
## What must not say the class

{of} {seeds} cohorts, their seeds fixed beforehand, of {pairs} malignant and as many benign cases with the same ages and
sexes. AUC by patient (mean over the slices, mean over three folds) of the network, taught for 8 epochs, and of ridge logistic
regression. Wanted: a mean distance from 0.5 of at most {limit}; chance alone gives {chance:.3f}.

{controls}
*Corners*: 10 × 10 pixels at the upper anterior corner of the stack. *Residual noise*: both anterior corners, 24 × 24 pixels,
less all that is wider than 1.5 pixels, not standardised. *Scanner noise*: what the scanner adds to even tissue. *Outline*: tissue
or air behind the back, in the full view. These are the pixels of the cases at the first draw of their changes.

The corner's numbers by rank: {corners}.
"""

REPEAT = """
### The regression's "no", asked again

{of} Nine rows against one limit, five cohorts each: one may miss it by chance, or because there is a leak. So the
regression's controls were made again on {seeds} further cohorts, under a rule written before they were made: a leak, if the
mean AUC lies more than two standard errors from 0.5, or if the mean distance exceeds {limit}; chance otherwise.

{controls}"""

NULL = """
### Null control

{of} Whole crops with all six bits and the mimics off: {seeds} cohorts of {pairs} malignant and as many benign cases with the same
ages and sexes, taught for 10 epochs. Wanted: a mean distance from 0.5 of at most {limit}; chance alone gives {chance:.3f}.

{controls}
Bone density still differs on purpose here (benign fractures meet weaker bone in 40 %): its own AUC by rank is {density}. Among
pairs of the same sex with a density within 6 HU the network has {closer}.
"""

UNMATCHED = """
Unmatched, {cases} cases of the `expected` cohort with the signs off, ages, sexes and densities as they are: network {network:.3f}
({of}).
"""


def markdown(figures: Figures) -> str:
    """The whole page, of the parts that have been run."""
    return HEAD + "".join(write(figures[name]) for name, write in WRITERS.items() if name in figures)


def _learn(f: Figures) -> str:
    low, high = WANTED
    most = f["patient max"]
    areas = [
        ["patient, most of five slices", _interval(most), f"wanted {low}–{high}: {_verdict(low <= most[0] <= high)}"],
        ["patient, mean of five slices", _interval(f["patient mean"]), ""],
        ["slice", _number(f["slice"]), ""],
        ["faint cases / clear cases", f"{f['faint']:.3f} / {f['clear']:.3f}", "patient, most of five slices"],
        ["slices from −6 to +6 mm", ", ".join(map(_number, f["fade"])), ""],
    ]
    errors = [[diagnosis, what.replace("_", " "), n, f"{share:.0%}"] for diagnosis, what, n, share in f["errors"]]
    return LEARN.format(
        of=_of(f),
        cases=_counts(f),
        areas=_table(("", "AUC", ""), areas),
        specificity=f["specificity at sensitivity .95"],
        half=f["at 0.5"],
        errors=_table(("class", "cases", "n", "errors"), errors),
        scalars=_table(("number", "AUC"), ([name, _number(value)] for name, value in f["scalars"].items())),
    )


def _confirm(f: Figures) -> str:
    low, high = WANTED
    most = f["patient max"]
    return CONFIRM.format(
        of=_of(f).rstrip("."),
        cases=_counts(f),
        most=_interval(most),
        low=low,
        high=high,
        verdict=_verdict(low <= most[0] <= high),
        mean=_interval(f["patient mean"]),
        slice=f["slice"],
        specificity=f["specificity at sensitivity .95"],
    )


def _signs(f: Figures) -> str:
    rows = [[s.replace("_", " "), v["present"], _interval(v["max"]), _number(v["mean"])] for s, v in f["signs"].items()]
    return SIGNS.format(of=_of(f), cases=f["cases"], signs=_table(("sign", "present", MOST, "mean of five"), rows))


def _full(f: Figures) -> str:
    lost = f["crop"][0] - f["full"][0]
    return FULL.format(
        of=_of(f),
        taught=f["taught on"],
        cases=_counts(f),
        areas=_table(("the same cases", MOST), [["as crops", _interval(f["crop"])], ["imported", _interval(f["full"])]]),
        lost=lost,
        limit=LOST,
        verdict=_verdict(lost <= LOST),
        mean=f["logit difference"]["mean"],
        sd=f["logit difference"]["SD"],
        own=f["logit SD"],
    )


def _leaks(f: Figures) -> str:
    ranks = f["corner ranks"]
    corners = "; ".join(f"{name} " + ", ".join(_number(run[name]) for run in ranks) for name in ranks[0])
    return LEAKS.format(**_controls(f), corners=corners)


def _repeat(f: Figures) -> str:
    rows = []
    for name, runs in f["controls"].items():
        values = np.array([run["linear"] for run in runs])
        far, error = float(np.abs(values - 0.5).mean()), float(values.std(ddof=1) / np.sqrt(len(values)))
        leaks = abs(float(values.mean()) - 0.5) > 2 * error or far > LIMIT
        spread, middle = f"{values.min():.3f}–{values.max():.3f}", f"{values.mean():.3f} ± {error:.3f}"
        rows.append([name, spread, middle, _number(far), "**leak**" if leaks else "chance"])
    head = ("what is seen", "AUC", "mean ± standard error", "distance", "by the rule")
    return REPEAT.format(of=_of(f), seeds=len(f["seeds"]), limit=LIMIT, controls=_table(head, rows))


def _null(f: Figures) -> str:
    runs = f["matched by density"]
    closer = ", ".join(f"{run['network']:.3f} ({run['pairs']} pairs)" for run in runs)
    return NULL.format(**_controls(f), density=", ".join(_number(run["density"]) for run in runs), closer=closer)


def _controls(f: Figures) -> dict[str, Any]:
    rows = []
    for name, runs in f["controls"].items():
        for how, called in (("network", "network"), ("linear", "regression")):
            values = [run[how] for run in runs]
            far = float(np.mean(np.abs(np.array(values) - 0.5)))
            rows.append([name, called, *map(_number, values), _number(far), _verdict(far <= LIMIT)])
    return {
        "of": _of(f),
        "seeds": len(f["seeds"]),
        "pairs": f["pairs"],
        "limit": LIMIT,
        "chance": _chance(f["pairs"]),
        "controls": _table(("what is seen", "by", *map(str, f["seeds"]), "distance", f"≤ {LIMIT}"), rows),
    }


def _unmatched(f: Figures) -> str:
    return UNMATCHED.format(of=_of(f).rstrip("."), cases=f["cases"], network=f["network"])


def _ranks(f: Figures) -> str:
    low, high = INSIDE
    enough = [row for row in f["ranks"] if not row[4]]
    outside = [row for row in enough if not low <= row[3] <= high]
    few = sorted({f"{row[0].rsplit('.', 1)[0]} ({row[1]} : {row[2]})" for row in f["ranks"] if row[4]})
    return RANKS.format(
        of=_of(f),
        cases=f["cases"],
        leaks=", ".join(f["leaks"]) or "none",
        outside=_table(
            ("outside", "malignant", "benign", "AUC", "why it may"),
            ([*row[:3], _number(row[3]), row[5] or "**no reason**"] for row in outside),
        ),
        inside=_table(("inside", "AUC"), ([row[0], _number(row[3])] for row in enough if row not in outside)),
        few=", ".join(few),
        shares="; ".join(f"{kind} {a:.0%}, {b:.0%}" for kind, (a, b) in f["shares"].items() if abs(a - b) > 0.03),
    )


WRITERS: dict[str, Callable[[Figures], str]] = {
    "learn": _learn,
    "confirm": _confirm,
    "signs": _signs,
    "full": _full,
    "leaks": _leaks,
    "repeat": _repeat,
    "null": _null,
    "unmatched": _unmatched,
    "ranks": _ranks,
}


def _of(f: Figures) -> str:
    return f"{f['generator']} ({f['source']}, knobs {f['knobs']}), {f['minutes']:.0f} min."


def _counts(f: Figures) -> str:
    return f"{sum(f['cases'].values())} cases ({f['cases']['malignant']} malignant, {f['cases']['benign']} benign)"


def _verdict(good: bool) -> str:
    return "yes" if good else "**no**"


def _number(value: float) -> str:
    return f"{value:.3f}"


def _interval(values: Sequence[float]) -> str:
    return "{:.3f} ({:.3f}–{:.3f})".format(*values)


def _chance(pairs: int) -> float:
    """Mean distance from 0.5 of an AUC by chance, of so many in each class."""
    return float(np.sqrt((2 * pairs + 1) / (12 * pairs**2)) * np.sqrt(2 / np.pi))


def _table(head: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)
