"""A ticket opens one case for one reader, for twelve hours, and cannot be made or changed by anybody else."""

from __future__ import annotations

import time

import pytest

from vfrac_core.errors import NotAllowedError
from vfrac_core.ui.tickets import LIFETIME_S, Ticket, check_ticket, issue_ticket

SECRET = b"s" * 32
TICKET = Ticket(case_id="case-a", mode="annotate", reader_id="r1")


def test_a_ticket_comes_back_as_it_was_issued() -> None:
    assert check_ticket(SECRET, issue_ticket(SECRET, TICKET), "case-a") == TICKET


def test_a_ticket_for_another_case_is_refused() -> None:
    with pytest.raises(NotAllowedError):
        check_ticket(SECRET, issue_ticket(SECRET, TICKET), "case-b")


def test_a_ticket_of_another_installation_is_refused() -> None:
    with pytest.raises(NotAllowedError):
        check_ticket(b"t" * 32, issue_ticket(SECRET, TICKET), "case-a")


@pytest.mark.parametrize("text", ["", "x", "a.b.c", "\x00"])
def test_what_is_no_ticket_is_refused(text: str) -> None:
    with pytest.raises(NotAllowedError):
        check_ticket(SECRET, text, "case-a")


def test_a_ticket_with_one_changed_character_is_refused() -> None:
    text = issue_ticket(SECRET, TICKET)
    changed = ("A" if text[0] != "A" else "B") + text[1:]
    with pytest.raises(NotAllowedError):
        check_ticket(SECRET, changed, "case-a")


def test_a_ticket_older_than_its_lifetime_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = issue_ticket(SECRET, TICKET)
    later = time.time() + LIFETIME_S + 10
    monkeypatch.setattr(time, "time", lambda: later)
    with pytest.raises(NotAllowedError):
        check_ticket(SECRET, text, "case-a")
