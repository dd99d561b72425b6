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


def compared_ways(
    matcher: Matcher, ways: dict[str, Split] | None = None, **terms: Any
) -> ComparedSplits:
    return compare(matcher, NEED, ways or WAYS, Request(), replace(TERMS, **terms))


def credible(matcher: Matcher, lot: Lot, floor: float = 0.05) -> set[str]:
    """The ids of the credible providers of a lot by itself."""
    assessment = assess(matcher, lot, Request()).credible(floor)
    return {matcher.register.organisations[row].provider.id for row in assessment.rows.tolist()}


def test_no_split_is_always_compared(three_councils: Matcher) -> None:
    compared = compared_ways(three_councils)
    assert set(compared.splits) == {NO_SPLIT, *WAYS}
    assert compared.splits[NO_SPLIT].number == 1
    assert compared.splits[NO_SPLIT].against is None


def test_provider_credible_for_several_lots_counts_once(three_councils: Matcher) -> None:
    compared = compared_ways(three_councils).splits["by council"]
    by_lot = [credible(three_councils, lot) for lot in WAYS["by council"].lots]
    assert compared.reach.credible.number == len(by_lot[0] | by_lot[1])
    assert compared.bidders_a_lot == round(len(by_lot[0] | by_lot[1]) / 2, 2)
    assert compared.shared == round(len(by_lot[0] & by_lot[1]) / len(by_lot[0] | by_lot[1]), 4)
    assert by_lot[0] & by_lot[1]


def test_small_local_is_counted_by_the_council_of_each_lot(three_councils: Matcher) -> None:
    compared = compared_ways(three_councils)
    market = {lot.title: compared.markets[lot.market] for lot in compared.splits["by council"].lots}
    small = [
        p for p in PEOPLE if p.name.startswith("Carers") and p.size.value in ("micro", "small")
    ]
    for name, prefix in (("Walsall", "WS"), ("Sandwell", "B70")):
        here = [p for p in small if p.sites[0].postcode.startswith(prefix)]
        assert market[f"{NEED.title}: {name}"].depth.small_local.number == len(here) > 0
    assert compared.splits["by council"].reach.small_local.number == len(
        [p for p in small if not p.sites[0].postcode.startswith("B1 ")]
    )


def test_smaller_lot_is_open_to_more_small_providers(three_councils: Matcher) -> None:
    """£240,000 needs an income of £480,000, £120,000 needs £240,000, and £40,000 needs £80,000."""
    compared = compared_ways(three_councils).splits
    assert compared[NO_SPLIT].reach.open.number == 0
    assert compared["by council"].reach.open.number == 0
    opened = compared["other shares"]
    assert opened.reach.open.number == opened.reach.fits.number == 1  # Carers 1, of Walsall
    assert opened.against is not None
    assert opened.against.open_gained.number == 1
    assert opened.against.open_lost.number == 0


def test_provider_of_unknown_size_counts_as_perhaps_small_local(three_councils: Matcher) -> None:
    reach = compared_ways(three_councils).splits["other shares"].reach
    assert reach.perhaps_small_local.number == 1  # Carers 3, whose size is not known
    assert reach.size_unknown.number == 1


def test_provider_small_and_local_to_one_lot_is_not_also_perhaps_small_local(
    three_councils: Matcher,
) -> None:
    """For a lot without a place nobody is known to be local; for another lot some are."""
    nowhere = piece("", id="need#nowhere", title=CARE, buyer="")
    compared = (
        compared_ways(three_councils, {"two": Split((piece("Walsall"), nowhere))})
        .splits["two"]
        .reach
    )
    alone = compared_ways(three_councils, {"one": Split((nowhere,))}).splits["one"].reach
    assert alone.small_local.number == 0
    assert compared.small_local.number > 0
    both = alone.perhaps_small_local.number
    assert compared.perhaps_small_local.number == both - compared.small_local.number


def test_lot_without_a_value_is_too_large_for_nobody_and_fits_nobody(
    three_councils: Matcher,
) -> None:
    ways = {"free": Split((piece("Walsall", None), piece("Sandwell", None)))}
    compared = compare(three_councils, replace(NEED, value=None), ways, Request(), TERMS)
    reach = compared.splits["free"].reach
    assert reach.open == reach.small_local
    assert reach.fits.number == 0
    assert compared.splits["free"].value is None
    assert compared.whole.value is None
    assert compared.whole.over is None
    assert "not known" in compared.whole.warnings[0]


def test_lot_in_several_splits_is_assessed_once_and_has_one_market(
    three_councils: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    assessed: list[str] = []

    def counted(matcher: Matcher, lot: Lot, request: Request) -> Any:
        assessed.append(repr(replace(lot, id="")))
        return assess(matcher, lot, request)

    monkeypatch.setattr(lot_reader, "assess", counted)
    compared = compared_ways(three_councils)
    (walsall,) = {
        lot.market
        for name in ("by council", "same again")
        for lot in compared.splits[name].lots[:1]
    }
    assert {lot.market for lot in compared.splits["other shares"].lots[1:]} == {
        lot.market for lot in compared.splits["same again"].lots[1:]
    }
    assert walsall in compared.markets
    assert len(assessed) == len(set(assessed)) == len(compared.markets)


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False))
def test_order_of_splits_and_lots_does_not_matter(three_councils: Matcher, chance: Any) -> None:
    names = list(WAYS)
    chance.shuffle(names)
    mixed = {}
    for name in names:
        lots = list(WAYS[name].lots)
        chance.shuffle(lots)
        mixed[name] = Split(tuple(lots))

    def plain(compared: ComparedSplits) -> bytes:
        ordered = {
            name: replace(split, lots=tuple(sorted(split.lots, key=lambda lot: lot.id)),
                          thin=tuple(sorted(split.thin)))
            for name, split in compared.splits.items()
        }  # fmt: skip
        return as_bytes(replace(compared, splits=ordered))

    assert plain(compared_ways(three_councils, mixed)) == plain(compared_ways(three_councils))


@pytest.mark.parametrize("lots", [1, 2])
def test_joined_lots_of_a_split_reach_the_same_providers(
    three_councils: Matcher, lots: int
) -> None:
    register = three_councils.register
    delivery = delivery_area(
        NEED, three_councils.place(NEED), register.councils, register.postcodes
    )
    groups = whole_councils(delivery) if lots == 2 else clusters(delivery, 1)
    division = by_place(NEED, delivery, groups)
    joined = join_lots(division.lots, register.councils, register.postcodes, 0.2)
    before, after = (assess(three_councils, need, Request()) for need in (NEED, joined))
    first, second = (a.subset(np.argsort(a.rows)) for a in (before, after))
    for name in ("rows", "probabilities", "local", "small"):
        assert np.array_equal(getattr(first, name), getattr(second, name)), name
    pieces = [assess(three_councils, lot, Request()) for lot in division.lots]
    local = {row for piece in pieces for row in piece.rows[piece.local].tolist()}
    assert local == set(before.rows[before.local].tolist())


@given(st.data())
@settings(max_examples=15, deadline=None)
def test_narrower_counts_are_never_larger(three_councils: Matcher, data: st.DataObject) -> None:
    floor = data.draw(st.sampled_from([0.02, 0.05, 0.2, 0.5]))
    share = data.draw(st.floats(0.05, 5))
    compared = compared_ways(three_councils, floor=floor, value_to_income=share)
    for split in compared.splits.values():
        reach = split.reach
        numbers = [getattr(reach, f.name).number for f in fields(SplitReach)]
        assert all(0 <= n <= reach.credible.number for n in numbers)
        assert (
            reach.fits.number
            <= reach.open.number
            <= reach.small_local.number
            <= min(reach.small.number, reach.local.number)
        )
        assert split.thinnest.credible.number <= reach.credible.number


def test_lots_without_credible_providers_are_thin(three_councils: Matcher) -> None:
    odd = lot(id="need#odd", title="Deep sea welding", area="Walsall", postcode="", value=1e5)
    ways = {"odd": Split((piece("Walsall"), odd))}
    split = compare(three_councils, NEED, ways, Request(), TERMS).splits["odd"]
    assert split.thinnest.lot == "need#odd"
    assert split.thin == ("need#odd",)
    assert split.none_small_local == ("need#odd",)


def test_fewer_than_two_providers_per_lot_is_noted(three_councils: Matcher) -> None:
    many = tuple(piece("Walsall", 1000.0 + n, id=f"need#{n}") for n in range(6))
    compared = compare(three_councils, NEED, {"many": Split(many)}, Request(), TERMS)
    assert any("fewer than two" in note for note in compared.splits["many"].notes)
    assert not any("fewer than two" in note for note in compared.splits[NO_SPLIT].notes)


def test_splitting_does_not_take_a_need_below_the_threshold(
    three_councils: Matcher,
) -> None:
    """£240,000 without VAT is £288,000, over £207,720; each half by itself would be below."""
    rides = replace(NEED, cpv=(RIDES_CODE,))
    half = [replace(lot, cpv=(RIDES_CODE,)) for lot in WAYS["by council"].lots]
    compared = compare(three_councils, rides, {"halves": Split(tuple(half))}, Request(), TERMS)
    assert compared.whole.value == 288_000.0
    assert compared.whole.threshold == 207_720
    assert compared.whole.over is True
    assert compared.splits["halves"].alone_below == 2
    assert "must not be split to avoid the Act" in compared.whole.warnings[1]
    assert compared.whole.anti_avoidance in {rule.id for rule in three_councils.rulebook.rules}


def test_only_the_whole_value_is_stated_below_the_threshold(
    three_councils: Matcher,
) -> None:
    small = replace(NEED, value=100_000.0, cpv=(RIDES_CODE,))
    ways = {"halves": Split((replace(small, id="need#1", value=5e4),) * 2)}
    whole = compare(three_councils, small, ways, Request(), TERMS).whole
    assert (whole.value, whole.over, len(whole.warnings)) == (120_000.0, False, 1)


def test_partly_known_whole_value_is_a_lower_bound(
    three_councils: Matcher,
) -> None:
    """£140,000 without VAT is £168,000 with it; the other lot has no value."""
    ways = {"part": Split((piece("Walsall", 140_000.0), piece("Sandwell", None)))}
    whole = compare(three_councils, replace(NEED, value=None), ways, Request(), TERMS).whole
    assert (whole.value, whole.at_least, whole.over) == (168_000.0, True, None)
    assert "at least £168,000" in whole.warnings[0]
    dear = {"part": Split((piece("Walsall", 900_000.0), piece("Sandwell", None)))}
    over = compare(three_councils, replace(NEED, value=None), dear, Request(), TERMS).whole
    assert (over.at_least, over.over) == (True, True)


def test_whole_value_is_taken_from_the_need_another_split_or_the_request(
    three_councils: Matcher,
) -> None:
    part = Split((piece("Walsall", 140_000.0), piece("Sandwell", None)))
    whole = compare(three_councils, NEED, {"part": part}, Request(), TERMS).whole
    assert (whole.value, whole.at_least, whole.over) == (288_000.0, False, False)
    free, ways = replace(NEED, value=None), {"part": part, "all": WAYS["by council"]}
    assert not compare(three_councils, free, ways, Request(), TERMS).whole.at_least
    request = Request(whole_value=200_000.0)
    given = compare(three_councils, free, {"part": part}, request, TERMS).whole
    assert (given.value, given.at_least, given.over) == (200_000.0, False, False)


def test_value_of_zero_is_known(three_councils: Matcher) -> None:
    ways = {"free": Split((piece("Walsall", 0.0), piece("Sandwell", 0.0)))}
    whole = compare(three_councils, replace(NEED, value=0.0), ways, Request(), TERMS).whole
    assert (whole.value, whole.over) == (0.0, False)


def test_vat_is_added_to_the_sum_of_values(three_councils: Matcher) -> None:
    """VAT of a fifth on a penny is less than a penny; on three pennies it rounds to one."""
    lots = tuple(piece("Walsall", 0.01, id=f"need#{n}") for n in range(3))
    compared = compare(
        three_councils, replace(NEED, value=0.03), {"p": Split(lots)}, Request(), TERMS
    )
    assert compared.splits["p"].value == compared.whole.value == 0.04


def test_lots_worth_more_than_the_need_raise_the_whole_value(three_councils: Matcher) -> None:
    ways = {"dear": Split((piece("Walsall", 300_000.0), piece("Sandwell", 300_000.0)))}
    compared = compared_ways(three_councils, ways)
    assert compared.whole.value == 720_000.0
    assert any("do not add up" in note for note in compared.splits["dear"].notes)


@pytest.mark.parametrize(
    ("last", "noted"), [(33_333.0, False), (33_334.0, False), (30_000.0, True)]
)
def test_lots_rounded_to_pounds_add_up(three_councils: Matcher, last: float, noted: bool) -> None:
    """A tool that divides by three rounds: that is no other need."""
    lots = (piece("Walsall", 33_333.0), piece("Sandwell", 33_333.0), piece("Dudley", last))
    need = replace(NEED, value=100_000.0)
    split = compare(three_councils, need, {"thirds": Split(lots)}, Request(), TERMS).splits[
        "thirds"
    ]
    assert any("do not add up" in note for note in split.notes) is noted


def test_lots_rounded_up_add_up(three_councils: Matcher) -> None:
    lots = tuple(piece("Walsall", 1_001.0, id=f"need#{n}") for n in range(10))
    need = replace(NEED, value=10_001.0)
    split = compare(three_councils, need, {"tenths": Split(lots)}, Request(), TERMS).splits[
        "tenths"
    ]
    assert not any("do not add up" in note for note in split.notes)


def test_need_without_a_value_is_noted_where_its_lots_have_one(
    three_councils: Matcher,
) -> None:
    compared = compare(three_councils, replace(NEED, value=None), WAYS, Request(), TERMS)
    assert any("has no value" in note for note in compared.splits["by council"].notes)
    assert compared.whole.value == 384_000.0  # "same again": £120,000 and £200,000, and VAT


def test_lots_without_a_value_or_years_are_noted_where_the_need_has_them(
    three_councils: Matcher,
) -> None:
    def notes(need: Lot, *lots: Lot) -> str:
        ways = {"these": Split(lots)}
        return " ".join(compare(three_councils, need, ways, Request(), TERMS).splits["these"].notes)

    both = piece("Walsall"), piece("Sandwell")
    longer = [replace(lot, years=3.0) for lot in both]
    assert "Not every lot has a value" in notes(NEED, both[0], piece("Sandwell", None))
    assert "Give the years of each lot" in notes(replace(NEED, years=3.0), longer[0], both[1])
    assert "Give the years of the need" in notes(NEED, *longer)
    for alike in (notes(NEED, *both), notes(replace(NEED, years=3.0), *longer)):
        assert "value" not in alike
        assert "years" not in alike


def test_english_thresholds_are_not_applied_to_buyers_elsewhere(three_councils: Matcher) -> None:
    scottish = replace(NEED, buyer="Fife Council", area="Fife")
    whole = compare(three_councils, scottish, WAYS, Request(), TERMS).whole
    assert whole.threshold is None
    assert any("Scotland" in sentence for sentence in whole.assumed)


def test_refused_split_does_not_change_the_others(three_councils: Matcher) -> None:
    ways = {**WAYS, "wrong": Split((piece("Walsall"), piece("Sandwell", -1.0)))}
    compared = compared_ways(three_councils, ways)
    assert set(compared.refused) == {"wrong"}
    assert "wrong" not in compared.splits
    assert compared.splits["by council"] == compared_ways(three_councils).splits["by council"]


@pytest.mark.parametrize(
    ("ways", "message"),
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
def test_splits_that_cannot_be_compared_are_refused(
    three_councils: Matcher, ways: dict[str, Split], message: str
) -> None:
    with pytest.raises(BadInput, match=message):
        compare(three_councils, NEED, ways, Request(), TERMS)


def test_need_that_cannot_be_assessed_is_refused(three_councils: Matcher) -> None:
    with pytest.raises(BadLot, match="value"):
        compare(three_councils, replace(NEED, value=-1.0), WAYS, Request(), TERMS)


def test_research_is_quoted_with_its_source(
    three_councils: Matcher,
) -> None:
    compared = compared_ways(three_councils)
    assert all(evidence.source for evidence in compared.evidence)
    assert "only for lots of up to 25,000 euros" in compared.evidence[0].finding


def test_split_for_other_work_gains_and_loses_providers(three_councils: Matcher) -> None:
    other = lot(id="r", title=RIDES, cpv=(RIDES_CODE,), area="Walsall", postcode="", value=1e4)
    ways = {"other work": Split((other,))}
    compared = compared_ways(three_councils, ways)
    split = compared.splits["other work"]
    assert split.against is not None
    assert split.against.gained.number > 0
    assert split.against.lost.number > 0
