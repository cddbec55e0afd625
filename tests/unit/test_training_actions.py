"""The Training page without a browser: refused to strangers, checked choices, honest figures, nothing of the user's as HTML."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import gradio as gr
import pytest
from store_samples import a_reading, add_case_with_pixels, save
from training_fixtures import some_cases

from vfrac_core.errors import VfracError
from vfrac_core.library.cases import CaseLibrary
from vfrac_core.library.run_command import RunCommand
from vfrac_core.library.run_curves import Curve, Point, RunCurves
from vfrac_core.library.run_folders import RunFolder, RunFolders
from vfrac_core.settings import Settings
from vfrac_core.store import VolumeLibrary
from vfrac_core.training.config import DEMO
from vfrac_core.training.cross_validate import History
from vfrac_core.training.run_record import RunRecord, data_record, make_record
from vfrac_core.ui.curves_svg import Drawn, curves_svg
from vfrac_core.ui.live_weights import LiveWeights
from vfrac_core.ui.services import Services
from vfrac_core.ui.training_actions import TrainingActions
from vfrac_core.ui.training_choices import DataChoice, RunChoice
from vfrac_core.ui.training_runs_html import OTHER_DATA, ShownRun, compare_html, figure_text, run_html, runs_html

STUDY = DataChoice("study", "senior", False, "")
TRAIN = RunChoice("train", "demo", "random", "", 10, 0, "", "")
GIVEN = ("study", "senior", False, "", "train", "demo", "random", "", 10, 0, "", "run")
ARGUMENTS = {
    "look_at_data": (gr.Progress(), *GIVEN),
    "how_long": (gr.Progress(), *GIVEN),
    "start_run": GIVEN,
    "stop_run": ("run",),
    "resume_run": ("run",),
    "watch_runs": (None, ()),
    "compare_runs": ([],),
    "make_current": ("run", "", False),
    "answering_now": (),
}
NOW = date(2026, 3, 1)
DAY = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.fixture
def services(store, tmp_path: Path) -> Services:
    library = CaseLibrary(store, VolumeLibrary(tmp_path), secret=b"s" * 32, cache_bytes=0)
    settings = Settings(data_home=tmp_path, weights_dir=tmp_path / "weights")
    return Services(settings, b"s" * 32, store, library, LiveWeights(lambda: tmp_path / "weights"))


def actions_of(services: Services, *, public: bool = False) -> TrainingActions:
    own = replace(services, settings=replace(services.settings, public=public))
    return TrainingActions(own, RunFolders(services.settings.data_home, ("nobody starts this",)), lambda: NOW)


@pytest.mark.parametrize("name", sorted(ARGUMENTS))
def test_a_public_server_refuses_every_handler(services: Services, name: str) -> None:
    with pytest.raises(gr.Error, match="closed on a public server"):
        getattr(actions_of(services, public=True), name)(*ARGUMENTS[name])
    assert not (services.settings.data_home / "runs").exists()


def test_every_handler_is_in_the_table_above() -> None:
    public = {name for name, found in vars(TrainingActions).items() if callable(found) and not name.startswith("_")}
    assert public == set(ARGUMENTS)


class TestLook:
    def test_counts_what_is_left_out_and_warns_of_small_classes(self, services: Services, store, reader) -> None:
        for number in range(4):
            case = add_case_with_pixels(services.settings.data_home, store, f"read{number}", seed=number)
            reading = a_reading(diagnosis="malignant" if number % 2 else "benign")
            save(store.submit, reader, f"save{number}", case_id=case.case_id, reading=reading, ai_visible=number == 3)
        data, sheet = actions_of(services).look_at_data(gr.Progress(), *GIVEN)
        assert 'data-cases="3" data-malignant="1" data-benign="2"' in data
        assert "1 reading was made with the AI visible" in data
        assert "1 malignant patient: too few for 10 folds" in data
        assert sheet.count("data:image/png") == 2


class TestChoices:
    def test_the_configuration_is_the_presets_with_what_was_chosen(self) -> None:
        assert TRAIN.config() == replace(DEMO, initial="random")
        assert replace(TRAIN, epochs=2, folds=3).config() == replace(DEMO, initial="random", epochs=2, folds=3)

    @pytest.mark.parametrize(
        "changes",
        [{"epochs": 1.5}, {"epochs": -1}, {"folds": 1}, {"folds": 10**9}, {"preset": "x"}, {"first": "x"}, {"first": "file"}],
    )
    def test_what_is_no_configuration_is_refused(self, changes: dict) -> None:
        with pytest.raises(VfracError):
            replace(TRAIN, **changes).config()

    @pytest.mark.parametrize("cohort", ["", "  ", "/no/such/folder", "truth.csv"])
    def test_a_cohort_that_is_no_folder_is_refused(self, cohort: str) -> None:
        with pytest.raises(VfracError, match="no such cohort folder"):
            TRAIN.command(replace(STUDY, source="cohort", cohort=cohort))

    def test_a_cohort_is_given_by_its_whole_path(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.chdir(tmp_path.parent)
        command = TRAIN.command(replace(STUDY, source="cohort", cohort=tmp_path.name))
        assert (command.cohort, command.study) == (str(tmp_path.resolve()), None)

    def test_a_name_is_made_of_the_day_where_none_is_given(self) -> None:
        assert TRAIN.name_on(NOW) == "2026-03-01-demo-train"
        assert replace(TRAIN, name=" my  run ").name_on(NOW) == "my-run"

    def test_a_cross_validation_takes_no_shift(self) -> None:
        assert replace(TRAIN, what="cross-validate", shift_from="cv").command(STUDY).shift_from is None
        assert replace(TRAIN, shift_from="cv").command(STUDY).shift_from == "cv"

    def test_first_weights_that_are_not_there_are_told_before_the_start(self, services: Services) -> None:
        said, _ = actions_of(services).start_run(*GIVEN[:6], "synthetic", *GIVEN[7:])
        assert "run pretrain first" in said
        assert not (services.settings.data_home / "runs").exists()


def a_record(cases: int = 6, what: str = "cross-validate") -> RunRecord:
    histories = [History("k", 0, [[0.7, 0.6], [0.5, 0.55]], 1, 60.0, "random weights (seed 0)", "random", 1)]
    data = data_record(some_cases(cases), "cohort folder")
    found = make_record(what, DEMO, data, histories, started_at=DAY, finished_at=DAY, device="cpu")
    figure = {"value": 0.9, "low": 0.8, "high": 0.95, "n": cases, "method": "x"}
    return replace(found, results={"plain": {"per_patient": {"auc": figure}}} if what == "cross-validate" else {})


def a_run(name: str, record: RunRecord | None = None, state: str = "finished", line: str = "") -> ShownRun:
    curves = RunCurves((Curve(0, ((0.7, 0.6), (0.5, 0.55)), 1),), 1, 8, record)
    return ShownRun(RunFolder(name, Path(name), state, line, RunCommand("train", study="annotate"), 0.0), curves)


class TestRuns:
    def test_figures_stand_side_by_side_with_their_intervals(self) -> None:
        page = compare_html([a_run("one", a_record()), a_run("two", a_record())])
        assert page.count("0.900 [0.800, 0.950]") == 2
        assert "Synthetic data prove the machinery" in page
        assert OTHER_DATA not in page

    def test_runs_of_other_data_are_said_to_be(self) -> None:
        assert OTHER_DATA in compare_html([a_run("one", a_record(6)), a_run("two", a_record(8))])

    def test_a_train_has_no_figures_and_one_run_no_comparison(self) -> None:
        assert "AUC" not in compare_html([a_run("one", a_record(what="train")), a_run("two", a_record(what="train"))])
        assert compare_html([a_run("one", a_record())]) == ""
        assert compare_html([a_run("one", a_record()), a_run("two")]) == ""

    def test_what_a_run_said_is_text_and_not_html(self) -> None:
        page = run_html(a_run("one", state="failed", line="<script>alert(1)</script>"))
        assert "<script>" not in page
        assert "&lt;script&gt;" in page

    def test_no_run_is_said_in_words(self) -> None:
        assert "No run yet" in runs_html([])

    def test_a_figure_without_a_value_says_why(self) -> None:
        assert figure_text({"value": None, "low": None, "high": None, "reason": "no benign patient"}) == "– (no benign patient)"
        assert figure_text({"value": 0.5, "low": None, "high": None}) == "0.500"
        assert figure_text(None) == "–"


class TestCurves:
    def test_a_loss_lies_where_its_axis_says(self) -> None:
        svg = curves_svg([Drawn(Curve(0, ((1.0, 0.5), (0.5, 0.25)), 1))], 2, "loss")
        lines = re.findall(r'<polyline points="([^"]+)"', svg)
        assert lines == ["338.0,12.0 628.0,116.0", "338.0,116.0 628.0,168.0"]  # 0 to 1 is 220 to 12, two epochs 48 to 628
        assert re.findall(r'cx="([^"]+)" cy="([^"]+)" r="7.0"', svg) == [("628.0", "168.0")]  # the best one's validation

    def test_the_epoch_on_its_way_is_an_open_end(self) -> None:
        svg = curves_svg([Drawn(Curve(0, ((1.0, 0.5),), 0, Point(1.5, 0.75)))], 2, "loss")
        assert 'data-points="2"' in svg
        assert '<polyline points="338.0,12.0 483.0,64.0"' in svg

    @pytest.mark.parametrize("curves", [[], [Curve(0, (), None)], [Curve(0, ((float("nan"), float("inf")),), 0)]])
    def test_nothing_and_no_number_can_be_drawn(self, curves: list[Curve]) -> None:
        svg = curves_svg([Drawn(curve) for curve in curves], 0, 'a "title"')
        assert "nan" not in svg
        assert "inf" not in svg
        assert "a &quot;title&quot;" in svg
