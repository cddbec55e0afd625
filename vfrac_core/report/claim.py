"""The CLAIM checklist by topic, filled with what the program knows; what it cannot know is left to the author, visibly.

Mongan et al., Radiol Artif Intell 2020;2:e200029, updated 2024. By topic and without item numbers: the update counts anew.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from vfrac_core.paper import INPUT_SIZE, MALIGNANT_THRESHOLD, SLICE_THICKNESS_MM
from vfrac_core.report.source import Source

DISJOINT = "Patient: no patient is in two folds, nor in training and validation."


@dataclass(frozen=True, slots=True)
class Topic:
    """``text`` is empty where the author has to write it."""

    section: str
    name: str
    text: str = ""


def checklist(source: Source) -> tuple[Topic, ...]:
    """In the order of a paper: introduction, methods, results, discussion, other."""
    return (*_introduction(), *_data(source), *_model(source), *_evaluation(source), *_results(source), *_rest(source))


def _introduction() -> tuple[Topic, ...]:
    names = (
        "Scientific and clinical background, intended use and clinical role",
        "Aims and hypothesis",
        "Prospective or retrospective design",
        "Study goal",
    )
    return tuple(Topic("Introduction and design", name) for name in names)


def _data(source: Source) -> tuple[Topic, ...]:
    cases = source.data.cases
    missing = int(np.isnan(source.data.signs).sum())
    ages = sum(math.isnan(one.age_years) for one in source.people)
    sexes = sum(one.sex is None for one in source.people)
    labels = ", ".join(sorted({case.label for case in cases}))
    where = source.record.data.source if source.record is not None else "a labelled set"
    made = f" {source.title_mark}." if source.title_mark else ""
    return (
        Topic("Data", "Data source", f"{where}; {source.data.kind.rstrip('.')}.{made} Version (SHA-256) {source.data.sha256}."),
        Topic("Data", "Eligibility: inclusion and exclusion in words"),
        Topic(
            "Data",
            "Preprocessing",
            f"Sagittal slices of {SLICE_THICKNESS_MM:g} mm; box drawn on a slice, the smallest square around it in mm; the slice "
            f"and its two neighbours; linear resampling to {INPUT_SIZE} × {INPUT_SIZE} without antialiasing; mean 0 and standard "
            "deviation 1 over the crop, HU not clipped.",
        ),
        Topic(
            "Data",
            "Data elements and their definitions",
            "The six signs and the diagnosis, defined in the program's data dictionary.",
        ),
        Topic(
            "Data",
            "De-identification",
            "Only crops of HU values with spacing, box, labels and a case name take part; no header, date or person's name is "
            "read for training, and this report prints numbers in place of case names.",
        ),
        Topic(
            "Data",
            "Missing data",
            f"Signs not known: {missing} of {6 * len(cases)} answers; age: {ages}, sex: {sexes} of {len(cases)} cases.",
        ),
        Topic("Reference standard", "Definition and source", f"Label: {labels}."),
        Topic("Reference standard", "Why this reference standard; its limits"),
        Topic("Reference standard", "Annotators: number, experience, blinding, tool"),
        Topic("Reference standard", "Inter- and intra-reader agreement of the labels"),
        Topic("Partitions", "Sample size and how it was decided"),
        Topic("Partitions", "How the data were divided", _partitions(source)),
        Topic(
            "Partitions",
            "Level at which the partitions are disjoint",
            "Patient: no patient is in two folds, nor in training and validation." if source.histories else "",
        ),
    )


def _partitions(source: Source) -> str:
    if source.record is None:
        return "None: all cases were judged by one network. Whether it was trained on other patients is the author's to say."
    config = source.record.config
    return (
        f"{len(source.histories)} folds of patients, stratified by diagnosis, seed {config['seed']} (folds' SHA-256 "
        f"{source.record.folds_sha256}); validation patients: {config['validation']}, a share of "
        f"{config['validation_share']:.3f} of the training patients."
    )


def _model(source: Source) -> tuple[Topic, ...]:
    from vfrac_core.model.outline import outline  # torch

    stages = outline(source.spec)
    structure = (
        f"Input {' × '.join(map(str, stages[0].shape))}; {sum(stage.blocks for stage in stages)} residual blocks "
        f"({source.spec.architecture}, stem stride {source.spec.stem_stride}); {sum(stage.parameters for stage in stages):,} "
        f"parameters; outputs (sigmoid of a logit): {', '.join(source.spec.outputs).replace('_', ' ')}."
    )
    record = source.record
    if record is None:
        return (
            Topic("Model", "Structure, input, output", structure),
            Topic("Model", "Initialisation and training of the tested weights"),
            Topic("Model", "Software", next((fact.text for fact in source.facts if fact.name == "Program"), "")),
        )
    return (
        Topic("Model", "Structure, input, output", structure),
        Topic(
            "Model",
            "Software",
            f"{record.program}; " + ", ".join(f"{name} {version}" for name, version in record.versions.items()) + ".",
        ),
        Topic("Model", "Initialisation", f"{record.initialisation.rstrip('.')}."),
        Topic("Training", "Details", _training(record.config)),
        Topic(
            "Training",
            "Selection of the final model",
            "The epoch of the lowest validation loss; no choice by the test fold."
            if record.config["validation"] == "training folds"
            else "Stopped on the test fold, as the paper may be read: optimistic.",
        ),
        Topic("Training", "Ensembling", "None: each case is judged by the one network that never saw its patient."),
    )


def _training(config: Mapping[str, object]) -> str:
    patience = (
        "all epochs are run"
        if config["patience"] is None
        else f"stopped after {config['patience']} epochs without a lower validation loss"
    )
    return (
        f"Adam (learning rate {config['learning_rate']:g}, betas {config['beta1']:g} and {config['beta2']:g}), L2 "
        f"{config['l2']:g}, batch {config['batch']}, at most {config['epochs']} epochs, {patience}; {config['copies']} draws of "
        f"each slice an epoch: turned by up to {config['degrees']:g}°, scaled and shifted by up to {config['scale']:g} and "
        f"{config['shift']:g} of the box's side; classes {'drawn equally often' if config['balanced'] else 'as they are'}; seed "
        f"{config['seed']}."
    )


def _evaluation(source: Source) -> tuple[Topic, ...]:
    return (
        Topic(
            "Evaluation",
            "Metrics",
            (
                f"Sensitivity, specificity, plain and balanced accuracy at p ≥ {MALIGNANT_THRESHOLD:g}, ROC AUC, Brier score, "
                "log loss and calibration, per patient (the maximum over slices) and per slice."
            ),
        ),
        Topic(
            "Evaluation",
            "Statistical measures of uncertainty",
            (
                f"95 % intervals: Wilson for patients, ratio estimator over patients for slices, {source.draws} bootstrap draws "
                f"of patients within class (seed {source.seed}) for AUC, Brier score and log loss; the method stands under each "
                "table."
            ),
        ),
        Topic(
            "Evaluation",
            "Robustness",
            "Maximum, mean and mean of the top two slices beside each other; the shift of the box is not part of this report.",
        ),
        Topic("Evaluation", "Explainability", "LayerCAM × Grad-CAM, faded by the probability, for cases picked by rule."),
        Topic(
            "Evaluation",
            "Internal or external test",
            (
                "Internal: cross-validation, each case tested once."
                if source.histories
                else "One labelled set; whether it is external is the author's to say."
            ),
        ),
    )


def _results(source: Source) -> tuple[Topic, ...]:
    known = any(one.sex or not math.isnan(one.age_years) for one in source.people)
    return (
        Topic(
            "Results",
            "Flow of participants",
            f"{len(source.data.cases)} cases with {len(source.table.cases)} slices were judged. Who was not included, and why, "
            "is the author's.",
        ),
        Topic(
            "Results",
            "Demographics and clinical characteristics",
            "Table 1." if known else "Signs in Table 1; age and sex are not known to the program.",
        ),
        Topic(
            "Results", "Performance", "Tables of the network, of the ways from slices to a patient and of the folds; Fig. 7 to 9."
        ),
        Topic("Results", "Performance in groups", "Table of the network in groups of patients." if known else ""),
        Topic("Results", "Failure cases", "Fig. 5 and 6: the most wrong first."),
    )


def _rest(source: Source) -> tuple[Topic, ...]:
    hashes = f"Program and commit, data version and the SHA-256 of {len(source.weights)} weights files stand on the first page."
    names = ("Limitations, bias, generalisability", "Implications for practice")
    other = ("Ethics approval and consent", "Registration and protocol", "Funding and conflicts of interest")
    return (
        *(Topic("Discussion", name) for name in names),
        *(Topic("Other", name) for name in other),
        Topic("Other", "Availability of code, weights and data", hashes),
        Topic("Other", "Where code, weights and data can be had"),
    )
