"""One bad file among many good ones."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from dicom_files import ramp_hu, set_attribute, write_axial_series
from pydicom.dataset import FileDataset
from reading_here import one_reason, read_here

from vfrac_core.dicom import LoadedSeries, Refusal


class TestOneBadFileAmongMany:
    """Refused by its position; the series still loads if the file lay at an end, and is refused for the gap otherwise."""

    def damage(self, folder: Path, index: int, harm: Callable[[bytes], bytes]) -> list[LoadedSeries | Refusal]:
        path = write_axial_series(folder, ramp_hu(10))[index]
        path.write_bytes(harm(path.read_bytes()))
        return read_here(folder)

    @pytest.mark.parametrize(
        ("harm", "cause"),
        [
            (lambda data: data[:-100], "the pixel data end early"),
            (lambda data: data[:700], "incomplete header: the file is cut off"),
        ],
        ids=["cut pixels", "cut header"],
    )
    def test_at_an_end_it_is_skipped_and_noted(self, tmp_path: Path, harm: Callable[[bytes], bytes], cause: str) -> None:
        results = self.damage(tmp_path / "s", 9, harm)
        refusals = [r for r in results if isinstance(r, Refusal)]
        volumes = [r.volume for r in results if isinstance(r, LoadedSeries)]
        assert refusals == [Refusal("slice0009.dcm", "file 10 of 10", f"{cause}; copy the series again")]
        assert [v.hu.shape for v in volumes] == [(9, 32, 40)]
        assert volumes[0].info.notes == (f"file 10 of 10 was skipped: {cause}",)
        assert np.array_equal(volumes[0].hu[::-1], ramp_hu(10)[:9])

    @pytest.mark.parametrize(
        ("harm", "cause"),
        [
            (lambda data: data[:-100], "the pixel data end early"),
            (lambda data: data[:700], "incomplete header: the file is cut off"),
            (lambda data: b"PATIENT" * 100, "not a DICOM file"),
        ],
        ids=["cut pixels", "cut header", "junk"],
    )
    def test_in_the_middle_the_series_is_refused_for_the_gap(
        self, tmp_path: Path, harm: Callable[[bytes], bytes], cause: str
    ) -> None:
        results = self.damage(tmp_path / "s", 4, harm)
        assert all(isinstance(r, Refusal) for r in results)
        gap = results[-1]
        assert isinstance(gap, Refusal)
        assert gap.reason.startswith("missing slice between z = -285.0 and -291.0 mm (files 4 and 6 of 10)")
        assert gap.reason.endswith(f"; file 5 of 10 was skipped: {cause}")

    def test_file_17_of_60(self, tmp_path: Path) -> None:
        paths = write_axial_series(tmp_path / "s", ramp_hu(60, 16, 16))
        paths[16].write_bytes(paths[16].read_bytes()[:-10])
        results = read_here(tmp_path / "s")
        assert len(results) == 1
        assert isinstance(results[0], Refusal)
        assert results[0].reason.endswith("file 17 of 60 was skipped: the pixel data end early")

    def test_every_file_cut_gives_one_line(self, tmp_path: Path) -> None:
        for path in write_axial_series(tmp_path / "s", ramp_hu()):
            path.write_bytes(path.read_bytes()[:-100])
        assert one_reason(read_here(tmp_path / "s")) == "the pixel data end early; copy the series again"

    def test_twice_the_pixels(self, tmp_path: Path) -> None:
        write_axial_series(tmp_path / "s", ramp_hu(), change=lambda i, ds: set_attribute(ds, "PixelData", ds.PixelData * 2))
        assert one_reason(read_here(tmp_path / "s")) == "there are more pixel data than rows and columns; copy the series again"

    def test_bad_geometry_in_one_file(self, tmp_path: Path) -> None:
        def change(index: int, ds: FileDataset) -> None:
            if index == 0:
                del ds.ImagePositionPatient

        write_axial_series(tmp_path / "s", ramp_hu(), change=change)
        results = read_here(tmp_path / "s")
        assert results[0] == Refusal("slice0000.dcm", "file 1 of 8", "the image position is missing; export the original series")
        assert isinstance(results[1], LoadedSeries)
        assert results[1].volume.info.notes == ("file 1 of 8 was skipped: the image position is missing",)
