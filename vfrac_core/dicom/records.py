"""What reading gives back: a series that became a volume, or one line that says why it did not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from vfrac_core.types import CtVolume

Progress = Callable[[float, str], None]


def no_progress(fraction: float, sentence: str) -> None:
    """The listener that does not listen."""


@dataclass(frozen=True, slots=True)
class LoadedSeries:
    """One series as a volume. ``case_id`` is a keyed hash: the same series gives the same id under the same secret.

    ``source`` is where it was found, relative to the path that was read. It may be a patient's name: it is for the person
    who imports, on the screen of that moment only, and is never stored or logged.
    """

    case_id: str
    volume: CtVolume
    source: str


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a file or a series was not taken, in one line without patient data.

    ``path`` is relative to the path that was read and, like ``LoadedSeries.source``, never stored or logged.
    ``position`` counts the files of the input from 1: "file 17 of 300"; None where it is about the whole input.
    """

    path: str
    position: str | None
    reason: str
