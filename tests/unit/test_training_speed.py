"""The bench of the loader: its ratio is that of the two kinds of step, whatever the clock says of the first pair."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain, repeat

import pytest
from training_fixtures import QUICK, TINY

from vfrac_core.training.speed import noise_cases, training_speed


def clock_of(steps: Iterator[float]) -> Callable[[], float]:
    """A clock by which the steps take so long, one after the other."""
    now, begins = 0.0, True

    def clock() -> float:
        nonlocal now, begins
        now += 0.0 if begins else next(steps)
        begins = not begins
        return now

    return clock


def test_bare_time_over_training_time() -> None:
    """First the warm-up (slow), then pairs that begin by turns: bare 1 s, training 1.25 s; training, bare; …"""
    warm_up, pairs = [90.0, 1.0], [1.0, 1.25, 1.25, 1.0]
    found = training_speed(QUICK, shape=TINY, pairs=8, clock=clock_of(chain(warm_up, *repeat(pairs, 4))))
    assert (found.ratio, found.low, found.high) == pytest.approx((0.8, 0.8, 0.8))


def test_the_measured_cases_can_be_learnt() -> None:
    cases = noise_cases(4).cases
    assert {case.malignant for case in cases} == {True, False}
    assert all(len(case.hu) == 7 for case in cases)
    assert 0 < training_speed(QUICK, shape=TINY, pairs=7).ratio < 2
