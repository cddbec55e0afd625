"""vfrac_core/phantom: the same seed gives the same bytes anywhere, and every part of a case draws from a stream of its own."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from phantom_cases import COMPRESSION, CORTEX, DESTRUCTION, LINE, MASS, MULTIPLE, a_spec, some_specs, the_case

from vfrac_core.paper import SIGNS
from vfrac_core.phantom.case import PhantomCase, reader_box
from vfrac_core.phantom.changes.base import Change
from vfrac_core.phantom.changes.cortex import CortexInterruption
from vfrac_core.phantom.changes.destruction import Destruction, Resorption, Retropulsion
from vfrac_core.phantom.changes.mass import Haematoma
from vfrac_core.phantom.choose import choose_changes
from vfrac_core.phantom.levels import position
from vfrac_core.phantom.scanner import noise_field
from vfrac_core.phantom.spec import CaseSpec
from vfrac_core.phantom.spine import build_spine
from vfrac_core.phantom.streams import Streams
from vfrac_core.phantom.subject import Subject, draw_subject

ROOT = Path(__file__).parents[2]
ELSEWHERE = """
from phantom_cases import some_specs, the_case
from test_phantom_determinism import digest
for view in ("full", "crop"):
    print(view, digest(the_case(some_specs(1)[0], view)))
"""
# What may look at another sign than its own, and why.
ALLOWED: dict[str, tuple[type[Change], ...]] = {
    COMPRESSION: (CortexInterruption,),  # without a compression its step must not make one
    CORTEX: (Destruction,),  # a destruction opens the cortex only where that sign is asked for
    MASS: (Haematoma,),  # no thin haematoma beside a mass
    LINE: (),
    MULTIPLE: (),
    DESTRUCTION: (Resorption, Retropulsion),  # no mimic of a destruction beside one
}


def digest(case: PhantomCase) -> str:
    """Of everything that a case carries."""
    parts = [case.volume.hu, case.volume.affine, case.masks.labels, case.masks.lesion]
    said = [case.truth, case.volume.info, sorted(case.parameters.items()), case.spec.index]
    whole = hashlib.sha256()
    for part in parts:
        whole.update(np.ascontiguousarray(part).tobytes() + repr((part.shape, part.dtype)).encode())
    return hashlib.sha256(whole.digest() + repr(said).encode()).hexdigest()


def kept(changes: Iterable[Change], sign: str, allowed: tuple[type[Change], ...]) -> list[Change]:
    """All changes but one sign's and those that may look at it, in an order of their own."""
    return sorted((c for c in changes if c.sign != sign and not isinstance(c, allowed)), key=repr)


def margins(subject: Subject) -> tuple[float, ...]:
    """The reader's box around a body without a change."""
    body = build_spine(subject.patient, subject.level, ())[position(subject.level)]
    box = reader_box(subject, body, ())
    return box.high, box.low, box.front, box.back


@pytest.mark.slow
def test_another_process_makes_the_same_bytes_in_both_views() -> None:
    """In another order, and with another seed of Python's own hashes."""
    path = os.pathsep.join([str(ROOT), str(Path(__file__).parent)])
    environment = os.environ | {"PYTHONHASHSEED": "4711", "PYTHONPATH": path}
    made = subprocess.run(
        [sys.executable, "-c", ELSEWHERE], capture_output=True, text=True, check=True, cwd=ROOT, env=environment
    )
    theirs = dict(line.split() for line in made.stdout.splitlines())
    spec = some_specs(1)[0]
    assert theirs == {view: digest(the_case(spec, view)) for view in ("crop", "full")}


def test_a_case_is_another_for_another_seed_or_index() -> None:
    spec = a_spec()
    patients = [draw_subject(replace(spec, **change)).patient for change in ({}, {"seed": spec.seed + 1}, {"index": 1})]
    assert len({repr(patient) for patient in patients}) == 3


class TestStreams:
    def test_a_name_gives_the_same_numbers_at_every_call(self) -> None:
        streams = Streams(1, 2)
        first, again, other = (streams.named(name).random(4) for name in ("noise", "noise", "patient"))
        assert np.array_equal(first, again)
        assert not np.array_equal(first, other)

    def test_numbers_stay_those_of_the_first_release(self) -> None:
        """PCG64 seeded by SeedSequence(1, spawn_key=(2, crc32(name))): NumPy promises both for ever (NEP 19)."""
        crc32 = 0xFDA99629  # of b"noise", as gzip writes it at the end of a file
        expected = np.random.Generator(np.random.PCG64(np.random.SeedSequence(1, spawn_key=(2, crc32)))).random(3)
        assert np.array_equal(Streams(1, 2).named("noise").random(3), expected)


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("diagnosis", ["benign", "malignant", None])
class TestOneSignMore:
    def specs(self, sign: str, diagnosis: str | None) -> list[tuple[CaseSpec, CaseSpec]]:
        """With all signs, and without one."""
        others = [sign_ for sign_ in SIGNS if sign_ != sign]
        return [
            (a_spec(*SIGNS, index=index, diagnosis=diagnosis), a_spec(*others, index=index, diagnosis=diagnosis))
            for index in range(5)
        ]

    def test_patient_scanner_lesion_margin_and_noise_stay(self, sign: str, diagnosis: str | None) -> None:
        for specs in self.specs(sign, diagnosis):
            more, less = (draw_subject(spec) for spec in specs)
            assert (more.patient, more.scanner, more.lesion_x_mm) == (less.patient, less.scanner, less.lesion_x_mm)
            assert margins(more) == margins(less)
            noises = [noise_field((2, 8, 8), 2.0, subject.scanner, subject.streams).tobytes() for subject in (more, less)]
            assert noises[0] == noises[1]

    def test_every_other_sign_and_confounder_stays(self, sign: str, diagnosis: str | None) -> None:
        for specs in self.specs(sign, diagnosis):
            more, less = (choose_changes(draw_subject(spec)) for spec in specs)
            assert kept(more, sign, ALLOWED[sign]) == kept(less, sign, ALLOWED[sign])
            assert any(change.sign == sign for change in more)
            assert not any(change.sign == sign for change in less)

    def test_drawing_it_again_leaves_the_others_alone(self, sign: str, diagnosis: str | None) -> None:
        for spec, _ in self.specs(sign, diagnosis):
            first, again = (choose_changes(draw_subject(spec), attempts) for attempts in ({}, {sign: 2}))
            assert kept(first, sign, ()) == kept(again, sign, ())
            own = [[change for change in changes if change.sign == sign] for changes in (first, again)]
            assert own[0] != own[1]


@pytest.mark.parametrize(("one", "other"), [("benign", "malignant"), ("benign", None)])
def test_the_class_changes_neither_scanner_nor_lesion_nor_margin_nor_confounder(one: str, other: str | None) -> None:
    for index in range(10):
        subjects = [draw_subject(a_spec(index=index, diagnosis=diagnosis)) for diagnosis in (one, other)]
        first, second = subjects
        assert (first.scanner, first.lesion_x_mm) == (second.scanner, second.lesion_x_mm)
        assert margins(first) == margins(second)
        assert choose_changes(first) == choose_changes(second)
        same_bone = [replace(subject.patient, trabecular_hu=100.0) for subject in subjects]
        assert same_bone[0] == same_bone[1]  # only density may differ: benign fractures meet weaker bone
