"""What a run was started with: kept in its folder, checked when it is read back, and turned into one command line. No shell."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Literal, get_args

from vfrac_core.errors import VfracError
from vfrac_core.training.reader_choice import NAMES

What = Literal["train", "cross-validate"]
COMMAND: Final = "command.json"
CONFIG: Final = "config.yaml"  # as training.run names it; the whole configuration stands there, and only there
DAMAGED: Final = "command.json is damaged or of another version; begin a new run"


@dataclass(frozen=True, slots=True)
class RunCommand:
    """``train`` or ``cross-validate``, and where the cases come from: a ``cohort`` folder (its whole path) or a ``study``.

    ``shift_from``: the name of a finished cross-validation beside it, whose logit shift the weights of a ``train`` carry.
    """

    what: What
    cohort: str | None = None
    study: str | None = None
    readers: str = "senior"
    include_assisted: bool = False
    shift_from: str | None = None

    def __post_init__(self) -> None:
        if self.what not in get_args(What):
            raise VfracError(f"a run is one of {' and '.join(get_args(What))}; choose one of them")
        if (self.cohort is None) == (self.study is None):
            raise VfracError("the cases come from one place; choose a cohort folder or a study")
        if self.readers not in NAMES:
            raise VfracError(f"unknown choice of readers; expected one of {', '.join(NAMES)}")
        if self.cohort is not None and not Path(self.cohort).is_absolute():
            raise VfracError("the cohort folder is not a whole path; give it from the root on")
        if self.shift_from is not None and self.what != "train":
            raise VfracError("a cross-validation takes no logit shift, it finds one; leave it out")

    def arguments(self, folder: Path, data_home: Path) -> list[str]:
        """Behind the program's name. The configuration is the one in ``folder``."""
        source = [f"--cohort={self.cohort}"]
        if self.study is not None:
            source = [f"--study={self.study}", f"--readers={self.readers}"]
            source += ["--include-assisted"] if self.include_assisted else []
        shift = [] if self.shift_from is None else [f"--shift-from={folder.parent / self.shift_from}"]
        return [self.what, f"--out={folder}", f"--config={folder / CONFIG}", *source, *shift, f"--data={data_home}"]


def write_command(command: RunCommand, folder: Path) -> None:
    (folder / COMMAND).write_text(json.dumps(asdict(command), indent=1) + "\n", encoding="utf-8")


def read_command(folder: Path) -> RunCommand | None:
    """None where the folder has none: its run was started from the command line. VfracError for one that is damaged."""
    try:
        found = json.loads((folder / COMMAND).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError):
        raise VfracError(DAMAGED) from None
    if not isinstance(found, dict) or not _kinds_fit(found):
        raise VfracError(DAMAGED)
    try:
        return RunCommand(**found)
    except (TypeError, VfracError):
        raise VfracError(DAMAGED) from None


def _kinds_fit(found: dict[str, object]) -> bool:
    texts = ("what", "cohort", "study", "readers", "shift_from")
    return all(found.get(name) is None or isinstance(found[name], str) for name in texts) and isinstance(
        found.get("include_assisted", False), bool
    )
