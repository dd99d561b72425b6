from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any

import pytest

from matcher.lotting.comparison import compare
from matcher.lotting.justification import Sentence, pointer, reasons, trade_off
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
def compared(three_councils: Matcher) -> ComparedSplits:
    return compare(three_councils, NEED, WAYS, Request(), MarketCriteria(floor=0.05))


def at(document: Any, path: str) -> Any:
    """The value at a JSON pointer."""
    for step in path.removeprefix("/").split("/"):
        key = step.replace("~1", "/").replace("~0", "~")
        document = document[int(key)] if isinstance(document, list) else document[key]
    return document


def number(written: str) -> float:
    return float(written.replace("£", "").replace(",", ""))


@pytest.mark.parametrize("name", [NO_SPLIT, *WAYS])
@pytest.mark.parametrize("root", ["", "/compared"])
def test_every_figure_is_the_number_at_its_path(
    compared: ComparedSplits, name: str, root: str
) -> None:
    whole = json.loads(as_bytes(compared))
    document = {"compared": whole} if root else whole
    drafted = (*reasons(compared, name, root), *trade_off(compared, name, root))
    figures = [figure for sentence in drafted for figure in sentence.figures]
    assert len(figures) > 8
    for figure in figures:
        assert number(figure.said) == at(document, figure.path), figure


@pytest.mark.parametrize("name", [NO_SPLIT, *WAYS])
def test_every_number_in_a_draft_is_a_figure(compared: ComparedSplits, name: str) -> None:
    for sentence in reasons(compared, name):
        own = re.sub(r"“[^”]*”|\([^)]*\)|25,000 euros", "", sentence.words).replace(name, "")
        numbers = [word.rstrip(".,:") for word in re.findall(r"£?\d[\d,.]*", own)]
        figures = [figure.said for figure in sentence.figures if figure.said in numbers]
        assert numbers == figures, sentence


def test_draft_for_lots_states_gains_losses_thin_lots_and_the_whole_value(
    compared: ComparedSplits,
) -> None:
    draft = " ".join(sentence.words for sentence in reasons(compared, "north/south {~}"))
    assert "intend to buy this in 3 lots: north/south {~}." in draft
    assert "too large for them: 1 gained, 0 lost" in draft
    assert "Fewer than 3 providers are credible for “Deep sea welding {2}”" in draft
    assert "No small local provider is known for “Deep sea welding {2}”" in draft
    assert "£408,000, VAT included" in draft
    assert "do not guarantee that small providers win" in draft


def test_floor_is_quoted_with_all_its_digits(three_councils: Matcher) -> None:
    fine = compare(three_councils, NEED, WAYS, Request(), MarketCriteria(floor=0.0212345678))
    assert any("at least 0.0212345678 of" in sentence.words for sentence in reasons(fine, NO_SPLIT))


def test_draft_for_one_contract_describes_every_split(compared: ComparedSplits) -> None:
    draft = " ".join(sentence.words for sentence in reasons(compared, NO_SPLIT))
    assert "intend to buy this as one contract" in draft
    assert all(f"Split “{name}” would have" in draft for name in WAYS)
    assert "[The officer adds, with evidence" in draft


def test_drafts_do_not_predict_what_providers_will_do(compared: ComparedSplits) -> None:
    draft = " ".join(
        sentence.words for name in compared.splits for sentence in reasons(compared, name)
    )
    assert not re.search(r"\b(?:will|would) (?:bid|win|agree)", draft)


def drafted(matcher: Matcher, name: str, **fields: Any) -> str:
    """The draft for a way to buy the need, with these fields of it and of its lots."""
    lots = tuple(replace(piece(area), **fields) for area in ("Walsall", "Sandwell"))
    need = replace(NEED, **{**fields, "value": fields.get("value", 240_000.0)})
    compared = compare(
        matcher, need, {"halves": Split(lots)}, Request(), MarketCriteria(floor=0.05)
    )
    return " ".join(sentence.words for sentence in reasons(compared, name))


def test_duty_is_cited_at_or_over_the_threshold(
    three_councils: Matcher,
) -> None:
    """£240,000 without VAT is £288,000 with it: over for rides, not for light touch."""
    over = {name: drafted(three_councils, name, cpv=(RIDES_CODE,)) for name in (NO_SPLIT, "halves")}
    assert all("at or over the threshold" in draft for draft in over.values())
    assert all("We considered lots (PA2023-s18)" in draft for draft in over.values())
    assert "reasons only where lots are not used" in over["halves"]
    assert "PA2023-s98" in over["halves"]
    assert "reasons only where lots are not used" not in over[NO_SPLIT]


@pytest.mark.parametrize("name", [NO_SPLIT, "halves"])
def test_duty_is_not_cited_below_the_threshold(three_councils: Matcher, name: str) -> None:
    draft = drafted(three_councils, name)
    assert "below the threshold" in draft
    assert "PA2023-s18" not in draft
    assert "does not require this; it is good practice" in draft


@pytest.mark.parametrize("name", [NO_SPLIT, "halves"])
def test_draft_says_that_the_duty_is_unknown_where_the_whole_value_is(
    three_councils: Matcher, name: str
) -> None:
    draft = drafted(three_councils, name, value=None)
    assert "PA2023-s18" in draft
    assert "It is not known whether they are" in draft


@pytest.mark.parametrize("name", [NO_SPLIT, "halves"])
@pytest.mark.parametrize(
    ("buyer", "sentence"),
    [
        ("Fife Council", "The Procurement Act 2023 does not bind devolved buyers in Scotland"),
        ("Cardiff Council", "This tool does not hold the rules of Wales"),
    ],
)
def test_english_rules_are_not_cited_for_buyers_elsewhere(
    three_councils: Matcher, name: str, buyer: str, sentence: str
) -> None:
    draft = drafted(three_councils, name, buyer=buyer)
    assert sentence in draft
    assert "PA2023" not in draft
    assert "£288,000" in draft


def test_draft_says_that_the_whole_value_is_not_known(three_councils: Matcher) -> None:
    free = {"free": Split((piece("Walsall", None), piece("Sandwell", None)))}
    need = lot(**{"id": "need", "title": NEED.title, "area": NEED.area, "postcode": ""})
    unknown = compare(three_councils, need, free, Request(), MarketCriteria(floor=0.05))
    drafted = reasons(unknown, "free")
    assert any("together is not known" in sentence.words for sentence in drafted)
    assert all(isinstance(sentence, Sentence) for sentence in drafted)


def test_partly_known_whole_value_is_never_called_below_the_threshold(
    three_councils: Matcher,
) -> None:
    part = {"part": Split((piece("Walsall", 140_000.0), piece("Sandwell", None)))}
    need = replace(NEED, value=None, buyer_kind="")
    partly = compare(three_councils, need, part, Request(), MarketCriteria(floor=0.05))
    draft = " ".join(sentence.words for sentence in reasons(partly, "part"))
    assert "at least £168,000, VAT included" in draft
    assert "not known whether the whole is at or over the threshold" in draft
    assert "is below" not in draft


def test_draft_says_that_the_kind_of_buyer_is_assumed(three_councils: Matcher) -> None:
    with_kind = compare(three_councils, NEED, WAYS, Request(), MarketCriteria(floor=0.05))
    without_kind = compare(
        three_councils, replace(NEED, buyer_kind=""), WAYS, Request(), MarketCriteria(0.05)
    )
    given, assumed = (
        next(
            sentence.words
            for sentence in reasons(compared, NO_SPLIT)
            if "the threshold of" in sentence.words
        )
        for compared in (with_kind, without_kind)
    )
    assert "contracts bought by a council." in given
    assert "contracts bought by a council (assumed" in assumed


def test_pointers_escape_slashes_and_tildes() -> None:
    assert at({"a/b": {"~c": [5]}}, pointer("a/b", "~c", 0)) == 5
