"""``import``: series become cases, and a truth table their reference standard."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import TOO_LONG, assert_refused

from vfrac_core.store import REFERENCE, AnnotationStore
from vfrac_core.types import PixelBox


class TestImport:
    def test_importing_again_names_the_same_case(self, vfrac, cohort: Path, home: Path, case: str) -> None:
        assert case in vfrac("import", cohort, home=home).stdout

    def test_what_is_no_ct_ends_with_2_and_one_json_document(self, vfrac, tmp_path: Path, home: Path) -> None:
        (tmp_path / "notes.txt").write_text("not an image")
        done = vfrac("import", tmp_path, "--json", home=home)
        assert done.code == 2
        assert json.loads(done.stdout)["cases"] == []

    def test_a_name_too_long_for_a_path_is_refused(self, vfrac, home: Path) -> None:
        done = vfrac("import", TOO_LONG, home=home)
        assert (done.code, done.stdout) == (2, "")


HEADER = (
    "case,diagnosis,vertebral_compression,bone_cortex_interruption,paravertebral_soft_tissue_mass,transverse_fracture_line,"
    "multiple_segments,bone_destruction,vertebral_level,slice_index,box_row_min,box_col_min,box_row_max,box_col_max,"
    "abnormal_slices,age_years"
)
ROW = "case-001,malignant,1,0,0,1,,0,L1,15,4,10,24,40,14 15 16,63"


class TestTruth:
    @pytest.fixture
    def table(self, tmp_path: Path):
        def write(*rows: str) -> Path:
            path = tmp_path / "truth.csv"
            path.write_text("\n".join([HEADER, *rows]) + "\n", encoding="utf-8")
            return path

        return write

    def test_a_row_becomes_the_reference_standard_of_the_case_once(
        self, vfrac, table, cohort: Path, home: Path, case: str
    ) -> None:
        truth = table(ROW, ROW.replace("case-001", "case-002"))
        heads = []
        for _ in range(2):
            done = vfrac("import", cohort, "--truth", truth, home=home)
            assert done.code == 0, done.stderr
            assert "1 cases have it; 1 rows without an imported case, 0 cases without a row" in done.stderr
            with AnnotationStore(home) as store:
                heads.append(store.head())
                reading = store.annotation(case, REFERENCE, REFERENCE).reading
        assert heads[0] == heads[1]
        assert (reading.diagnosis, reading.vertebral_level, reading.slice_index) == ("malignant", "L1", 15)
        assert (reading.box, reading.marked_slices) == (PixelBox(4, 10, 24, 40), (14, 15, 16))
        assert reading.signs["vertebral_compression"] == "present"
        assert reading.signs["bone_destruction"] == "absent"
        assert reading.signs["multiple_segments"] == "not_assessable"

    def test_a_row_without_a_diagnosis_is_taken_for_its_signs(self, vfrac, table, cohort: Path, tmp_path: Path) -> None:
        home = tmp_path / "home"
        done = vfrac("import", cohort, "--truth", table(ROW.replace("malignant", "")), home=home)
        assert (done.code, "1 cases have it" in done.stderr) == (0, True), done.stderr
        with AnnotationStore(home) as store:
            reading = store.annotation(store.cases()[0].case_id, REFERENCE, REFERENCE).reading
        assert (reading.diagnosis, reading.signs["transverse_fracture_line"]) == (None, "present")

    def test_the_folder_itself_is_matched_by_its_name_and_a_case_without_a_row_counts(
        self, vfrac, table, cohort: Path, home: Path, case: str
    ) -> None:
        assert "1 cases have it" in vfrac("import", cohort / "case-001", "--truth", table(ROW), home=home).stderr
        done = vfrac("import", cohort, "--truth", table(), home=home)
        assert (done.code, "1 cases without a row" in done.stderr) == (0, True)

    def test_a_row_outside_the_stack_is_refused_after_the_import(self, vfrac, table, cohort: Path, home: Path, case: str) -> None:
        done = vfrac("import", cohort, "--json", "--truth", table(ROW.replace("40,14", "999,14")), home=home)
        assert done.code == 2
        assert json.loads(done.stdout)["cases"][0]["case"] == case
        assert "row 2 of the truth table: not saved: the box lies outside" in done.stderr

    @pytest.mark.parametrize(
        ("row", "words"),
        [
            (ROW.replace("malignant", "MUELLER"), "row 3 of the truth table has a wrong diagnosis"),
            (ROW.replace("L1", "MUELLER"), "a wrong vertebral_level"),
            (ROW.replace("14 15 16", "14 MUELLER"), "a wrong abnormal_slices"),
            (ROW.replace("1,0,0,1", "1,2,0,1"), "a wrong bone_cortex_interruption"),
            (ROW.replace("15,4,", "15,,"), "a wrong box_row_min"),
            (ROW.replace("4,10,24", "24,10,4"), "row 3 of the truth table: the box is empty or reversed"),
            (ROW, "row 3 of the truth table has a wrong case"),
            ("MUELLER", "a wrong diagnosis"),
            ("MUELLER,,1,0,0,1,,0,L1,15,4,10,24,40", "a wrong abnormal_slices"),
        ],
    )
    def test_a_wrong_row_is_one_line_without_its_values_before_anything_is_imported(
        self, vfrac, table, tmp_path: Path, row: str, words: str
    ) -> None:
        done = vfrac("import", tmp_path, "--truth", table(ROW, row), home=tmp_path / "home")
        assert_refused(done, words)
        assert "MUELLER" not in done.stderr
        assert not (tmp_path / "home").exists()

    def test_a_table_that_is_none_is_refused(self, vfrac, cohort: Path, tmp_path: Path) -> None:
        (tmp_path / "bad.csv").write_bytes(b"case\xff\n")
        (tmp_path / "few.csv").write_text("case,diagnosis\n")
        for name, words in (("bad.csv", "cannot be read"), ("gone.csv", "cannot be read"), ("few.csv", "has no column")):
            assert_refused(vfrac("import", cohort, "--truth", tmp_path / name, home=tmp_path / "home"), words)
