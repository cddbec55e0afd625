"""The 194 files that pydicom ships for its own tests: strange, broken, of every class. One of their series is a CT volume.

The counts by class were made with plain pydicom, not with our reader.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import numpy as np
import pydicom
import pytest
from reading_here import SECRET, one_reason, read_here

from vfrac_core.dicom import LoadedSeries, Refusal, read_path
from vfrac_core.settings import Limits

DATA = Path(pydicom.__file__).parent / "data"
FILES = sorted(p for folder in ("test_files", "charset_files") for p in (DATA / folder).rglob("*") if p.is_file())

COUNTS = {
    "not CT (Secondary Capture Image Storage)": 47,
    "not CT (MR Image Storage)": 27,
    "not a DICOM file": 14,
    "not CT (no SOP class)": 8,
    "a DICOM directory (DICOMDIR), not an image": 8,
    "not CT (RT Dose Storage)": 7,
    "not CT (Computed Radiography Image Storage)": 6,
    "not CT (Ultrasound Image Storage)": 4,
    "not CT (Ultrasound Multi-frame Image Storage)": 1,
    "not CT (Basic Text SR Storage)": 2,
    "not CT (Comprehensive SR Storage)": 1,
    "not CT (Segmentation Storage)": 2,
    "not CT (RT Plan Storage)": 2,
    "not CT (12-lead ECG Waveform Storage)": 1,
    # the 64 of class CT: TINY_ALPHA; CT2N; CT2, CT5N, CT_small, 693_J2KI and J2K_pixelrep_mismatch
    "no pixel data in it": 50,
    "localizer (scout), not a volume": 2,
    "1 slice, at least 5 are needed": 12,
}


def test_each_file_alone_is_refused_in_one_line_with_its_cause() -> None:
    assert len(FILES) == 194
    reasons = Counter(one_reason(read_here(path)).split(";")[0] for path in FILES)
    assert reasons == COUNTS


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> list[LoadedSeries | Refusal]:
    """All files below one folder, through the real child."""
    folder = tmp_path_factory.mktemp("wheel")
    for path in FILES:
        target = folder / path.relative_to(DATA)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    return list(read_path(folder, secret=SECRET, limits=Limits()))


def test_together_they_hold_one_case(together: list[LoadedSeries | Refusal]) -> None:
    loaded = [r for r in together if isinstance(r, LoadedSeries)]
    assert [r.source for r in loaded] == ["test_files/dicomdirtests/98892001/CT5N"]
    volume = loaded[0].volume
    assert volume.hu.shape == (5, 16, 16)
    assert volume.spacing_mm.slice == pytest.approx(2.5)
    assert volume.info.notes == ("22 other files of the input were left out: not DICOM images",)
    slices = [pydicom.dcmread(p) for p in (DATA / "test_files/dicomdirtests/98892001/CT5N").iterdir()]
    plain = np.stack([ds.pixel_array for ds in sorted(slices, key=lambda ds: -ds.ImagePositionPatient[2])]) - 1024
    real = plain > -3000
    assert np.array_equal(volume.hu[real], plain[real])


def test_together_every_other_series_is_one_line(together: list[LoadedSeries | Refusal]) -> None:
    refusals = [r for r in together if isinstance(r, Refusal)]
    assert all("\n" not in r.reason and r.reason and r.position for r in refusals)
    by_path = {r.path: r.reason for r in refusals}
    assert by_path["test_files/dicomdirtests/77654033/CT2"].startswith("missing slice between z = 103.0 and -99.5 mm")
    assert by_path["test_files/dicomdirtests/98892001/CT2N"].startswith("localizer")
    assert by_path["test_files/dicomdirtests/TINY_ALPHA/PT000000/ST000000/SE000000"].startswith("no pixel data")
    for name in ("CT_small", "693_J2KI", "J2K_pixelrep_mismatch"):
        assert by_path[f"test_files/{name}.dcm"].startswith("1 slice, at least 5 are needed")
    assert sum(_files(r) for r in refusals) == 194 - 22 - 5


def _files(refusal: Refusal) -> int:
    """How many files a refusal stands for: "50 files, the first is …" or one."""
    many = re.match(r"(\d+) files, ", refusal.position or "")
    return int(many[1]) if many else 1


@pytest.mark.slow
@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(DATA)))
def test_each_file_alone_in_its_own_child(path: Path) -> None:
    assert list(read_path(path, secret=SECRET, limits=Limits())) == read_here(path)
