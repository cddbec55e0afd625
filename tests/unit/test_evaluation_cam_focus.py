"""Mass in the mask against a centred Gaussian: by hand, by chance, and with the interval over patients."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from vfrac_core.errors import VfracError
from vfrac_core.evaluation.cam_focus import cam_focus, centred_gaussian


def test_the_gaussian_is_the_one_of_the_issue() -> None:
    gauss = centred_gaussian(64, 64)
    assert gauss.sum() == pytest.approx(1)
    within = norm(0.5, 0.25)  # scipy's
    share = (within.cdf(0.75) - within.cdf(0.25)) / (within.cdf(1) - within.cdf(0))
    assert gauss[16:48].sum() == pytest.approx(share, abs=1e-3)


def test_a_map_on_the_lesion_gains_and_one_beside_it_loses() -> None:
    masks = np.zeros((40, 16, 16), bool)
    masks[:, :4, :4] = True
    patients = np.arange(40) // 2
    on, beside = masks * 2.0, (~masks) * 1.0
    inside = centred_gaussian(16, 16)[:4, :4].sum()
    found = cam_focus(on, masks, patients, seed=1, draws=200)
    assert found.inside.value == 1.0
    assert found.gain.value == pytest.approx(1 - inside)
    assert found.gain.n == 20
    assert found.gain.ends.low > 0
    assert cam_focus(beside, masks, patients, seed=1, draws=200).gain.value == pytest.approx(-inside)


def test_a_blob_in_the_middle_gains_nothing() -> None:
    masks = np.zeros((20, 32, 32), bool)
    masks[:, 10:20, 12:22] = True
    maps = np.repeat(centred_gaussian(32, 32)[None], 20, axis=0) * np.arange(1, 21)[:, None, None]
    found = cam_focus(maps, masks, np.arange(20), seed=1, draws=200)
    assert found.gain.value == pytest.approx(0, abs=1e-12)


def test_a_patient_counts_once_and_blank_maps_are_counted() -> None:
    masks = np.zeros((4, 8, 8), bool)
    masks[:, 0, 0] = True
    maps = np.zeros((4, 8, 8))
    maps[0, 0, 0] = maps[1, 5, 5] = maps[2, 5, 5] = 1  # the first patient's only picture points at it, the second's two do not
    found = cam_focus(maps, masks, np.array([0, 1, 1, 2]), seed=1, draws=200)
    assert found.inside.value == 0.5
    assert (found.pictures, found.blank) == (3, 1)
    assert found.inside.low is None


def test_an_empty_mask_is_refused() -> None:
    with pytest.raises(VfracError, match="a mask is empty"):
        cam_focus(np.ones((1, 4, 4)), np.zeros((1, 4, 4), bool), np.array([0]), seed=1)
