"""The model card, weights/README.md, as text made from what is known of the weights and what was measured. Imports no torch.

The front matter is Hugging Face's: https://huggingface.co/docs/hub/model-cards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import yaml

from vfrac_core.evaluation.likelihood import PREVALENCES, predictive_values
from vfrac_core.model.manifest import FoundManifest
from vfrac_core.model.record import WeightsRecord
from vfrac_core.paper import SIGNS
from vfrac_core.signs import SAFETY, weights_facts

LICENCE: Final = "apache-2.0"
TAGS: Final = ("medical-imaging", "computed-tomography", "vertebral-fracture", "resnet50", "grad-cam", "research-only")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: what was measured or done, and the figure as it is to be read, with its n and interval."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class ModelCard:
    """What a card needs beyond the manifest.

    ``data``: sentences on the training set; ``synthetic``: whether its pictures are computer-generated. ``method``: how the
    figures were measured, in sentences. ``results``: the figures. ``sensitivity`` and ``specificity`` per patient at 0.5, from 0
    to 1, as measured, for the table of predictive values; None leaves the table out. ``report``: where the whole report lies.
    """

    data: str
    synthetic: bool
    method: str
    results: Sequence[Row]
    sensitivity: float | None = None
    specificity: float | None = None
    report: str = ""


def card_text(weights: FoundManifest, card: ModelCard) -> str:
    """weights/README.md, Markdown with front matter; ends with a newline. The same facts give the same text."""
    sections = [
        _front_matter(card),
        _title(weights, card),
        _made(weights),
        _data(weights.content.record, card),
        _measured(card),
        _predictive_values(card),
        _use(card),
        _files(weights),
    ]
    return "\n\n".join(section for section in sections if section) + "\n"


def _front_matter(card: ModelCard) -> str:
    tags = [*TAGS, *(["synthetic-data"] if card.synthetic else [])]
    facts = {"license": LICENCE, "library_name": "vfrac", "pipeline_tag": "image-classification", "tags": tags}
    return f"---\n{yaml.safe_dump(facts, sort_keys=False)}---"


def _title(weights: FoundManifest, card: ModelCard) -> str:
    record = weights.content.record
    synthetic = ["**Trained on synthetic images: computer-generated, no patient.**"] if card.synthetic else []
    signs = f" Six more logits, from a second linear unit on the same features: {', '.join(SIGNS)}." if record.sign_head else ""
    return "\n\n".join(
        [
            f"# Model card: {weights.info.name}",
            f"**{SAFETY}**",
            *synthetic,
            "Benign or malignant vertebral fracture on CT, after Li et al., Eur Radiol 2021;31:9612-9619. "
            "Not the paper's weights.",
            "## What the network is",
            f"- {record.architecture}, stem stride {record.stem_stride} (our reading), one logit of malignancy.{signs}\n"
            f"- Input: {record.input_spec}. Absolute HU are lost by that.\n"
            "- A patient's probability is the maximum over the (at most) five slices centred on the box's slice; 0.5 and above "
            "is malignant.\n"
            f"- Shown probability: {_formula(record)}\n"
            "- The maps are our addition; they are not in the paper.",
        ]
    )


def _formula(record: WeightsRecord) -> str:
    done = weights_facts(initialisation="not recorded", logit_shift=record.logit_shift, temperature=record.temperature)
    if not done:
        return "the logit's sigmoid, an uncalibrated score: no shift, no temperature."
    shift = f"{'−' if record.logit_shift < 0 else '+'} {abs(record.logit_shift):.4g}"
    return f"sigmoid((logit {shift}) / {record.temperature:.4g}); {'; '.join(done)}."


def _made(weights: FoundManifest) -> str:
    record = weights.content.record
    start = {
        "imagenet": "ImageNet, as in the paper",
        "synthetic": "our own pretraining on synthetic crops. ImageNet was not used, unlike in the paper",
        "random": "random weights. ImageNet was not used, unlike in the paper",
    }.get(record.initialisation, record.initialisation)
    rows = [
        Row("started from", start),
        Row("label", record.label),
        Row("fold", record.fold),
        Row("training set, SHA-256", record.data_sha256),
        Row("stored in", record.precision),
        *(Row(name, text) for name, text in weights.content.card.items()),
    ]
    return f"## How it was made\n\n{_table('', 'as it was run', rows)}"


def _data(record: WeightsRecord, card: ModelCard) -> str:
    return f"## What it was trained on\n\nA network trained on {record.training_kind.rstrip('.')}. {card.data}"


def _measured(card: ModelCard) -> str:
    where = f"\n\nThe whole report: {card.report}" if card.report else ""
    figures = _table("figure", "value", card.results) if card.results else "Nothing was measured."
    return f"## How it was measured\n\n{card.method}\n\n{figures}{where}"


def _predictive_values(card: ModelCard) -> str:
    if card.sensitivity is None or card.specificity is None:
        return ""
    lines = ["| share of malignant | a malignant answer is right (PPV) | a benign answer is right (NPV) |", "|---|---|---|"]
    for prevalence in PREVALENCES:
        found = predictive_values(card.sensitivity, card.specificity, prevalence)
        lines.append(f"| {prevalence * 100:.0f} % | {_percent(found.ppv)} | {_percent(found.npv)} |")
    return (
        "## What an answer is worth where malignancy is rarer\n\n"
        f"From sensitivity {card.sensitivity:.3f} and specificity {card.specificity:.3f} per patient, by Bayes' rule; 68 % is "
        "the paper's cohort.\n\n" + "\n".join(lines)
    )


def _percent(share: float | None) -> str:
    return "not defined" if share is None else f"{share:.1%}".replace("%", " %")


def _use(card: ModelCard) -> str:
    synthetic = ["Synthetic data prove the machinery and not the diagnosis: no figure here says how it does on patients."]
    limits = [
        f"{SAFETY} Intended for teaching, for reading studies and for those who train their own weights.",
        *(synthetic if card.synthetic else []),
        "Metastases against benign fractures only: no myeloma, no lymphoma, no infection.",
        "The design it follows is one centre's, retrospective and small, with slices of 3 mm.",
        "No external test.",
        "A reader draws the box; a poor box gives a poor answer.",
    ]
    return "## Intended use and limits\n\n" + "\n".join(f"- {limit}" for limit in limits)


def _files(weights: FoundManifest) -> str:
    shards = [Row(shard.file, f"`{shard.sha256}`") for shard in weights.content.shards]
    return (
        "## Files\n\n"
        f"`manifest.json` (SHA-256 `{weights.info.sha256}`) names the weights; without one of its shards, or with another in its "
        f"place, they are refused with one line that says why. No pickle.\n\n{_table('shard', 'SHA-256', shards)}"
    )


def _table(left: str, right: str, rows: Sequence[Row]) -> str:
    return "\n".join([f"| {left} | {right} |", "|---|---|", *(f"| {_cell(row.name)} | {_cell(row.text)} |" for row in rows)])


def _cell(text: str) -> str:
    """A bar or a new line would break the table."""
    return " ".join(text.split()).replace("|", r"\|")
