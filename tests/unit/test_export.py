"""Exports: the right numbers, readers as codes, the safety line, and passages that a person has to look at."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from typing import get_args

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from store_samples import NOON, a_reading, a_stack, add_case_with_pixels

from vfrac_core.errors import StoreError
from vfrac_core.imaging.crop import crop_triplet
from vfrac_core.imaging.crop_file import crop_region, write_crop
from vfrac_core.imaging.roi import box_to_mm, square_box
from vfrac_core.paper import SIGNS
from vfrac_core.signs import SAFETY, SIGNS_VERSION
from vfrac_core.store import AnnotationStore, VolumeLibrary
from vfrac_core.store.export import Format, export
from vfrac_core.store.export.comments import scan_comments
from vfrac_core.store.export.crops import write_crops
from vfrac_core.store.export.snapshot import take_snapshot
from vfrac_core.store.export.table import guard_formula
from vfrac_core.types import PixelBox, SagittalStack, SeriesInfo

FORMATS = get_args(Format)
NAME = "Ada Lovelace-Beispiel"


@pytest.fixture
def store(tmp_path):
    with AnnotationStore(tmp_path / "home", clock=lambda: NOON) as store:
        add_case_with_pixels(tmp_path / "home", store)
        reader = store.register_reader("secret", NAME, 7)
        fields = {"case_id": "case1", "reader_id": reader.reader_id, "ai_visible": False}
        store.submit("s1", reading=a_reading(comment="=HYPERLINK(1) seen on 12.03.2021", diagnosis="malignant"), **fields)
        store.save_draft("s2", reading=a_reading(box=None, slice_index=None), repeat_index=1, **fields)
        store.set_reference("case1", a_reading(box=PixelBox(0, 0, 40, 20), marked_slices=(), slice_index=0))
        yield store


@pytest.fixture
def volumes(tmp_path):
    return VolumeLibrary(tmp_path / "home")


def exported(store, volumes, form, tmp_path) -> str:
    return export(store, volumes, form, tmp_path / "out").file.read_text(encoding="utf-8")


def test_csv_has_the_view_line_by_line_with_the_stamp(store, volumes, tmp_path):
    rows = list(csv.DictReader(io.StringIO(exported(store, volumes, "csv", tmp_path))))
    assert [(row["study_id"], row["repeat_index"], bool(row["submitted_at"])) for row in rows] == [
        ("annotate", "0", True),
        ("annotate", "1", False),
        ("reference", "0", True),
    ]
    seq, hash_ = store.head()
    for row in rows:
        assert (row["safety"], row["log_seq"], row["log_hash"]) == (SAFETY, str(seq), hash_)
        assert row["signs_version"] == str(SIGNS_VERSION)
    assert (rows[0]["diagnosis"], rows[0]["box_row_min"], rows[0]["marked_slices"]) == ("malignant", "10", "[3,4,5]")
    assert {rows[0][name] for name in SIGNS} == {"0"}


def test_a_csv_cell_cannot_be_a_formula(store, volumes, tmp_path):
    rows = list(csv.DictReader(io.StringIO(exported(store, volumes, "csv", tmp_path))))
    assert rows[0]["comment"].startswith("'=HYPERLINK")


@given(st.text(max_size=20))
def test_no_text_starts_a_formula_and_nothing_else_is_changed(text):
    guarded = guard_formula(text)
    assert not guarded.startswith(("=", "+", "-", "@", "\t"))
    assert guarded in (text, f"'{text}")


def test_json_has_the_same_rows_as_csv(store, volumes, tmp_path):
    document = json.loads(exported(store, volumes, "json", tmp_path))
    assert (document["safety"], document["signs_version"]) == (SAFETY, SIGNS_VERSION)
    assert tuple(document["log"].values()) == tuple(store.head())
    assert [row["repeat_index"] for row in document["annotations"]] == [0, 1, 0]
    assert document["annotations"][0]["marked_slices"] == [3, 4, 5]
    assert document["cases"][0]["spacing_mm"] == [3.0, 1.2, 0.8]


def test_coco_has_a_category_for_a_reference_of_signs_only(store, volumes, tmp_path):
    def categories() -> tuple[list[str], list[int]]:
        document = json.loads(exported(store, volumes, "coco", tmp_path))
        return [one["name"] for one in document["categories"]], [one["category_id"] for one in document["annotations"]]

    assert categories() == (["benign", "malignant"], [2, 1])
    store.set_reference("case1", a_reading(diagnosis=None))
    assert categories() == (["benign", "malignant", "no diagnosis"], [2, 3])


def test_coco_has_submitted_boxes_in_pixels_in_mm_and_in_the_patient(store, volumes, tmp_path):
    document = json.loads(exported(store, volumes, "coco", tmp_path))
    assert document["info"]["description"].startswith(SAFETY)
    assert document["info"]["log"]["seq"] == store.head().seq
    reader, reference = document["annotations"]
    images = {image["id"]: image for image in document["images"]}
    assert (images[reader["image_id"]]["slice_index"], images[reference["image_id"]]["slice_index"]) == (4, 0)
    assert (images[reader["image_id"]]["width"], images[reader["image_id"]]["height"]) == (50, 40)
    # rows 10 to 25 of 1.2 mm, columns 12 to 30 of 0.8 mm: x, y, width, height
    assert reader["bbox"] == [12, 10, 18, 15]
    assert reader["bbox_mm"] == [9.6, 12.0, 14.4, 18.0]
    # x = 3·slice - 20, y = 0.8·column + 5, z = 90 - 1.2·row of voxel centres; outer corners lie half a pixel further out
    np.testing.assert_allclose(
        reader["corners_lps_mm"], [[-8, 0.8 * 11.5 + 5, 90 - 1.2 * 9.5], [-8, 0.8 * 29.5 + 5, 90 - 1.2 * 24.5]]
    )
    names = {category["id"]: category["name"] for category in document["categories"]}
    assert (names[reader["category_id"]], names[reference["category_id"]]) == ("malignant", "benign")


def test_crops_have_exactly_six_members_and_need_no_pickle(store, volumes, tmp_path):
    write_crops(take_snapshot(store, None), volumes, tmp_path / "crops")
    files = sorted(path.name for path in (tmp_path / "crops").glob("*.npz"))
    reader_id = store.readers()[0].reader_id
    assert files == [f"case1_{reader_id}_annotate_0_unaided.npz", "case1_reference_reference_0_unaided.npz"]
    with np.load(tmp_path / "crops" / files[0], allow_pickle=False) as crop:
        assert sorted(crop.files) == ["box", "boxes", "case", "hu", "slices", "spacing_mm"]
        assert (crop["hu"].dtype, str(crop["case"])) == (np.int16, "case1")
        assert crop["spacing_mm"].tolist() == [3.0, 1.2, 0.8]
        assert crop["slices"].tolist() == [1, 2, 3]  # 3, 4, 5 of the stack; the crop begins one before
        row, column = crop["box"][:2]
        np.testing.assert_array_equal(crop["hu"][2, row:, column:][:15, :18], a_stack().hu[4, 10:25, 12:30])
    with np.load(tmp_path / "crops" / files[1], allow_pickle=False) as crop:
        assert crop["slices"].tolist() == [0, 1, 2]  # nothing marked: five centred on slice 0, those that exist
        assert crop["hu"].shape[0] == 4


def test_a_crop_holds_the_boxes_of_single_slices_with_their_margins(tmp_path):
    stack, box, own = a_stack(), PixelBox(10, 12, 25, 30), PixelBox(14, 20, 34, 40)
    place = write_crop(tmp_path / "one.npz", stack, box, [3, 4, 5], "case1", slice_boxes={5: own})
    with np.load(tmp_path / "one.npz", allow_pickle=False) as crop:
        assert [PixelBox(*map(int, one)) for one in crop["boxes"]] == [place.box(box), place.box(box), place.box(own)]
        r0, c0, r1, c1 = crop["boxes"][2]
        np.testing.assert_array_equal(crop["hu"][3, r0:r1, c0:c1], stack.hu[5, 14:34, 20:40])
    around = crop_region(own, stack)
    assert (place.region.row_max, place.region.col_max) == (around.row_max, around.col_max)


boxes = st.tuples(st.integers(0, 30), st.integers(0, 40), st.integers(3, 40), st.integers(4, 50))


@given(boxes)
def test_the_networks_input_from_a_crop_is_that_from_the_stack(corner):
    stack = a_stack()
    box = PixelBox(corner[0], corner[1], min(corner[0] + corner[2], 40), min(corner[1] + corner[3], 50))
    region = crop_region(box, stack)
    cut = stack.hu[:, region.row_min : region.row_max, region.col_min : region.col_max]
    crop = SagittalStack(hu=cut, affine=stack.affine, info=SeriesInfo(plane="sagittal"))
    moved = PixelBox(
        box.row_min - region.row_min, box.col_min - region.col_min, box.row_max - region.row_min, box.col_max - region.col_min
    )
    spacing = stack.spacing_mm
    from_stack = crop_triplet(stack, square_box(box_to_mm(box, spacing), stack.rows, stack.columns, spacing), 4)
    from_crop = crop_triplet(crop, square_box(box_to_mm(moved, spacing), crop.rows, crop.columns, spacing), 4)
    np.testing.assert_allclose(from_crop, from_stack, atol=1e-2)


def test_the_zip_of_crops_holds_the_table_and_the_safety_line(store, volumes, tmp_path):
    report = export(store, volumes, "crops", tmp_path / "out")
    with zipfile.ZipFile(report.file) as archive:
        names = archive.namelist()
        assert {"annotations.csv", "README.txt"} < set(names)
        assert archive.read("README.txt").decode().startswith(SAFETY)
    assert sum(name.endswith(".npz") for name in names) == 2
    assert [path.name for path in (tmp_path / "out").iterdir()] == [report.file.name]


@pytest.mark.parametrize("form", FORMATS)
def test_no_export_names_a_reader_and_each_is_named_after_the_log(store, volumes, tmp_path, form):
    report = export(store, volumes, form, tmp_path / "out")
    assert report.anchor == store.head()
    assert report.file.name.startswith(f"vfrac-{report.anchor.seq}-{report.anchor.hash[:4]}")
    content = report.file.read_bytes()
    if form == "crops":
        with zipfile.ZipFile(report.file) as archive:
            content = b"".join(archive.read(name) + name.encode() for name in archive.namelist())
    assert b"Lovelace" not in content


@pytest.mark.parametrize("form", FORMATS)
def test_an_empty_store_exports_too(tmp_path, form):
    with AnnotationStore(tmp_path / "home") as store:
        assert export(store, VolumeLibrary(tmp_path / "home"), form, tmp_path / "out").annotations == 0


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_in_place_of_the_folder_is_refused(store, volumes, tmp_path, form):
    (tmp_path / "out").write_text("a file")
    with pytest.raises(StoreError, match="nothing was exported"):
        export(store, volumes, form, tmp_path / "out")


def test_one_study_can_be_exported_alone(store, volumes, tmp_path):
    assert export(store, volumes, "csv", tmp_path, study_id="reference").annotations == 1


class TestScan:
    def hits(self, store, comment, names=(NAME,)):
        reader = store.readers()[0]
        store.save_draft(
            f"c{store.head().seq}",
            case_id="case1",
            reader_id=reader.reader_id,
            reading=a_reading(comment=comment),
            ai_visible=False,
            repeat_index=5,
        )
        annotations = [one for one in store.annotations("annotate") if one.repeat_index == 5]
        return [(hit.kind, hit.text) for hit in scan_comments(annotations, names)]

    @pytest.mark.parametrize("date", ["12.03.2021", "2021-03-12", "3/12/21", "12. März 2021", "March 12, 2021", "12 Mar 2021"])
    def test_dates(self, store, date):
        assert ("date", date) in self.hits(store, f"compare with {date} please")

    def test_long_numbers_and_names_of_readers_in_any_case(self, store):
        assert self.hits(store, "PID 4711000, says lovelace") == [("number", "4711000"), ("name", "lovelace")]

    def test_ordinary_comments_pass(self, store):
        assert self.hits(store, "wedge of T12, 30 % of height; gas cleft in L1/2, 12 mm") == []

    def test_the_export_reports_them(self, store, volumes, tmp_path):
        report = export(store, volumes, "csv", tmp_path)
        assert [(hit.case_id, hit.kind, hit.text) for hit in report.hits] == [("case1", "date", "12.03.2021")]
