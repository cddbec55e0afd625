"""The paper's Fig. 1, drawn from the module itself: stages, kernels, shapes and parameters are measured, not written down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from vfrac_core.model.spec import CAM_LAYERS, NetworkSpec
from vfrac_core.report.drawing import BLACK, BLUE, GRAY, GREEN, ORANGE, WIDE, Drawn, canvas, png

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from vfrac_core.model.outline import Stage

SIGNS_STAGE: Final = "Six signs"
HALF: Final = 0.42  # of a box's width, in stages


def architecture_figure(spec: NetworkSpec) -> Drawn:
    """Of the network that was trained, whatever its size. It shows no data, so its title says nothing about them."""
    from vfrac_core.model.outline import outline  # torch

    stages = outline(spec)
    line = [stage for stage in stages if stage.name != SIGNS_STAGE]
    drawing = canvas(WIDE, 2.4 if spec.sign_head else 1.6)
    axes = drawing.subplots()
    axes.set_axis_off()
    axes.set_xlim(-0.5, len(line) - 0.5)
    axes.set_ylim(-2.0 if spec.sign_head else -0.9, 0.9)
    for place, stage in enumerate(line):
        _box(axes, float(place), 0.0, stage)
        if place:
            _arrow(axes, (place - 1 + HALF, 0.0), (place - HALF, 0.0))
    for stage in stages:
        if stage.name == SIGNS_STAGE:
            _box(axes, len(line) - 1.0, -1.5, stage, half_height=0.45)
            _arrow(axes, (len(line) - 2.0, -0.8), (len(line) - 1.0 - HALF, -1.5))
    return Drawn(
        "architecture", "Fig. 1. The network, drawn from the module.", _caption(stages, spec), _alt(stages), png(drawing)
    )


def _caption(stages: tuple[Stage, ...], spec: NetworkSpec) -> str:
    blocks, total = sum(stage.blocks for stage in stages), sum(stage.parameters for stage in stages)
    head = " The head for the six signs is ours, not the paper's." if spec.sign_head else ""
    return (
        f"{blocks} residual blocks, {total:,} parameters. In each stage: what comes out, as channels × rows × columns, measured "
        "on the module. Each residual block has a 1 × 1, a 3 × 3 and a 1 × 1 convolution, added to its input. The stem's stride "
        f"is {spec.stem_stride}; the paper does not state it.{head}"
    )


def _alt(stages: tuple[Stage, ...]) -> str:
    return "; ".join(f"{stage.name} {_shape(stage)}" for stage in stages)


def _box(axes: Axes, x: float, y: float, stage: Stage, half_height: float = 0.78) -> None:
    from matplotlib.patches import FancyBboxPatch

    colour = BLUE if stage.blocks else ORANGE if stage.detail.startswith("linear") else GREEN
    corner, width = (x - HALF + 0.04, y - half_height), 2 * HALF - 0.08
    for face, alpha in ((colour, 0.13), ("none", 1.0)):
        style = "round,pad=0.03,rounding_size=0.06"
        axes.add_patch(
            FancyBboxPatch(corner, width, 2 * half_height, boxstyle=style, facecolor=face, edgecolor=colour, alpha=alpha)
        )
    name = stage.name.replace("layer", "Layer ").replace("Global average", "Global\naverage")
    axes.text(x, y + half_height - 0.12, name, ha="center", va="top", fontsize=6.8, fontweight="bold", color=BLACK)
    blocks = f"{stage.blocks} blocks\n" if stage.blocks > 1 else "1 block\n" if stage.blocks else ""
    detail = "" if stage.name in CAM_LAYERS else stage.detail.replace(", ", "\n").replace("over the", "over\nthe")
    axes.text(
        x,
        y - half_height + 0.1,
        f"{blocks}{detail}\n{_shape(stage)}".strip(),
        ha="center",
        va="bottom",
        fontsize=5.6,
        color=BLACK,
    )


def _arrow(axes: Axes, start: tuple[float, float], end: tuple[float, float]) -> None:
    axes.annotate(
        "", xy=end, xytext=start, arrowprops={"arrowstyle": "-|>", "color": GRAY, "linewidth": 0.9, "shrinkA": 0, "shrinkB": 0}
    )


def _shape(stage: Stage) -> str:
    return " × ".join(str(size) for size in stage.shape)
