"""All that decides how a network is trained, in one record; the paper's numbers are its defaults. YAML in and out."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any, Final, Literal

import yaml

from vfrac_core.errors import VfracError
from vfrac_core.paper import STEM_STRIDE

Initial = Literal["imagenet", "synthetic", "random"]
INITIAL: Final[tuple[Initial, ...]] = ("imagenet", "synthetic", "random")


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """Every number of the paper (protocol.md E7–E19), and our reading where it is silent.

    ``initial``: first weights, from ``initial_file`` where there is one: ImageNet's, or ("random") for all layers that match
    ``sign_head``: a second linear unit for the six signs on the same features, trained with the first (ours)
    ``copies``: random draws of each slice in each epoch; ``degrees``, ``scale``, ``shift``: their ranges, in sides of the box
    ``l2``: weight of the squared weights in the loss (Adam's weight_decay, not AdamW's)
    ``validation``: patients out of the training folds, or the paper read literally: the test fold itself, which is optimistic
    ``validation_share``: of the training patients
    ``patience``: epochs without a lower validation loss before the training stops; None runs them all and keeps the best
    ``balanced``: each class is drawn equally often
    ``logit_shift``: the weights carry one number, fitted on out-of-fold patient scores, that is added to every logit
    ``cool_down``: over so many last epochs the learning rate falls to 0 in a straight line
    ``mixed_precision``: bfloat16 on a GPU; on a processor it is slower, and not used
    ``parts``: a batch is computed in so many parts, each normalised by itself, and the step follows their mean: as many GPUs do
    ``seed``: of folds, order, draws and first weights
    ``threads``: of the processor; only with as many are results the same to the last bit
    """

    preset: str = "paper"
    initial: Initial = "imagenet"
    initial_file: str | None = None
    stem_stride: int = STEM_STRIDE
    sign_head: bool = False
    sign_weight: float = 1.0
    epochs: int = 100
    batch: int = 32
    copies: int = 20
    degrees: float = 15.0
    scale: float = 0.1
    shift: float = 0.1
    learning_rate: float = 1e-4
    beta1: float = 0.5
    beta2: float = 0.999
    l2: float = 1e-4
    validation: Literal["training folds", "paper literal"] = "training folds"
    validation_share: float = 1 / 9
    patience: int | None = None
    balanced: bool = False
    logit_shift: bool = False
    cool_down: int = 0
    mixed_precision: bool = True
    parts: int = 1
    folds: int = 10
    seed: int = 0
    threads: int | None = None

    def __post_init__(self) -> None:
        positive = ("epochs", "batch", "copies", "stem_stride", "learning_rate", "parts")
        if wrong := [name for name in positive if getattr(self, name) <= 0]:
            raise VfracError(f"{wrong[0]} is {getattr(self, wrong[0])}, expected a positive number; change the configuration")
        if self.initial not in INITIAL:
            raise VfracError(f"initial is {self.initial!r}, expected one of {', '.join(INITIAL)}; change the configuration")
        if self.parts > self.batch:
            raise VfracError(f"a batch of {self.batch} cannot have {self.parts} parts; change the configuration")
        if self.folds < 2:
            raise VfracError(f"{self.folds} folds were asked for, expected at least 2; change the configuration")
        if not 0 < self.validation_share < 0.5:
            raise VfracError("validation_share must lie between 0 and 0.5; change the configuration")


PRETRAINED: Final = "pretrained.safetensors"  # what pretrain leaves, in its folder
PAPER: Final = TrainConfig()
DEMO: Final = replace(
    PAPER,
    preset="demo",
    initial="synthetic",
    sign_head=True,
    epochs=8,
    copies=1,
    patience=3,
    balanced=True,
    logit_shift=True,
)
PRESETS: Final = {"paper": PAPER, "demo": DEMO}


def beginning_with(config: TrainConfig, initial: str) -> TrainConfig:
    """``initial``: one of ``INITIAL``, torchvision's ImageNet file (.pth), or a weights file of this program."""
    for known in INITIAL:
        if initial == known:
            return replace(config, initial=known, initial_file=None)
    return replace(config, initial="imagenet" if initial.endswith(".pth") else "random", initial_file=initial)


def read_config(file: Path) -> TrainConfig:
    """A configuration from YAML: a preset's name, and what differs from it. VfracError for names or kinds that are not known."""
    try:
        found = yaml.safe_load(file.read_text())
    except OSError:
        raise VfracError(f"there is no configuration {file.name} that can be read; check the path of --config") from None
    except (UnicodeDecodeError, yaml.YAMLError) as wrong:
        mark = getattr(wrong, "problem_mark", None)
        place = f" in line {mark.line + 1}" if mark else ""
        raise VfracError(f"{file.name} is no YAML{place}; expected lines such as epochs: 2") from None
    if not isinstance(found, dict):
        raise VfracError(f"{file.name} has no entries; expected lines such as preset: demo")
    if found.get("preset", "paper") not in PRESETS:
        raise VfracError(f"preset is {found['preset']!r} in {file.name}, expected {' or '.join(PRESETS)}")
    return changed(PRESETS[found.get("preset", "paper")], found)


def changed(config: TrainConfig, changes: dict[str, Any]) -> TrainConfig:
    """The configuration with some fields changed; VfracError for a field that does not exist or a value of another kind."""
    kinds = {field.name: type(getattr(DEMO, field.name)) for field in fields(TrainConfig)}
    for name, value in changes.items():
        if name not in kinds:
            raise VfracError(f"the configuration has an entry {name!r} that is not known; expected some of {', '.join(kinds)}")
        if not _fits(value, kinds[name], name):
            raise VfracError(f"{name} is {value!r} in the configuration, expected {KINDS[kinds[name]]}")
    return replace(config, **changes)


def write_config(config: TrainConfig, file: Path) -> None:
    """The whole configuration, so that a run can be repeated without knowing any default."""
    file.write_text(yaml.safe_dump(asdict(config), sort_keys=False))


KINDS: Final = {int: "a whole number", float: "a number", bool: "true or false", str: "a word", type(None): "a value or null"}
OPTIONAL: Final = {"initial_file": str, "patience": int, "threads": int}


def _fits(value: Any, kind: type, name: str) -> bool:
    if name in OPTIONAL:
        return value is None or (isinstance(value, OPTIONAL[name]) and not isinstance(value, bool))
    if kind is bool or isinstance(value, bool):
        return kind is bool and isinstance(value, bool)
    return isinstance(value, int | float) if kind is float else isinstance(value, kind)
