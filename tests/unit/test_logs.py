"""Reading writes no log lines, no warnings and nothing to the terminal: what pydicom says quotes the patient's header."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path

import pydicom
import pytest
from dicom_files import ramp_hu, write_axial_series
from reading_here import SECRET

from vfrac_core.dicom import LoadedSeries, read_path
from vfrac_core.settings import Limits

VALUE = "PAT-4711-MUELLER"


def write_odd_series(folder: Path) -> None:
    """A readable series whose identifiers break the rules of the standard: pydicom warns of each, with its value."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        odd = {
            "StudyInstanceUID": VALUE,
            "PatientID": VALUE * 8,
            "StudyDate": VALUE,
            "StudyTime": VALUE,
            "AccessionNumber": VALUE * 3,
        }
        write_axial_series(folder, ramp_hu(), **odd)


def test_pydicom_would_warn_with_the_value(tmp_path: Path) -> None:
    write_odd_series(tmp_path)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        str(pydicom.dcmread(next(tmp_path.iterdir())))
    assert any(VALUE in str(warning.message) for warning in caught)


def test_reading_says_nothing(tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]) -> None:
    write_odd_series(tmp_path)
    caplog.clear()  # of what pydicom said while the series was written
    with caplog.at_level(logging.DEBUG), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        results = list(read_path(tmp_path, secret=SECRET, limits=Limits()))
    written = capfd.readouterr()
    assert [type(r) for r in results] == [LoadedSeries]
    assert (caplog.records, caught, written.out, written.err) == ([], [], "", "")


def test_the_parent_loads_no_dicom_library() -> None:
    """What is not imported cannot parse: the server process has no pydicom from us."""
    import subprocess
    import sys

    code = "import sys, vfrac_core.dicom; print([m for m in ('pydicom', 'highdicom', 'nibabel', 'gdcm') if m in sys.modules])"
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True, timeout=60)
    assert process.stdout.strip() == "[]"
