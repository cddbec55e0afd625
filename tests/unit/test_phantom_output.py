"""A cohort on disk: the same bytes for the same settings, whatever ended the first attempts; both formats and their tables."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from phantom_fake import SEED, fake_case, no_fourth_case, some_settings, some_specs
from reading_here import one_volume, read_here

from vfrac_core.errors import VfracError
from vfrac_core.imaging.reformat import reformat_sagittal
from vfrac_core.library.truth import read_truth
from vfrac_core.paper import SIGNS
from vfrac_core.phantom.cohort import TRUTH_COLUMNS, CohortSettings, default_mode
from vfrac_core.phantom.output import WrittenCohort, write_cohort
from vfrac_core.phantom.spec import GENERATOR, Difficulty
from vfrac_core.phantom.workers import THREADS
from vfrac_core.types import PixelBox

ROOT = Path(__file__).parents[2]


def write(out: Path, settings: CohortSettings, **options) -> WrittenCohort:
    masked = settings.mode == "independent"
    return write_cohort(some_specs(settings.cases, masked=masked), out, settings, **{"make": fake_case} | options)


def content(folder: Path) -> dict[str, bytes]:
    """Every file below a folder, the hidden ones too."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


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


class TestTheSameBytes:
    @pytest.mark.parametrize("form", ["dicom", "crops"])
    def test_in_one_process_and_in_several(self, tmp_path, form):
        settings = some_settings(5, form, masks=True)
        write(tmp_path / "one", settings)
        write(tmp_path / "two", settings, jobs=2)
        assert content(tmp_path / "one") == content(tmp_path / "two")

    def test_a_cohort_may_grow_and_its_first_cases_stay(self, tmp_path):
        write(tmp_path / "grown", some_settings(2))
        before = content(tmp_path / "grown")
        assert write(tmp_path / "grown", some_settings(4)).made == 2
        write(tmp_path / "whole", some_settings(4))
        assert content(tmp_path / "grown") == content(tmp_path / "whole")
        assert all(content(tmp_path / "whole")[path] == file for path, file in before.items() if path.startswith("case-"))

    def test_a_finished_case_is_not_made_again_and_a_deleted_one_is(self, tmp_path):
        settings = some_settings(3, "crops")
        write(tmp_path, settings)
        before = content(tmp_path)
        assert write(tmp_path, settings, make=no_fourth_case).made == 0
        (tmp_path / "case-0002.npz").unlink()
        assert write(tmp_path, settings).made == 1
        assert content(tmp_path) == before

    def test_what_a_killed_run_leaves_does_no_harm(self, tmp_path):
        """A case without its line, half a line, a half-written case, a half-written table."""
        settings = some_settings(3)
        write(tmp_path / "whole", settings)
        write(tmp_path / "torn", settings)
        lines = (tmp_path / "torn" / ".cohort.jsonl").read_text().splitlines(keepends=True)
        (tmp_path / "torn" / ".cohort.jsonl").write_text("".join(lines[:2]) + lines[2][:40])
        (tmp_path / "torn" / "case-0003" / "slice0009.dcm").unlink()
        (tmp_path / "torn" / ".work" / "half" / "case-0003").mkdir(parents=True)
        (tmp_path / "torn" / "truth.csv").unlink()
        (tmp_path / "torn" / ".truth.csv.new").write_text("case,dia")
        assert write(tmp_path / "torn", settings).made == 2
        assert content(tmp_path / "torn") == content(tmp_path / "whole")

    @pytest.mark.parametrize("form", ["dicom", "crops"])
    def test_killed_again_and_again_it_ends_with_the_same_and_leaves_no_process(self, tmp_path, form):
        cases, rng = 24, random.Random(20260301)
        write(tmp_path / "whole", some_settings(cases, form, masks=True))
        out, kills = tmp_path / "killed", 0
        while kills < 3:
            process = start(out, cases, form)
            wait_for_another_case(out, process)
            time.sleep(rng.uniform(0, 0.03))  # a random place in a case of about 30 ms, not a wait for something
            process.kill()
            process.communicate(timeout=30)  # ends when the last worker has let go of the pipe
            kills += 1
        assert not (out / "truth.csv").exists(), "the run was over before it was killed"
        process = start(out, cases, form)
        assert process.communicate(timeout=120) == (b"", b"")
        assert process.returncode == 0
        assert content(out) == content(tmp_path / "whole")


def start(out: Path, cases: int, form: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, str(Path(__file__).with_name("phantom_fake.py")), str(out), str(cases), form]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment)


def wait_for_another_case(out: Path, process: subprocess.Popen[bytes]) -> None:
    memory, until = out / ".cohort.jsonl", time.monotonic() + 60
    before = lines_of(memory)
    while lines_of(memory) <= max(before, 1):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < until
        time.sleep(0.002)


def lines_of(path: Path) -> int:
    return path.read_bytes().count(b"\n") if path.exists() else 0


class TestRefused:
    @pytest.mark.parametrize(
        ("other", "word"),
        [
            ({"seed": SEED + 1}, "another seed"),
            ({"mode": "independent"}, "another mode"),
            ({"form": "crops"}, "another format (dicom, not crops)"),
            ({"spacing_mm": 3.0}, "another spacing_mm"),
            ({"masks": True}, "another masks"),
            ({"difficulty": Difficulty(subtle=0.1)}, "another difficulty;"),
            ({"cases": 1}, "more cases"),
        ],
    )
    def test_a_folder_begun_with_other_settings(self, tmp_path, other, word):
        write(tmp_path, some_settings(2))
        before = content(tmp_path)
        with pytest.raises(VfracError) as refused:
            write(tmp_path, replace(some_settings(2), **other))
        assert word in str(refused.value)
        assert content(tmp_path) == before

    def test_another_version_of_the_generator(self, tmp_path):
        write(tmp_path, some_settings(1))
        memory = tmp_path / ".cohort.jsonl"
        settings, *lines = memory.read_text().splitlines(keepends=True)
        memory.write_text(json.dumps(json.loads(settings) | {"generator": "vfrac-phantom-0"}) + "\n" + "".join(lines))
        with pytest.raises(VfracError, match=r"another generator \(vfrac-phantom-0, not"):
            write(tmp_path, some_settings(1))

    def test_the_size_of_a_quota_cohort_counts(self, tmp_path):
        write(tmp_path, some_settings(2, mode="quota"))
        with pytest.raises(VfracError, match=r"another cases \(2, not 3\)"):
            write(tmp_path, some_settings(3, mode="quota"))

    def test_a_folder_with_something_else_in_it_is_left_alone(self, tmp_path):
        (tmp_path / ".work").mkdir()
        (tmp_path / ".work" / "mine.txt").write_text("mine")
        with pytest.raises(VfracError, match="not empty"):
            write(tmp_path, some_settings(1))
        assert content(tmp_path) == {".work/mine.txt": b"mine"}

    def test_a_file_in_the_place_of_the_folder(self, tmp_path):
        (tmp_path / "out").write_text("")
        with pytest.raises(VfracError, match="cannot be made"):
            write(tmp_path / "out", some_settings(1))

    def test_a_damaged_memory(self, tmp_path):
        (tmp_path / ".cohort.jsonl").write_text("{}}\n")
        with pytest.raises(VfracError, match="damaged"):
            write(tmp_path, some_settings(1))

    @pytest.mark.skipif(sys.platform == "win32", reason="Windows cannot lock a folder")
    def test_a_second_program_at_the_same_time(self, tmp_path):
        import fcntl

        held = os.open(tmp_path, os.O_RDONLY)
        try:
            fcntl.flock(held, fcntl.LOCK_EX)
            with pytest.raises(VfracError, match="another program"):
                write(tmp_path, some_settings(1))
        finally:
            os.close(held)

    @pytest.mark.parametrize("jobs", [1, 2])
    def test_a_case_that_cannot_be_made_is_named_and_the_others_are_kept(self, tmp_path, jobs):
        environment = {name: os.environ.get(name) for name in THREADS}
        with pytest.raises(VfracError, match="case-0004: a sign could not be made visible"):
            write(tmp_path, some_settings(4, "crops"), make=no_fourth_case, jobs=jobs)
        assert {name: os.environ.get(name) for name in THREADS} == environment
        assert not (tmp_path / ".work").exists()
        assert write(tmp_path, some_settings(4, "crops")).made < 4

    def test_a_full_disk(self, tmp_path, monkeypatch):
        import errno

        def full(*_: object, **__: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("vfrac_core.phantom.case_files.write_crop", full)
        with pytest.raises(VfracError, match="disk is full"):
            write(tmp_path, some_settings(1, "crops"))


def test_the_papers_cohort_is_drawn_by_quota():
    assert (default_mode(433), default_mode(432), default_mode(4)) == ("quota", "expected", "expected")
