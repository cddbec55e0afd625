"""Who is scanned, and with what: everything of a case that is drawn before its changes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from vfrac_core.paper import SLICE_THICKNESS_MM
from vfrac_core.phantom.levels import SIZES, position
from vfrac_core.phantom.patient import Patient, draw_patient
from vfrac_core.phantom.scanner import Scanner, draw_scanner
from vfrac_core.phantom.spec import DEFAULT_DIFFICULTY, CaseSpec, Difficulty
from vfrac_core.phantom.streams import Streams

LESION_X: Final = 0.30  # of the half width: where the lesion's middle may lie, alike for both classes


@dataclass(frozen=True, slots=True)
class Subject:
    """``lesion_x_mm``: the sagittal plane in which the lesion is worst, from the worst body's middle to the left."""

    spec: CaseSpec
    difficulty: Difficulty
    streams: Streams
    patient: Patient
    scanner: Scanner
    lesion_x_mm: float

    @property
    def level(self) -> str:
        return self.spec.level

    @property
    def slice_x_mm(self) -> float:
        """Middle of the sagittal slab of 3 mm that holds the lesion's plane."""
        return SLICE_THICKNESS_MM * round(self.lesion_x_mm / SLICE_THICKNESS_MM)


def draw_subject(spec: CaseSpec, difficulty: Difficulty = DEFAULT_DIFFICULTY) -> Subject:
    """Patient, scanner and lesion plane of a case; nothing is painted."""
    streams = Streams(spec.seed, spec.index)
    patient = draw_patient(spec, streams)
    half = SIZES[position(spec.level)].width / 2 * patient.scale
    lesion = float(streams.named("lesion").uniform(-LESION_X, LESION_X) * half)
    return Subject(spec, difficulty, streams, patient, draw_scanner(streams, difficulty), lesion)
