"""Finished weights on cases that no network learned from: verdicts, signs, where they fail, and where the map points."""

from __future__ import annotations

from collections.abc import Iterator

from vfrac_core.evaluation.cam_focus import SIGMA_SIDES
from vfrac_core.evaluation.figure import Figure, not_defined, without_interval
from vfrac_core.model.cam_request import SHOWN_METHOD
from vfrac_core.model.spec import MALIGNANT
from vfrac_core.report.cohort_tables import LABELS
from vfrac_core.report.detail_tables import WITHIN_NOTE, sign_cells
from vfrac_core.report.drawing import Drawn
from vfrac_core.report.network_tables import MEASURES
from vfrac_core.report.source import Source
from vfrac_core.report.table import Row, Table, counted, measured
from vfrac_core.report.tried_on import TriedOn
from vfrac_core.training.focus import BODY_SIGN

RECALIBRATION_NOTE = (
    "As the app shows it: with the shift and the temperature that the weights carry. The last column is the network's own answer."
)
FOCUS_NOTES = (
    "Share of the mass of the map that the screen shows first (LayerCAM at layer 3 times Grad-CAM at layer 4), upsampled as the "
    "screen does it, that lies in the lesion's mask; for comparison that of a "
    f"Gaussian in the middle of the picture (σ = {SIGMA_SIDES:g} of the side), which knows nothing but that readers centre their "
    "boxes. The difference is what the network adds; above 0, its map points at the lesion. Means over patients.",
    "Malignancy: malignant cases, against all that any sign but the loss of height changes. A sign: cases that have it, against "
    "its own mask. Only slices on which something of the mask is seen.",
    "The last column is the difference for plain Grad-CAM at layer 4, whose grid is coarse.",
    f"The mask of {LABELS[BODY_SIGN].lower()} is the whole body, which fills the box: little can lie outside of it.",
    "Blank: the map is 0 everywhere, because nothing speaks for the answer. Such slices point nowhere and are left out.",
)


def unseen_parts(source: Source) -> Iterator[Table | Drawn]:
    """Of each evaluation that the report was given, what it has; the evaluations are called set 1, set 2 …"""
    for number, tried in enumerate(source.tried, start=1):
        if tried.levels:
            yield _verdicts(source, tried, number)
        if tried.signs:
            yield _signs(source, tried, number)
        if tried.failures is not None:
            yield _failures(source, tried.failures, number)
        if tried.focus:
            yield _focus(source, tried, number)


def _verdicts(source: Source, tried: TriedOn, number: int) -> Table:
    columns = dict(tried.levels) | ({} if tried.plain is None else {"Per patient, not recalibrated": tried.plain})
    rows = tuple(
        Row(label, tuple(measured("", found[name]) for found in columns.values()))
        for name, label in MEASURES
        if all(name in found for found in columns.values())
    )
    notes = (_what(tried), *(() if tried.plain is None else (RECALIBRATION_NOTE,)))
    return Table(
        f"unseen_{number}", source.titled(f"Set {number}: the network on cases that it has not seen"), tuple(columns), rows, notes
    )


def _signs(source: Source, tried: TriedOn, number: int) -> Table:
    rows = [Row(LABELS[name], sign_cells(found)) for name, found in tried.signs.items()]
    columns = ("Cases", "Not known", "ROC AUC", "Cohen's kappa", "Agreement", "AUC within malignant", "AUC within benign")
    mean = mean_auc(tried)
    notes = (_what(tried), f"Mean of the signs' areas: {mean.text}.", WITHIN_NOTE)
    return Table(
        f"unseen_signs_{number}", source.titled(f"Set {number}: the six signs on cases not seen"), columns, tuple(rows), notes
    )


def _focus(source: Source, tried: TriedOn, number: int) -> Table:
    rows = tuple(
        Row(
            "Malignancy" if target == MALIGNANT else LABELS[target],
            (
                measured("", found.inside),
                measured("", found.centred),
                measured("", found.gain),
                counted(found.pictures),
                counted(found.blank),
                measured("", tried.focus["gradcam"][target].gain),
            ),
        )
        for target, found in tried.focus[SHOWN_METHOD].items()
    )
    columns = ("Mass in the lesion", "A blob in the middle", "Difference", "Slices", "Blank", "Difference, Grad-CAM")
    return Table(
        f"focus_{number}",
        source.titled(f"Set {number}: does the map point at the lesion?"),
        columns,
        rows,
        (_what(tried), *FOCUS_NOTES),
    )


def _failures(source: Source, picture: bytes, number: int) -> Drawn:
    title = source.titled(f"Set {number}: the signs where the network was most wrong")
    caption = (
        "A row a sign. Left three cases that have it, with the lowest probability; right three that do not, with the highest; "
        "the slice that gave it, with the map of that sign. Case numbers count the cases by name."
    )
    return Drawn(f"sign-failures-{number}", title, caption, "Crops of cases whose signs were missed or wrongly found", picture)


def mean_auc(tried: TriedOn) -> Figure:
    """Over the signs that have an area."""
    found = [one.auc.value for one in tried.signs.values() if one.auc.value is not None]
    if not found:
        return not_defined("no sign has an area")
    return without_interval(sum(found) / len(found), len(found), "a mean over signs")


def _what(tried: TriedOn) -> str:
    learned, tried_on = tried.training_data.rstrip("."), tried.data.rstrip(".")
    return (
        f"Weights {tried.weights} (SHA-256 {tried.weights_sha256}), trained on {learned}; tried on {tried_on} "
        f"(data version {tried.data_sha256[:12]}…)."
    )
