from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from matcher.lotting.comparison import compare
from matcher.lotting.figures import Sentence, pointer
from matcher.lotting.justification import reasons, trade_off
from matcher.lotting.types import NO_SPLIT, ComparedSplits, Split
from matcher.market.criteria import MarketCriteria
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from tests.factory import lot
from tests.markets import NEED, RIDES_CODE, piece
from tests.registers import as_bytes

ODD = lot(id="need#odd", title="Deep sea welding {2}", area="Walsall", postcode="", value=1e5)
WAYS = {
    "by council": Split((piece("Walsall"), piece("Sandwell"))),
    "north/south {~}": Split((piece("Walsall", 40_000.0), piece("Sandwell", 200_000.0), ODD)),
}


@pytest.fixture(scope="module")
def found(three_councils: Matcher) -> ComparedSplits:
    return compare(three_councils, NEED, WAYS, Request(), MarketCriteria(floor=0.05))


def at(document: Any, path: str) -> Any:
    """What a JSON pointer leads to."""
    for step in path.removeprefix("/").split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document


def number(said: str) -> float:
    return float(said.replace("£", "").replace(",", ""))


@pytest.mark.parametrize("name", [NO_SPLIT, *WAYS])
@pytest.mark.parametrize("root", ["", "/compared"])
def test_every_figure_is_the_number_at_its_path(
    found: ComparedSplits, name: str, root: str
) -> None:
    whole = json.loads(as_bytes(found))
    document = {"compared": whole} if root else whole
    drafted = (*reasons(found, name, root), *trade_off(found, name, root))
    figures = [figure for one in drafted for figure in one.figures]
    assert len(figures) > 8
    for figure in figures:
        assert number(figure.said) == at(document, figure.path), figure


@pytest.mark.parametrize("name", [NO_SPLIT, *WAYS])
def test_no_number_is_said_without_saying_where_it_is_from(
    found: ComparedSplits, name: str
) -> None:
    for one in reasons(found, name):
        own = re.sub(r"“[^”]*”|\([^)]*\)|25,000 euros", "", one.words).replace(name, "")
        said = [word.rstrip(".,:") for word in re.findall(r"£?\d[\d,.]*", own)]
        assert said == [figure.said for figure in one.figures if figure.said in said], one


def test_a_draft_for_lots_says_what_is_gained_lost_thin_and_of_the_whole(
    found: ComparedSplits,
) -> None:
    said = " ".join(one.words for one in reasons(found, "north/south {~}"))
    assert "intend to buy this in 3 lots: north/south {~}." in said
    assert "too large for them: 1 gained, 0 lost" in said
    assert "Fewer than 3 providers are credible for “Deep sea welding {2}”" in said
    assert "No small local provider is known for “Deep sea welding {2}”" in said
    assert "£408,000, VAT included" in said
    assert "do not guarantee that small providers win" in said


def test_a_floor_of_many_digits_is_quoted_in_full(three_councils: Matcher) -> None:
    fine = compare(three_councils, NEED, WAYS, Request(), MarketCriteria(floor=0.0212345678))
    assert any("at least 0.0212345678 of" in one.words for one in reasons(fine, NO_SPLIT))


def test_a_draft_for_one_contract_says_what_lots_would_have_given(found: ComparedSplits) -> None:
    said = " ".join(one.words for one in reasons(found, NO_SPLIT))
    assert "intend to buy this as one contract" in said
    assert all(f"Split “{name}” would have" in said for name in WAYS)
    assert "[The officer adds, with evidence" in said


def test_nothing_is_claimed_of_what_providers_would_do(found: ComparedSplits) -> None:
    said = " ".join(one.words for name in found.splits for one in reasons(found, name))
    assert not re.search(r"\b(?:will|would) (?:bid|win|agree)", said)


def drafted(matcher: Matcher, name: str, **fields: Any) -> str:
    """The draft for a way to buy the need, with these fields of it and of its lots."""
    lots = tuple(replace(piece(area), **fields) for area in ("Walsall", "Sandwell"))
    need = replace(NEED, **{**fields, "value": fields.get("value", 240_000.0)})
    found = compare(matcher, need, {"halves": Split(lots)}, Request(), MarketCriteria(floor=0.05))
    return " ".join(one.words for one in reasons(found, name))


def test_the_duty_is_cited_where_the_whole_is_at_or_over_the_threshold(
    three_councils: Matcher,
) -> None:
    """£240,000 without VAT is £288,000 with it: over for rides, not for light touch."""
    over = {name: drafted(three_councils, name, cpv=(RIDES_CODE,)) for name in (NO_SPLIT, "halves")}
    assert all("at or over the threshold" in said for said in over.values())
    assert all("We considered lots (PA2023-s18)" in said for said in over.values())
    assert "reasons only where lots are not used" in over["halves"]
    assert "PA2023-s98" in over["halves"]
    assert "reasons only where lots are not used" not in over[NO_SPLIT]


@pytest.mark.parametrize("name", [NO_SPLIT, "halves"])
def test_no_duty_is_cited_below_the_threshold(three_councils: Matcher, name: str) -> None:
    said = drafted(three_councils, name)
    assert "below the threshold" in said
    assert "PA2023-s18" not in said
    assert "does not require this; it is good practice" in said


@pytest.mark.parametrize("name", [NO_SPLIT, "halves"])
def test_where_the_whole_is_not_known_neither_is_the_duty(
    three_councils: Matcher, name: str
) -> None:
    said = drafted(three_councils, name, value=None)
    assert "PA2023-s18" in said
    assert "It is not known whether they are" in said


@pytest.mark.parametrize("name", [NO_SPLIT, "halves"])
@pytest.mark.parametrize(
    ("buyer", "said"),
    [
        ("Fife Council", "The Procurement Act 2023 does not bind devolved buyers in Scotland"),
        ("Cardiff Council", "This tool does not hold the rules of Wales"),
    ],
)
def test_no_rule_of_england_is_cited_for_a_buyer_elsewhere(
    three_councils: Matcher, name: str, buyer: str, said: str
) -> None:
    draft = drafted(three_councils, name, buyer=buyer)
    assert said in draft
    assert "PA2023" not in draft
    assert "£288,000" in draft


def test_a_value_that_is_not_known_is_said_to_be(three_councils: Matcher) -> None:
    free = {"free": Split((piece("Walsall", None), piece("Sandwell", None)))}
    need = lot(**{"id": "need", "title": NEED.title, "area": NEED.area, "postcode": ""})
    unknown = compare(three_councils, need, free, Request(), MarketCriteria(floor=0.05))
    drafted = reasons(unknown, "free")
    assert any("together is not known" in one.words for one in drafted)
    assert all(isinstance(one, Sentence) for one in drafted)


def test_a_value_that_is_partly_known_is_never_called_below(three_councils: Matcher) -> None:
    part = {"part": Split((piece("Walsall", 140_000.0), piece("Sandwell", None)))}
    need = replace(NEED, value=None, buyer_kind="")
    partly = compare(three_councils, need, part, Request(), MarketCriteria(floor=0.05))
    said = " ".join(one.words for one in reasons(partly, "part"))
    assert "at least £168,000, VAT included" in said
    assert "not known whether the whole is at or over the threshold" in said
    assert "is below" not in said


def test_a_kind_of_buyer_that_is_not_given_is_said_to_be_assumed(three_councils: Matcher) -> None:
    told = compare(three_councils, NEED, WAYS, Request(), MarketCriteria(floor=0.05))
    untold = compare(
        three_councils, replace(NEED, buyer_kind=""), WAYS, Request(), MarketCriteria(0.05)
    )
    known, supposed = (
        next(one.words for one in reasons(found, NO_SPLIT) if "the threshold of" in one.words)
        for found in (told, untold)
    )
    assert "contracts of a council buyer." in known
    assert "contracts of a council buyer (assumed" in supposed


def test_pointers_escape_what_would_lead_elsewhere() -> None:
    assert at({"a/b": {"~c": [5]}}, pointer("a/b", "~c", 0)) == 5
