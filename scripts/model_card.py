"""Write weights/README.md, the model card of the shipped weights, from what was run and measured.

    python scripts/model_card.py --cross-validation runs/cv --unseen runs/unseen runs/later --independent runs/independent

``unseen`` and ``independent``: the --out of ``evaluate`` on other cases, the last one's without a class.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from vfrac_core.evaluation.cam_focus import CamFocus
from vfrac_core.model.cam_request import SHOWN_METHOD
from vfrac_core.model.manifest import read_manifest
from vfrac_core.report.cohort_tables import LABELS
from vfrac_core.report.model_card import ModelCard, Row, card_text
from vfrac_core.report.tried_on import TriedOn, read_tried_on
from vfrac_core.report.unseen_parts import mean_auc
from vfrac_core.training.run_record import RunRecord, read_record

WEIGHTS = ROOT / "weights"
MEASURES = ("auc", "sensitivity", "specificity", "balanced_accuracy", "brier")
DATA = (
    "They are made by vfrac's own phantom (docs/phantom.md), seed 2010, at the paper's counts: bodies, signs and noise by a "
    "seeded program, with the frequencies of the paper's Table 1. The first weights come from `pretrain`: 12 chunks of a stream "
    "of 600 cases with a class and 360 with signs alone (seeds 1,000,000 to 1,000,023), 27,000 pictures shown, 53 min on one of "
    "two cores. Then the preset `demo` with 2 epochs in place of 8 and a rate that falls to 0 over both, because this machine "
    "had an hour for ten folds. The network has seen no patient, and nothing here says how it does on one."
)
METHOD = (
    "Five sets that share no seed. *Out of fold*: each case of the training cohort by a network that never saw it; the "
    "weights here were trained on all of them. *Unseen 1* (seed 3010): fresh cases at the paper's frequencies; on their masks"
    " it was chosen which map is shown. *Unseen 2* (seed 6010): made after the product was chosen, scored before and after "
    "the map was smoothed (docs/decisions.md, 99). *Unseen 3* (seed 7010): made after the map and the rule were fixed, scored"
    " once. *Independent* (seed 4010): fresh cases whose signs are coins and which have no class, so that no sign gives "
    "another away. Per patient by the maximum over the slices at p ≥ 0.5, with the logit shift unless it says otherwise; 95 %"
    " intervals over patients."
)


def main() -> None:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--cross-validation", type=Path, required=True)
    parser.add_argument("--unseen", type=Path, nargs="+", required=True)
    parser.add_argument("--independent", type=Path, required=True)
    given = parser.parse_args()
    weights = read_manifest(WEIGHTS)
    assert weights is not None, "weights ship"
    unseen = {f"unseen {number}": read_tried_on(folder) for number, folder in enumerate(given.unseen, start=1)}
    independent = read_tried_on(given.independent)
    tried = [*unseen.values(), independent]
    assert {one.weights_sha256 for one in tried} == {weights.info.sha256}, "these weights were evaluated"
    patient = unseen["unseen 1"].levels["Per patient"]
    results = [
        *_out_of_fold(read_record(given.cross_validation)),
        *(row for name, one in unseen.items() for row in _verdicts(name, one)),
        *_signs(independent),
        *(row for name, one in unseen.items() for row in _maps(name, one)),
    ]
    card = ModelCard(
        DATA, True, METHOD, results,
        sensitivity=patient["sensitivity"].value,
        specificity=patient["specificity"].value,
        report="docs/report/report.html, tables as CSV beside it",
    )  # fmt: skip
    (WEIGHTS / "README.md").write_text(card_text(weights, card), encoding="utf-8")


def _out_of_fold(record: RunRecord) -> list[Row]:
    rows = []
    for name, figures in record.results.items():
        for measure in MEASURES:
            found = figures["per_patient"][measure]
            text = f"{found['value']:.3f} [{found['low']:.3f}, {found['high']:.3f}], n = {found['n']}"
            rows.append(
                Row(f"out of fold, {_called(measure)}, {'without the shift' if name == 'plain' else f'with {name}'}", text)
            )
    return rows


def _verdicts(called: str, tried: TriedOn) -> list[Row]:
    columns = [("", tried.levels["Per patient"]), (", without the shift", tried.plain or {})]
    return [
        Row(f"{called}, {_called(name)}{suffix}", f"{found[name].text}, n = {found[name].n}")
        for suffix, found in columns
        for name in MEASURES
        if name in found
    ]


def _signs(tried: TriedOn) -> list[Row]:
    rows = [
        Row(f"independent, AUC of {LABELS[name].lower()}", f"{one.auc.text}, n = {one.n}") for name, one in tried.signs.items()
    ]
    return [*rows, Row("independent, mean AUC of the signs", mean_auc(tried).text)]


def _maps(called: str, tried: TriedOn) -> list[Row]:
    found = tried.focus[SHOWN_METHOD].items()
    return [Row(f"{called}, map in the lesion beyond a blob, {_target(name)}", _gain(one)) for name, one in found]


def _gain(focus: CamFocus) -> str:
    return f"{focus.gain.text}, n = {focus.gain.n}"


def _target(name: str) -> str:
    return LABELS[name].lower() if name in LABELS else "malignancy"


def _called(measure: str) -> str:
    return {"auc": "AUC", "brier": "Brier score"}.get(measure, measure.replace("_", " "))


if __name__ == "__main__":
    main()
