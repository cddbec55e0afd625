"""From files to cases: the same picture whatever the format, and the same case however often it is imported."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from dicom_files import write_axial_series

from vfrac_core.dicom import LoadedSeries, Refusal, read_path
from vfrac_core.errors import VfracError
from vfrac_core.imaging.reformat import reformat_sagittal
from vfrac_core.library.cases import CaseLibrary
from vfrac_core.library.importing import ImportedCase, import_path
from vfrac_core.library.incoming import incoming_inputs, remove_abandoned_uploads
from vfrac_core.settings import Limits
from vfrac_core.store import AnnotationStore, VolumeLibrary
from vfrac_core.types import CtVolume

SECRET = b"k" * 32
LIMITS = Limits()
REAL_CT = Path(__file__).parents[2].parent / "shared" / "data" / "ct-lumbar-real-3mm.nii.gz"


@pytest.fixture
def library(tmp_path: Path) -> Iterator[CaseLibrary]:
    home = tmp_path / "home"
    with AnnotationStore(home) as store:
        yield CaseLibrary(store, VolumeLibrary(home), secret=SECRET, cache_bytes=10**8)


def load(path: Path) -> CtVolume:
    found = list(read_path(path, secret=SECRET, limits=LIMITS))
    volumes = [one.volume for one in found if isinstance(one, LoadedSeries)]
    assert len(volumes) == 1, found
    return volumes[0]


def axial_hu(volume: CtVolume) -> tuple[np.ndarray, tuple[float, float, float]]:
    """The volume as axial slices foot to head, rows to the back, columns to the left, and its spacing in that order."""
    axes = [int(np.argmax(np.abs(volume.affine[row, :3]))) for row in (2, 1, 0)]
    hu = volume.hu.transpose(axes)
    for position, (row, axis) in enumerate(zip((2, 1, 0), axes, strict=True)):
        if volume.affine[row, axis] < 0:
            hu = np.flip(hu, position)
    return np.ascontiguousarray(hu), tuple(volume.spacing_mm[axis] for axis in axes)


@pytest.mark.skipif(not REAL_CT.exists(), reason="the real CT is not part of the project; the test needs it beside the checkout")
class TestRealCt:
    def test_nifti_and_the_same_volume_as_axial_dicom_give_the_same_stack(self, tmp_path: Path) -> None:
        nifti = load(REAL_CT)
        nifti = replace(nifti, hu=np.maximum(nifti.hu, np.int16(-1024)))  # the writer stores unsigned, intercept -1024
        hu, spacing = axial_hu(nifti)
        write_axial_series(tmp_path / "series", hu, spacing)
        from_nifti, from_dicom = reformat_sagittal(nifti), reformat_sagittal(load(tmp_path / "series"))
        assert from_nifti.hu.shape == from_dicom.hu.shape
        assert np.abs(from_nifti.hu.astype(int) - from_dicom.hu).max() <= 1
        assert np.allclose(from_nifti.spacing_mm, from_dicom.spacing_mm, atol=1e-3)

    def test_the_spine_lies_at_the_back_and_the_table_is_not_on_top(self) -> None:
        """Bone of the middle slices is in the posterior (right) half of the picture; the anterior edge is air or fat."""
        stack = reformat_sagittal(load(REAL_CT))
        middle = stack.hu[stack.slices // 2 - 1 : stack.slices // 2 + 2].mean(axis=0)
        columns = np.nonzero(middle > 250)[1]
        assert np.median(columns) > stack.columns * 0.5


def test_importing_twice_gives_the_same_case_and_keeps_one(library: CaseLibrary, tmp_path: Path) -> None:
    hu = np.random.default_rng(5).integers(-1000, 1500, (8, 40, 40), dtype=np.int16)
    write_axial_series(tmp_path / "series", hu)
    first, second = (next(iter(import_path(tmp_path / "series", library, secret=SECRET, limits=LIMITS))) for _ in range(2))
    assert isinstance(first, ImportedCase)
    assert isinstance(second, ImportedCase)
    assert first.new
    assert not second.new
    assert first.record.case_id == second.record.case_id
    assert len(library.store.cases()) == 1


def test_an_imported_stack_comes_back_as_it_was_reformatted(library: CaseLibrary, tmp_path: Path) -> None:
    hu = np.random.default_rng(6).integers(-1000, 1500, (8, 40, 40), dtype=np.int16)
    write_axial_series(tmp_path / "series", hu)
    imported = next(iter(import_path(tmp_path / "series", library, secret=SECRET, limits=LIMITS)))
    assert isinstance(imported, ImportedCase)
    expected = reformat_sagittal(load(tmp_path / "series"))
    kept = library.stack(imported.record.case_id)
    assert np.array_equal(kept.hu, expected.hu)
    assert np.allclose(kept.affine, expected.affine)
    assert kept.info == expected.info


def test_a_series_too_narrow_for_one_slab_is_refused_and_nothing_is_kept(library: CaseLibrary, tmp_path: Path) -> None:
    write_axial_series(tmp_path / "series", np.zeros((8, 40, 16), np.int16), (3.0, 0.5, 0.1))
    found = list(import_path(tmp_path / "series", library, secret=SECRET, limits=LIMITS))
    assert [type(one) for one in found] == [Refusal]
    assert library.store.cases() == []


def test_uploaded_files_lose_their_names_and_are_gone_afterwards(tmp_path: Path) -> None:
    names = ["MUELLER^HANS.NII.GZ", "MUELLER 1", "MUELLER.zip", "MUELLER 2.dcm"]
    uploads = [tmp_path / name for name in names]
    for upload in uploads:
        upload.write_bytes(b"x")
    with incoming_inputs(tmp_path / "home", uploads) as inputs:
        assert [file.name for file in inputs] == ["000001.nii.gz", "files", "000003.zip"]
        assert sorted(file.name for file in inputs[1].iterdir()) == ["000002", "000004"]
        assert not any(upload.exists() for upload in uploads)
    assert list((tmp_path / "home" / "incoming").iterdir()) == []


def test_an_upload_that_is_gone_is_refused_without_its_name(tmp_path: Path) -> None:
    with pytest.raises(VfracError) as refused, incoming_inputs(tmp_path / "home", [tmp_path / "MUELLER^HANS.dcm"]):
        pass
    assert "MUELLER" not in str(refused.value)


def test_what_a_killed_import_left_behind_is_removed_at_the_next_start(tmp_path: Path) -> None:
    (tmp_path / "incoming" / "x").mkdir(parents=True)
    (tmp_path / "incoming" / "x" / "000001").write_bytes(b"name")
    remove_abandoned_uploads(tmp_path)
    assert not (tmp_path / "incoming").exists()
