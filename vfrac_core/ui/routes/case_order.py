"""The order of the worklist in Annotate, as its reader wants it. Which one it was is noted before it is shown."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vfrac_core.store import ANNOTATE, REFERENCE, readings_as_of
from vfrac_core.store.order_choice import note_order
from vfrac_core.study.access import Caller, require_reader
from vfrac_core.study.worklist_order import (
    DISAGREE,
    LEAST_SURE,
    USUAL,
    check_order,
    least_sure_first,
    most_divided_first,
    readings_of_others,
)
from vfrac_core.ui.services import Services

NOT_TRAINED = "The network is untrained: it is equally unsure of everything."


@dataclass(frozen=True, slots=True)
class Ordered:
    """Case ids in their order. ``waiting``: cases that the network still looks at; ``remark``: why an order is the usual one."""

    cases: list[str]
    name: str
    waiting: int = 0
    remark: str = ""

    def as_json(self) -> dict[str, object]:
        return {"name": self.name, "waiting": self.waiting, "remark": self.remark}


def order_cases(services: Services, name: str, caller: Caller, unread: Sequence[str], others: Sequence[str]) -> Ordered:
    """The ``unread`` cases as asked for, the ``others`` behind them; in the usual order, all by their keyed ids.

    The other orders are for readers with a name: they are noted.
    """
    if check_order(name) == USUAL:
        if caller.reader_id is not None:
            note_order(services.store, caller.reader_id, USUAL, USUAL)
        return Ordered(sorted([*unread, *others]), USUAL)
    reader_id = require_reader(caller)
    order = _by_others if name == DISAGREE else _by_network
    ranked = order(services, reader_id, sorted(unread))
    return Ordered([*ranked.cases, *sorted(others)], ranked.name, ranked.waiting, ranked.remark)


def _by_others(services: Services, reader_id: str, unread: list[str]) -> Ordered:
    note_order(services.store, reader_id, DISAGREE, USUAL)
    readings = readings_of_others(services.store.annotations(ANNOTATE), reader_id)
    return Ordered(most_divided_first(unread, readings), DISAGREE)


def _by_network(services: Services, reader_id: str, unread: list[str]) -> Ordered:
    predictor = services.predictor_if_ready()
    if predictor is None:
        return Ordered(unread, LEAST_SURE, waiting=len(unread), remark="The network is being loaded.")
    if not predictor.weights.trained:
        return Ordered(unread, LEAST_SURE, remark=NOT_TRAINED)
    note_order(services.store, reader_id, LEAST_SURE, USUAL, predictor.weights.sha256)
    asked, open_ones = set(unread), (ANNOTATE, REFERENCE)
    readings = readings_as_of(services.store).annotations
    annotations = [one for one in readings if one.case_id in asked and one.study_id in open_ones]
    scores = services.uncertainty.scores(services.library, predictor, services.held_out, annotations)
    return Ordered(least_sure_first(unread, scores.of_case), LEAST_SURE, scores.waiting)
