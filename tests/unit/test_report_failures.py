"""The picture of the signs where the network was most wrong. Oracle for who stands in it: a plain loop over the scores."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.image import imread
from training_fixtures import QUICK, some_cases, tiny_network

from vfrac_core.evaluation.score_table import ScoreTable, SignScores
from vfrac_core.paper import SIGNS
from vfrac_core.report.cohort_tables import LABELS
from vfrac_core.report.sign_failures import EACH, failures_png, write_failures
from vfrac_core.report.tried_on import FAILURES
from vfrac_core.signs import SAFETY
from vfrac_core.training.scores import score_cases

DATA = some_cases(12)
NETWORK = tiny_network(QUICK).eval()


@pytest.fixture(scope="module")
def table() -> ScoreTable:
    """Real scores, shifted so that some signs are missed and some found where they are not."""
    found = score_cases(NETWORK, DATA.cases)
    signs = tuple(replace(sign, logits=sign.logits - np.median(sign.logits)) for sign in found.signs)
    return replace(found, signs=signs)


def naive(sign: SignScores, table: ScoreTable) -> list[tuple[str, float]]:
    """(word, the highest logit) of the most wrong, those that were missed first."""
    highest = {
        name: max(sign.logits[i] for i, one in enumerate(table.cases) if one == name) for name in dict.fromkeys(table.cases)
    }
    truth = dict(zip(table.cases, sign.present.tolist(), strict=True))
    missed = sorted(highest[name] for name in highest if truth[name] == 1 and highest[name] < 0)
    found = sorted((highest[name] for name in highest if truth[name] == 0 and highest[name] >= 0), reverse=True)
    return [("missed", one) for one in missed[:EACH]] + [("not there", one) for one in found[:EACH]]


def test_each_sign_has_its_most_wrong_cases_and_unknown_answers_are_nobodys_error(
    table: ScoreTable, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[str] = []
    monkeypatch.setattr(Axes, "set_title", lambda _axes, text, **_more: said.append(text.split("\n")[0]))
    failures_png(NETWORK, DATA, table)
    wrong = [pair for sign in table.signs for pair in naive(sign, table)]
    assert {word for word, _ in wrong} == {"missed", "not there"}
    assert said == [f"{word}, p {1 / (1 + np.exp(-highest)):.2f}" for word, highest in wrong]


def test_the_names_of_all_signs_stand_in_it_and_it_is_the_same_each_time(
    table: ScoreTable, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named: list[str] = []
    below: list[str] = []
    monkeypatch.setattr(Figure, "supxlabel", lambda _figure, text, **_more: below.append(text))
    monkeypatch.setattr(Axes, "set_ylabel", lambda _axes, text, **_more: named.append(text.replace("\n", " ")))
    write_failures(NETWORK, DATA, table, tmp_path)
    assert named == [LABELS[name] for name in SIGNS]
    assert below == [f"12 of 12 cases are synthetic. {SAFETY}"]
    content = (tmp_path / FAILURES).read_bytes()
    picture = imread(io.BytesIO(content))
    assert len(np.unique(picture[..., :3].reshape(-1, 3), axis=0)) > 1000  # crops and coloured maps, not an empty sheet
    assert content == failures_png(NETWORK, DATA, table)


def test_a_network_without_a_sign_head_has_none(table: ScoreTable, tmp_path: Path) -> None:
    write_failures(NETWORK, DATA, replace(table, signs=()), tmp_path)
    assert not (tmp_path / FAILURES).exists()
