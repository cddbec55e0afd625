"""``bench``: ratios measured in one run on this machine. Seconds would say more of the machine than of the program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Final

import typer

from vfrac_core.cli.options import AsJson, print_json
from vfrac_core.errors import VfracError

if TYPE_CHECKING:
    from vfrac_core.training.speed import Ratio


def _train(device: str) -> Ratio:
    from vfrac_core.training.config import DEMO
    from vfrac_core.training.speed import training_speed

    return training_speed(DEMO, device=device)


BENCHES: Final[dict[str, Callable[[str], Ratio]]] = {"train": _train}


def bench(
    *,
    only: Annotated[str | None, typer.Option(help=f"Some of them, with commas: {', '.join(BENCHES)}.")] = None,
    device: Annotated[str, typer.Option(help="What computes: cpu or cuda.")] = "cpu",
    as_json: AsJson = False,
) -> None:
    """Measure speeds as ratios, with their 95 % intervals; minutes. train: a training step against the bare network."""
    names = list(BENCHES) if only is None else [name.strip() for name in only.split(",")]
    if unknown := [name for name in names if name not in BENCHES]:
        raise VfracError(f"--only names {unknown[0]:.40}, which is not measured; expected some of {', '.join(BENCHES)}")
    found = {name: BENCHES[name](device) for name in names}
    if as_json:
        print_json({name: asdict(ratio) for name, ratio in found.items()})
        return
    for name, ratio in found.items():
        typer.echo(f"{name:10s}{ratio.ratio:.3f} ({ratio.low:.3f} to {ratio.high:.3f})  {ratio.unit}")
