"""What weights say about themselves: strings in a file's metadata, numbers and strings in a manifest. Imports no torch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Annotated, Any, Final

from pydantic import AfterValidator, Field, StringConstraints, TypeAdapter, ValidationError
from pydantic.dataclasses import dataclass as checked_dataclass

from vfrac_core.errors import CheckpointMismatchError
from vfrac_core.model.spec import CAM_LAYERS, INPUT_SPEC, SCHEMA, NetworkSpec
from vfrac_core.types import WeightsInfo

MAX_TEXT = 200
NOT_RECORDED: Final = "not recorded"
UNTRAINED_KIND: Final = "nothing (random weights)"


def _printable(text: str) -> str:
    if not text.isprintable():
        raise ValueError("unprintable")
    return text


Text = Annotated[str, StringConstraints(min_length=1, max_length=MAX_TEXT), AfterValidator(_printable)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
Positive = Annotated[float, Field(allow_inf_nan=False, gt=0)]


@dataclass(frozen=True, slots=True)
class Training:
    """Where the weights come from. ``kind`` completes "a network trained on …"; ``fold`` is a number or "all";
    ``data_sha256`` names the exact training set; ``initialisation`` and ``label`` say from what and towards what it was trained.

    The shown probability is sigmoid((logit + ``logit_shift``) / ``temperature``), see evaluation/recalibration.py; 0 and 1: none.
    """

    kind: str
    data_sha256: str
    fold: str = "all"
    cam_layer: str = "layer4"
    initialisation: str = NOT_RECORDED
    label: str = NOT_RECORDED
    logit_shift: float = 0.0
    temperature: float = 1.0


@checked_dataclass(frozen=True, slots=True)
class WeightsRecord:
    """The record of one network. ``precision`` is that of the stored numbers, ``probe_logit`` the stored network's answer to the
    probe. Files of the first version carry neither ``temperature`` nor ``precision``."""

    schema: Text
    architecture: Text
    stem_stride: int
    input_spec: Text
    label_order: Text
    fold: Text
    data_sha256: Text
    training_kind: Text
    cam_layer: Text
    probe_logit: Finite
    initialisation: Text
    label: Text
    logit_shift: Finite
    temperature: Positive = 1.0
    precision: Text = NOT_RECORDED

    @property
    def sign_head(self) -> bool:
        return self.label_order != NetworkSpec().label_order

    def spec(self, expected: NetworkSpec) -> NetworkSpec:
        """``expected``, with the sign head that these weights have or have not."""
        return replace(expected, sign_head=self.sign_head)

    def training(self) -> Training:
        """Where these weights come from, as it was given when they were saved."""
        return Training(
            kind=self.training_kind,
            data_sha256=self.data_sha256,
            fold=self.fold,
            cam_layer=self.cam_layer,
            initialisation=self.initialisation,
            label=self.label,
            logit_shift=self.logit_shift,
            temperature=self.temperature,
        )

    def info(self, name: str, sha256: str) -> WeightsInfo:
        """What stands beside every number of this network."""
        return WeightsInfo(
            name=name,
            sha256=sha256,
            training_data=self.training_kind,
            trained=self.training_kind != UNTRAINED_KIND,
            stem_stride=self.stem_stride,
            cam_layer=self.cam_layer,
            data_sha256=self.data_sha256,
            fold=self.fold,
            initialisation=self.initialisation,
            label=self.label,
            logit_shift=self.logit_shift,
            temperature=self.temperature,
            sign_head=self.sign_head,
        )

    def as_metadata(self) -> dict[str, str]:
        """As safetensors stores it: strings only. Numbers come back exactly."""
        return {name: value if isinstance(value, str) else repr(value) for name, value in asdict(self).items()}


def make_record(spec: NetworkSpec, training: Training, *, probe_logit: float, precision: str) -> WeightsRecord:
    """The record of a network that is about to be saved. CheckpointMismatchError for a text or number that no loader takes."""
    return _parsed(
        {
            "schema": SCHEMA,
            "architecture": spec.architecture,
            "stem_stride": spec.stem_stride,
            "input_spec": INPUT_SPEC,
            "label_order": spec.label_order,
            "fold": training.fold,
            "data_sha256": training.data_sha256,
            "training_kind": training.kind,
            "cam_layer": training.cam_layer,
            "probe_logit": probe_logit,
            "initialisation": training.initialisation,
            "label": training.label,
            "logit_shift": float(training.logit_shift),
            "temperature": float(training.temperature),
            "precision": precision,
        }
    )


def read_record(metadata: Mapping[str, str], spec: NetworkSpec) -> WeightsRecord:
    """The record in a file's metadata, if it is complete and belongs to ``spec``; see ``check_record``."""
    record = _parsed(metadata)
    check_record(record, spec)
    return record


def check_record(record: WeightsRecord, spec: NetworkSpec) -> None:
    """CheckpointMismatchError for another schema, architecture, stem stride, input or label, or an unknown CAM layer."""
    _require("schema", record.schema, SCHEMA)
    _require("architecture", record.architecture, spec.architecture)
    _require("stem_stride", record.stem_stride, spec.stem_stride)
    _require("input_spec", record.input_spec, INPUT_SPEC)
    known = [replace(spec, sign_head=signs).label_order for signs in (False, True)]
    if record.label_order not in known:
        _require("label_order", record.label_order, " or ".join(known))
    if record.cam_layer not in CAM_LAYERS:
        raise CheckpointMismatchError(f"the weights name an unknown CAM layer; expected one of {', '.join(CAM_LAYERS)}")


def _require(name: str, found: object, expected: object) -> None:
    if found != expected:
        raise CheckpointMismatchError(f"weights were trained with {name} {found}, this program runs {expected}")


def _parsed(found: Mapping[str, Any]) -> WeightsRecord:
    try:
        return TypeAdapter(WeightsRecord).validate_python({k: v for k, v in found.items() if k in _NAMES})
    except ValidationError as wrong:
        error = wrong.errors(include_url=False, include_input=False)[0]
    name = error["loc"][-1]
    if error["type"] == "missing":
        raise CheckpointMismatchError(f"the weights carry no {name} in their metadata; they were not saved by this program")
    if _is_text(str(name)):
        raise CheckpointMismatchError(
            f"the weights' metadata hold a text that is empty, unprintable or over {MAX_TEXT} characters: {name}"
        )
    raise CheckpointMismatchError(f"the weights' {name} cannot be used: {error['msg'].lower()}")


_NAMES: Final = frozenset(WeightsRecord.__dataclass_fields__)
_NUMBERS: Final = frozenset({"stem_stride", "probe_logit", "logit_shift", "temperature"})


def _is_text(name: str) -> bool:
    return name not in _NUMBERS
