"""A list by a bundle that people's judgements taught: marks, and what it says where it is short."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from matcher.law.rulebook import Rulebook
from matcher.ranking.features.registry import FEATURES
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.ranking.shortlist import Shortlist
from models.bundle import Bundle
from models.ranker import LinearRanker
from models.relevance import Relevance
from tests.factory import lot, provider
from tests.registers import line_of_places, registered

TOLD = LinearRanker(("told_words",), (6.0,), -3.0)


@pytest.fixture
def ask(tmp_path: Path) -> Matcher:
    places = line_of_places(tmp_path / "places", 0, 1000)
    given = [
        provider("A", "WS1 1AA", name="Roof", profile="roof slate"),
        provider("B", "WS1 1AA", name="Slate and Sons", profile="many kinds of building work"),
        provider("C", "WS1 1AB", name="Choir"),
    ]
    hand = Bundle.open("hand", FEATURES)
    relevance = Relevance(TOLD, strong=0.5, possible=0.06)
    rankers = {key: replace(one, relevance=relevance) for key, one in hand.rankers.items()}
    register = registered(tmp_path / "reg", places, *given)
    return Matcher(register, replace(hand, rankers=rankers), Rulebook.open())


def shortlist(one: Matcher, title: str, limit: int = 10) -> Shortlist:
    request = Request(wish=Filters(everyone=True), limit=limit)
    return one.shortlist(lot(title=title, postcode="WS1 1AA"), request)


def test_each_row_is_marked_by_its_relevance(ask: Matcher) -> None:
    answer = shortlist(ask, "Roof and slate")
    found = {one.id: one for one in answer.suggestions}
    assert set(found) == {"A", "B"}
    assert found["A"].mark == "strong"
    assert found["B"].mark == "possible"
    assert found["A"].relevance is not None
    assert found["B"].relevance is not None
    assert found["A"].relevance >= 0.5 > found["B"].relevance >= 0.06


def test_a_short_list_says_what_to_add(ask: Matcher) -> None:
    (note,) = (n for n in shortlist(ask, "Roof and slate").notes if "The register knows" in n)
    assert "only 2 here that do work like this" in note
    (none,) = (n for n in shortlist(ask, "Falconry").notes if "The register knows" in n)
    assert "no provider here that does work like this" in none
    full = shortlist(ask, "Roof and slate", limit=2)
    assert not any("The register knows" in note for note in full.notes)


def test_a_bundle_that_nobody_judged_marks_nothing(ask: Matcher) -> None:
    plain = replace(ask, bundle=Bundle.open("hand", FEATURES))
    answer = shortlist(plain, "Roof and slate")
    assert {(one.mark, one.relevance) for one in answer.suggestions} == {("", None)}
    assert not any("The register knows" in note for note in answer.notes)
