"""Six bits that belong together: Table 1's frequencies, joined by one latent for each class.

z_j = l_j f + sqrt(1 - l_j^2) e_j with f and e_j standard normal, and sign j is present where z_j is high. The paper gives the
frequencies only; the loadings l are our assumption (docs/decisions.md, phantom.md, section 9).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Final

import numpy as np
from jaxtyping import Bool, Float64, Int64
from scipy.special import ndtr, ndtri

from vfrac_core.paper import PATIENTS, SIGN_PATIENTS, SIGNS
from vfrac_core.types import Diagnosis

Bits = Bool[np.ndarray, "case 6"]
Latents = Float64[np.ndarray, "case 6"]
PerSign = Float64[np.ndarray, "6"]
Which = Bool[np.ndarray, "6"]
Counts = Int64[np.ndarray, "6"]

LOADINGS: Final[Mapping[Diagnosis, tuple[float, ...]]] = {  # f is tumour load in malignant, failure of bone in benign fractures
    "malignant": (0.40, 0.55, 0.60, -0.30, 0.35, 0.70),
    "benign": (0.55, 0.55, 0.35, 0.45, 0.30, 0.20),
}
# A case without any of these shows nothing that its diagnosis could rest on.
NEEDED: Final[Mapping[Diagnosis, tuple[str, ...]]] = {
    "malignant": ("paravertebral_soft_tissue_mass", "bone_destruction"),
    "benign": ("vertebral_compression", "bone_cortex_interruption", "transverse_fracture_line", "bone_destruction"),
}
NODES: Final = 80  # of the quadrature over f; 40 give the same thresholds within 1e-12


def needed(diagnosis: Diagnosis) -> Which:
    """Which of the six a case of this class needs one of."""
    return np.array([sign in NEEDED[diagnosis] for sign in SIGNS])


def is_coherent(bits: Bits, diagnosis: Diagnosis) -> Bool[np.ndarray, " case"]:
    """True for each case with at least one sign that its class needs."""
    return np.any(bits[:, needed(diagnosis)], axis=1)


def draw_latents(rng: np.random.Generator, diagnosis: Diagnosis) -> tuple[float, PerSign]:
    """f and the six z of one case."""
    f, *own = rng.standard_normal(1 + len(SIGNS))
    loadings = np.array(LOADINGS[diagnosis])
    return float(f), loadings * f + np.sqrt(1 - loadings**2) * np.array(own)


@cache
def thresholds(diagnosis: Diagnosis) -> tuple[float, ...]:
    """What z_j must exceed, so that of the *coherent* cases the share with sign j is Table 1's.

    Drawing again until a case is coherent favours the signs that are needed. Given f the signs are independent, so what is left
    after rejection is an integral over f; each threshold is moved until that is right, which a few rounds reach.
    """
    wanted = np.array([SIGN_PATIENTS[diagnosis][sign] for sign in SIGNS]) / PATIENTS[diagnosis]
    need = needed(diagnosis)
    loadings = np.array(LOADINGS[diagnosis])
    f, weight = np.polynomial.hermite_e.hermegauss(NODES)
    weight = weight / weight.sum()
    limits = ndtri(1 - wanted)
    for _ in range(50):
        absent = ndtr((limits - loadings * f[:, None]) / np.sqrt(1 - loadings**2))
        rejected = np.prod(absent[:, need], axis=1)
        kept = (1 - absent) * np.where(need, 1.0, 1 - rejected[:, None])  # a needed sign alone keeps its case
        share = weight @ kept / (1 - weight @ rejected)
        limits = limits + ndtri(share) - ndtri(wanted)
    assert np.allclose(share, wanted, rtol=0, atol=1e-12)
    return tuple(float(limit) for limit in limits)


def highest(latents: Latents, counts: Counts, diagnosis: Diagnosis) -> Bits:
    """The bits of a whole class with exactly ``counts`` of each sign: present where z is highest, then made coherent.

    A case without a needed sign takes the one that it missed most narrowly from the case of the lowest z that can spare it.
    """
    rank = np.argsort(np.argsort(-latents, axis=0, kind="stable"), axis=0)
    bits = rank < counts
    need = np.flatnonzero(needed(diagnosis))
    for case in np.flatnonzero(~is_coherent(bits, diagnosis)):
        sign = need[np.argmin(rank[case, need] - counts[need])]
        spare = bits[:, sign] & (bits[:, need].sum(axis=1) > 1)
        assert spare.any()
        giver = np.argmax(np.where(spare, rank[:, sign], -1))
        bits[case, sign], bits[giver, sign] = True, False
    return bits
