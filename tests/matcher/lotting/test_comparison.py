from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matcher.core.errors import BadInput, BadLot
from matcher.core.types import Lot
from matcher.lotting import lot_reader
from matcher.lotting.comparison import compare
from matcher.lotting.delivery_area import clusters, delivery_area, whole_councils
from matcher.lotting.division import by_place
from matcher.lotting.joining import join_lots
from matcher.lotting.types import (
    NO_SPLIT,
    ComparedSplits,
    Split,
    SplitReach,
)
from matcher.market.assessment import assess
from matcher.market.criteria import MarketCriteria
from matcher.ranking.matcher import Matcher
from matcher.ranking.request import Request
from tests.factory import lot
from tests.markets import (
    CARE,
    NEED,
    PEOPLE,
    RIDES,
    RIDES_CODE,
    piece,
)
from tests.registers import as_bytes

WAYS = {
    "by council": Split((piece("Walsall"), piece("Sandwell"))),
    "other shares": Split((piece("Walsall", 40_000.0), piece("Sandwell", 200_000.0))),
    "same again": Split((piece("Walsall"), piece("Sandwell", 200_000.0, id="other"))),
}
TERMS = MarketCriteria(floor=0.05)


def asked(matcher: Matcher, ways: dict[str, Split] | None = None, **terms: Any) -> ComparedSplits:
    return compare(matcher, NEED, ways or WAYS, Request(), replace(TERMS, **terms))


def credible(matcher: Matcher, one: Lot, floor: float = 0.05) -> set[str]:
    """The ids of the credible providers, read alone."""
    found = assess(matcher, one, Request()).credible(floor)
    return {matcher.register.organisations[row].provider.id for row in found.rows.tolist()}


def test_no_split_is_always_there(three_councils: Matcher) -> None:
    found = asked(three_councils)
    assert set(found.splits) == {NO_SPLIT, *WAYS}
    assert found.splits[NO_SPLIT].number == 1
    assert found.splits[NO_SPLIT].against is None


def test_distinct_providers_count_once(three_councils: Matcher) -> None:
    found = asked(three_councils).splits["by council"]
    each = [credible(three_councils, one) for one in WAYS["by council"].lots]
    assert found.reach.credible.number == len(each[0] | each[1])
    assert found.bidders_a_lot == round(len(each[0] | each[1]) / 2, 2)
    assert found.shared == round(len(each[0] & each[1]) / len(each[0] | each[1]), 4)
    assert each[0] & each[1]


def test_small_and_local_is_by_the_council_of_each_lot(three_councils: Matcher) -> None:
    found = asked(three_councils)
    market = {lot.title: found.markets[lot.market] for lot in found.splits["by council"].lots}
    small = [
        p for p in PEOPLE if p.name.startswith("Carers") and p.size.value in ("micro", "small")
    ]
    for name, prefix in (("Walsall", "WS"), ("Sandwell", "B70")):
        here = [p for p in small if p.sites[0].postcode.startswith(prefix)]
        assert market[f"{NEED.title}: {name}"].depth.small_local.number == len(here) > 0
    assert found.splits["by council"].reach.small_local.number == len(
        [p for p in small if not p.sites[0].postcode.startswith("B1 ")]
    )


def test_a_smaller_lot_is_open_to_whom_the_whole_is_too_large_for(three_councils: Matcher) -> None:
    """£240,000 asks for an income of £480,000, £120,000 for £240,000, £40,000 for £80,000."""
    found = asked(three_councils).splits
    assert found[NO_SPLIT].reach.open.number == 0
    assert found["by council"].reach.open.number == 0
    opened = found["other shares"]
    assert opened.reach.open.number == opened.reach.fits.number == 1  # Carers 1, of Walsall
    assert opened.against is not None
    assert opened.against.open_gained.number == 1
    assert opened.against.open_lost.number == 0


def test_an_income_that_is_not_known_is_not_held_against_anybody(three_councils: Matcher) -> None:
    reach = asked(three_councils).splits["other shares"].reach
    assert reach.perhaps_small_local.number == 1  # Carers 3, whose size is not known
    assert reach.size_unknown.number == 1


def test_who_is_small_and_local_to_one_lot_is_not_perhaps_so(three_councils: Matcher) -> None:
    """Nobody knows who is local to a lot that is nowhere; of some it is known by the other lot."""
    nowhere = piece("", id="need#nowhere", title=CARE, buyer="")
    found = asked(three_councils, {"two": Split((piece("Walsall"), nowhere))}).splits["two"].reach
    alone = asked(three_councils, {"one": Split((nowhere,))}).splits["one"].reach
    assert alone.small_local.number == 0
    assert found.small_local.number > 0
    both = alone.perhaps_small_local.number
    assert found.perhaps_small_local.number == both - found.small_local.number


def test_without_a_value_nobody_is_too_small_and_nobody_fits(three_councils: Matcher) -> None:
    ways = {"free": Split((piece("Walsall", None), piece("Sandwell", None)))}
    found = compare(three_councils, replace(NEED, value=None), ways, Request(), TERMS)
    reach = found.splits["free"].reach
    assert reach.open == reach.small_local
    assert reach.fits.number == 0
    assert found.splits["free"].value is None
    assert found.whole.value is None
    assert found.whole.over is None
    assert "not known" in found.whole.warnings[0]


def test_a_lot_in_several_splits_has_one_market_and_is_read_once(
    three_councils: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    times: list[str] = []

    def counted(matcher: Matcher, one: Lot, request: Request) -> Any:
        times.append(repr(replace(one, id="")))
        return assess(matcher, one, request)

    monkeypatch.setattr(lot_reader, "assess", counted)
    found = asked(three_councils)
    (walsall,) = {
        one.market for name in ("by council", "same again") for one in found.splits[name].lots[:1]
    }
    assert {one.market for one in found.splits["other shares"].lots[1:]} == {
        one.market for one in found.splits["same again"].lots[1:]
    }
    assert walsall in found.markets
    assert len(times) == len(set(times)) == len(found.markets)


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_splits_and_of_lots_decides_nothing(
    three_councils: Matcher, chance: Any
) -> None:
    names = list(WAYS)
    chance.shuffle(names)
    mixed = {}
    for name in names:
        lots = list(WAYS[name].lots)
        chance.shuffle(lots)
        mixed[name] = Split(tuple(lots))

    def plain(found: ComparedSplits) -> bytes:
        ordered = {
            name: replace(one, lots=tuple(sorted(one.lots, key=lambda lot: lot.id)),
                          thin=tuple(sorted(one.thin)))
            for name, one in found.splits.items()
        }  # fmt: skip
        return as_bytes(replace(found, splits=ordered))

    assert plain(asked(three_councils, mixed)) == plain(asked(three_councils))


@pytest.mark.parametrize("lots", [1, 2])
def test_joining_the_areas_of_a_split_covers_the_same_providers(
    three_councils: Matcher, lots: int
) -> None:
    register = three_councils.register
    ground = delivery_area(NEED, three_councils.place(NEED), register.councils, register.postcodes)
    groups = whole_councils(ground) if lots == 2 else clusters(ground, 1)
    cut = by_place(NEED, ground, groups)
    again = join_lots(cut.lots, register.councils, register.postcodes, 0.2)
    was, now = (assess(three_councils, one, Request()) for one in (NEED, again))
    one, other = (each.subset(np.argsort(each.rows)) for each in (was, now))
    for name in ("rows", "probabilities", "local", "small"):
        assert np.array_equal(getattr(one, name), getattr(other, name)), name
    pieces = [assess(three_councils, one, Request()) for one in cut.lots]
    local = {row for one in pieces for row in one.rows[one.local].tolist()}
    assert local == set(was.rows[was.local].tolist())


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_what_counts_narrower_is_never_more(three_councils: Matcher, data: st.DataObject) -> None:
    floor = data.draw(st.sampled_from([0.02, 0.05, 0.2, 0.5]))
    share = data.draw(st.floats(0.05, 5))
    found = asked(three_councils, floor=floor, value_to_income=share)
    for one in found.splits.values():
        reach = one.reach
        numbers = [getattr(reach, f.name).number for f in fields(SplitReach)]
        assert all(0 <= n <= reach.credible.number for n in numbers)
        assert (
            reach.fits.number
            <= reach.open.number
            <= reach.small_local.number
            <= min(reach.small.number, reach.local.number)
        )
        assert one.thinnest.credible.number <= reach.credible.number


def test_lots_that_nobody_could_do_are_thin(three_councils: Matcher) -> None:
    odd = lot(id="need#odd", title="Deep sea welding", area="Walsall", postcode="", value=1e5)
    ways = {"odd": Split((piece("Walsall"), odd))}
    one = compare(three_councils, NEED, ways, Request(), TERMS).splits["odd"]
    assert one.thinnest.lot == "need#odd"
    assert one.thin == ("need#odd",)
    assert one.none_small_local == ("need#odd",)


def test_many_lots_for_few_providers_are_flagged(three_councils: Matcher) -> None:
    many = tuple(piece("Walsall", 1000.0 + n, id=f"need#{n}") for n in range(6))
    found = compare(three_councils, NEED, {"many": Split(many)}, Request(), TERMS)
    assert any("fewer than two" in note for note in found.splits["many"].notes)
    assert not any("fewer than two" in note for note in found.splits[NO_SPLIT].notes)


def test_all_lots_are_valued_together_and_splitting_takes_nothing_below(
    three_councils: Matcher,
) -> None:
    """£240,000 without VAT is £288,000, over £207,720; each half by itself would be below."""
    rides = replace(NEED, cpv=(RIDES_CODE,))
    half = [replace(one, cpv=(RIDES_CODE,)) for one in WAYS["by council"].lots]
    found = compare(three_councils, rides, {"halves": Split(tuple(half))}, Request(), TERMS)
    assert found.whole.value == 288_000.0
    assert found.whole.threshold == 207_720
    assert found.whole.over is True
    assert found.splits["halves"].alone_below == 2
    assert "must not be split to avoid the Act" in found.whole.warnings[1]
    assert found.whole.anti_avoidance in {rule.id for rule in three_councils.rulebook.rules}


def test_below_the_threshold_nothing_is_warned_of_but_the_whole_is_said(
    three_councils: Matcher,
) -> None:
    small = replace(NEED, value=100_000.0, cpv=(RIDES_CODE,))
    ways = {"halves": Split((replace(small, id="need#1", value=5e4),) * 2)}
    whole = compare(three_councils, small, ways, Request(), TERMS).whole
    assert (whole.value, whole.over, len(whole.warnings)) == (120_000.0, False, 1)


def test_a_whole_that_is_partly_known_is_at_least_that_and_never_below(
    three_councils: Matcher,
) -> None:
    """£140,000 without VAT is £168,000 with it; what the other lot is worth nobody said."""
    ways = {"part": Split((piece("Walsall", 140_000.0), piece("Sandwell", None)))}
    whole = compare(three_councils, replace(NEED, value=None), ways, Request(), TERMS).whole
    assert (whole.value, whole.at_least, whole.over) == (168_000.0, True, None)
    assert "at least £168,000" in whole.warnings[0]
    dear = {"part": Split((piece("Walsall", 900_000.0), piece("Sandwell", None)))}
    over = compare(three_councils, replace(NEED, value=None), dear, Request(), TERMS).whole
    assert (over.at_least, over.over) == (True, True)


def test_a_whole_that_the_need_or_another_way_tells_is_known(three_councils: Matcher) -> None:
    part = Split((piece("Walsall", 140_000.0), piece("Sandwell", None)))
    told = compare(three_councils, NEED, {"part": part}, Request(), TERMS).whole
    assert (told.value, told.at_least, told.over) == (288_000.0, False, False)
    free, ways = replace(NEED, value=None), {"part": part, "all": WAYS["by council"]}
    assert not compare(three_councils, free, ways, Request(), TERMS).whole.at_least
    asked = Request(whole_value=200_000.0)
    given = compare(three_councils, free, {"part": part}, asked, TERMS).whole
    assert (given.value, given.at_least, given.over) == (200_000.0, False, False)


def test_a_value_of_nought_is_known(three_councils: Matcher) -> None:
    ways = {"free": Split((piece("Walsall", 0.0), piece("Sandwell", 0.0)))}
    whole = compare(three_councils, replace(NEED, value=0.0), ways, Request(), TERMS).whole
    assert (whole.value, whole.over) == (0.0, False)


def test_vat_is_added_to_the_sum_so_that_pennies_stay(three_councils: Matcher) -> None:
    """Three times a penny: VAT of a fifth is less than a penny on each, and one on all."""
    lots = tuple(piece("Walsall", 0.01, id=f"need#{n}") for n in range(3))
    found = compare(three_councils, replace(NEED, value=0.03), {"p": Split(lots)}, Request(), TERMS)
    assert found.splits["p"].value == found.whole.value == 0.04


def test_lots_worth_more_than_the_need_raise_the_whole(three_councils: Matcher) -> None:
    ways = {"dear": Split((piece("Walsall", 300_000.0), piece("Sandwell", 300_000.0)))}
    found = asked(three_councils, ways)
    assert found.whole.value == 720_000.0
    assert any("do not add up" in note for note in found.splits["dear"].notes)


def test_a_need_without_a_value_is_no_fair_match_for_lots_with_one(
    three_councils: Matcher,
) -> None:
    found = compare(three_councils, replace(NEED, value=None), WAYS, Request(), TERMS)
    assert any("has no value" in note for note in found.splits["by council"].notes)
    assert found.whole.value == 384_000.0  # "same again": £120,000 and £200,000, and VAT


def test_lots_that_say_no_value_or_no_years_beside_a_need_that_does_are_noted(
    three_councils: Matcher,
) -> None:
    def notes(need: Lot, *lots: Lot) -> str:
        ways = {"these": Split(lots)}
        return " ".join(compare(three_councils, need, ways, Request(), TERMS).splits["these"].notes)

    both = piece("Walsall"), piece("Sandwell")
    longer = [replace(one, years=3.0) for one in both]
    assert "Not every lot has a value" in notes(NEED, both[0], piece("Sandwell", None))
    assert "Give the years of each lot" in notes(replace(NEED, years=3.0), longer[0], both[1])
    assert "Give the years of the need" in notes(NEED, *longer)
    for alike in (notes(NEED, *both), notes(replace(NEED, years=3.0), *longer)):
        assert "value" not in alike
        assert "years" not in alike


def test_a_buyer_elsewhere_is_not_measured_by_english_thresholds(three_councils: Matcher) -> None:
    scottish = replace(NEED, buyer="Fife Council", area="Fife")
    whole = compare(three_councils, scottish, WAYS, Request(), TERMS).whole
    assert whole.threshold is None
    assert any("Scotland" in said for said in whole.assumed)


def test_a_split_that_cannot_be_read_spoils_no_other(three_councils: Matcher) -> None:
    ways = {**WAYS, "wrong": Split((piece("Walsall"), piece("Sandwell", -1.0)))}
    found = asked(three_councils, ways)
    assert set(found.refused) == {"wrong"}
    assert "wrong" not in found.splits
    assert found.splits["by council"] == asked(three_councils).splits["by council"]


@pytest.mark.parametrize(
    ("ways", "said"),
    [
        ({}, "from 1 to 20"),
        ({"No split": Split((NEED,))}, "always compared"),
        ({"empty": Split(())}, "at least one"),
        ({" ": Split((NEED,))}, "has no name"),
        (
            {"twice": Split((piece("Walsall", id="1"), piece("Sandwell", id="1")))},
            "splits/twice: id '1' is used twice, for different lots",
        ),
    ],
)
def test_what_cannot_be_compared_is_refused(
    three_councils: Matcher, ways: dict[str, Split], said: str
) -> None:
    with pytest.raises(BadInput, match=said):
        compare(three_councils, NEED, ways, Request(), TERMS)


def test_a_need_that_cannot_be_read_is_refused(three_councils: Matcher) -> None:
    with pytest.raises(BadLot, match="value"):
        compare(three_councils, replace(NEED, value=-1.0), WAYS, Request(), TERMS)


def test_research_is_quoted_with_its_source_and_nothing_is_promised(
    three_councils: Matcher,
) -> None:
    found = asked(three_councils)
    assert all(one.source for one in found.evidence)
    assert "only for lots of up to 25,000 euros" in found.evidence[0].finding


def test_rides_are_not_care(three_councils: Matcher) -> None:
    other = lot(id="r", title=RIDES, cpv=(RIDES_CODE,), area="Walsall", postcode="", value=1e4)
    ways = {"other work": Split((other,))}
    found = asked(three_councils, ways)
    one = found.splits["other work"]
    assert one.against is not None
    assert one.against.gained.number > 0
    assert one.against.lost.number > 0
