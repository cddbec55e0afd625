"""A cohort on disk as DICOM and as crops: pictures, masks and the two tables fit each other."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from phantom_fake import SEED, fake_case, some_settings, some_specs
from phantom_folder import rows, write
from reading_here import one_volume, read_here

from vfrac_core.imaging.reformat import reformat_sagittal
from vfrac_core.library.truth import read_truth
from vfrac_core.paper import SIGNS
from vfrac_core.phantom.cohort import TRUTH_COLUMNS, default_mode
from vfrac_core.phantom.spec import GENERATOR, Difficulty
from vfrac_core.types import PixelBox


class TestDicom:
    def test_a_folder_a_case_two_tables_and_nothing_else_to_be_seen(self, tmp_path):
        written = write(tmp_path, some_settings(3))
        assert (written.cases, written.made) == (3, 3)
        assert sorted(path.name for path in tmp_path.iterdir()) == [
            *(".cohort.jsonl", "case-0001", "case-0002", "case-0003", "parameters.csv", "truth.csv"),
        ]

    def test_the_truth_fits_the_stack_that_comes_out_of_the_import(self, tmp_path):
        write(tmp_path, some_settings(2))
        for name, spec, row in zip(("case-0001", "case-0002"), some_specs(2), rows(tmp_path / "truth.csv"), strict=True):
            assert tuple(row) == TRUTH_COLUMNS
            stack = reformat_sagittal(one_volume(read_here(tmp_path / name)).volume)
            box = PixelBox(*(int(row[f"box_{edge}"]) for edge in ("row_min", "col_min", "row_max", "col_max")))
            inside = stack.hu[int(row["slice_index"]), box.row_min : box.row_max, box.col_min : box.col_max]
            assert inside.mean() > 900
            assert stack.info.synthetic
            assert (stack.info.sex, stack.info.age_years) == (spec.sex, str(spec.age_years))
            assert (row["case"], row["diagnosis"], row["vertebral_level"]) == (name, spec.diagnosis, spec.level)
            assert {sign for sign in SIGNS if row[sign] == "1"} == spec.signs
            assert (row["age_years"], row["sex"]) == (str(spec.age_years), spec.sex)
            assert (row["seed"], row["generator"]) == (str(SEED), GENERATOR)
        assert [one.case for one in read_truth(tmp_path / "truth.csv")] == ["case-0001", "case-0002"]

    def test_series_that_differ_in_anything_are_other_series(self):
        spec = some_specs(1)[0]
        keys = [
            some_settings(1).key(spec),
            some_settings(1, spacing_mm=3.0).key(spec),
            some_settings(1, difficulty=Difficulty(mimic=0.1)).key(spec),
            some_settings(1).key(replace(spec, seed=SEED + 1)),
            some_settings(1).key(replace(spec, signs=frozenset(SIGNS))),
        ]
        assert len(set(keys)) == len(keys)
        assert some_settings(1, mode="quota").key(spec) == keys[0]  # the same pixels by another way


class TestCrops:
    def test_a_crop_has_its_six_members_and_the_truth_counts_in_it(self, tmp_path):
        write(tmp_path, some_settings(2, "crops"))
        for name, row in zip(("case-0001", "case-0002"), rows(tmp_path / "truth.csv"), strict=True):
            with np.load(tmp_path / f"{name}.npz", allow_pickle=False) as crop:
                assert set(crop) == {"hu", "spacing_mm", "box", "slices", "boxes", "case"}
                assert crop["hu"].dtype == np.int16
                assert crop["spacing_mm"].tolist() == [3.0, 2.0, 0.75]
                assert str(crop["case"]) == name
                assert crop["box"].tolist() == [int(row[f"box_{e}"]) for e in ("row_min", "col_min", "row_max", "col_max")]
                assert crop["slices"].tolist() == [int(index) for index in row["abnormal_slices"].split()]
                r0, c0, r1, c1 = crop["box"]
                assert crop["hu"][int(row["slice_index"]), r0:r1, c0:c1].mean() > 900

    def test_it_is_the_stack_of_the_small_view_cut(self, tmp_path):
        write(tmp_path, some_settings(1, "crops"))
        case = fake_case(some_specs(1)[0], view="crop", spacing_mm=2.0, difficulty=Difficulty())
        stack = reformat_sagittal(case.volume)
        with np.load(tmp_path / "case-0001.npz", allow_pickle=False) as crop:
            first = case.truth.abnormal_slices[0] - 1
            assert np.array_equal(
                crop["hu"][:, : stack.rows], stack.hu[first : first + 5, : crop["hu"].shape[1]][:, :, -crop["hu"].shape[2] :]
            )


@pytest.mark.parametrize("form", ["dicom", "crops"])
def test_masks_lie_on_the_grid_of_the_pictures(tmp_path, form):
    write(tmp_path, some_settings(1, form, masks=True))
    if form == "dicom":
        hu = reformat_sagittal(one_volume(read_here(tmp_path / "case-0001")).volume).hu
    else:
        hu = np.load(tmp_path / "case-0001.npz")["hu"]
    with np.load(tmp_path / "case-0001_masks.npz", allow_pickle=False) as masks:
        assert masks["labels"].dtype == masks["lesion"].dtype == np.uint8
        assert masks["labels"].shape == masks["lesion"].shape == hu.shape
        whole = np.array([plane.mean() for plane in hu]) > -1000
        assert hu[whole][masks["labels"][whole] == 13].mean() > 600  # slabs at the block's sides are half in it
        assert hu[masks["labels"] == 0].mean() < 10
        assert set(np.unique(masks["lesion"])) == {0, 0b100001}


def test_parameters_have_a_column_for_whatever_any_case_drew(tmp_path):
    write(tmp_path, some_settings(2, "crops"))
    first, second = rows(tmp_path / "parameters.csv")
    assert list(first) == ["case", "noise_hu", "odd.only", "shape"]
    assert (first["odd.only"], second["odd.only"], first["shape"]) == ("", "1.1", "wedge")
    assert float(first["noise_hu"]) == 1 / 3


def test_a_masked_diagnosis_is_empty_and_the_table_is_accepted(tmp_path):
    write(tmp_path, some_settings(2, "crops", mode="independent"))
    assert [row["diagnosis"] for row in rows(tmp_path / "truth.csv")] == ["", ""]
    assert [row.reading.diagnosis for row in read_truth(tmp_path / "truth.csv")] == [None, None]


def test_the_papers_cohort_is_drawn_by_quota():
    assert (default_mode(433), default_mode(432), default_mode(4)) == ("quota", "expected", "expected")
