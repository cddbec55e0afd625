"""How the training of each fold went: loss of training and validation patients, and which epoch was kept."""

from __future__ import annotations

import math

from vfrac_core.report.drawing import BLUE, GRAY, ORANGE, PALE, WIDE, Drawn, canvas, plain_axes, png
from vfrac_core.report.source import Source
from vfrac_core.training.run_record import LITERAL_NOTE

ACROSS = 5


def learning_figure(source: Source) -> Drawn | None:
    """None where nothing was trained."""
    if not source.histories:
        return None
    across = min(ACROSS, len(source.histories))
    down = math.ceil(len(source.histories) / across)
    drawing = canvas(WIDE, 0.45 + 1.5 * down)
    every = drawing.subplots(down, across, sharex=True, sharey=True, squeeze=False).ravel()
    for axes, history in zip(every, source.histories, strict=False):
        plain_axes(axes, "", "")
        epochs = range(1, len(history.losses) + 1)
        axes.axvline(history.best_epoch + 1, color=GRAY, linewidth=0.9, linestyle=(0, (2, 2)))
        axes.plot(epochs, [loss[0] for loss in history.losses], color=BLUE, linewidth=1.1, label="training")
        axes.plot(
            epochs, [loss[1] for loss in history.losses], color=ORANGE, linewidth=1.1, linestyle=(0, (4, 1)), label="validation"
        )
        axes.plot(history.best_epoch + 1, history.losses[history.best_epoch][1], "o", color=ORANGE, markersize=4, label="kept")
        axes.set_title(f"fold {history.fold}", fontsize=8, pad=3)
        axes.grid(color=PALE, linewidth=0.5)
    for axes in every[len(source.histories) :]:
        axes.set_axis_off()
    drawing.supxlabel("Epoch", fontsize=9)
    drawing.supylabel("Loss", fontsize=9)
    handles, names = every[0].get_legend_handles_labels()
    drawing.legend(handles, names, loc="outside upper right", ncols=3, fontsize=7.5, frameon=False)
    literal = any(fact.text == LITERAL_NOTE for fact in source.facts)
    whose = LITERAL_NOTE if literal else "The test fold is in neither curve."
    caption = f"Dashed line and point: the epoch of the lowest validation loss, whose weights were kept. {whose}"
    return Drawn(
        "learning", source.titled("Fig. 10. Learning curves"), caption, "Training and validation loss of each fold", png(drawing)
    )
