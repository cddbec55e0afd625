"""What a long command shows while it runs, and how Ctrl+C ends it: at the next step, with everything saved."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import typer
from tqdm import tqdm

if TYPE_CHECKING:  # torch
    from vfrac_core.training.fit import Tick

STOPPED = 130
STOPPED_LINE = "stopped; everything is saved, run the same command again to go on"


@contextmanager
def until_interrupted() -> Iterator[Callable[[], bool]]:
    """Says whether Ctrl+C was pressed, or the process was asked to end. A second Ctrl+C ends it at once."""
    asked = threading.Event()

    def ask(_number: int, _frame: Any) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def training_bar() -> Iterator[Callable[[Tick], None]]:
    """Fold, epoch, loss, and the time left of this training if it runs to its last epoch: one line on a terminal, in a log a line
    at the end of each epoch."""
    with tqdm(total=1.0, leave=False, disable=None, bar_format="{desc} {percentage:3.0f} %|{bar}|{postfix}") as bar:

        def show(tick: Tick) -> None:
            from vfrac_core.training.estimate import duration

            fold = f"fold {tick.fold + 1}/{tick.folds}, " if tick.folds > 1 else ""
            place = f"{fold}epoch {tick.epoch + 1}/{tick.epochs}, loss {tick.loss:.3f}"
            left = f"at most {duration(tick.seconds_left)} left{' of this fold' if fold else ''}"
            if bar.disable:
                if tick.step == tick.steps:
                    typer.echo(f"{place}, {left}", err=True)
                return
            bar.n = tick.share
            bar.set_description_str(place, refresh=False)
            bar.set_postfix_str(left)

        yield show


@contextmanager
def counting_bar(unit: str) -> Iterator[Callable[[int, int], None]]:
    """One line for what is counted: done, of how many."""
    with tqdm(unit=f" {unit}", leave=False, disable=None) as bar:

        def show(done: int, of: int) -> None:
            bar.total = of
            bar.update(done - bar.n)

        yield show
