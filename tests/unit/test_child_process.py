"""Reading in a child process: the same as its code run here, and nothing left behind."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from dicom_files import ramp_hu, write_axial_series, write_nifti, write_sagittal_series
from reading_here import SECRET, read_here

from vfrac_core.dicom import LoadedSeries, Refusal, read_path
from vfrac_core.settings import Limits


def test_the_child_gives_the_same_as_its_code_run_here(tmp_path: Path) -> None:
    write_axial_series(tmp_path / "in" / "a", ramp_hu())
    write_sagittal_series(tmp_path / "in" / "b", ramp_hu())
    write_axial_series(tmp_path / "in" / "c", ramp_hu(2))
    write_nifti(tmp_path / "in" / "d.nii.gz", ramp_hu(20, 24, 28), np.diag([1.0, 1.0, 2.0, 1.0]))
    seen: list[float] = []
    results = list(
        read_path(tmp_path / "in", secret=SECRET, limits=Limits(), progress=lambda fraction, sentence: seen.append(fraction))
    )
    here = read_here(tmp_path / "in")
    assert [type(r) for r in results] == [type(r) for r in here] == [LoadedSeries, LoadedSeries, Refusal, LoadedSeries]
    for result, expected in zip(results, here, strict=True):
        if isinstance(result, LoadedSeries) and isinstance(expected, LoadedSeries):
            assert (result.case_id, result.source, result.volume.info) == (
                expected.case_id,
                expected.source,
                expected.volume.info,
            )
            assert np.array_equal(result.volume.hu, expected.volume.hu)
            assert np.array_equal(result.volume.affine, expected.volume.affine)
        else:
            assert result == expected
    assert seen == sorted(seen)
    assert seen[-1] == 1.0


def test_a_caller_that_stops_early_leaves_nothing_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr("tempfile.tempdir", None)
    for name in "abc":
        write_axial_series(tmp_path / "in" / name, ramp_hu())
    reading = read_path(tmp_path / "in", secret=SECRET, limits=Limits())
    first = next(reading)
    reading.close()
    assert isinstance(first, LoadedSeries)
    assert first.volume.hu.max() == ramp_hu().max()
    assert list((tmp_path / "temporary").iterdir()) == []
