"""The paper's numbers as they come out in the report's CSV, and how ours stand beside them. Golden values: science.md §1 (scipy,
statsmodels and scikit-learn on the paper's Table 1), the paper's own tables, and the architecture's counts."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pytest
from report_fixtures import DATA, PEOPLE
from training_fixtures import TINY

from vfrac_core.evaluation.figure import Figure
from vfrac_core.evaluation.performance import performance
from vfrac_core.evaluation.score_table import ScoreTable
from vfrac_core.model.outline import outline
from vfrac_core.model.spec import NetworkSpec
from vfrac_core.report.claim import checklist
from vfrac_core.report.cohort_tables import slices_table, table_one
from vfrac_core.report.detail_tables import groups_table, signs_table
from vfrac_core.report.network_tables import mended_table, performance_table
from vfrac_core.report.people import Person, groupings, read_people
from vfrac_core.report.picks import pick, pick_strip
from vfrac_core.report.picture import OPACITY, heat, upsampled
from vfrac_core.report.reader_tables import comparison_table, readers_table
from vfrac_core.report.source import Source
from vfrac_core.report.table import Cell, Paper, Row, Table, measured
from vfrac_core.report.table_csv import csv_text
from vfrac_core.training.results import Results


def a_source(logits: np.ndarray | None = None, people: tuple[Person, ...] = ()) -> Source:
    """Without weights and folds: scores made by hand, three slices a case."""
    owner = [case for case in DATA.cases for _ in case.slices]
    logits = np.random.default_rng(0).normal(size=len(owner)) if logits is None else logits
    table = ScoreTable(
        cases=tuple(case.case for case in owner), patients=tuple(case.patient for case in owner),
        slices=np.array([index for case in DATA.cases for index in case.stack_slices], np.int64),
        logits=logits, malignant=np.array([bool(case.malignant) for case in owner]),
    )  # fmt: skip
    people = people or tuple(PEOPLE[case.case] for case in DATA.cases)
    results = Results(table, performance(table, seed=0, draws=100), ())
    return Source("evaluate", DATA, table, results, (), (), (), {}, TINY, people, (), None, 0, 100)


def lines(table: Table) -> dict[tuple[str, str], Mapping[str, str]]:
    return {(row["row"], row["column"]): row for row in csv.DictReader(io.StringIO(csv_text(table)))}


@pytest.mark.parametrize(
    ("row", "malignant", "benign", "statistic", "p"),
    [
        ("Vertebral compression", "250/296 (84.5 %)", "133/137 (97.1 %)", 14.6052, 1.325e-4),
        ("Bone cortex interruption", "290/296 (98.0 %)", "125/137 (91.2 %)", 10.6532, 1.099e-3),
        ("Paravertebral soft-tissue mass", "276/296 (93.2 %)", "2/137 (1.5 %)", 343.2827, 1.230e-76),
        ("Transverse fracture line", "3/296 (1.0 %)", "109/137 (79.6 %)", 301.3375, None),
        ("Multiple segments", "161/296 (54.4 %)", "30/137 (21.9 %)", 40.1107, 2.400e-10),
        ("Bone destruction", "294/296 (99.3 %)", "1/137 (0.7 %)", 419.2794, 3.502e-93),
        ("Male", "170/296 (57.4 %)", "53/137 (38.7 %)", 13.1767, 2.834e-4),
        ("Age, mean in years", "57.8", "62.8", -3.2802, 1.2233e-3),
    ],
)
def test_the_papers_table_one_stands_beside_ours(
    row: str, malignant: str, benign: str, statistic: float, p: float | None
) -> None:
    found = lines(table_one(a_source()))
    assert found[row, "Malignant"]["paper_shown"] == malignant
    assert found[row, "Benign"]["paper_shown"] == benign
    if p is not None:  # nobody in these cases knows the transverse line
        assert float(found[row, "Statistic"]["paper_value"]) == pytest.approx(statistic, abs=5e-4)
        assert float(found[row, "p"]["paper_value"]) == pytest.approx(p, rel=1e-3)
    assert found[row, "p"]["paper_shown"] == ("0.001" if row.startswith(("Bone cortex", "Age")) else "<0.001")


@pytest.mark.parametrize(
    ("column", "row", "value", "low", "high"),
    [
        ("Reader 1, 5 y (paper's)", "Sensitivity", 0.9932, 0.9757, 0.9981),
        ("Reader 1, 5 y (paper's)", "Specificity", 0.9854, 0.9483, 0.9960),
        ("Reader 2, 3 y (paper's)", "Accuracy (plain)", 0.9515, 0.9270, 0.9681),
        ("Reader 3, 1 y (paper's)", "Accuracy (plain)", 0.9284, 0.9002, 0.9491),
        ("Reader 3, 1 y (paper's)", "Specificity", 0.9270, 0.8708, 0.9599),
        ("Network (paper's, counts assumed)", "Accuracy (plain)", 0.9030, 0.8715, 0.9274),
        ("Network (paper's, counts assumed)", "Specificity", 0.8029, 0.7284, 0.8609),
    ],
)
def test_readers_and_the_papers_network(column: str, row: str, value: float, low: float, high: float) -> None:
    line = lines(readers_table(a_source()))[row, column]
    assert [float(line[name]) for name in ("value", "low", "high")] == pytest.approx([value, low, high], abs=6e-5)
    assert line["method"] == "Wilson"


def test_readers_figures_without_an_interval_in_the_source() -> None:
    found = lines(readers_table(a_source()))
    network = "Network (paper's, counts assumed)"
    assert float(found["Balanced accuracy", network]["value"]) == pytest.approx(0.8761, abs=5e-5)
    assert found["Balanced accuracy", network]["paper_shown"] == "0.88"
    assert found["Accuracy (plain)", network]["paper_shown"] == ""  # what the paper calls so is the balanced one
    assert found["Accuracy (plain)", "Reader 2, 3 y (paper's)"]["paper_shown"] == "95.2 %"
    for name, value in (
        ("Positive predictive value", 0.9791),
        ("Negative predictive value", 0.8973),
        ("Matthews correlation", 0.8908),
    ):
        assert float(found[name, "Reader 2, 3 y (paper's)"]["value"]) == pytest.approx(value, abs=5e-5)
    assert float(found["LR+", "Reader 1, 5 y (paper's)"]["value"]) == pytest.approx(68.04, abs=5e-3)


def test_without_readers_of_the_same_cases_the_range_over_all_pairings_is_printed() -> None:
    table = comparison_table(a_source())
    found = lines(table)
    assert "synthetic" not in table.title.lower()
    assert float(found["Network − Reader 1", "Accuracy: largest p"]["value"]) == pytest.approx(5.1e-9, rel=0.02)
    assert float(found["Network − Reader 2", "Accuracy: largest p"]["value"]) == pytest.approx(0.011, abs=5e-4)
    assert found["Network − Reader 2", "Sensitivity: smallest p"]["value"] == "1.0"
    assert float(found["Network − Reader 3", "Specificity: largest p"]["value"]) == pytest.approx(0.0076, abs=5e-5)


def test_ours_beside_the_papers_with_n_interval_and_a_sentence_where_they_differ() -> None:
    truth = np.repeat([bool(case.malignant) for case in DATA.cases], 3)
    table = performance_table(a_source(np.where(truth, -2.0, 2.0)))
    found = lines(table)
    line = found["Balanced accuracy", "Per slice"]
    assert (line["value"], line["paper_shown"], line["n"]) == ("0.0", "0.85", "72")
    assert (
        "Balanced accuracy, per slice: ours lies below the paper's 0.85, which is outside of our interval." in table.differences
    )
    assert found["Accuracy of the larger class", "Per patient"]["paper_shown"] == "0.684"
    assert any("calls the mean of the network's sensitivity and specificity its accuracy" in note for note in table.notes)


def test_a_difference_is_said_only_where_the_interval_leaves_the_paper_out() -> None:
    figure = Figure(0.90, 0.86, 0.93, 300, "Wilson")
    assert measured("x", figure, Paper("0.88", 0.88)).differs == ""
    assert "below the paper's 0.95" in measured("x", figure, Paper("0.95", 0.95)).differs
    assert measured("x", figure).differs == ""


def test_numbers_in_the_csv_are_unrounded_and_words_are_never_formulas() -> None:
    row = Row(
        "=1+1", (Cell("0.333", Figure(1 / 3, 0.1, 0.6, 12, "Wilson")), Cell("@x"), Cell("-0.5", Figure(-0.5, None, None, 3, "m")))
    )
    found = list(csv.DictReader(io.StringIO(csv_text(Table("t", "a, title", ("one", "two", "three"), (row,))))))
    assert [line["row"] for line in found] == ["'=1+1"] * 3
    assert float(found[0]["value"]) == 1 / 3
    assert found[1]["shown"] == "'@x"
    assert (found[2]["value"], found[2]["shown"]) == ("-0.5", "-0.5")


def test_what_is_not_known_is_said() -> None:
    found = lines(table_one(a_source(people=(Person(),) * len(DATA.cases))))
    for row in ("Male", "Age, mean in years", "Transverse fracture line"):
        assert found[row, "Malignant"]["shown"] == "not known"
    assert groups_table(a_source(people=(Person(),) * len(DATA.cases))) is None
    assert signs_table(a_source()) is None
    assert mended_table(a_source()) is None


def test_slices_of_each_class_are_counted() -> None:
    found = lines(slices_table(a_source()))
    assert (found["Malignant", "Slices"]["value"], found["Benign", "Cases"]["value"]) == ("36.0", "12.0")


def test_galleries_are_picked_by_rule() -> None:
    logits = np.array([3.0, -1.0, 0.5, 2.0, -3.0, 0.0, 1.0, 4.0, -2.0])
    truth = np.array([True, True, True, True, False, False, False, True, True])
    assert pick("true positive", logits, truth).cases == (7, 0, 3, 2)
    assert pick("false negative", logits, truth).cases == (8, 1)
    assert pick("false positive", logits, truth).cases == (6, 5)  # a logit of 0 is p = 0.5, malignant
    assert pick("true negative", logits, truth).cases == (4,)
    many = np.linspace(0.1, 5, 40)
    picked = pick("true positive", many, np.ones(40, bool))
    assert (picked.cases[0], picked.cases[-1], len(picked.cases), picked.of) == (39, 0, 6, 40)
    assert pick("false positive", many, np.zeros(40, bool)).cases == tuple(range(39, 27, -1))
    assert pick("true negative", many, np.ones(40, bool)).cases == ()


def test_the_strip_shows_the_case_whose_slices_differ_most() -> None:
    slices = [np.array([2.0, 2.1]), np.array([-3.0, 3.0]), np.array([-4.0, 4.0]), np.array([-9.0, -1.0])]
    assert pick_strip(slices, np.array([True, True, False, True])) == 1
    assert pick_strip(slices[3:], np.array([True])) is None


def test_a_map_is_faded_by_its_evidence() -> None:
    cam = np.zeros((4, 4), np.float32)
    cam[1, 2] = 3.0
    assert heat(cam, 1.0)[..., 3].max() <= OPACITY
    np.testing.assert_allclose(heat(cam, 0.25)[..., 3], heat(cam, 1.0)[..., 3] / 4)
    assert heat(np.zeros((4, 4), np.float32), 1.0)[..., 3].max() == 0
    torch = pytest.importorskip("torch")
    same = torch.nn.functional.interpolate(torch.from_numpy(cam)[None, None], (64, 64), mode="bilinear", align_corners=False)
    np.testing.assert_allclose(upsampled(cam), same[0, 0].numpy(), atol=1e-6)


@pytest.mark.parametrize(("stride", "sizes"), [(1, (32, 16, 8, 4)), (2, (16, 8, 4, 2))])
def test_the_architecture_is_measured_on_the_module(stride: int, sizes: tuple[int, ...]) -> None:
    stages = outline(NetworkSpec(stem_stride=stride))
    assert sum(stage.parameters for stage in stages) == 23_502_401
    assert sum(stage.blocks for stage in stages) == 16
    assert tuple(stage.shape[1] for stage in stages if stage.blocks) == sizes
    assert stages[1].detail == f"3 × 3, stride {stride}"
    assert [stage.name for stage in outline(NetworkSpec(sign_head=True))][-2:] == ["Malignant", "Six signs"]


def test_age_sex_and_level_are_read_and_what_makes_no_sense_is_not_known(tmp_path) -> None:
    file = tmp_path / "truth.csv"
    file.write_text("case,age_years,sex,vertebral_level\na,90+,M,L1\nb,,female,\nc,400,x,C7\n", encoding="utf-8")
    people = read_people(file)
    assert people["a"] == Person(90.0, "male", "L1")
    assert people["b"].sex == "female"
    assert np.isnan(people["b"].age_years)
    assert people["c"].level is people["c"].sex is None
    assert [one.variable for one in groupings(tuple(people.values()))] == ["sex", "age", "level"]
    (tmp_path / "old.csv").write_text("case\na\n")
    assert groupings(tuple(read_people(tmp_path / "old.csv").values())) == ()


def test_the_checklist_leaves_to_the_author_what_the_program_cannot_know() -> None:
    topics = {topic.name: topic.text for topic in checklist(a_source())}
    for name in (
        "Aims and hypothesis",
        "Ethics approval and consent",
        "Limitations, bias, generalisability",
        "Funding and conflicts of interest",
    ):
        assert topics[name] == ""
    assert DATA.sha256 in topics["Data source"]
    assert "Signs not known: 24 of 144" in topics["Missing data"]


def test_partly_synthetic_data_say_how_much() -> None:
    found = a_source()
    mixed = replace(found, data=replace(DATA, cases=(replace(DATA.cases[0], synthetic=False), *DATA.cases[1:])))
    assert mixed.titled("A table") == "A table. Synthetic data (23 of 24 cases) prove the machinery, not the diagnosis."
    real = replace(found, data=replace(DATA, cases=tuple(replace(case, synthetic=False) for case in DATA.cases)))
    assert real.titled("A table") == "A table."
