"""Learning curves as inline SVG: loss after each epoch, the best epoch marked, the epoch on its way as an open end."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from vfrac_core.library.run_curves import Curve

WIDTH, HEIGHT = 640, 260
LEFT, RIGHT, TOP, BOTTOM = 48, 12, 12, 40
TICKS: Final = 4
TRAINING, VALIDATION = "#2563eb", "#c2410c"  # 3:1 and more on the light and on the dark page
RUNS: Final = ("#2563eb", "#c2410c", "#15803d", "#9333ea", "#0e7490", "#be185d")


@dataclass(frozen=True, slots=True)
class Drawn:
    """One training as it is drawn: two colours for the two losses, or one, with training's loss dashed."""

    curve: Curve
    training: str = TRAINING
    validation: str = VALIDATION

    @property
    def dashed(self) -> bool:
        return self.training == self.validation


@dataclass(frozen=True, slots=True)
class _Scale:
    epochs: float
    loss: float

    def at(self, epoch: float, loss: float) -> str:
        x = LEFT + (WIDTH - LEFT - RIGHT) * epoch / self.epochs
        y = HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * loss / self.loss
        return f"{x:.1f},{y:.1f}"


def curves_svg(drawn: Sequence[Drawn], epochs: int, title: str) -> str:
    """Epochs from left to right, loss from 0 upwards. ``title`` is what a screen reader says of it."""
    scale = _Scale(float(max(epochs, 1)), _round_up(max((loss for one in drawn for loss in _losses(one.curve)), default=1.0)))
    points = sum(len(one.curve.losses) + (one.curve.now is not None) for one in drawn)
    return (
        f'<svg class="vfrac-curves" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{html.escape(title, quote=True)}" '
        f'data-points="{points}" fill="none" stroke-width="1.5">{_axes(scale)}{"".join(_one(one, scale) for one in drawn)}</svg>'
    )


def _one(drawn: Drawn, scale: _Scale) -> str:
    curve = drawn.curve
    training = [(k + 1.0, loss[0]) for k, loss in enumerate(curve.losses)]
    validation = [(k + 1.0, loss[1]) for k, loss in enumerate(curve.losses)]
    dots = not drawn.dashed or len(curve.losses) == 1  # of many runs over each other they would hide the lines
    parts = [_line(training, drawn.training, scale, dashed=drawn.dashed, dots=dots)]
    parts.append(_line(validation, drawn.validation, scale, dots=dots))
    if curve.now is not None and math.isfinite(curve.now.loss):
        end = (curve.now.epoch, curve.now.loss)
        parts.append(_line([*training[-1:], end], drawn.training, scale, dashed=True, dots=False))
        parts.append(_dot(end, drawn.training, scale, 3.0))
    if curve.best is not None and curve.best < len(validation):
        parts.append(_dot(validation[curve.best], drawn.validation, scale, 7.0, filled=False))
    return "".join(parts)


def _line(points: Sequence[tuple[float, float]], colour: str, scale: _Scale, *, dashed: bool = False, dots: bool = True) -> str:
    finite = [point for point in points if math.isfinite(point[1])]
    path = " ".join(scale.at(*point) for point in finite)
    pattern = ' stroke-dasharray="5 4"' if dashed else ""
    line = f'<polyline points="{path}" stroke="{colour}"{pattern}/>' if len(finite) > 1 else ""
    return line + ("".join(_dot(point, colour, scale, 2.5) for point in finite) if dots else "")


def _dot(point: tuple[float, float], colour: str, scale: _Scale, radius: float, *, filled: bool = True) -> str:
    x, y = scale.at(*point).split(",")
    fill = f' fill="{colour}"' if filled else ""
    return f'<circle cx="{x}" cy="{y}" r="{radius}" stroke="{colour}"{fill}/>' if math.isfinite(point[1]) else ""


def _axes(scale: _Scale) -> str:
    parts = []
    for k in range(TICKS + 1):
        loss = scale.loss * k / TICKS
        y = scale.at(0.0, loss).split(",")[1]
        parts.append(f'<path d="M{LEFT} {y}H{WIDTH - RIGHT}" stroke="currentColor" stroke-opacity="0.2" stroke-width="1"/>')
        parts.append(_text(LEFT - 6.0, float(y) + 4, f"{loss:.2f}", "end"))
    step = max(1, math.ceil(scale.epochs / 10))
    for epoch in range(step, int(scale.epochs) + 1, step):
        x = float(scale.at(float(epoch), 0.0).split(",")[0])
        parts.append(_text(x, HEIGHT - BOTTOM + 16.0, str(epoch), "middle"))
    return "".join(parts) + _text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6.0, "epoch", "middle")


def _text(x: float, y: float, text: str, anchor: str) -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="{anchor}" fill="currentColor" stroke="none" font-size="12">{text}</text>'


def _losses(curve: Curve) -> list[float]:
    found = [loss for pair in curve.losses for loss in pair] + ([curve.now.loss] if curve.now else [])
    return [loss for loss in found if math.isfinite(loss)]


def _round_up(highest: float) -> float:
    """To a number that four ticks divide well."""
    unit = 10.0 ** math.floor(math.log10(max(highest, 0.04)))
    return next(unit * k for k in (1, 2, 4, 6, 8, 10) if unit * k >= min(highest, unit * 10))
