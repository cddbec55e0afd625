"""What the buttons of the Training page do. Each is for whoever runs the program: nothing in Gradio is private, so each asks."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, Final, ParamSpec

import gradio as gr

from vfrac_core.errors import NotAllowedError, VfracError
from vfrac_core.library.learning_data import LearningData
from vfrac_core.library.run_curves import read_curves
from vfrac_core.library.run_folders import RunFolders
from vfrac_core.study.access import require_owner
from vfrac_core.ui.refusals import refusal_html, refusals_as_toasts
from vfrac_core.ui.routes.cases import case_title
from vfrac_core.ui.services import Services
from vfrac_core.ui.training_choices import DataChoice, RunChoice
from vfrac_core.ui.training_data_html import data_html, sheet_html
from vfrac_core.ui.training_runs_html import ShownRun, compare_html, run_html, runs_html

Asked = ParamSpec("Asked")
DATA_CONTROLS: Final = 4  # of DataChoice; those of RunChoice follow
SHIPPED: Final = "/shipped"  # in place of a run; no run has such a name


def _in_place(*others: Any) -> Callable[[Callable[Asked, Any]], Callable[Asked, Any]]:
    """A refusal stands in a handler's first output; ``others``: what the further ones get then."""

    def wrapped(handler: Callable[Asked, Any]) -> Callable[Asked, Any]:
        @functools.wraps(handler)
        def answer(*args: Asked.args, **kwargs: Asked.kwargs) -> Any:
            try:
                return handler(*args, **kwargs)
            except NotAllowedError:
                raise
            except VfracError as refused:
                return (refusal_html(refused), *others) if others else refusal_html(refused)

        return answer

    return wrapped


class TrainingActions:
    """One for each page. ``runs``: where they are; ``today``: for names."""

    def __init__(self, services: Services, runs: RunFolders, today: Callable[[], date] = date.today) -> None:
        self._services, self._runs, self._today = services, runs, today

    @refusals_as_toasts
    @_in_place("")
    def look_at_data(
        self,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio fills it in because it is the default
        *given: Any,
    ) -> tuple[str, str]:
        """The chosen cases: figures, and the contact sheets."""
        self._require_owner()
        from vfrac_core.training.contact_sheet import drawn_crops, served_crops
        from vfrac_core.training.run_record import data_record

        choice, run = _choices(given)
        found = self._read(choice, progress)
        config = run.config()
        titles = {record.case_id: case_title(record) for record in self._services.store.cases()}
        sheet = sheet_html(served_crops(found.data), drawn_crops(found.data, config), titles)
        return data_html(found, data_record(found.data, found.source), config.folds), sheet

    @refusals_as_toasts
    @_in_place()
    def how_long(
        self,
        progress: gr.Progress = gr.Progress(),  # noqa: B008 - Gradio fills it in because it is the default
        *given: Any,
    ) -> str:
        """Measured on a few steps of a network like it, on this machine as busy as it is now."""
        self._require_owner()
        from vfrac_core.training.cross_validate import ALL, Job
        from vfrac_core.training.folds import make_folds
        from vfrac_core.training.run import Run, estimate_run

        choice, run = _choices(given)
        config = run.config()
        run.require_first_weights(self._services.settings.data_home)
        found = self._read(choice, progress)
        many = run.what == "cross-validate"
        if many:
            make_folds(found.data.cases, config)  # refused here rather than after the start
        progress(0.9, desc="a few steps are tried")
        job = Job(found.data, None, ALL, config, self._services.settings.data_home)
        return f"{estimate_run(Run(job, found.source), config.folds if many else 1).sentence}."

    @refusals_as_toasts
    @_in_place(gr.skip())
    def start_run(self, *given: Any) -> tuple[str, Any]:
        """What was done, and the new run as the one that is shown."""
        self._require_owner()
        choice, run = _choices(given)
        config = run.config()
        run.require_first_weights(self._services.settings.data_home)
        name = run.name_on(self._today())
        name = name if (run.name or "").strip() else self._runs.free_name(name)
        begun = self._runs.start(name, run.command(choice), config)
        return f"{begun.name} was started. It goes on if this page or the app is closed.", self._chosen(begun.name)

    @refusals_as_toasts
    @_in_place()
    def stop_run(self, name: str | None) -> str:
        self._require_owner()
        return f"{self._runs.stop(name or '').name} was asked to stop: it saves at its next step, and can be resumed."

    @refusals_as_toasts
    @_in_place()
    def resume_run(self, name: str | None) -> str:
        self._require_owner()
        return f"{self._runs.resume(name or '').name} goes on where it stopped."

    @refusals_as_toasts
    def watch_runs(self, chosen: str | None, seen: Sequence[Sequence[str]] | None) -> tuple[Any, ...]:
        """Table, curves of the chosen run, choices of the five lists, what was seen, and the timer that asks again.

        Lists change only when a run has. ``seen`` None: the page was just opened, and the timer begins.
        """
        self._require_owner()
        shown = self._shown()
        states = [[one.run.name, one.run.state] for one in shown]
        known = {one.run.name: one for one in shown}
        one = known.get(chosen or "") or next(iter(reversed(shown)), None)
        curves = "" if one is None else run_html(one)
        if seen is not None and states == [list(one) for one in seen]:
            return runs_html(shown), curves, *[gr.skip()] * 7
        finished = [one for one in shown if one.record]
        trained = [one.run.name for one in finished if one.what == "train"]
        validated = [one.run.name for one in finished if one.what == "cross-validate"]
        value: dict[str, Any] = {} if one is None or chosen in known else {"value": one.run.name}
        lists = (
            gr.update(choices=[one.run.name for one in reversed(shown)], **value),
            gr.update(choices=[one.run.name for one in finished]),
            gr.update(choices=[*trained, *self._shipped]),
            gr.update(choices=[("none", ""), *validated]),
            gr.update(choices=[("none", ""), *validated]),
        )
        return runs_html(shown), curves, *lists, states, gr.Timer(active=True)

    @refusals_as_toasts
    def compare_runs(self, names: list[str] | None) -> str:
        self._require_owner()
        known = {one.run.name: one for one in self._shown()}
        return compare_html([known[name] for name in names or [] if name in known])

    @refusals_as_toasts
    @_in_place()
    def make_current(self, name: str | None, cross_validation: str | None, keep_folds: bool) -> str:
        """The run's weights answer from now on, here and in every open page; or those that vfrac came with."""
        self._require_owner()
        from vfrac_core.library.adopting import use_shipped, use_weights

        if not name:
            raise VfracError("no run was chosen; choose a finished train")
        if name == SHIPPED:
            use_shipped(self._services.settings)
            self._services.reload_weights()
            return self.answering_now()
        validated = self._runs.get(cross_validation).folder if cross_validation else None
        weights_dir = self._services.settings.weights_dir
        run = self._runs.get(name).folder
        use_weights(run, weights_dir, self._services.store, cross_validation=validated, keep_folds=bool(keep_folds))
        self._services.reload_weights()
        return self.answering_now()

    @refusals_as_toasts
    def answering_now(self) -> str:
        """The weights that every page shows now."""
        self._require_owner()
        weights = self._services.weights_json()
        return f"**Answering now: {weights['name'] or 'being loaded'}.** {weights['caption']}"

    def _require_owner(self) -> None:
        require_owner(self._services.caller(None), "training")

    def _read(self, choice: DataChoice, progress: gr.Progress) -> LearningData:
        return choice.read(self._services.library, lambda done, of: progress(0.8 * done / of, desc=f"case {done} of {of}"))

    def _shown(self) -> list[ShownRun]:
        """Oldest begun first."""
        shown = [ShownRun(run, read_curves(run.folder)) for run in self._runs.all()]
        return sorted(shown, key=lambda one: one.run.begun)

    @property
    def _shipped(self) -> list[tuple[str, str]]:
        """The way back, where there is one."""
        return [("The weights that vfrac came with", SHIPPED)] if self._services.settings.shipped_weights else []

    def _chosen(self, name: str) -> Any:
        return gr.update(choices=[run.name for run in self._runs.all()], value=name)


def _choices(given: tuple[Any, ...]) -> tuple[DataChoice, RunChoice]:
    return DataChoice(*given[:DATA_CONTROLS]), RunChoice(*given[DATA_CONTROLS:])
