"""The figures of the study as a page."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import numpy as np

from phantom_bench.report_texts import CONFIRM, FULL, HEAD, LEAKS, LEARN, NULL, RANKS, REPEAT, SIGNS, UNMATCHED

Figures = dict[str, Any]

LIMIT = 0.04  # of the mean distance from 0.5, over the cohorts
LOST = 0.02  # of AUC by the way through DICOM
WANTED = (0.85, 0.97)
INSIDE = (0.40, 0.60)
MOST = "AUC, most of five slices"


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
        (mean, error), far = _mean_error(values), float(np.abs(values - 0.5).mean())
        leaks = abs(mean - 0.5) > 2 * error or far > LIMIT
        spread, middle = f"{values.min():.3f}–{values.max():.3f}", f"{mean:.3f} ± {error:.3f}"
        rows.append([name, spread, middle, f"{far:.4f}", "**leak**" if leaks else "chance"])
    together = [
        [name, f"{min(v):.3f}–{max(v):.3f}", "{:.3f} ± {:.3f}".format(*_mean_error(v))] for name, v in f["all cohorts"].items()
    ]
    cohorts = len(next(iter(f["all cohorts"].values())))
    return REPEAT.format(
        of=_of(f),
        seeds=len(f["seeds"]),
        limit=LIMIT,
        controls=_table(("what is seen", "AUC", "mean ± standard error", "distance", "by the rule"), rows),
        cases=2 * f["pairs"] * (cohorts - 1),
        cohorts=cohorts,
        together=_table(("what is seen", "AUC", "mean ± standard error"), together),
    )


def _mean_error(values: Sequence[float]) -> tuple[float, float]:
    return float(np.mean(values)), float(np.std(values, ddof=1) / np.sqrt(len(values)))


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
