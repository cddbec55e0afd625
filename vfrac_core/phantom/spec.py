"""What is asked of the generator before a pixel is painted: who, which level, which signs, and how hard."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from vfrac_core.paper import SIGNS
from vfrac_core.types import Diagnosis

GENERATOR: Final = "vfrac-phantom-2"  # raise it whenever the same seed gives other pixels

Mode = Literal["quota", "expected", "independent"]
Sex = Literal["M", "F"]
LEVELS: Final = ("T7", "T8", "T9", "T10", "T11", "T12", "L1", "L2", "L3", "L4", "L5")  # where the worst vertebra may lie


@dataclass(frozen=True, slots=True)
class CaseSpec:
    """One case as it was drawn. ``seed`` and ``index`` name every random number of its pixels (see ``streams``).

    ``diagnosis`` is None in ``independent`` cohorts, where the signs say nothing about a class. ``severity`` is the latent
    that the signs of a case share (SD 1): heavy disease shows on all of them (phantom.md, section 9).
    """

    seed: int
    index: int
    diagnosis: Diagnosis | None
    signs: frozenset[str]
    level: str
    age_years: int
    sex: Sex
    severity: float = 0.0

    def __post_init__(self) -> None:
        assert self.signs <= set(SIGNS)
        assert self.level in LEVELS


@dataclass(frozen=True, slots=True)
class Difficulty:
    """The knobs that decide how well a good network can do. None of them touches a nuisance of one class alone.

    ``subtle``: share of cases whose signs are drawn faint (visibility 0 to 0.2 instead of 0.2 to 1).
    ``mimic``: share of benign cases with something that looks like destruction (resorption, retropulsion).
    ``line_mimic``: share of patients of both classes with growth arrest lines; sclerotic plates grow more frequent with it.
    ``noise_hu``: range of the noise's SD in an axial slice. ``psf_mm``: range of the in-plane blur's sigma.
    ``box_margin``: range of the reader's box over the body, ``box_jitter_mm``: SD of its edges.
    """

    subtle: float = 0.65
    mimic: float = 0.70
    line_mimic: float = 0.40
    noise_hu: tuple[float, float] = (15.0, 31.0)
    psf_mm: tuple[float, float] = (0.45, 0.65)
    box_margin: tuple[float, float] = (1.05, 1.80)
    box_jitter_mm: float = 2.0


DEFAULT_DIFFICULTY: Final = Difficulty()
