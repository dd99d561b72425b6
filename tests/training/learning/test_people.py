"""Learning from graded rows and officers' decisions, without shutting newcomers out."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matcher.law.types import Purpose
from matcher.register.register import Register
from models.errors import BundleError
from tests.factory import award, provider
from tests.history import SETTINGS, a_lot, everyone, items
from tests.registers import feed, line_of_places, registered
from tests.training.conftest import Trained
from training.learning.examples import Ranked
from training.learning.files import Given, train_files
from training.learning.people import Guard, JudgedLot, graded, summary

ROOFERS = [one.id for one in everyone()["roofs"]]
CATERERS = [one.id for one in everyone()["meals"]]


def judged(number: int, purpose: Purpose = Purpose.ENGAGEMENT, **fits: bool) -> JudgedLot:
    wanted = a_lot("roofs", 900 + number, np.random.default_rng(number))
    return JudgedLot.decided(wanted, fits or {ROOFERS[0]: True, CATERERS[0]: False}, purpose)


@pytest.mark.parametrize(
    ("purpose", "counts_for"),
    [
        (Purpose.ENGAGEMENT, {"all"}),
        (Purpose.INVITE, {"all", "relevance"}),
        (Purpose.RESERVED, set()),
    ],
)
def test_a_choice_counts_only_where_what_it_may_rest_on_may_count(
    purpose: Purpose, counts_for: set[str]
) -> None:
    """A choice for engagement may rest on place, which an invite list must never learn."""
    assert judged(1, purpose).counts_for == counts_for
    for key in ("all", "relevance"):
        kept = summary([judged(1, purpose)], key)
        assert kept["lots made for another purpose"] == (key not in counts_for)


def test_graded_rows_count_for_both_rankers_from_grade_two_on(tmp_path: Path) -> None:
    lots = tmp_path / "lots.jsonl"
    lots.write_text('{"id": "roof", "title": "Roof repairs"}\n{"id": "else", "title": "Meals"}\n')
    qrels = tmp_path / "qrels.txt"
    qrels.write_text("roof 0 A 3\nroof 0 B 2\nroof 0 C 1\nroof 0 D 0\nelsewhere 0 A 3\n")
    found = graded(qrels, lots)
    assert [one.lot.title for one in found] == ["Roof repairs"]
    assert found[0].fits == {"A": True, "B": True, "C": False, "D": False}
    assert found[0].counts_for == {"all", "relevance"}


def test_judgements_of_other_lots_are_refused(tmp_path: Path) -> None:
    lots, qrels = tmp_path / "lots.jsonl", tmp_path / "qrels.txt"
    lots.write_text('{"id": "a", "title": "Meals"}\n')
    qrels.write_text("b 0 A 3\n")
    with pytest.raises(BundleError, match="grades no lot that is in --judged-lots"):
        graded(qrels, lots)


def places_of(register: Register, lists: list[list[int]], new: list[list[bool]]) -> list[Ranked]:
    return [
        Ranked(0, np.array(rows), np.arange(len(rows), 0, -1.0), np.array(marks))
        for rows, marks in zip(lists, new, strict=True)
    ]


def test_judgements_that_cost_newcomers_a_fifth_of_their_places_are_left_out(
    tmp_path: Path,
) -> None:
    winner = provider("A", "WS1 1AA")
    places = line_of_places(tmp_path / "places", 0)
    register = registered(tmp_path / "reg", places, award("1", winner), trust_ids=True)
    before = places_of(register, [[0] * 10] * 4, [[True] * 5 + [False] * 5] * 4)
    fewer = places_of(register, [[0] * 10] * 4, [[True] * 3 + [False] * 7] * 4)
    hardly = places_of(register, [[0] * 10] * 4, [[True] * 4 + [False] * 6] * 4)
    shut = Guard(register, before, fewer).report()
    assert not shut["used"]
    assert "new providers" in shut["why not"]
    assert shut["share of the first ten places"]["new providers"]["before"][0] == 0.5
    assert Guard(register, before, hardly).report()["used"]
    assert Guard(register, before, before).report()["used"]


def test_training_learns_from_people_and_says_what_that_changed(
    tmp_path: Path, trained: Trained, monkeypatch: pytest.MonkeyPatch, cache: Path
) -> None:
    monkeypatch.setenv("LBD_CACHE", str(cache))
    draw = np.random.default_rng(5)
    lots = [a_lot("roofs", 900 + n, draw) for n in range(12)]
    fits = {**dict.fromkeys(ROOFERS[:6], True), **dict.fromkeys(CATERERS[:6], False)}
    people = [JudgedLot.decided(one, fits, Purpose.ENGAGEMENT) for one in lots]
    given = Given(trust_ids=True, people=people)
    _, report = train_files([feed(*items())], tmp_path / "b", SETTINGS, _silent, given)
    found = report["rankers"]["all"]["judged by people"]
    assert found["lots"] == {"decisions": 12}
    assert 0 < found["lots learned from"] <= 12
    shares = found["share of the first ten places"]
    assert set(shares) == {"new providers", "micro and small providers"}
    assert report["rankers"]["relevance"]["judged by people"]["lots made for another purpose"] == 12
    without = trained.report["rankers"]["relevance"]
    assert report["rankers"]["relevance"]["held back"] == without["held back"]


def _silent(stage: str, done: int, total: int | None) -> None:
    """Ignore progress."""
