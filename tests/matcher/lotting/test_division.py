from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.errors import BadLot
from matcher.core.types import Lot
from matcher.geo.councils import Councils
from matcher.geo.geocoding import place_of
from matcher.geo.postcodes import PostcodeTable
from matcher.lotting.delivery_area import (
    DeliveryArea,
    clusters,
    delivery_area,
    joined_to_neighbour,
    whole_councils,
)
from matcher.lotting.division import MOST_EQUAL, by_place, by_service, by_value, equal_lots
from matcher.lotting.joining import join_lots
from tests.factory import lot

WALSALL, SANDWELL, DUDLEY, WOLVERHAMPTON = "E08000030", "E08000028", "E08000027", "E08000031"
BLACK_COUNTRY = "Walsall, Sandwell, Dudley, Wolverhampton"


@pytest.fixture(scope="module")
def councils() -> Councils:
    return Councils.open()


@pytest.fixture(scope="module")
def table(places_table: Path) -> PostcodeTable:
    return PostcodeTable.open(places_table)


class DeliveryAreas:
    """The delivery areas of needs, by the councils and postcodes of the tests."""

    def __init__(self, councils: Councils, table: PostcodeTable) -> None:
        self.councils, self.table = councils, table

    def of(self, **fields: Any) -> DeliveryArea:
        need = lot(**{"postcode": "", **fields})
        return delivery_area(
            need, place_of(need, self.table, self.councils), self.councils, self.table
        )

    def codes(self, **fields: Any) -> set[str]:
        return {area.code for area in self.of(**fields).areas}

    def joined(self, *lots: Lot) -> Lot:
        return join_lots(lots, self.councils, self.table, 0.2)


@pytest.fixture(scope="module")
def areas(councils: Councils, table: PostcodeTable) -> DeliveryAreas:
    return DeliveryAreas(councils, table)


def test_need_is_for_the_councils_that_it_names(areas: DeliveryAreas) -> None:
    assert areas.codes(area=BLACK_COUNTRY) == {WALSALL, SANDWELL, DUDLEY, WOLVERHAMPTON}


def test_county_is_divided_into_its_districts(areas: DeliveryAreas) -> None:
    county = areas.of(area="Staffordshire")
    assert len(county.areas) == 8
    assert all(area.code.startswith("E07") for area in county.areas)


def test_councils_are_read_from_the_text(areas: DeliveryAreas) -> None:
    text = "Home care across Walsall, Sandwell and Dudley for older people."
    assert areas.codes(description=text, postcode="WS1 1TP") == {WALSALL, SANDWELL, DUDLEY}


def test_council_names_used_as_other_words_are_not_places(areas: DeliveryAreas) -> None:
    text = "Reading and Bath time for children in Walsall."
    assert areas.codes(description=text, area="Walsall") == {WALSALL}


def test_council_named_in_the_text_is_the_place(areas: DeliveryAreas) -> None:
    assert areas.codes(description="Home care in Walsall:\n- visits") == {WALSALL}
    assert areas.codes(description="Home care in Walsall", area="Sandwell") == {SANDWELL}


def test_code_below_a_region_is_not_the_whole_region(areas: DeliveryAreas) -> None:
    assert areas.codes(area="UKG38", postcode="WS1 1TP") == {WALSALL}
    assert areas.codes(area="UKG38", buyer="Walsall Council") == {WALSALL}
    assert len(areas.codes(area="UKG")) > 20


def test_need_without_a_place_has_no_councils(areas: DeliveryAreas) -> None:
    assert areas.codes() == set()


def test_council_is_never_divided(areas: DeliveryAreas) -> None:
    assert len(whole_councils(areas.of(area="Walsall"))) == 1


@pytest.mark.parametrize("number", [1, 2, 3])
def test_clusters_are_bordering_councils_each_in_one_cluster(
    areas: DeliveryAreas, number: int
) -> None:
    delivery = areas.of(area=BLACK_COUNTRY)
    groups = clusters(delivery, number)
    assert len(groups) == number
    assert sorted(code for group in groups for code in group) == sorted(
        area.code for area in delivery.areas
    )
    for group in groups:
        rest = group - {min(group)}
        reached = {min(group)}
        while near := {c for c in rest if delivery.touching(frozenset({c}), frozenset(reached))}:
            reached |= near
            rest -= near
        assert reached == group


def test_councils_without_neighbours_are_not_joined(areas: DeliveryAreas) -> None:
    delivery = areas.of(area="Walsall, Isle of Wight")
    assert len(clusters(delivery, 1)) == 2
    groups = whole_councils(delivery)
    assert joined_to_neighbour(delivery, groups, [0, 1]) == groups


def test_value_is_shared_by_homes_to_the_penny(areas: DeliveryAreas) -> None:
    delivery = areas.of(area="Walsall, Wolverhampton")
    whole = lot(area="Walsall, Wolverhampton", postcode="", value=100_000.01)
    division = by_place(whole, delivery, whole_councils(delivery))
    values = {lot.area: lot.value or 0.0 for lot in division.lots}
    homes = delivery.homes[WALSALL] / sum(delivery.homes.values())
    assert round(sum(values.values()), 2) == 100_000.01
    assert abs(values["Walsall"] - 100_000.01 * homes) < 0.01
    assert any("postcodes" in sentence for sentence in division.assumed)


def test_council_name_with_a_comma_is_given_as_its_code(areas: DeliveryAreas) -> None:
    delivery = areas.of(area="E06000019, E06000051")  # Herefordshire, County of; Shropshire
    division = by_place(
        lot(postcode=""), delivery, [frozenset(area.code for area in delivery.areas)]
    )
    assert areas.codes(area=division.lots[0].area) == {"E06000019", "E06000051"}


def test_lots_by_place_join_again_to_the_need(areas: DeliveryAreas) -> None:
    need = lot(id="need", title="Home care for older people", area=BLACK_COUNTRY, postcode="",
               value=400_000.0, cpv=("85312100",), description="Visits, morning and evening.",
               buyer="Walsall Council")  # fmt: skip
    delivery = areas.of(area=BLACK_COUNTRY)
    for groups in (whole_councils(delivery), clusters(delivery, 2)):
        joined = areas.joined(*by_place(need, delivery, groups).lots)
        same = ("id", "title", "description", "cpv", "value", "buyer", "postcode")
        assert [getattr(joined, name) for name in same] == [getattr(need, name) for name in same]
        assert areas.codes(area=joined.area) == areas.codes(area=need.area)


@given(st.randoms(use_true_random=False))
def test_order_of_joined_lots_does_not_matter(areas: DeliveryAreas, chance: Any) -> None:
    lots = [lot(id=f"n#{n}", title=f"Lot of {place}", area=place, postcode="", value=100.0 * n)
            for n, place in enumerate(BLACK_COUNTRY.split(", "), 1)]  # fmt: skip
    mixed = list(lots)
    chance.shuffle(mixed)
    assert areas.joined(*mixed) == areas.joined(*lots)


def test_joined_value_is_unknown_where_a_lot_has_none(areas: DeliveryAreas) -> None:
    assert areas.joined(lot(id="n#1", value=5.0), lot(id="n#2")).value is None


def test_joined_value_includes_vat_where_one_value_does(areas: DeliveryAreas) -> None:
    both = areas.joined(lot(id="n#1", value=100.0), lot(id="n#2", value=60.0, value_is_gross=True))
    assert (both.value, both.value_is_gross) == (180.0, True)
    net = areas.joined(lot(id="n#1", value=100.0), lot(id="n#2", value=60.0))
    assert (net.value, net.value_is_gross) == (160.0, False)


def test_lot_with_a_postcode_is_joined_by_its_council(areas: DeliveryAreas) -> None:
    both = areas.joined(lot(id="n#1", postcode="WS1 1TP"), lot(id="n#2", postcode="B70 8DB"))
    assert areas.codes(area=both.area) == {WALSALL, SANDWELL}


def test_joining_no_lots_is_refused(areas: DeliveryAreas) -> None:
    with pytest.raises(BadLot, match="at least one"):
        areas.joined()


def test_value_is_shared_by_the_amounts_in_the_text() -> None:
    text = "Lot 1: Hot meals at home, worth £30,000\nLot 2: Rides to clubs, worth £10,000"
    (division,) = by_service(lot(description=text, value=80_000.0))
    assert [lot.value for lot in division.lots] == [60_000.0, 20_000.0]
    (even,) = by_service(lot(description="- Hot meals at home\n- Rides to clubs", value=80_000.0))
    assert [lot.value for lot in even.lots] == [40_000.0, 40_000.0]
    assert any("evenly" in sentence for sentence in even.assumed)


def test_need_of_one_service_is_not_divided_by_service() -> None:
    assert list(by_service(lot(cpv=("85312100",)))) == []


@given(st.floats(1, 1e8), st.floats(0.05, 2))
def test_equal_lots_are_as_few_as_possible(value: float, share: float) -> None:
    most = value * share
    division = by_value(lot(value=value), most)
    if division is None:
        assert most >= value or most * MOST_EQUAL < value * (1 + 1e-9)
        return
    number = len(division.lots)
    assert 1 < number <= MOST_EQUAL
    assert most * (number - 1) < value * (1 + 1e-9) <= most * number * (1 + 1e-8)
    assert abs(sum(lot.value or 0.0 for lot in division.lots) - value) < 0.011
    assert all((lot.value or 0.0) <= most + 0.011 for lot in division.lots)


def test_no_equal_lot_is_worth_more_than_its_division_states() -> None:
    """Ten lots of £5,400,000 are not lots of at most £200,000."""
    assert by_value(lot(value=54_000_000.0), 200_000.0) is None
    assert equal_lots(lot(value=54_000_000.0), 200_000.0) == 270
    division = by_value(lot(value=100.0), 34.0)
    assert division is not None
    assert "3 equal lots, of at most £33.34 each" in division.words
    assert max(lot.value or 0.0 for lot in division.lots) == 33.34


@pytest.mark.parametrize("text", ["- Hot meals at home\n- Rides to clubs", ""])
def test_value_too_large_to_share_is_refused(text: str) -> None:
    with pytest.raises(BadLot, match=r"value 1e\+300 is too large to be shared"):
        list(by_service(lot(description=text, value=1e300))) or by_value(lot(value=1e300), 2.0)


def test_need_without_a_value_is_not_divided_by_value() -> None:
    assert by_value(lot(), 1000.0) is None


def test_equal_lots_of_several_kinds_of_work_state_that_each_has_some_of_all() -> None:
    mixed = by_value(lot(value=100.0, description="- Hot meals at home\n- Rides to clubs"), 50.0)
    plain = by_value(lot(value=100.0), 50.0)
    assert mixed is not None
    assert plain is not None
    assert len(mixed.assumed) == len(plain.assumed) + 1


def test_what_the_value_is_if_it_is_for_all_is_shared_too(areas: DeliveryAreas) -> None:
    need = lot(
        value=300_000.0,
        value_if_whole=100_000.0,
        postcode="",
        area="Walsall, Sandwell",
        description="1. Home care for older people.\n2. Day centres for older people.\n",
    )
    delivery = areas.of(area=need.area)
    ways = [
        by_place(need, delivery, whole_councils(delivery)),
        by_value(need, 90_000.0),
        *by_service(need),
    ]
    assert len(ways) == 3
    for way in ways:
        assert way is not None
        wholes = [piece.value_if_whole or 0 for piece in way.lots]
        assert round(sum(wholes), 2) == 100_000
        for piece, whole in zip(way.lots, wholes, strict=True):
            assert whole == pytest.approx((piece.value or 0) / 3, abs=0.01)


@pytest.mark.parametrize(
    ("value", "said"), [(80_000.0, "as the text says"), (100_000.0, "in proportion to the amounts")]
)
def test_amounts_in_the_text_that_do_not_add_up_are_only_a_proportion(
    value: float, said: str
) -> None:
    text = "1. Home care, £50,000 in all.\n2. Day centres, £30,000 in all.\n"
    (way,) = by_service(lot(value=value, description=text))
    assert [piece.value for piece in way.lots] == [value * 5 / 8, value * 3 / 8]
    assert said in way.assumed[0]


def test_joined_lots_are_of_the_kind_that_most_of_the_value_is_for(areas: DeliveryAreas) -> None:
    works = lot(id="n#1", title="Build", category="works", value=1e6, cpv=("45210000",))
    service = lot(id="n#2", title="Clean", category="services", value=3e6, cpv=("90910000",))
    for pair in ((works, service), (replace(works, id="n#3"), service)):
        assert areas.joined(*pair).category == "services"
    assert areas.joined(replace(works, value=4e6), service).category == "works"
    assert areas.joined(replace(works, value=3e6), service).category == "services"
