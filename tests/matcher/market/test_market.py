from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from matcher.core.errors import BadInput, BadLot
from matcher.core.types import (
    Kind,
    Lot,
    Provider,
    Size,
    Status,
)
from matcher.core.workers import running_on
from matcher.law.types import Purpose
from matcher.market.assessment import Basis, LotAssessment, assess, market_query
from matcher.market.batch import assess_lots
from matcher.market.concentration import Concentration
from matcher.market.criteria import MarketCriteria
from matcher.market.market import (
    Market,
    combined_market,
    market,
    markets,
)
from matcher.market.value_curve import value_curve
from matcher.ranking.batch import Refusal
from matcher.ranking.filters import Filters
from matcher.ranking.matcher import Matcher
from matcher.ranking.query import Query
from matcher.ranking.request import Request
from tests.factory import award, lot, provider
from tests.registers import as_bytes, matcher, registered

CARE = "Home care for older people"
DAY = date(2026, 9, 1)
LOT = lot(cpv=("85312100",), value=60_000.0, buyer="Walsall Council", day=DAY)


def carer(number: int, *postcodes: str, **fields: Any) -> Provider:
    given = {"name": f"Carers {number}", "profile": f"{CARE}, team {number}", **fields}
    return provider(f"GB-CHC-{number}", *postcodes, **given)


PEOPLE = (
    carer(1, "WS1 1TP", kind=Kind.CHARITY, size=Size.SMALL, income=200_000.0),
    carer(2, "WS2 8RR", kind=Kind.CIC, size=Size.MICRO, income=50_000.0),
    carer(3, "B70 8DB", kind=Kind.COMPANY, size=Size.LARGE, income=20_000_000.0),
    carer(4, "WS1 1TP", kind=Kind.COMPANY),
    carer(5, kind=Kind.UNKNOWN, size=Size.SMALL),
)
AWARDS = (
    award("a-1", PEOPLE[0], lot=replace(LOT, id="a-1"), day=date(2025, 1, 1)),
    award("a-2", PEOPLE[2], lot=replace(LOT, id="a-2"), day=date(2025, 2, 1)),
)


@pytest.fixture(scope="module")
def one(
    tmp_path_factory: pytest.TempPathFactory, places_table: Path, calibrated_bundle: Path
) -> Matcher:
    folder = tmp_path_factory.mktemp("reg")
    registered(folder, places_table, *PEOPLE, *AWARDS, trust_ids=True)
    return Matcher.open(folder, calibrated_bundle)


def reading(
    probabilities: Sequence[float] = (), asked: Lot = LOT, yearly: float = 1.0, **arrays: Any
) -> LotAssessment:
    """A reading of so many providers, all of them small, local and without an income known."""
    n = len(probabilities)
    none, everyone = np.zeros(n, bool), np.ones(n, bool)
    given: dict[str, Any] = {
        "rows": np.arange(n),
        "small": everyone,
        "size_unknown": none,
        "local": everyone,
        "place_unknown": none,
        "vcse": none,
        "kind_unknown": everyone,
        "new": everyone,
        "income": np.full(n, np.nan),
    }
    given |= {name: np.asarray(value) for name, value in arrays.items()}
    return LotAssessment(
        lot=asked,
        probabilities=np.array(probabilities, np.float64),
        yearly_factor=yearly,
        yearly_rule="",
        place="",
        local_rule="",
        concentration=Concentration("", "", 0, 0, None, None, None, None, None, None, few=True),
        basis=Basis("", "", "", (), ()),
        notes=(),
        **given,
    )


def readings_of(least: int = 0) -> st.SearchStrategy[LotAssessment]:
    """Any reading of up to eight providers, `least` at least."""
    flags = st.lists(st.booleans(), min_size=8, max_size=8).map(np.array)

    def made(told: list[float], masks: list[Any], income: list[float]) -> LotAssessment:
        n = len(told)
        small, size, local, place, vcse, kind, new = (mask[:n] for mask in masks)
        return reading(
            told,
            small=small & ~size,
            size_unknown=size,
            local=local & ~place,
            place_unknown=place,
            vcse=vcse & ~kind,
            kind_unknown=kind,
            new=new,
            income=np.array(income[:n], np.float64),
        )

    incomes = st.lists(st.floats(0, 1e7) | st.just(float("nan")), min_size=8, max_size=8)
    probabilities = st.lists(st.floats(0, 1), min_size=least, max_size=8)
    return st.builds(made, probabilities, st.lists(flags, min_size=7, max_size=7), incomes)


# --- laws ------------------------------------------------------------------------------


def depths(of: Market) -> list[float]:
    held = [getattr(of.depth, name) for name in of.depth.__dataclass_fields__]
    return [n for one in held for n in (one.number, one.expected, one.low, one.high)]


@given(readings_of(least=1), st.integers(0, 7))
def test_adding_a_provider_never_lowers_the_depth(of: LotAssessment, left_out: int) -> None:
    fewer = of.subset(np.arange(len(of)) != left_out % len(of))
    now = depths(market(of))
    assert all(less <= more + 1e-9 for less, more in zip(depths(market(fewer)), now, strict=True))


@given(readings_of(), st.floats(0, 1e8), st.floats(0, 1e8))
def test_higher_value_never_fits_more_providers(
    of: LotAssessment, one: float, other: float
) -> None:
    low, high = sorted((one, other))
    small = market(replace(of, lot=replace(LOT, value=low)))
    large = market(replace(of, lot=replace(LOT, value=high)))
    assert large.fit.fits.number <= small.fit.fits.number
    assert large.fit.small_local_fits.number <= small.fit.small_local_fits.number
    assert large.fit.too_small.number >= small.fit.too_small.number
    assert large.depth == small.depth
    assert large.fit.unknown == small.fit.unknown


@given(readings_of(), st.floats(1, 1e7))
def test_each_credible_provider_fits_or_is_too_small_or_unknown(
    of: LotAssessment, value: float
) -> None:
    fit = market(replace(of, lot=replace(LOT, value=value))).fit
    whole = market(of).depth.credible.number
    assert fit.fits.number + fit.too_small.number + fit.unknown.number == whole


@given(readings_of(), st.floats(1, 1e6), st.floats(0.01, 4))
def test_fit_depends_only_on_the_share_of_income(
    of: LotAssessment, value: float, by: float
) -> None:
    scaled = replace(of, lot=replace(LOT, value=value * by), income=of.income * by)
    same = market(replace(of, lot=replace(LOT, value=value))).fit.fits.number
    edge = np.isclose(of.income * 0.5, value, rtol=1e-9)
    assert abs(market(scaled).fit.fits.number - same) <= int(edge.sum())


@given(readings_of(), st.permutations(range(8)))
def test_order_of_providers_does_not_change_the_counts(of: LotAssessment, order: list[int]) -> None:
    shuffled = of.subset(np.array([at for at in order if at < len(of)], np.int64))
    assert depths(market(shuffled)) == pytest.approx(depths(market(of)))


@given(readings_of(), st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_higher_floor_never_counts_more_providers(
    of: LotAssessment, one: float, other: float
) -> None:
    low, high = (market(of, MarketCriteria(floor=f)).depth.credible for f in sorted((one, other)))
    assert high.number <= low.number


@given(
    st.lists(st.integers(1, 2_000).map(lambda thousand: thousand * 1000.0), min_size=3, max_size=5),
    st.integers(1, 12),
    st.sampled_from([0.1, 0.25, 0.3, 0.5, 0.7]),
)
@example([128_000.0] * 3, 7, 0.5)
def test_largest_value_is_exact_to_the_pound(
    incomes: list[float], years: int, share: float
) -> None:
    """A gross value over some years: what divides and what multiplies rounds differently."""
    of = replace(
        reading([0.5] * len(incomes), income=incomes),
        yearly_factor=1 / 1.2 / years,
    )
    terms = MarketCriteria(fewest=3, value_to_income=share)
    largest = value_curve(of, terms).largest
    assert largest is not None
    kept, lost = value_curve(of, terms, [largest, largest + 1]).points
    assert kept.fits.number >= 3 > lost.fits.number


@given(readings_of(), st.lists(st.floats(1, 1e8), min_size=2, max_size=6, unique=True))
def test_value_curve_falls_and_its_largest_value_fits_the_number_to_keep(
    of: LotAssessment, values: list[float]
) -> None:
    curve = value_curve(of, MarketCriteria(fewest=2), values)
    assert [p.value for p in curve.points] == sorted(values)
    for cheaper, dearer in pairwise(curve.points):
        assert dearer.fits.number <= cheaper.fits.number
        assert dearer.unknown.number <= cheaper.unknown.number
    if curve.largest is not None and curve.largest > 0:
        kept, lost = value_curve(
            of, MarketCriteria(fewest=2), [curve.largest, curve.largest + 1]
        ).points
        assert kept.fits.number >= 2 > lost.fits.number


# --- what is not known -----------------------------------------------------------------


def test_unknown_sizes_and_places_are_counted_separately() -> None:
    of = reading(
        [0.5] * 4,
        small=[True, False, False, True],
        size_unknown=[False, True, False, False],
        local=[True, True, True, False],
        place_unknown=[False, False, False, True],
    )
    depth = market(of).depth
    assert (depth.small.number, depth.size_unknown.number) == (2, 1)
    assert (depth.local.number, depth.place_unknown.number) == (3, 1)
    assert (depth.small_local.number, depth.perhaps_small_local.number) == (1, 2)


def test_lot_without_a_value_fits_nobody_and_is_too_large_for_nobody() -> None:
    of = reading([0.5, 0.5], replace(LOT, value=None), income=[1e6, np.nan])
    found = market(of)
    assert (found.fit.annual, found.fit.income) == (None, None)
    assert (found.fit.fits.number, found.fit.too_small.number, found.fit.unknown.number) == (
        0,
        0,
        2,
    )
    assert any("has no value" in note for note in found.notes)


def test_value_curve_counts_providers_of_unknown_income_separately() -> None:
    of = reading(
        [0.5] * 3,
        income=[100_000.0, np.nan, 100_000.0],
        small=[True, True, False],
        size_unknown=[False, False, True],
    )
    low, high = value_curve(of, MarketCriteria(fewest=1), [50_000, 50_001]).points
    assert (low.fits.number, low.unknown.number) == (1, 2)
    assert (high.fits.number, high.unknown.number) == (0, 1)


def test_lot_is_thin_under_three_credible_providers() -> None:
    assert market(reading([0.5, 0.5, 0.001])).thin
    assert not market(reading([0.5, 0.5, 0.5])).thin
    assert any("Thin: fewer than 3" in note for note in market(reading([0.5])).notes)
    assert not market(reading([0.5]), MarketCriteria(fewest=1)).thin


def test_provider_exactly_at_the_floor_is_credible() -> None:
    assert market(reading([0.02, 0.0199999])).depth.credible.number == 1


def test_few_known_awards_near_a_lot_are_noted() -> None:
    def said(known: int | None) -> bool:
        notes = market(replace(reading([0.5]), known_near=known)).notes
        return any(f"has only {known} past awards" in note for note in notes)

    assert said(99)
    assert not said(100)
    assert not said(None)


@pytest.mark.parametrize(
    ("known", "words"), [(0, "has no past award of any"), (1, "has only 1 past award of any")]
)
def test_one_known_award_near_a_lot_and_none_are_said_so(known: int, words: str) -> None:
    notes = market(replace(reading([0.5]), known_near=known)).notes
    assert any(words in note for note in notes)


# --- lots together ---------------------------------------------------------------------


def test_combined_market_counts_each_provider_once_at_its_highest_probability() -> None:
    first = reading([0.5, 0.4], rows=[7, 8])
    second = reading([0.9, 0.001], rows=[7, 9])
    found = combined_market([first, second])
    assert (found.lots, found.providers.number, found.providers.expected) == (2, 2, 1.3)
    assert found.providers_a_lot == 1.0
    assert found.thin == 2
    assert combined_market([first, second], MarketCriteria(fewest=2)).thin == 1


def test_combined_market_estimates_the_number_of_different_winners() -> None:
    first = reading([0.6, 0.2], rows=[7, 8])
    # One lot has one winner; the same twice: 7 wins none by 1/16, 8 by 9/16.
    assert combined_market([first]).winners == 1.0
    assert combined_market([first, first]).winners == round(15 / 16 + 7 / 16, 2)
    # Another lot with others has a winner of its own, and one that nobody could do has none.
    assert combined_market([first, reading([0.5], rows=[9]), reading([])]).winners == 2.0


@given(st.lists(readings_of(), max_size=4))
def test_winners_are_at_most_the_lots_and_at_most_the_providers(lots: list[LotAssessment]) -> None:
    found = combined_market(lots)
    assert 0 <= found.winners <= min(len(lots), found.providers.number) + 0.01


def test_combined_market_of_no_lots_has_no_providers_per_lot() -> None:
    assert combined_market([]).providers_a_lot is None


# --- through the matcher ---------------------------------------------------------------


def test_market_counts_each_kind_of_provider(one: Matcher) -> None:
    found = market(assess(one, LOT, Request()))
    depth = found.depth
    assert depth.credible.number == 5
    assert depth.local.number == 3
    assert depth.place_unknown.number == 1
    assert (depth.small.number, depth.size_unknown.number) == (3, 1)
    assert (depth.small_local.number, depth.perhaps_small_local.number) == (2, 2)
    assert (depth.vcse.number, depth.kind_unknown.number) == (2, 1)
    assert depth.new.number == 3
    assert (found.fit.fits.number, found.fit.too_small.number, found.fit.unknown.number) == (
        2,
        1,
        2,
    )
    assert not found.thin
    assert found.basis.purpose == "engagement"
    assert "PA2023-s16" in found.basis.rule_ids
    assert found.basis.register == one.register.version
    assert found.basis.model == one.bundle.version
    assert found.known_near == 2


def test_yearly_value_excludes_vat(one: Matcher) -> None:
    gross = replace(LOT, value=240_000.0, value_is_gross=True, years=4.0)
    found = market(assess(one, gross, Request())).fit
    assert found.annual == pytest.approx(50_000)
    assert found.income == pytest.approx(100_000)
    assert "divided by 4 years" in found.rule
    assert "VAT removed" in found.rule
    whole = market(assess(one, LOT, Request())).fit
    assert whole.annual == 60_000
    assert "length is not known" in whole.rule


def test_whole_value_of_a_lot_under_a_year_counts_in_one_year(one: Matcher) -> None:
    assert market(assess(one, replace(LOT, years=0.5), Request())).fit.annual == 60_000


def test_market_ranks_the_same_providers_as_a_shortlist_of_everyone(one: Matcher) -> None:
    asked = Request(wish=Filters(everyone=True), limit=100)
    listed = one.shortlist(LOT, asked).suggestions
    found = assess(one, LOT, Request())
    ids = [one.register.organisations[int(row)].provider.id for row in found.rows]
    assert sorted(ids) == sorted(each.id for each in listed)
    told = dict(zip(ids, found.probabilities.tolist(), strict=True))
    assert told == {each.id: pytest.approx(each.probability) for each in listed}


def test_removed_provider_is_in_no_market(
    tmp_path: Path, places_table: Path, calibrated_bundle: Path
) -> None:
    gone = replace(PEOPLE[0], status=Status.REMOVED)
    registered(tmp_path, places_table, gone, *PEOPLE[1:], *AWARDS[1:], trust_ids=True)
    found = assess(Matcher.open(tmp_path, calibrated_bundle), LOT, Request())
    assert market(found).depth.credible.number == 4


def test_filters_define_local_and_exclude_nobody(one: Matcher) -> None:
    def local(**wish: Any) -> tuple[int, int, str]:
        found = market(assess(one, LOT, Request(wish=Filters(**wish))))
        return found.depth.credible.number, found.depth.local.number, found.local

    assert local()[:2] == (5, 3)
    assert local(area="Sandwell")[:2] == (5, 1)
    assert local(area="Walsall", with_neighbours=True)[:2] == (5, 4)
    assert local(within="1km")[:2] == (5, 2)
    assert "within 1 km" in local(within="1km")[2]
    assert "Sandwell (whole council area)" in local(area="Sandwell")[2]


def test_nobody_is_known_to_be_local_where_the_lot_has_no_place(one: Matcher) -> None:
    found = market(assess(one, lot(postcode="", day=DAY), Request()))
    assert found.depth.local.number == 0
    assert found.depth.place_unknown == found.depth.credible
    assert "not known" in found.local


def test_options_that_a_market_does_not_have_are_refused(one: Matcher) -> None:
    with pytest.raises(BadInput, match="purpose invite: a market is assessed before"):
        assess(one, LOT, Request(Purpose.INVITE))
    with pytest.raises(BadInput, match="size 'small': a market counts all providers"):
        assess(one, LOT, Request(wish=Filters(size="small")))
    with pytest.raises(BadInput, match="kind 'vcse'"):
        assess(one, LOT, Request(wish=Filters(kind="vcse")))
    with pytest.raises(BadLot, match="value -1"):
        assess(one, replace(LOT, value=-1.0), Request())


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"floor": 0.0}, "floor 0 is not a probability"),
        ({"floor": 1.0}, "floor 1 is not"),
        ({"floor": float("nan")}, "floor nan"),
        ({"floor": 0.0009}, "floor 0.0009 is too low: .* give at least 0.001"),
        ({"value_to_income": 0.0}, "value_to_income 0 is out of range"),
        ({"value_to_income": float("inf")}, "value_to_income inf"),
        ({"fewest": 0}, "fewest 0 is out of range"),
    ],
)
def test_criteria_out_of_range_are_refused(wrong: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput, match=said):
        MarketCriteria(**wrong)


@pytest.mark.parametrize("values", [[0.0], [float("nan")], [1.0] * 201])
def test_invalid_curve_values_are_refused(values: list[float]) -> None:
    with pytest.raises(BadInput, match="values"):
        value_curve(reading([0.5]), values=values)


def test_bundle_without_calibration_is_refused(tmp_path: Path, places_table: Path) -> None:
    hand = matcher(tmp_path, places_table, *PEOPLE)
    with pytest.raises(BadInput, match="--bundle hand is not calibrated"):
        assess(hand, LOT, Request())


def test_lots_that_differ_only_in_their_id_have_the_same_market(one: Matcher) -> None:
    first, second = (as_bytes(market(assess(one, replace(LOT, id=i), Request()))) for i in "ab")
    assert first.replace(b'"lot":"a"', b'"lot":"b"') == second


def test_award_of_the_same_notice_is_not_used(one: Matcher) -> None:
    own = assess(one, replace(LOT, id="a-2"), Request())
    assert own.concentration.awards == 1
    assert assess(one, LOT, Request()).concentration.awards == 2


LOTS = [
    LOT,
    replace(LOT, id="lot-2", title="Grass cutting", cpv=("77310000",)),
    replace(LOT, id="lot-3"),
    replace(LOT, id="lot-4", value=-1.0),
    replace(LOT, id="lot-5", postcode="B1 1AA"),
]


def test_each_lot_is_assessed_or_refused_in_order(one: Matcher) -> None:
    found = list(markets(one, LOTS, Request()))
    assert [each.lot for each in found] == [each.id for each in LOTS]
    assert [isinstance(each, Refusal) for each in found] == [False, False, False, True, False]
    alone = [market(assess(one, each, Request())) for each in LOTS if each.value != -1.0]
    assert [each for each in found if isinstance(each, Market)] == alone


def test_order_of_lots_does_not_matter(one: Matcher) -> None:
    there = {each.lot: each for each in markets(one, LOTS, Request())}
    back = {each.lot: each for each in markets(one, LOTS[::-1], Request())}
    assert there == back


@settings(max_examples=8, deadline=None)
@given(order=st.permutations(["n#1", "n#2", "n#3", "other", "n#2"]))
def test_lots_of_a_notice_are_valued_together_wherever_they_are(
    one: Matcher, order: list[str]
) -> None:
    """The third is of 10p: together they are no whole number."""
    values = {"n#1": 400_000.0, "n#2": 300_000.0, "n#3": 0.1, "other": 50_000.0}
    lots = [replace(LOT, id=id_, value=values[id_], value_is_gross=True) for id_ in order]
    wholes = {
        each.lot.id: each.request.whole_value
        for each in assess_lots(one, lots, Request())
        if isinstance(each, LotAssessment)
    }
    assert wholes == {"n#1": 700_000.1, "n#2": 700_000.1, "n#3": 700_000.1, "other": None}


def test_repeated_lot_is_assessed_once(one: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def noting(of: Matcher, lot: Lot, request: Request) -> Query:
        asked.append(lot.id)
        return market_query(of, lot, request)

    monkeypatch.setattr("matcher.market.batch.market_query", noting)
    found = list(assess_lots(one, [*LOTS, replace(LOT, id="again")], Request()))
    assert asked == ["lot-1", "lot-2", "lot-4", "lot-5"]
    assert [each.lot.id for each in found if isinstance(each, LotAssessment)][-1] == "again"


def test_the_encoder_reads_lots_together(one: Matcher, monkeypatch: pytest.MonkeyPatch) -> None:
    together: list[int] = []
    monkeypatch.setattr(
        "matcher.ranking.batch.encode_together", lambda queries: together.append(len(queries))
    )
    list(assess_lots(one, [replace(LOT, title=f"Debt advice {n}") for n in range(30)], Request()))
    assert together == [25, 5]


def test_two_processes_give_the_same_bytes_as_one(one: Matcher) -> None:
    lots = [
        replace(each, id=f"{each.id}-{i}", title=f"{each.title} {i}")
        for i in range(3)
        for each in LOTS
    ]
    alone = list(markets(one, lots, Request()))
    with running_on("2"):
        assert as_bytes(list(markets(one, lots, Request()))) == as_bytes(alone)


@settings(max_examples=10, deadline=None)
@given(number=st.integers(6, 10**6), postcode=st.sampled_from(["WS1 1TP", "B1 1AA", ""]))
def test_another_similar_provider_does_not_lower_the_depth(
    one: Matcher,
    calibrated_bundle: Path,
    places_table: Path,
    tmp_path_factory: pytest.TempPathFactory,
    number: int,
    postcode: str,
) -> None:
    folder = tmp_path_factory.mktemp("more")
    extra = carer(number, *([postcode] if postcode else []), kind=Kind.CHARITY, size=Size.SMALL)
    registered(folder, places_table, *PEOPLE, extra, *AWARDS, trust_ids=True)
    before = market(assess(one, LOT, Request())).depth
    after = market(assess(Matcher.open(folder, calibrated_bundle), LOT, Request())).depth
    assert after.credible.number == before.credible.number + 1
    assert after.vcse.number == before.vcse.number + 1
    assert after.local.number == before.local.number + (postcode == "WS1 1TP")


def test_area_in_the_title_is_used_and_noted(one: Matcher) -> None:
    named = replace(LOT, title=f"{CARE} - Sandwell", postcode="")
    found = market(assess(one, named, Request()))
    assert found.place == "area named in the notice: Sandwell"
    assert found.local.startswith("in the area that the lot names: Sandwell")
    assert any("title names Sandwell" in note for note in found.notes)
    assert not any("title names" in note for note in market(assess(one, LOT, Request())).notes)


@pytest.mark.parametrize("area", ["Atlantis", "Walsall, Atlantis"])
def test_unknown_area_is_noted(one: Matcher, area: str) -> None:
    found = market(assess(one, replace(LOT, area=area, postcode=""), Request()))
    assert any("area 'Atlantis' is not a council" in note for note in found.notes)
