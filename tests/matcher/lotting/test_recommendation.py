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


def names(advice: Advice) -> list[str]:
    return [option.name for option in advice.options]


def test_need_of_several_councils_is_divided_by_place(three_councils: Matcher) -> None:
    advice = advised(three_councils)
    assert "by council" in names(advice)
    lots = advice.compared.splits["by council"].lots
    assert [lot.title for lot in lots] == [f"{CARE}: Sandwell", f"{CARE}: Walsall"]


def test_need_of_several_kinds_of_work_is_divided_by_service(three_councils: Matcher) -> None:
    advice = advised(three_councils, BOTH)
    assert "by its own parts" in names(advice)
    assert "by 2 groups of codes" in names(advice)
    kinds = {option.name: option.by for option in advice.options}
    assert kinds["by its own parts"] == "service"
    assert kinds["by council"] == "place"
    assert kinds[NO_SPLIT] == ""


def test_large_need_is_divided_by_the_largest_value_that_fits_three_providers(
    three_councils: Matcher,
) -> None:
    advice = advised(three_councils)
    (name,) = [name for name in names(advice) if name.startswith("by value")]
    curve = advice.compared.curve
    assert curve.largest is not None
    assert curve.largest < (NEED.value or 0.0)
    most = float(name.rpartition("£")[2].replace(",", ""))
    assert 0.9 * curve.largest <= most <= curve.largest
    assert all((lot.value or 0.0) <= most for lot in advice.compared.splits[name].lots)


def test_advice_says_why_a_way_to_divide_is_not_possible(three_councils: Matcher) -> None:
    plain = lot(title=CARE, cpv=(CARE_CODE,), area="Walsall", postcode="")
    reasons = advised(three_councils, plain).not_cut
    assert "never divided" in reasons["place"]
    assert "CPV codes" in reasons["service"]
    assert "no value" in reasons["value"]
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


def test_best_way_has_no_thin_lot_and_reaches_the_most_providers(three_councils: Matcher) -> None:
    advice = advised(three_councils)
    ranked = [advice.compared.splits[name] for name in names(advice)]
    assert [option.rank for option in advice.options] == list(range(1, len(ranked) + 1))
    sound = [way for way in ranked if not way.thin and way.reach.credible.number >= 2 * way.number]
    assert advice.split
    assert ranked[0] in sound
    assert ranked[0].reach.open.number == max(way.reach.open.number for way in sound)


def only_locals(matcher: Matcher, need: Lot, request: Request) -> LotAssessment:
    """An assessment in which only local providers are credible."""
    assessment = assess(matcher, need, request)
    return replace(assessment, probabilities=np.where(assessment.local, 0.9, 0.01))


def test_thin_lots_are_joined_to_a_neighbour(
    three_councils: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Dudley has no provider, and borders only Sandwell."""
    monkeypatch.setattr(lot_reader, "assess", only_locals)
    compared = advised(three_councils, replace(NEED, area="Walsall, Sandwell, Dudley")).compared
    assert len(compared.splits["by council"].thin) == 1
    merged = compared.splits["by place, thin lots joined to a neighbour"]
    assert not merged.thin
    assert [lot.title for lot in merged.lots] == [
        f"{CARE}: Dudley and Sandwell",
        f"{CARE}: Walsall",
    ]


def test_splits_with_a_thin_lot_rank_last(
    three_councils: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lot_reader, "assess", only_locals)
    advice = advised(three_councils, replace(NEED, area="Walsall, Sandwell, Dudley"))
    thin = [bool(advice.compared.splits[name].thin) for name in names(advice)]
    assert thin == sorted(thin)
    assert any(thin)


def test_verdict_where_no_split_reaches_more_providers(three_councils: Matcher) -> None:
    """At £10,000 the whole fits every provider of known income, so nothing can be gained."""
    advice = advised(three_councils, replace(NEED, value=10_000.0))
    assert not advice.split
    assert advice.verdict[0].startswith("No split that was compared reaches more")
    assert "better" not in " ".join(advice.verdict)
    assert names(advice)[0] == NO_SPLIT


def test_verdict_where_each_split_reaches_fewer_providers(
    three_councils: Matcher,
) -> None:
    """Local means in the council of the lot: lots in Birmingham lose those of Walsall."""
    need = replace(NEED, area="Walsall", value=10_000.0)
    away = {"away": Split((piece("Birmingham", 5_000.0), piece("Birmingham", 5_000.0, id="b")))}
    advice = advised(three_councils, need, TERMS, **away)
    reach = {name: way.reach.open.number for name, way in advice.compared.splits.items()}
    assert reach["away"] < reach[NO_SPLIT]
    assert advice.verdict[0].startswith("Not splitting is better: each split")


def test_nothing_is_recommended_where_no_way_is_sound(
    three_councils: Matcher,
) -> None:
    """Ten providers are known, so no way has a hundred credible ones."""
    need = replace(NEED, value=10_000.0)
    advice = advised(three_councils, need, replace(TERMS, fewest=100))
    assert any(way.reach.open.number for way in advice.compared.splits.values())
    assert all(way.thin for way in advice.compared.splits.values())
    assert not advice.split
    assert "None of the ways compared is sound" in advice.verdict[0]
    assert "Nothing can be recommended" in advice.verdict[0]
    assert "is better" not in " ".join(advice.verdict)


FREE = Split((piece("Walsall", None), piece("Sandwell", None)))


def test_lots_without_a_value_rank_below_lots_with_one(three_councils: Matcher) -> None:
    """Nobody is too small for a lot without a value, so it is open to all."""
    advice = advised(three_councils, NEED, TERMS, free=FREE)
    ways = advice.compared.splits
    assert ways["free"].reach.open.number > ways[NO_SPLIT].reach.open.number
    assert names(advice)[0] != "free"
    sound = [
        name
        for name in names(advice)
        if not ways[name].thin and ways[name].reach.credible.number >= 2 * ways[name].number
    ]
    assert sound[-1] == "free"
    assert len(sound) > 2
    assert "not known whether one contract is better than “free”" in advice.verdict[-1]
    (option,) = [option for option in advice.options if option.name == "free"]
    assert any("Not every lot has a value" in sentence.words for sentence in option.trade_off)


def test_split_with_a_missing_value_is_not_better(three_councils: Matcher) -> None:
    partly = Split((piece("Walsall", 120_000.0), piece("Sandwell", None)))
    alone = replace(NEED, area="Walsall, Birmingham", description="")
    advice = advised(three_councils, alone, TERMS, partly=partly)
    assert names(advice)[0] != "partly"


@pytest.mark.parametrize("other", [120_000.0, None])
def test_need_without_a_value_is_not_called_better_than_its_lots(
    three_councils: Matcher, other: float | None
) -> None:
    dear = Split((piece("Walsall", 120_000.0), piece("Sandwell", other)))
    advice = advised(three_councils, replace(NEED, value=None), TERMS, dear=dear)
    ways = advice.compared.splits
    assert ways["dear"].reach.open.number < ways[NO_SPLIT].reach.open.number
    assert not advice.split
    assert "not known whether one contract is better than “dear”" in advice.verdict[-1]
    assert "the need has no value, but lots there do" in advice.verdict[-1]


def test_split_into_too_many_lots_is_not_better(three_councils: Matcher) -> None:
    many = tuple(piece("Walsall", 2_000.0 + n, id=f"need#{n}") for n in range(9))
    alone = replace(NEED, area="Walsall")
    advice = advised(three_councils, alone, TERMS, many=Split(many))
    assert advice.compared.splits["many"].reach.open.number > (
        advice.compared.splits[NO_SPLIT].reach.open.number
    )
    assert names(advice)[0] != "many"


def test_verdict_where_no_provider_is_known_to_be_small_and_local(
    three_councils: Matcher,
) -> None:
    advice = advised(three_councils, replace(NEED, area="Birmingham, Solihull"))
    assert not advice.split
    assert "It is not known whether splitting helps" in advice.verdict[0]


def test_verdict_where_there_is_no_other_way(three_councils: Matcher) -> None:
    alone = lot(title=CARE, cpv=(CARE_CODE,), area="Walsall", postcode="")
    advice = advised(three_councils, alone)
    assert names(advice) == [NO_SPLIT]
    assert "nothing to compare" in advice.verdict[0]


def test_verdict_says_that_one_contract_is_thin(three_councils: Matcher) -> None:
    nobody = lot(title="Deep sea welding", area="Walsall, Sandwell", postcode="", value=1e5)
    assert "fewer than 3 credible" in advised(three_councils, nobody).verdict[-1]


def test_given_split_is_ranked_with_the_proposals(three_councils: Matcher) -> None:
    given = Split((piece("Walsall", 40_000.0), piece("Sandwell", 200_000.0)))
    advice = advised(three_councils, NEED, TERMS, **{"by council": given})
    assert {"by council", "by council (proposed)"} <= set(names(advice))
    alone = compare(three_councils, NEED, {"by council": given}, Request(), TERMS)
    assert advice.compared.splits["by council"] == alone.splits["by council"]


def test_each_option_states_its_gains_and_losses(three_councils: Matcher) -> None:
    for option in advised(three_councils, BOTH).options:
        assert option.trade_off
        if option.name != NO_SPLIT:
            assert "Compared with one contract" in option.trade_off[0].words


def test_split_by_service_notes_lots_with_the_same_providers(three_councils: Matcher) -> None:
    same = replace(NEED, cpv=("85311100", "85312100", "85312200"))
    advice = advised(three_councils, same)
    noted = {
        option.name: any("one kind of work" in sentence.words for sentence in option.trade_off)
        for option in advice.options
    }
    assert noted[next(name for name in noted if "groups of codes" in name)]
    assert not noted["by council"]


@pytest.mark.parametrize("need", [NEED, BOTH])
def test_the_same_need_gives_the_same_bytes(three_councils: Matcher, need: Lot) -> None:
    assert as_bytes(advised(three_councils, need)) == as_bytes(advised(three_councils, need))
