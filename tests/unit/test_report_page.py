"""The report of a finished run: one file, opens offline, names nobody, calls synthetic synthetic, is the same each time."""

from __future__ import annotations

import json
import platform
import re
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
import torch
from report_fixtures import DATA, PEOPLE, Page, finished_run, rows, source
from training_fixtures import TINY, a_case

from vfrac_core.cli.main import run as main
from vfrac_core.errors import VfracError
from vfrac_core.evaluation.figure import Figure
from vfrac_core.evaluation.score_table import ScoreTable
from vfrac_core.model.cam_request import shown_cam
from vfrac_core.model.gradcam import explain
from vfrac_core.model.weights import load_weights
from vfrac_core.report.cohort_tables import LABELS
from vfrac_core.report.shown_case import show_cases
from vfrac_core.report.sign_failures import write_failures
from vfrac_core.report.source import Reader, source_of_evaluation, source_of_run
from vfrac_core.report.tried_on import read_tried_on
from vfrac_core.report.write import contents_of, write_report
from vfrac_core.signs import SAFETY
from vfrac_core.training.cases import training_set
from vfrac_core.training.judging import judge
from vfrac_core.training.scores import score_cases, served_inputs

MARK = "Synthetic data prove the machinery, not the diagnosis."
WITHOUT_DATA = ("Fig. 1. ", "Table 7. The paper's network")  # the module itself, and the paper's own patients


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return finished_run(tmp_path_factory.mktemp("runs") / "cv")


@pytest.fixture(scope="module")
def report(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("report")
    assert write_report(source(run), out) == out / "report.html"
    return out


@pytest.fixture(scope="module")
def html(report: Path) -> Page:
    return Page(text(report))


def text(report: Path) -> str:
    return (report / "report.html").read_text(encoding="utf-8")


def test_it_needs_nothing_from_outside(report: Path, html: Page) -> None:
    assert not {"script", "link", "iframe", "object", "base"} & {tag for tag, _ in html.tags}
    addresses = [value for _, own in html.tags for name, value in own.items() if name in ("src", "href", "srcset", "action")]
    assert addresses
    assert all(value and value.startswith(("data:image/png;base64,", "#")) for value in addresses)
    assert not [name for _, own in html.tags for name in own if name.startswith("on")]
    assert not re.search(r"https?://|@import|url\(", text(report))


def test_every_table_has_its_csv_and_every_figure_its_png(report: Path, html: Page) -> None:
    names = {own["id"] for tag, own in html.tags if tag == "figure"}
    files = {file.stem for folder in ("csv", "png") for file in (report / folder).iterdir()}
    assert names == files
    titles = {row["table"] for file in (report / "csv").iterdir() for row in rows(file)}
    assert titles == {title for title in html.titles if title.startswith("Table")}
    assert {title[: len("Fig. 1.")] for title in html.titles if title.startswith("Fig. 1. ")}
    numbers = [int(found[1]) for title in html.titles if (found := re.match(r"Fig\. (\d+)\.", title))]
    assert sorted(numbers) == list(range(1, 11))


def test_every_title_of_synthetic_data_says_so(html: Page) -> None:
    plain = [title for title in html.titles if not title.endswith(MARK)]
    assert len(plain) == 2
    assert all(title.startswith(WITHOUT_DATA) for title in plain)


def test_the_safety_line_is_on_screen_on_every_page_and_in_every_csv(report: Path) -> None:
    assert f'@bottom-left {{ content: "{SAFETY} {MARK}"' in text(report)
    assert text(report).count(SAFETY) >= 4
    assert all(row["safety"] == SAFETY for file in (report / "csv").iterdir() for row in rows(file))


@pytest.mark.slow
def test_the_same_run_gives_the_same_bytes(run: Path, report: Path, tmp_path: Path) -> None:
    write_report(source(run), tmp_path)
    files = sorted(file.relative_to(report) for file in report.rglob("*") if file.is_file())
    assert len(files) > 15
    assert files == sorted(file.relative_to(tmp_path) for file in tmp_path.rglob("*") if file.is_file())
    assert all((report / file).read_bytes() == (tmp_path / file).read_bytes() for file in files)


def test_it_names_no_machine_no_path_and_no_case(run: Path, report: Path) -> None:
    everything = text(report) + "".join(file.read_text() for file in (report / "csv").iterdir())
    everything = re.sub(r"base64,[\w+/=]+", "", everything)
    for name in (str(run), str(run.parent), str(Path.home()) + "/", platform.node(), "case-0", "patient-0"):
        assert name not in everything


def test_the_first_page_says_what_was_run(run: Path, report: Path) -> None:
    found = source(run)
    assert found.record is not None
    for word in (
        DATA.sha256,
        found.record.folds_sha256,
        found.record.machine,
        "random weights (seed 0)",
        "2026-01-02T00:00:00+00:00",
    ):
        assert str(word) in text(report)
    assert text(report).count("<dt>Weights, fold") == 3


def test_what_comes_from_outside_is_escaped(run: Path, tmp_path: Path) -> None:
    name = '<script>alert("1")</script>&'
    answers = np.array([bool(case.malignant) for case in DATA.cases])
    write_report(source(run, readers=[Reader(name, answers)]), tmp_path)
    assert "<script" not in text(tmp_path)
    assert "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt;&amp;" in text(tmp_path)
    paired = rows(tmp_path / "csv" / "comparison.csv")
    assert {row["method"] for row in paired if row["column"] == "p"} == {"no interval: exact McNemar"}


def test_a_map_is_by_the_weights_that_never_saw_the_case(run: Path) -> None:
    found = source(run)
    fold_of = dict(zip(found.table.cases, found.table.folds.tolist(), strict=True))
    shown = show_cases(found, range(len(DATA.cases)))
    for index in (0, 7, 23):
        case = DATA.cases[index]
        network = load_weights(run / f"fold-{fold_of[case.case]:02d}" / "weights.safetensors", TINY).network
        maps = explain(network, torch.from_numpy(served_inputs(case)), shown_cam()).maps.numpy()
        np.testing.assert_allclose([one.cam for one in shown[index].slices], maps, atol=1e-4)
        assert shown[index].fold == fold_of[case.case]
        assert shown[index].highest.probability == max(one.probability for one in shown[index].slices)


@pytest.mark.slow
def test_swapped_weights_are_found_out_and_lost_ones_leave_the_map_out(run: Path, tmp_path: Path) -> None:
    found = source(run)
    swapped = {0: found.weights[1], 1: found.weights[0], 2: found.weights[2]}
    with pytest.raises(VfracError, match="do not give its scores"):
        show_cases(replace(found, weights=swapped), range(len(DATA.cases)))
    write_report(replace(found, weights={}), tmp_path)
    assert "No map: the weights are not in the run&#39;s folder." in text(tmp_path)


def test_what_does_not_belong_together_is_refused(run: Path, tmp_path: Path) -> None:
    with pytest.raises(VfracError, match="no finished run"):
        source(tmp_path)
    changed = replace(DATA, sha256="0" * 64)
    with pytest.raises(VfracError, match="not those of the run"):
        source_of_run(run, changed, shape=TINY)
    copy = tmp_path / "copy"
    copy.mkdir()
    for name in ("run.json", "config.yaml"):
        (copy / name).write_bytes((run / name).read_bytes())
    scores = (run / "scores.csv").read_text().splitlines()
    one = scores[1].split(",")
    (copy / "scores.csv").write_text("\n".join([scores[0], ",".join([*one[:5], "9.5", *one[6:]]), *scores[2:]]) + "\n")
    with pytest.raises(VfracError, match=r"scores\.csv does not give the figures"):
        source(copy)


@pytest.mark.slow
def test_an_evaluation_has_a_smaller_report(run: Path, tmp_path: Path) -> None:
    file = run / "fold-00" / "weights.safetensors"
    scored: ScoreTable = score_cases(load_weights(file, TINY).network, DATA.cases)
    found = source_of_evaluation(scored, DATA, file, machine="a processor", people=PEOPLE, spec=TINY, draws=100)
    contents = contents_of(found)
    assert contents.heading == "Evaluation of one network"
    assert not {"folds", "recalibrated"} & {table.name for table in contents.tables}
    assert "learning" not in {figure.name for figure in contents.figures}
    assert [fact.name for fact in contents.facts][-1] == "Weights"
    assert {"table-1", "network", "signs", "groups"} <= {table.name for table in contents.tables}
    other = replace(DATA, cases=DATA.cases[1:])
    with pytest.raises(VfracError, match="other cases"):
        source_of_evaluation(scored, other, file, machine="a processor", spec=TINY, draws=100)


@pytest.fixture(scope="module")
def evaluated(run: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``evaluate`` of the first fold's weights on other cases, whose lesions lie in the middle."""
    out, other = tmp_path_factory.mktemp("evaluated"), training_set([a_case(number) for number in range(50, 62)], "noise")
    lesions = {case.case: np.zeros(case.hu.shape, np.uint8) for case in other.cases}
    for mask in lesions.values():
        mask[:, 10:-10, 10:-10] = 63
    weights = load_weights(run / "fold-00" / "weights.safetensors", TINY)
    judged = judge(weights, other, "cohort folder", out, lesions=lesions)
    write_failures(weights.network, other, judged.evaluation.table, out)
    return out


def test_weights_tried_on_cases_not_seen_have_their_own_chapter(run: Path, evaluated: Path) -> None:
    told = json.loads((evaluated / "evaluation.json").read_text())
    contents = contents_of(source(run, tried=[read_tried_on(evaluated)]))
    tables = {table.name: table for table in contents.tables}
    assert "On cases that no network here learned from" in [section.title for section in contents.sections]
    auc = next(row for row in tables["unseen_1"].rows if row.name == "ROC AUC").cells[0]
    assert auc.figure == Figure(**told["per_patient"]["auc"])
    sign = next(row for row in tables["unseen_signs_1"].rows if row.name == LABELS["bone_destruction"])
    assert sign.cells[2].figure == Figure(**told["signs"]["bone_destruction"]["auc"])
    difference = tables["focus_1"].rows[0].cells[2]
    assert difference.figure == Figure(**told["cam_focus"]["fused"]["malignant"]["gain"])
    (picture,) = [figure for figure in contents.figures if figure.name == "sign-failures-1"]
    assert picture.png == (evaluated / "failures.png").read_bytes()
    assert all(told["weights_sha256"] in tables[name].notes[0] for name in ("unseen_1", "unseen_signs_1", "focus_1"))


def test_an_evaluation_on_the_cases_that_were_learned_from_is_refused(run: Path, evaluated: Path, tmp_path: Path) -> None:
    tried = read_tried_on(evaluated)
    with pytest.raises(VfracError, match="very cases"):
        source(run, tried=[replace(tried, data_sha256=DATA.sha256)])
    with pytest.raises(VfracError, match="finished evaluate"):
        read_tried_on(tmp_path)
    (tmp_path / "evaluation.json").write_text('{"weights": 3}')
    with pytest.raises(VfracError, match="finished evaluate"):
        read_tried_on(tmp_path)


@pytest.mark.slow
def test_the_command_writes_it_and_refuses_in_one_line(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "truth.csv").write_text("case\n")
    monkeypatch.setattr("vfrac_core.library.cohort_set.read_cohort", lambda _folder, progress: DATA)
    monkeypatch.setattr("vfrac_core.report.source.source_of_run", partial(source_of_run, shape=TINY, draws=100))
    own = ["--cohort", str(tmp_path), "--out", str(tmp_path / "out")]
    assert main(["report", "--run", str(run), *own]) == 0
    written = capsys.readouterr()
    assert MARK in written.err
    assert "24 cases" in written.out
    assert (tmp_path / "out" / "report.html").is_file()
    assert main(["report", "--run", str(tmp_path), *own, "--json"]) == 2
    assert "no finished run" in json.loads(capsys.readouterr().out)["error"]
