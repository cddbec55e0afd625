"""What ``evaluate`` left in its folder, read back for the report: weights tried on cases that they have not seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.cam_focus import CamFocus
from vfrac_core.evaluation.figure import Figure
from vfrac_core.evaluation.sign_figures import SignFigures
from vfrac_core.training.judging import FIGURES

FAILURES: Final = "failures.png"
LEVELS: Final = {"per_patient": "Per patient", "per_slice": "Per slice"}

Figures = Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class TriedOn:
    """``levels``: the figures of each of ``LEVELS``, as the app shows the network; ``plain``: per patient without the
    recalibration that the weights carry, None where they carry none. ``levels`` is empty where the cases have no diagnosis."""

    weights: str
    weights_sha256: str
    training_data: str
    data: str
    data_sha256: str
    levels: Mapping[str, Figures]
    plain: Figures | None
    signs: Mapping[str, SignFigures]
    focus: Mapping[str, Mapping[str, CamFocus]]
    failures: bytes | None  # a PNG


def read_tried_on(folder: Path) -> TriedOn:
    """VfracError where there is no finished evaluation, or one of another version."""
    try:
        found = json.loads((folder / FIGURES).read_text(encoding="utf-8"))
        plain = found["without_recalibration"]
        return TriedOn(
            weights=found["weights"],
            weights_sha256=found["weights_sha256"],
            training_data=found["training_data"],
            data=found["data"],
            data_sha256=found["data_sha256"],
            levels={name: _figures(found[key]) for key, name in LEVELS.items() if found[key] is not None},
            plain=None if plain is None else _figures(plain["per_patient"]),
            signs={name: _sign(one) for name, one in found["signs"].items()},
            focus={method: {name: _focus(one) for name, one in of.items()} for method, of in found["cam_focus"].items()},
            failures=(folder / FAILURES).read_bytes() if (folder / FAILURES).is_file() else None,
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError, AssertionError):
        raise VfracError(
            f"no {FIGURES} that can be read in an evaluation's folder; give the --out of a finished evaluate"
        ) from None


def _figures(found: Mapping[str, Any]) -> dict[str, Figure]:
    """All that are figures; counts are left."""
    named = {**found, **found["calibration"]}
    return {name: Figure(**one) for name, one in named.items() if isinstance(one, dict) and "method" in one}


def _sign(found: Mapping[str, Any]) -> SignFigures:
    within = {name: Figure(**one) for name, one in found["within"].items()}
    auc, kappa, agreement = (Figure(**found[name]) for name in ("auc", "kappa", "agreement"))
    return SignFigures(found["n"], found["missing"], auc, kappa, agreement, within)


def _focus(found: Mapping[str, Any]) -> CamFocus:
    inside, centred, gain = (Figure(**found[name]) for name in ("inside", "centred", "gain"))
    return CamFocus(inside, centred, gain, found["pictures"], found["blank"])
