"""Who may see what. Pure rules: the screens, the API and the command line obey the same functions.

Nothing is private in a web app: hidden buttons and undocumented endpoints can be called by anybody. So each handler
takes the caller from the request and asks here, each time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from vfrac_core.errors import NotAllowedError

Mode = Literal["explore", "annotate"]
AiState = Literal["live", "off", "locked"]

NOT_AVAILABLE: Final = "this case is not available"  # one sentence for unknown, foreign and locked (blinding)


@dataclass(frozen=True, slots=True)
class Caller:
    """Who asks. ``reader_id`` is None until a name was given; ``owner`` is whoever runs the program for themselves."""

    reader_id: str | None
    owner: bool


def ai_state(mode: Mode, *, ai_visible: bool, submitted: bool) -> AiState:
    """Decision 7: live in Explore; in Annotate off until the reader switches it on, which is recorded."""
    if mode == "explore" or ai_visible or submitted:
        return "live"
    return "off"


def require_prediction(mode: Mode, *, ai_visible: bool, submitted: bool) -> None:
    """Refuse a prediction whose being seen was not recorded: else ``ai_visible`` could not be trusted in training."""
    if ai_state(mode, ai_visible=ai_visible, submitted=submitted) != "live":
        raise NotAllowedError("the AI is off for this reading; switch it on first (this is recorded with the answer)")


def may_see_answer(*, asked: bool, submitted: bool) -> bool:
    """The answer of a teaching case: for whoever asked for it, which is recorded, or has submitted an answer of their own."""
    return asked or submitted


def require_reader(caller: Caller) -> str:
    """The reader's id, or the sentence that asks for a name."""
    if caller.reader_id is None:
        raise NotAllowedError("nobody has signed this reading; give your name and years of experience first")
    return caller.reader_id


def require_owner(caller: Caller, what: str) -> None:
    """Import and export are for whoever runs the program, not for the visitors of a public one."""
    if not caller.owner:
        raise NotAllowedError(f"{what} is closed on a public server; use the command line on the machine that runs vfrac")
