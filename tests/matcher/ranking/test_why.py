"""Why a provider is on a list, or why it is not."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from matcher.core.types import Kind, Size, Status
from matcher.law.types import Purpose
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from matcher.ranking.why import Explanation, why
from tests.factory import lot, provider
from tests.registers import matcher

CARE = "Home care, older people"
WANTED = lot(title="Home care for older people", buyer="Walsall Council")
PEOPLE = (
    *(
        provider(f"G{n}", "WS1 1TP", name=f"Helpers {n}", profile=CARE + n * " and engines")
        for n in range(6)
    ),
    provider("FAR", "W1A 1AA", name="Far", profile="Home care, older people"),
    provider("BIG", "WS1 1TP", name="Big", profile="Home care, older people", size=Size.LARGE),
    provider("GONE", "WS1 1TP", name="Gone", profile="Home care", status=Status.REMOVED),
    provider("OTHER", "WS1 1TP", name="Other", profile="Engines are rebuilt"),
    provider("BUYER", "WS1 1TP", name="WALSALL COUNCIL", profile="Home care, older people"),
    provider("NOWHERE", name="Nowhere", profile="Home care, older people"),
    provider("CO", "WS1 1TP", name="Co", profile="Home care, older people", kind=Kind.COMPANY),
)  # fmt: skip


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Matcher:
    return matcher(tmp_path_factory.mktemp("reg"), places_table, *PEOPLE, trust_ids=True)


def asked(one: Matcher, org_id: str, **request: Any) -> Explanation:
    row = one.register.row(org_id)
    assert row is not None
    return why(one, WANTED, Request(**{"limit": 3, **request}), row)


def test_listed_provider_has_its_rank_score_and_facts(one: Matcher) -> None:
    answer = one.shortlist(WANTED, Request(limit=3))
    for suggestion in answer.suggestions:
        found = asked(one, suggestion.id)
        assert (found.stage, found.rank, found.gap) == ("listed", suggestion.rank, 0.0) or (
            found.stage == "listed" and found.gap == 0.0
        )
        assert found.score == suggestion.score
        assert found.facts is not None
        assert found.facts.reasons == suggestion.reasons
        assert found.facts.contributions == suggestion.contributions


def test_provider_below_the_list_has_its_rank_and_gap(one: Matcher) -> None:
    longer = one.shortlist(WANTED, Request(limit=6)).suggestions
    last, below = longer[2], longer[5]
    found = asked(one, below.id)
    assert (found.stage, found.rank) == ("below the list", 6)
    assert found.gap == pytest.approx(last.score - below.score)
    assert found.facts is not None
    parts = sum(found.facts.contributions.values()) + found.facts.base
    assert parts == pytest.approx(found.facts.score, abs=1e-9)


@pytest.mark.parametrize(
    ("org_id", "request_", "stage", "words"),
    [
        ("GONE", {}, "gone", "removed"),
        ("BUYER", {}, "the buyer", "is the buyer"),
        ("FAR", {}, "out of reach", "W1A 1AA"),
        ("NOWHERE", {}, "out of reach", "its place is not known"),
        ("BIG", {}, "out of reach", "it is large"),
        ("CO", {"wish": Filters(kind="vcse")}, "out of reach", "its kind is company"),
        ("OTHER", {}, "not compared", "similar to the lot"),
    ],
)
def test_explanation_says_why_a_provider_is_not_compared(
    one: Matcher, org_id: str, request_: dict[str, Any], stage: str, words: str
) -> None:
    found = asked(one, org_id, **request_)
    assert found.stage == stage
    assert words.casefold() in found.because.casefold()
    assert not found.listed


def test_explanation_for_an_invite_list_omits_place_and_size(one: Matcher) -> None:
    found = asked(one, "BIG", purpose=Purpose.INVITE, limit=50)
    assert found.facts is not None
    assert (found.facts.postcode, found.facts.size, found.facts.km) == ("", "", None)
    assert "WS1" not in found.because
    assert "large" not in found.because
