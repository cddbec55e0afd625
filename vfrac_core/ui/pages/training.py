"""Training: look at the data, train beside the app, compare, make weights current. Closed on a public server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr
from gradio.components import Component

from vfrac_core.library.pretraining import has_pretraining
from vfrac_core.library.run_folders import RunFolders
from vfrac_core.training.config import DEMO, PRESETS
from vfrac_core.ui.pages.desk import build_header
from vfrac_core.ui.services import Services
from vfrac_core.ui.training_actions import TrainingActions
from vfrac_core.ui.training_choices import FIRSTS, MOST_EPOCHS, MOST_FOLDS, READERS, SOURCES, STUDY, WHATS

CLOSED = "Training is closed on a public server. Run vfrac on your own machine to train on your own readings."
HOW = (
    "A run trains in a process of its own with low priority; it goes on if you close this page or the app. "
    "Networks trained on synthetic cases prove the machinery, not the diagnosis."
)
BEFORE_LOOKING = "*Look* shows the class of each case. Read your own cases in Annotate first."
UNPRETRAINED = (
    "Better first weights than random ones are made once, in an hour, by the command `pretrain`: *Synthetic pretraining*."
)
WATCH_S = 2.5


@dataclass(frozen=True, slots=True)
class _Runs:
    """The parts of the third section, which others fill and read."""

    chosen: gr.Dropdown
    said: gr.Markdown


def build_training(services: Services, page: gr.Blocks) -> None:
    """The page at /training."""
    build_header("Training")
    if services.settings.public:
        gr.Markdown(CLOSED)
        return
    actions = TrainingActions(services, RunFolders(services.settings.data_home))
    gr.Markdown(HOW)
    gr.Markdown("## 1 Data")
    data = _data_controls()
    gr.Markdown(BEFORE_LOOKING)
    look = gr.Button("Look", elem_id="look")
    found = gr.HTML(elem_id="data", apply_default_css=False)
    sheet = gr.HTML(elem_id="contact-sheet", apply_default_css=False)
    gr.Markdown("## 2 Run")
    run = _run_controls(has_pretraining(services.settings.data_home))
    shift_from = run[-2]
    with gr.Row():
        ask = gr.Button("How long?", elem_id="how-long")
        start = gr.Button("Start", elem_id="start", variant="primary")
    answer = gr.Markdown(elem_id="estimate")
    runs, lists = _runs_section(actions, page, shift_from)
    busy: dict[str, Any] = {"concurrency_id": "training-data", "concurrency_limit": 1, "api_visibility": "private"}
    look.click(actions.look_at_data, [*data, *run], [found, sheet], **busy)
    ask.click(actions.how_long, [*data, *run], answer, **busy)
    start.click(
        actions.start_run,
        [*data, *run],
        [runs.said, runs.chosen],
        concurrency_id="runs",
        concurrency_limit=1,
        api_visibility="private",
    )
    _current_section(actions, page, lists)


def _data_controls() -> list[Component]:
    """In the order of ``DataChoice``."""
    with gr.Row():
        source = gr.Radio(SOURCES, value=STUDY, label="Cases from", elem_id="source")
        readers = gr.Radio(READERS, value="senior", label="Label by", elem_id="readers")
    with gr.Row():
        assisted = gr.Checkbox(False, label="Include readings made with the AI visible", elem_id="assisted")
        cohort = gr.Textbox(label="Cohort folder, if chosen: truth.csv beside crops or DICOM series", elem_id="cohort")
    return [source, readers, assisted, cohort]


def _run_controls(pretrained: bool) -> list[Component]:
    """In the order of ``RunChoice``. ``pretrained``: the choice of the preset is there to begin with."""
    with gr.Row():
        what = gr.Radio(WHATS, value="train", label="What", elem_id="what")
        preset = gr.Radio([*reversed(PRESETS)], value=DEMO.preset, label="Preset", elem_id="preset")
    with gr.Row():
        first = gr.Radio(
            FIRSTS,
            value=DEMO.initial if pretrained else "random",
            label="First weights",
            elem_id="first",
        )
        first_file = gr.Textbox(label="Weights file, if chosen", elem_id="first-file")
    if not pretrained:
        gr.Markdown(UNPRETRAINED)
    with gr.Row():
        folds = gr.Number(DEMO.folds, label="Folds", precision=0, minimum=2, maximum=MOST_FOLDS, elem_id="folds")
        epochs = gr.Number(0, label="Epochs (0: the preset's)", precision=0, minimum=0, maximum=MOST_EPOCHS, elem_id="epochs")
        shift = gr.Dropdown([("none", "")], value="", label="Logit shift of a cross-validation", elem_id="shift-from")
        name = gr.Textbox(label="Name (empty: day and preset)", elem_id="run-name", max_length=60)
    return [what, preset, first, first_file, folds, epochs, shift, name]


def _runs_section(actions: TrainingActions, page: gr.Blocks, shift_from: Component) -> tuple[_Runs, list[Component]]:
    """The runs, watched by a timer; and the two lists of the last section, which are filled here."""
    gr.Markdown("## 3 Runs")
    table = gr.HTML(elem_id="runs", apply_default_css=False)
    with gr.Row():
        chosen = gr.Dropdown([], label="Run", elem_id="chosen-run")
        stop = gr.Button("Stop", elem_id="stop")
        resume = gr.Button("Resume", elem_id="resume")
    said = gr.Markdown(elem_id="run-said")
    curves = gr.HTML(elem_id="curves", apply_default_css=False)
    compared = gr.CheckboxGroup([], label="Compare: two or more finished runs", elem_id="compare")
    comparison = gr.HTML(elem_id="comparison", apply_default_css=False)
    gr.Markdown("## 4 Make current")
    with gr.Row():
        trained = gr.Dropdown([], label="A finished train", elem_id="trained")
        validated = gr.Dropdown([("none", "")], value="", label="Its cross-validation, of the same cases", elem_id="validated")
    seen = gr.JSON(None, visible=False)  # a gr.State would keep a connection open from every page
    watch = gr.Timer(WATCH_S, active=False)  # Gradio puts it on every page of the app: only this one sets it going
    gr.on(
        [page.load, watch.tick, chosen.change, said.change],
        actions.watch_runs,
        [chosen, seen],
        [table, curves, chosen, compared, trained, validated, shift_from, seen, watch],
        show_progress="hidden",
        trigger_mode="always_last",
        concurrency_limit=4,
        api_visibility="private",
    )
    turn: dict[str, Any] = {"concurrency_id": "runs", "concurrency_limit": 1, "api_visibility": "private"}
    stop.click(actions.stop_run, chosen, said, **turn)
    resume.click(actions.resume_run, chosen, said, **turn)
    compared.change(actions.compare_runs, compared, comparison, show_progress="hidden", api_visibility="private")
    return _Runs(chosen, said), [trained, validated]


def _current_section(actions: TrainingActions, page: gr.Blocks, lists: list[Component]) -> None:
    keep = gr.Checkbox(False, label="Keep the folds' networks: cases they have not seen are answered live", elem_id="keep-folds")
    make = gr.Button("Make current", elem_id="make-current", variant="primary")
    now = gr.Markdown(elem_id="answering-now")
    make.click(actions.make_current, [*lists, keep], now, concurrency_id="weights", concurrency_limit=1, api_visibility="private")
    page.load(actions.answering_now, None, now, show_progress="hidden", api_visibility="private")
