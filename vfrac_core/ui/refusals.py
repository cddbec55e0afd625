"""A handler's errors as they are shown: a user's mistake as its one line, a bug as one neutral sentence and a log entry."""

from __future__ import annotations

import functools
import html
from collections.abc import Callable
from typing import ParamSpec, TypeVar

import gradio as gr

from vfrac_core.errors import VfracError
from vfrac_core.ui.bugs import BUG, log_bug

Asked = ParamSpec("Asked")
Answer = TypeVar("Answer")


def refusals_as_toasts(handler: Callable[Asked, Answer]) -> Callable[Asked, Answer]:
    """Wrap a Gradio handler. ``print_exception=False`` keeps tracebacks with a user's input out of the log."""

    @functools.wraps(handler)
    def wrapped(*args: Asked.args, **kwargs: Asked.kwargs) -> Answer:
        try:
            return handler(*args, **kwargs)
        except VfracError as refused:
            raise gr.Error(str(refused), print_exception=False) from None
        except Exception as bug:  # noqa: BLE001 - any bug: a neutral sentence for the user, the place for the log
            log_bug("a handler failed", bug)
            raise gr.Error(BUG, print_exception=False) from None

    return wrapped


def refusal_html(refused: VfracError) -> str:
    """The one line, where the answer would have stood: it stays until the next try, and no toast lies over the page."""
    return f'<p class="vfrac-warning" role="alert">{html.escape(str(refused))}</p>'
