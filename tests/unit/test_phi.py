"""A series in which every text, UID, date, private element, overlay, file and folder name contains ZZPHI: none of it comes out.

``source`` and ``path`` are the exception: they tell the importer where the series lay, and are never stored or logged.
"""

from __future__ import annotations

import gzip
import logging
import shutil
import subprocess
import sys
import warnings
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from dicom_files import ramp_hu, write_axial_series, write_enhanced_ct, write_nifti
from pydicom import dcmread
from pydicom.dataset import Dataset, FileDataset
from pydicom.sequence import Sequence
from pydicom.tag import Tag
from reading_here import SECRET, read_here

from vfrac_core.dicom import LoadedSeries, Refusal, read_path
from vfrac_core.settings import Limits

MARK = "ZZPHI"
TEXT_VRS = ("AE", "CS", "DA", "DT", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UR", "UT")
NEEDED = ("SOPClassUID", "PhotometricInterpretation", "ImageType", "BurnedInAnnotation")
EXTRA = (
    *("PatientComments", "StudyDescription", "SeriesDescription", "InstitutionName", "OperatorsName", "ProtocolName"),
    *("ImageComments", "AcquisitionDate", "StationName", "DeviceSerialNumber", "ManufacturerModelName", "PatientAddress"),
    *("AdditionalPatientHistory", "PatientAge", "PatientSex", "RescaleType", "ConvolutionKernel", "BodyPartExamined"),
)


def mark_everything(ds: Dataset) -> None:
    """Put the mark into every element that can hold it, valid or not, and add what scanners add."""
    for keyword in EXTRA:
        setattr(ds, keyword, MARK)
    for element in list(ds):
        if element.keyword in NEEDED:
            continue
        if element.VR in TEXT_VRS:
            element.value = f"{MARK}^{element.keyword}"[:16]
        elif element.VR == "UI":
            element.value = f"1.2.{MARK}"
    block = ds.private_block(0x0099, MARK, create=True)
    block.add_new(1, "LO", f"{MARK} private")
    block.add_new(2, "UN", MARK.encode())
    ds.add_new(Tag(0x6000, 0x0022), "LO", f"{MARK} overlay")
    ds.add_new(Tag(0x6000, 0x3000), "OW", (MARK + "_").encode() * 20)
    item = Dataset()
    item.CodeMeaning = MARK
    ds.RequestAttributesSequence = Sequence([item])


def write_marked(folder: Path, **attributes: object) -> list[Path]:
    def change(index: int, ds: FileDataset) -> None:
        mark_everything(ds)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return write_axial_series(folder / f"{MARK}^folder", ramp_hu(), change=change, name=f"{MARK}^{{:04d}}.dcm", **attributes)


def all_text(results: list[LoadedSeries | Refusal]) -> str:
    """All that a result holds, except the two exempt fields."""
    parts = []
    for result in results:
        if isinstance(result, LoadedSeries):
            parts += [result.case_id, repr(asdict(result.volume.info)), repr(result.volume.affine)]
        else:
            parts += [result.position or "", result.reason]
    return " ".join(parts)


@pytest.fixture
def marked(tmp_path: Path) -> Path:
    write_marked(tmp_path / "in")
    return tmp_path / "in"


def test_the_fixture_is_full_of_the_mark(marked: Path) -> None:
    path = next(marked.rglob("*.dcm"))
    assert path.read_bytes().count(MARK.encode()) > 40


def test_a_marked_series_loads_without_the_mark(marked: Path) -> None:
    results = read_here(marked)
    assert [type(r) for r in results] == [LoadedSeries]
    assert MARK not in all_text(results)
    assert isinstance(results[0], LoadedSeries)
    info = results[0].volume.info
    assert (info.manufacturer, info.model, info.kernel) == ("other", "other", "other")
    assert (info.sex, info.age_years, info.synthetic) == (None, None, False)
    assert np.array_equal(results[0].volume.hu[::-1], ramp_hu())


def test_the_child_process_tells_nothing_either(
    marked: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    sentences: list[str] = []
    with caplog.at_level(logging.DEBUG):
        results = list(
            read_path(marked, secret=SECRET, limits=Limits(), progress=lambda _fraction, sentence: sentences.append(sentence))
        )
    written = capfd.readouterr()
    assert [type(r) for r in results] == [LoadedSeries]
    assert MARK not in "".join((all_text(results), *sentences, caplog.text, written.out, written.err))


@pytest.mark.parametrize(
    "harm",
    [
        lambda data: data[:-500],
        lambda data: data[:900],
        lambda data: data.replace(b"\x18\x00\x50\x00DS", b"\x18\x00\x50\x00\x00\x00"),
        lambda data: data.replace(b"-100.0", MARK.encode() + b"!"),
        lambda data: data.replace(b"IS\x02\x00", b"IS\xff\xff"),
        lambda data: MARK.encode() * 1000,
        lambda data: data[:200] + MARK.encode() * 200 + data[1200:],
    ],
)
def test_a_damaged_marked_series_is_refused_without_the_mark(
    tmp_path: Path, harm: object, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    for path in write_marked(tmp_path / "in"):
        path.write_bytes(harm(path.read_bytes()))
    caplog.clear()  # of what pydicom said while the series was written
    with caplog.at_level(logging.DEBUG):
        results = read_here(tmp_path / "in")
    written = capfd.readouterr()
    assert results
    assert MARK not in "".join((all_text(results), caplog.text, written.out, written.err))


def test_irregular_marked_series_are_refused_without_the_mark(tmp_path: Path) -> None:
    paths = write_marked(tmp_path / "in")
    paths[3].unlink()
    (paths[0].parent / f"{MARK}.txt").write_text(MARK)
    results = read_here(tmp_path / "in")
    assert [type(r) for r in results] == [Refusal]
    assert MARK not in all_text(results)


def test_a_marked_zip_is_refused_or_read_without_the_mark(marked: Path, tmp_path: Path) -> None:
    archive = Path(shutil.make_archive(str(tmp_path / f"{MARK}^zip"), "zip", marked))
    assert MARK not in all_text(read_here(archive))
    archive.write_bytes(archive.read_bytes()[:-40])
    results = read_here(archive)
    assert [type(r) for r in results] == [Refusal]
    assert MARK not in all_text(results)


def test_a_marked_enhanced_ct_loads_without_the_mark(tmp_path: Path) -> None:
    path = write_enhanced_ct(tmp_path / f"{MARK}.dcm", ramp_hu())
    ds = dcmread(path)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mark_everything(ds)
        ds.save_as(path)
    results = read_here(path)
    assert [type(r) for r in results] == [LoadedSeries]
    assert MARK not in all_text(results)


def test_a_marked_nifti_loads_without_the_mark(tmp_path: Path) -> None:
    import nibabel

    path = write_nifti(tmp_path / "v.nii", ramp_hu(20, 24, 28), np.diag([1.0, 1.0, 2.0, 1.0]))
    image = nibabel.load(path)
    for field in ("descrip", "aux_file", "db_name", "intent_name"):
        image.header[field] = MARK
    image.header.extensions.append(nibabel.nifti1.Nifti1Extension("comment", MARK.encode()))
    nibabel.save(image, tmp_path / f"{MARK}.nii")
    data = (tmp_path / f"{MARK}.nii").read_bytes()
    assert data.count(MARK.encode()) >= 5
    (tmp_path / f"{MARK}.nii.gz").write_bytes(gzip.compress(data))
    for name in (f"{MARK}.nii", f"{MARK}.nii.gz"):
        results = read_here(tmp_path / name)
        assert [type(r) for r in results] == [LoadedSeries]
        assert MARK not in all_text(results)


def test_a_dying_child_tells_nothing(marked: Path, capfd: pytest.CaptureFixture[str]) -> None:
    results = list(read_path(marked, secret=SECRET, limits=replace(Limits(), child_wall_seconds=0)))
    written = capfd.readouterr()
    assert [type(r) for r in results] == [Refusal]
    assert MARK not in "".join((all_text(results), written.out, written.err))


def test_a_bug_in_the_child_prints_no_traceback() -> None:
    """Whatever the child is fed, it writes nothing to its standard error: a traceback quotes values."""
    process = subprocess.run(
        [sys.executable, "-m", "vfrac_core.dicom.child"],
        input=b'{"kind": "Job", "path": "ZZPHI"}\n',
        capture_output=True,
        check=False,
        timeout=60,
    )
    assert process.returncode != 0
    assert MARK.encode() not in process.stdout + process.stderr
