"""The runs as a table, one run with its curves, and several side by side."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from vfrac_core.library.run_curves import RunCurves
from vfrac_core.library.run_folders import RunFolder
from vfrac_core.ui.curves_svg import RUNS, TRAINING, VALIDATION, Drawn, curves_svg

if TYPE_CHECKING:  # torch
    from vfrac_core.training.run_record import RunRecord

FIGURES: Final = {
    "auc": "AUC",
    "balanced_accuracy": "Balanced accuracy",
    "sensitivity": "Sensitivity",
    "specificity": "Specificity",
    "accuracy": "Accuracy",
    "brier": "Brier score",
}
NO_RUN: Final = "No run yet. One that was started by a command is shown too, if its --out lies in runs/ of the data home."
PLAIN: Final = "plain"
AT_THRESHOLD: Final = ("balanced_accuracy", "sensitivity", "specificity", "brier")
MENDS: Final = {"logit shift": AT_THRESHOLD, "temperature": ("brier",)}  # only what such a mend can change
OTHER_DATA: Final = "These runs had different data: their figures are of different patients."


@dataclass(frozen=True, slots=True)
class ShownRun:
    """A run's folder, and what lies in it."""

    run: RunFolder
    curves: RunCurves

    @property
    def record(self) -> RunRecord | None:
        return self.curves.record if self.run.state == "finished" else None

    @property
    def what(self) -> str:
        if self.run.command is not None:
            return self.run.command.what
        return self.curves.record.what if self.curves.record else ""

    @property
    def line(self) -> str:
        """Where it stands, in a few words."""
        return "finished" if self.record else f"{self.run.state}{self._place}{self._left}"

    @property
    def said(self) -> str:
        """Why it failed: what it said last."""
        return f": {self.run.last_line}" if self.run.last_line and self.run.state == "failed" else ""

    @property
    def _place(self) -> str:
        one = self.curves.standing
        if self.curves.record is not None:
            return ", writing its figures" if self.run.state == "running" else ""
        if one is None:
            return ", reading the cases, measuring the speed" if self.run.state == "running" else ""
        fold = f"fold {one.fold + 1} of {one.folds}, " if one.folds > 1 else ""
        return f", {fold}epoch {one.epoch + 1} of {one.epochs}"

    @property
    def _left(self) -> str:
        from vfrac_core.training.estimate import duration

        left = self.curves.seconds_left
        return f", at most {duration(left)} left" if left is not None and self.run.state == "running" else ""


def runs_html(shown: Sequence[ShownRun]) -> str:
    """All runs, the newest name first."""
    if not shown:
        return f'<section class="vfrac-cases"><p>{NO_RUN}</p></section>'
    names = ("Run", "What", "State", "Cases", "Data version", "AUC", "Balanced accuracy")
    head = "".join(f'<th scope="col">{name}</th>' for name in names)
    rows = "".join(_row(one) for one in reversed(shown))
    note = "<p>AUC and balanced accuracy: by patient, out of fold.</p>"
    return f'<section class="vfrac-cases" {_scrolls("Runs")}><table><tr>{head}</tr>{rows}</table>{note}</section>'


def run_html(shown: ShownRun) -> str:
    """One run: its curves and where it stands."""
    curves = shown.curves
    title = f"Loss of {shown.run.name} after each epoch"
    svg = curves_svg([Drawn(curve) for curve in curves.curves], curves.epochs, title) if curves.curves else ""
    best = [f"{curve.best + 1}" for curve in curves.curves if curve.best is not None]
    told = f" Best epoch: {', '.join(best)}." if best else ""
    notes = "".join(f"<p>{html.escape(note)}</p>" for note in (shown.record.notes if shown.record else ()))
    key = f"<p>{_key(TRAINING, 'training')} {_key(VALIDATION, 'validation')} A ring marks the best epoch.</p>" if svg else ""
    return (
        f'<section class="vfrac-training" data-run="{shown.run.name}" data-state="{shown.run.state}">'
        f"<p><strong>{shown.run.name}</strong>: {html.escape(shown.line + shown.said)}.{told}</p>{svg}"
        f"{key}{notes}</section>"
    )


def compare_html(shown: Sequence[ShownRun]) -> str:
    """Two or more finished runs: data, beginning, figures with intervals; their curves over each other."""
    records = [one.record for one in shown]
    if len(shown) < 2 or any(record is None for record in records):
        return ""
    found = [record for record in records if record is not None]
    head = "".join(f'<th scope="col">{_key(_colour(k), one.run.name)}</th>' for k, one in enumerate(shown))
    rows = [*_settings_rows(found), *_figure_rows(found)]
    body = "".join(
        f'<tr><th scope="row">{html.escape(name)}</th>{"".join(f"<td>{html.escape(text)}</td>" for text in texts)}</tr>'
        for name, texts in rows
    )
    other = f'<p class="vfrac-warning">{OTHER_DATA}</p>' if len({record.data.sha256 for record in found}) > 1 else ""
    drawn = [Drawn(curve, _colour(k), _colour(k)) for k, one in enumerate(shown) for curve in one.curves.curves]
    epochs = max(one.curves.epochs for one in shown)
    svg = curves_svg(drawn, epochs, f"Loss of {', '.join(one.run.name for one in shown)}")
    notes = "".join(f"<p>{html.escape(note)}</p>" for note in dict.fromkeys(note for record in found for note in record.notes))
    return (
        f'{other}<section class="vfrac-cases vfrac-compare" {_scrolls("Comparison")}>'
        f"<table><tr><td></td>{head}</tr>{body}</table></section>"
        f'<section class="vfrac-training">{svg}<p>Dashed: training. Solid: validation.</p>{notes}</section>'
    )


def figure_text(figure: Mapping[str, Any] | None) -> str:
    """With its interval: "0.949 [0.918, 0.969]"; why not, where it is not defined."""
    if figure is None:
        return "–"
    if figure["value"] is None:
        return f"– ({figure.get('reason') or 'not defined'})"
    interval = "" if figure["low"] is None else f" [{figure['low']:.3f}, {figure['high']:.3f}]"
    return f"{figure['value']:.3f}{interval}"


def _row(shown: ShownRun) -> str:
    record = shown.record
    data = ("–", "–") if record is None else (str(record.data.cases), record.data.sha256[:12])
    cells = [shown.what, shown.line, *data, *(figure_text(_figure(record, name)) for name in ("auc", "balanced_accuracy"))]
    texts = "".join(f"<td>{html.escape(cell)}</td>" for cell in cells)
    return f'<tr data-run="{shown.run.name}" data-state="{shown.run.state}"><th scope="row">{shown.run.name}</th>{texts}</tr>'


def _figure(record: RunRecord | None, name: str, kind: str = PLAIN, level: str = "per_patient") -> Mapping[str, Any] | None:
    return None if record is None else record.results.get(kind, {}).get(level, {}).get(name)


def _settings_rows(records: Sequence[RunRecord]) -> list[tuple[str, list[str]]]:
    from vfrac_core.training.estimate import duration

    return [
        ("What", [record.what for record in records]),
        ("Learned from", [record.data.kind for record in records]),
        ("Data version", [record.data.sha256[:12] for record in records]),
        ("Label by", [record.data.label for record in records]),
        ("Preset", [str(record.config["preset"]) for record in records]),
        ("First weights", [record.initialisation for record in records]),
        ("Best epoch", [", ".join(str(one.best_epoch + 1) for one in record.histories) for record in records]),
        ("Lowest validation loss", [_lowest(record) for record in records]),
        ("Time", [duration(record.training_seconds) for record in records]),
    ]


def _figure_rows(records: Sequence[RunRecord]) -> list[tuple[str, list[str]]]:
    """Out of fold: the networks' own, by patient and by slice; then by patient what a mend has changed. A train has none."""
    levels = (("per_patient", "by patient"), ("per_slice", "by slice"))
    wanted = [(PLAIN, level, by, name) for level, by in levels for name in FIGURES]
    wanted += [(kind, "per_patient", f"by patient, with {kind}", name) for kind, names in MENDS.items() for name in names]
    return [
        (f"{FIGURES[name]} {by}", [figure_text(_figure(record, name, kind, level)) for record in records])
        for kind, level, by, name in wanted
        if any(kind in record.results for record in records)
    ]


def _lowest(record: RunRecord) -> str:
    lowest = [min(loss[1] for loss in one.losses) for one in record.histories]
    return f"{sum(lowest) / len(lowest):.3f}" + (" (mean of the folds)" if len(lowest) > 1 else "")


def _scrolls(name: str) -> str:
    """A part that is wider than a phone, for the keyboard."""
    return f'tabindex="0" role="region" aria-label="{name}"'


def _colour(k: int) -> str:
    return RUNS[k % len(RUNS)]


def _key(colour: str, name: str) -> str:
    return f'<span class="vfrac-key"><i style="background:{colour}"></i>{html.escape(name)}</span>'
