from __future__ import annotations

import re
from dataclasses import replace

import numpy as np
import pytest

from matcher.core.types import Lot
from matcher.lotting import lot_reader
from matcher.lotting.comparison import compare
from matcher.lotting.recommendation import Advice, advise
from matcher.lotting.types import NO_SPLIT, Split
from matcher.market.assessment import LotAssessment, assess
from matcher.market.criteria import MarketCriteria
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from tests.factory import lot
from tests.markets import (
    CARE,
    CARE_CODE,
    NEED,
    RIDES,
    RIDES_CODE,
    piece,
)
from tests.registers import as_bytes

TERMS = MarketCriteria(floor=0.05)
BOTH = replace(
    NEED,
    id="both",
    title="Help for older people",
    description=f"We buy two things.\n- {CARE}, morning and evening\n- {RIDES}, every day",
    cpv=(CARE_CODE, RIDES_CODE),
)


def advised(
    matcher: Matcher, need: Lot = NEED, terms: MarketCriteria = TERMS, **given: Split
) -> Advice:
    return advise(matcher, need, Request(), terms, given)


def names(found: Advice) -> list[str]:
    return [option.name for option in found.options]


def test_a_need_of_several_councils_is_cut_by_place(three_councils: Matcher) -> None:
    found = advised(three_councils)
    assert "by council" in names(found)
    lots = found.compared.splits["by council"].lots
    assert [one.title for one in lots] == [f"{CARE}: Sandwell", f"{CARE}: Walsall"]


def test_a_need_of_several_kinds_of_work_is_cut_by_service(three_councils: Matcher) -> None:
    found = advised(three_councils, BOTH)
    assert "by its own parts" in names(found)
    assert "by 2 groups of codes" in names(found)
    kinds = {option.name: option.by for option in found.options}
    assert kinds["by its own parts"] == "service"
    assert kinds["by council"] == "place"
    assert kinds[NO_SPLIT] == ""


def test_a_need_too_large_for_three_is_cut_by_the_largest_value_that_keeps_them(
    three_councils: Matcher,
) -> None:
    found = advised(three_councils)
    (name,) = [name for name in names(found) if name.startswith("by value")]
    curve = found.compared.curve
    assert curve.largest is not None
    assert curve.largest < (NEED.value or 0.0)
    most = float(name.rpartition("£")[2].replace(",", ""))
    assert 0.9 * curve.largest <= most <= curve.largest
    assert all((one.value or 0.0) <= most for one in found.compared.splits[name].lots)


def test_whatever_is_not_cut_says_why(three_councils: Matcher) -> None:
    plain = lot(title=CARE, cpv=(CARE_CODE,), area="Walsall", postcode="")
    why = advised(three_councils, plain).not_cut
    assert "never divided" in why["place"]
    assert "CPV codes" in why["service"]
    assert "no value" in why["value"]
    small = advised(three_councils, replace(NEED, value=1_000.0)).not_cut
    assert "small enough" in small["value"]
    nowhere = advised(three_councils, replace(plain, area="")).not_cut
    assert "names no council" in nowhere["place"]
    vast = advised(three_councils, replace(NEED, value=54_000_000.0)).not_cut
    assert re.search(r"take [\d,]+ equal lots of at most £[\d,]+ to fit 3 ", vast["value"])
    wide = advised(three_councils, replace(plain, area="United Kingdom")).not_cut
    assert "more than the 40" in wide["place"]
    poor = replace(plain, title=RIDES, cpv=(RIDES_CODE,), value=1e5)
    assert "have a known income" in advised(three_councils, poor).not_cut["value"]


def test_the_best_way_has_no_thin_lot_and_reaches_most(three_councils: Matcher) -> None:
    found = advised(three_councils)
    ranked = [found.compared.splits[name] for name in names(found)]
    assert [option.rank for option in found.options] == list(range(1, len(ranked) + 1))
    sound = [one for one in ranked if not one.thin and one.reach.credible.number >= 2 * one.number]
    assert found.split
    assert ranked[0] in sound
    assert ranked[0].reach.open.number == max(one.reach.open.number for one in sound)


def only_locals(matcher: Matcher, one: Lot, request: Request) -> LotAssessment:
    """A reading in which nobody is credible but who is local."""
    found = assess(matcher, one, request)
    return replace(found, probabilities=np.where(found.local, 0.9, 0.01))


def test_thin_lots_join_a_neighbour(
    three_councils: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is in Dudley, which borders Sandwell alone of the two."""
    monkeypatch.setattr(lot_reader, "assess", only_locals)
    found = advised(three_councils, replace(NEED, area="Walsall, Sandwell, Dudley")).compared
    assert len(found.splits["by council"].thin) == 1
    merged = found.splits["by place, thin lots joined to a neighbour"]
    assert not merged.thin
    assert [one.title for one in merged.lots] == [
        f"{CARE}: Dudley and Sandwell",
        f"{CARE}: Walsall",
    ]


def test_a_split_with_a_thin_lot_ranks_below_those_without(
    three_councils: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lot_reader, "assess", only_locals)
    found = advised(three_councils, replace(NEED, area="Walsall, Sandwell, Dudley"))
    thin = [bool(found.compared.splits[name].thin) for name in names(found)]
    assert thin == sorted(thin)
    assert any(thin)


def test_where_no_split_reaches_more_that_is_said_and_no_more(three_councils: Matcher) -> None:
    """At £10,000 the whole fits everybody whose income is known: nothing can be gained."""
    found = advised(three_councils, replace(NEED, value=10_000.0))
    assert not found.split
    assert found.verdict[0].startswith("No split that was compared reaches more")
    assert "better" not in " ".join(found.verdict)
    assert names(found)[0] == NO_SPLIT


def test_not_splitting_is_said_to_be_better_where_each_split_reaches_fewer(
    three_councils: Matcher,
) -> None:
    """Small and local is by the council of each lot: lots in one of the two miss the other's."""
    need = replace(NEED, area="Walsall", value=10_000.0)
    away = {"away": Split((piece("Birmingham", 5_000.0), piece("Birmingham", 5_000.0, id="b")))}
    found = advised(three_councils, need, TERMS, **away)
    reach = {name: one.reach.open.number for name, one in found.compared.splits.items()}
    assert reach["away"] < reach[NO_SPLIT]
    assert found.verdict[0].startswith("Not splitting is better: each split")


def test_where_one_contract_fails_the_same_test_nothing_is_recommended(
    three_councils: Matcher,
) -> None:
    """Ten providers are known in all: no way has a hundred who are credible."""
    need = replace(NEED, value=10_000.0)
    found = advised(three_councils, need, replace(TERMS, fewest=100))
    assert any(one.reach.open.number for one in found.compared.splits.values())
    assert all(one.thin for one in found.compared.splits.values())
    assert not found.split
    assert "None of the ways compared is sound" in found.verdict[0]
    assert "Nothing can be recommended" in found.verdict[0]
    assert "is better" not in " ".join(found.verdict)


FREE = Split((piece("Walsall", None), piece("Sandwell", None)))


def test_lots_without_a_value_do_not_win_over_lots_with_one(three_councils: Matcher) -> None:
    """Nobody is too small for a lot of which no value is known, so it is open to all."""
    found = advised(three_councils, NEED, TERMS, free=FREE)
    ways = found.compared.splits
    assert ways["free"].reach.open.number > ways[NO_SPLIT].reach.open.number
    assert names(found)[0] != "free"
    sound = [
        name
        for name in names(found)
        if not ways[name].thin and ways[name].reach.credible.number >= 2 * ways[name].number
    ]
    assert sound[-1] == "free"
    assert len(sound) > 2
    assert "not known whether one contract is better than “free”" in found.verdict[-1]
    (option,) = [one for one in found.options if one.name == "free"]
    assert any("Not every lot has a value" in said.words for said in option.trade_off)


def test_a_split_is_not_better_for_want_of_one_value(three_councils: Matcher) -> None:
    one = Split((piece("Walsall", 120_000.0), piece("Sandwell", None)))
    alone = replace(NEED, area="Walsall, Birmingham", description="")
    found = advised(three_councils, alone, TERMS, one=one)
    assert names(found)[0] != "one"


@pytest.mark.parametrize("other", [120_000.0, None])
def test_a_need_without_a_value_is_not_better_than_its_lots(
    three_councils: Matcher, other: float | None
) -> None:
    dear = Split((piece("Walsall", 120_000.0), piece("Sandwell", other)))
    found = advised(three_councils, replace(NEED, value=None), TERMS, dear=dear)
    ways = found.compared.splits
    assert ways["dear"].reach.open.number < ways[NO_SPLIT].reach.open.number
    assert not found.split
    assert "not known whether one contract is better than “dear”" in found.verdict[-1]
    assert "the need has no value, but lots there do" in found.verdict[-1]


def test_a_split_into_too_many_lots_is_not_better(three_councils: Matcher) -> None:
    many = tuple(piece("Walsall", 2_000.0 + n, id=f"need#{n}") for n in range(9))
    alone = replace(NEED, area="Walsall")
    found = advised(three_councils, alone, TERMS, many=Split(many))
    assert found.compared.splits["many"].reach.open.number > (
        found.compared.splits[NO_SPLIT].reach.open.number
    )
    assert names(found)[0] != "many"


def test_where_nobody_is_known_to_be_small_and_local_it_cannot_be_told(
    three_councils: Matcher,
) -> None:
    found = advised(three_councils, replace(NEED, area="Birmingham, Solihull"))
    assert not found.split
    assert "It is not known whether splitting helps" in found.verdict[0]


def test_where_there_is_no_other_way_that_is_said(three_councils: Matcher) -> None:
    alone = lot(title=CARE, cpv=(CARE_CODE,), area="Walsall", postcode="")
    found = advised(three_councils, alone)
    assert names(found) == [NO_SPLIT]
    assert "nothing to compare" in found.verdict[0]


def test_a_market_that_is_thin_itself_is_said_to_be(three_councils: Matcher) -> None:
    nobody = lot(title="Deep sea welding", area="Walsall, Sandwell", postcode="", value=1e5)
    assert "fewer than 3 credible" in advised(three_councils, nobody).verdict[-1]


def test_a_way_of_the_callers_own_is_ranked_beside(three_councils: Matcher) -> None:
    own = Split((piece("Walsall", 40_000.0), piece("Sandwell", 200_000.0)))
    found = advised(three_councils, NEED, TERMS, **{"by council": own})
    assert {"by council", "by council (proposed)"} <= set(names(found))
    alone = compare(three_councils, NEED, {"by council": own}, Request(), TERMS)
    assert found.compared.splits["by council"] == alone.splits["by council"]


def test_each_way_says_what_it_gains_and_loses(three_councils: Matcher) -> None:
    for option in advised(three_councils, BOTH).options:
        assert option.trade_off
        if option.name != NO_SPLIT:
            assert "Compared with one contract" in option.trade_off[0].words


def test_codes_of_one_kind_of_work_are_told_from_several(three_councils: Matcher) -> None:
    same = replace(NEED, cpv=("85311100", "85312100", "85312200"))
    found = advised(three_councils, same)
    told = {
        option.name: any("one kind of work" in said.words for said in option.trade_off)
        for option in found.options
    }
    assert told[next(name for name in told if "groups of codes" in name)]
    assert not told["by council"]


@pytest.mark.parametrize("need", [NEED, BOTH])
def test_the_same_need_gives_the_same_bytes(three_councils: Matcher, need: Lot) -> None:
    assert as_bytes(advised(three_councils, need)) == as_bytes(advised(three_councils, need))
