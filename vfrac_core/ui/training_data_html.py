"""What the cases are that would be learned from: counts, class balance, what was left out and why, and their pictures."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Final

from vfrac_core.library.learning_data import LearningData
from vfrac_core.signs import SYNTHETIC
from vfrac_core.training.cases import TrainingSet
from vfrac_core.ui.contact_png import png_url, sheet_png

if TYPE_CHECKING:  # torch
    from vfrac_core.training.contact_sheet import SheetCrop
    from vfrac_core.training.run_record import DataRecord

LEFT_OUT: Final[Mapping[str, tuple[str, str]]] = {  # name in DataVersion.counts: in words, of one and of several
    "readings_left_out_draft": ("reading is a draft", "readings are drafts"),
    "readings_left_out_not_first": ("reading is a second one", "readings are second ones"),
    "readings_left_out_aided_phase": ("reading was made in a phase with the AI", "readings were made in a phase with the AI"),
    "readings_left_out_answer_seen": ("reader had seen the answer", "readings were made after seeing the answer"),
    "readings_left_out_assisted": ("reading was made with the AI visible", "readings were made with the AI visible"),
    "readings_left_out_no_box": ("reading has no box", "readings have no box"),
    "cases_without_a_usable_reading": ("case has no usable reading", "cases have no usable reading"),
    "cases_left_out_tie": ("case has as many readers for as against", "cases have as many readers for as against"),
}


def data_html(found: LearningData, record: DataRecord, folds: int) -> str:
    """The figures of a set. ``folds``: of a cross-validation, for the warning that a class has too few patients."""
    facts = [
        ("Cases", f"{record.cases} of {record.patients} patients"),
        ("Malignant / benign", f"{record.malignant} / {record.benign}"),
        ("Used slices", f"{record.slices_malignant} malignant, {record.slices_benign} benign"),
        ("Label by", record.label),
        ("From", record.source),
        ("Data version", f"{record.sha256[:12]} …"),
    ]
    rows = "".join(f"<tr><th scope='row'>{name}</th><td>{html.escape(text)}</td></tr>" for name, text in facts)
    hash_title = f'<p class="vfrac-hash">SHA-256 {record.sha256}</p>'
    synthetic = f"<p><strong>{record.synthetic} of {record.cases} cases are {SYNTHETIC}</strong></p>" if record.synthetic else ""
    return (
        f'<section class="vfrac-training" data-cases="{record.cases}" data-malignant="{record.malignant}" '
        f'data-benign="{record.benign}"><table>{rows}</table>{hash_title}{synthetic}'
        f"{_balance(record)}{_warning(found.data, folds)}{_left_out(found)}</section>"
    )


def sheet_html(served: Sequence[SheetCrop], drawn: Sequence[SheetCrop], titles: Mapping[str, str]) -> str:
    """Two pictures: as served, and as drawn. ``titles``: of cases; others have their own names."""
    sheets = (
        (served, f"{len(served)} crops as the network sees them", "the middle used slice of each, 64 × 64"),
        (drawn, f"{len(drawn)} of them as an epoch draws them", "moved, scaled and turned at random"),
    )
    return "".join(
        f'<figure class="vfrac-sheet"><figcaption><strong>{name}</strong>: {what}</figcaption>'
        f'<div tabindex="0" role="region" aria-label="{name}"><img alt="{name}: {what}, each with its class and case" '
        f'src="{png_url(sheet_png(crops, lambda case: titles.get(case, case)[-16:]))}"></div></figure>'
        for crops, name, what in sheets
    )


def _balance(record: DataRecord) -> str:
    share = 100 * record.malignant / max(record.malignant + record.benign, 1)
    return (
        f'<div class="vfrac-balance" role="img" aria-label="{share:.0f} % malignant">'
        f'<span style="width:{share:.1f}%">{share:.0f} % malignant</span></div>'
    )


def _warning(data: TrainingSet, folds: int) -> str:
    for malignant, name in ((True, "malignant"), (False, "benign")):
        patients = len({case.patient for case in data.cases if case.malignant is malignant})
        if patients < folds:
            found = f"{patients} {name} patient{'' if patients == 1 else 's'}"
            mend = "Label more cases, or choose fewer folds."
            return f'<p class="vfrac-warning">{found}: too few for {folds} folds. {mend}</p>'
    return ""


def _left_out(found: LearningData) -> str:
    if found.version is None:
        return ""
    counts = found.version.counts
    told = [f"{counts[name]} {words[counts[name] != 1]}" for name, words in LEFT_OUT.items() if counts.get(name)]
    return f"<p>Left out: {'; '.join(told) if told else 'nothing'}.</p>"
