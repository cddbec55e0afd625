"""Which series are one person's: told by the truth table in whatever words, kept as a keyed hash."""

from __future__ import annotations

from pathlib import Path

import pytest
from learning_samples import a_library

from vfrac_core.errors import StoreError
from vfrac_core.library.truth import read_truth, write_truth
from vfrac_core.store import note_patient, readings_as_of

HEADER = (
    "case,diagnosis,vertebral_compression,bone_cortex_interruption,paravertebral_soft_tissue_mass,transverse_fracture_line,"
    "multiple_segments,bone_destruction,vertebral_level,slice_index,box_row_min,box_col_min,box_row_max,box_col_max,abnormal_slices"
)
NAME = "ZZPHI-MUELLER-1961"


def table(folder: Path, patients: list[str | None]) -> Path:
    told = any(one is not None for one in patients)
    lines = [HEADER + (",patient" if told else "")]
    last = [f",{one or ''}" if told else "" for one in patients]
    lines += [f"name{n},benign,1,0,0,0,0,0,L1,4,4,4,20,20,4{patient}" for n, patient in enumerate(last)]
    path = folder / "truth.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture
def library(tmp_path: Path):
    library = a_library(tmp_path / "home", cases=3)
    yield library
    library.store.close()


def write(library, path: Path):
    return write_truth(read_truth(path), [(f"name{n}", f"case{n}") for n in range(3)], library)


def test_two_series_of_one_person_have_one_key_and_no_name_is_kept(library, tmp_path: Path) -> None:
    report = write(library, table(tmp_path, [NAME, "another", NAME]))
    assert report.refused == ()
    patients = readings_as_of(library.store).patients
    assert patients["case0"] == patients["case2"] != patients["case1"]
    library.store.close()
    for file in (tmp_path / "home").rglob("*"):
        assert not file.is_file() or b"ZZPHI" not in file.read_bytes(), file.name


def test_another_installation_has_other_keys(library) -> None:
    other = type(library)(library.store, library.volumes, secret=b"o" * 32, cache_bytes=1)
    assert library.patient_key(NAME) != other.patient_key(NAME)


@pytest.mark.parametrize("patients", [[None, None, None], [NAME, None, None]])
def test_a_table_need_not_say(library, tmp_path: Path, patients: list[str | None]) -> None:
    write(library, table(tmp_path, patients))
    assert len(readings_as_of(library.store).patients) == sum(one is not None for one in patients)


def test_the_same_again_writes_nothing_and_another_person_is_refused(library, tmp_path: Path) -> None:
    path = table(tmp_path, [NAME, None, None])
    write(library, path)
    before = library.store.head()
    write(library, path)
    assert library.store.head() == before
    (line,) = write(library, table(tmp_path, ["another", None, None])).refused
    assert "another patient's before" in line
    assert "MUELLER" not in line
    with pytest.raises(StoreError, match="no such case"):
        note_patient(library.store, "nobody", "0123456789ab")
