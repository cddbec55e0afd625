"""A store with one case, a clock set by hand and a reader."""

from __future__ import annotations

import pytest
from store_samples import Clock, a_case

from vfrac_core.store import AnnotationStore


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(tmp_path, clock):
    with AnnotationStore(tmp_path, clock=clock) as store:
        store.add_case(a_case())
        yield store


@pytest.fixture
def reader(store):
    return store.register_reader("secret of a browser", "Ada Example", 7)
