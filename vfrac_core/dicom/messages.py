"""What parent and child say to each other: one JSON object a line. No pickle, for the child has read files of strangers."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from vfrac_core.settings import Limits
from vfrac_core.types import Affine, SeriesInfo


@dataclass(frozen=True, slots=True)
class Job:
    """Parent to child, once. ``first_series`` is not 0 after a child died: the series before it are done."""

    path: str
    secret: str
    folder: str
    first_series: int
    limits: Limits


@dataclass(frozen=True, slots=True)
class Headers:
    """The headers are read and ``series`` series found; now the child waits to be told to go on."""

    series: int


@dataclass(frozen=True, slots=True)
class Begun:
    """A series is next; who to blame if the child dies now."""

    index: int
    source: str
    position: str


@dataclass(frozen=True, slots=True)
class At:
    """Before each file. ``renew`` starts the clock anew: another thousand headers are a new piece of work."""

    fraction: float
    sentence: str
    position: str
    renew: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Becomes a Refusal."""

    path: str
    position: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """Becomes a LoadedSeries. The pixels lie in ``file`` of the job's folder."""

    case_id: str
    source: str
    file: str
    affine: list[list[float]]
    info: dict[str, Any]

    def series_info(self) -> SeriesInfo:
        return SeriesInfo(**{**self.info, "notes": tuple(self.info["notes"])})

    def affine_array(self) -> Affine:
        return np.array(self.affine, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Done:
    """The series that was begun is finished, whatever came of it; the child waits."""


Message = Headers | Begun | At | Refused | Loaded | Done
_KINDS = {kind.__name__: kind for kind in (Headers, Begun, At, Refused, Loaded, Done)}


def encode(message: Message | Job) -> bytes:
    return json.dumps({"kind": type(message).__name__, **asdict(message)}, allow_nan=False).encode() + b"\n"


def decode(line: bytes) -> Message:
    fields = json.loads(line)
    message: Message = _KINDS[fields.pop("kind")](**fields)
    return message


def decode_job(line: bytes) -> Job:
    fields = json.loads(line)
    fields.pop("kind")
    return Job(**{**fields, "limits": Limits(**fields["limits"])})
