"""All drawn numbers of a case under flat names, for parameters.csv: so that any of them can be tested for saying the class."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, is_dataclass
from typing import Any

from vfrac_core.phantom.changes.base import Change
from vfrac_core.phantom.subject import Subject

Value = float | int | str


def flat_parameters(subject: Subject, changes: Sequence[Change]) -> dict[str, Value]:
    """``patient.``, ``scanner.``, ``<change>.``; ``elsewhere.`` for a sign at another level. Of several alike, the first."""
    flat: dict[str, Value] = {"severity": subject.spec.severity, "lesion_x_mm": subject.lesion_x_mm}
    for name, part in (("patient", subject.patient), ("scanner", subject.scanner)):
        flat |= {f"{name}.{key}": value for key, value in _plain(part).items()}
    for change in changes:
        own = change.level == subject.level
        if own or change.sign is not None:
            where = "" if own else "elsewhere."
            for key, value in _plain(change).items():
                flat.setdefault(f"{where}{type(change).__name__}.{key}", value)
    return flat


def _plain(part: Any) -> dict[str, Value]:
    """The fields of a record; a point becomes three numbers, of a list of records the first is told and their count."""
    values: dict[str, Value] = {}
    for name in (f.name for f in fields(part) if f.name not in ("level", "sign")):
        value = getattr(part, name)
        if isinstance(value, bool | int | float | str):
            values[name] = int(value) if isinstance(value, bool) else value
        elif name == "centre":
            values |= {f"centre_{axis}": number for axis, number in zip("uvw", value, strict=True)}
        elif value and is_dataclass(value[0]):
            values[f"{name}.count"] = len(value)
            values |= {f"{name}.{key}": number for key, number in _plain(value[0]).items()}
    return values
