from __future__ import annotations

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


class Grounds:
    """Where needs are, by the tables of tests."""

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
def grounds(councils: Councils, table: PostcodeTable) -> Grounds:
    return Grounds(councils, table)


def test_a_need_is_for_the_councils_that_it_names(grounds: Grounds) -> None:
    assert grounds.codes(area=BLACK_COUNTRY) == {WALSALL, SANDWELL, DUDLEY, WOLVERHAMPTON}


def test_a_county_is_its_districts(grounds: Grounds) -> None:
    found = grounds.of(area="Staffordshire")
    assert len(found.areas) == 8
    assert all(area.code.startswith("E07") for area in found.areas)


def test_councils_that_only_the_text_lists_are_found(grounds: Grounds) -> None:
    said = "Home care across Walsall, Sandwell and Dudley for older people."
    assert grounds.codes(description=said, postcode="WS1 1TP") == {WALSALL, SANDWELL, DUDLEY}


def test_a_name_that_is_not_where_something_is_is_no_place(grounds: Grounds) -> None:
    said = "Reading and Bath time for children in Walsall."
    assert grounds.codes(description=said, area="Walsall") == {WALSALL}


def test_one_council_that_the_text_names_is_where_it_is(grounds: Grounds) -> None:
    assert grounds.codes(description="Home care in Walsall:\n- visits") == {WALSALL}
    assert grounds.codes(description="Home care in Walsall", area="Sandwell") == {SANDWELL}


def test_a_code_below_a_region_does_not_make_it_the_whole_region(grounds: Grounds) -> None:
    assert grounds.codes(area="UKG38", postcode="WS1 1TP") == {WALSALL}
    assert grounds.codes(area="UKG38", buyer="Walsall Council") == {WALSALL}
    assert len(grounds.codes(area="UKG")) > 20


def test_without_any_place_there_is_none(grounds: Grounds) -> None:
    assert grounds.codes() == set()


def test_a_council_is_never_cut_up(grounds: Grounds) -> None:
    assert len(whole_councils(grounds.of(area="Walsall"))) == 1


@pytest.mark.parametrize("number", [1, 2, 3])
def test_clusters_are_of_bordering_councils_and_hold_each_once(
    grounds: Grounds, number: int
) -> None:
    ground = grounds.of(area=BLACK_COUNTRY)
    groups = clusters(ground, number)
    assert len(groups) == number
    assert sorted(code for group in groups for code in group) == sorted(
        area.code for area in ground.areas
    )
    for group in groups:
        rest = group - {min(group)}
        reached = {min(group)}
        while near := {c for c in rest if ground.touching(frozenset({c}), frozenset(reached))}:
            reached |= near
            rest -= near
        assert reached == group


def test_councils_that_border_nothing_stay_apart(grounds: Grounds) -> None:
    ground = grounds.of(area="Walsall, Isle of Wight")
    assert len(clusters(ground, 1)) == 2
    groups = whole_councils(ground)
    assert joined_to_neighbour(ground, groups, [0, 1]) == groups


def test_the_value_is_shared_by_homes_to_the_penny(grounds: Grounds) -> None:
    ground = grounds.of(area="Walsall, Wolverhampton")
    whole = lot(area="Walsall, Wolverhampton", postcode="", value=100_000.01)
    cut = by_place(whole, ground, whole_councils(ground))
    worth = {each.area: each.value or 0.0 for each in cut.lots}
    homes = ground.homes[WALSALL] / sum(ground.homes.values())
    assert round(sum(worth.values()), 2) == 100_000.01
    assert abs(worth["Walsall"] - 100_000.01 * homes) < 0.01
    assert any("postcodes" in said for said in cut.assumed)


def test_a_name_with_a_comma_is_given_as_its_code(grounds: Grounds) -> None:
    ground = grounds.of(area="E06000019, E06000051")  # Herefordshire, County of; Shropshire
    cut = by_place(lot(postcode=""), ground, [frozenset(area.code for area in ground.areas)])
    assert grounds.codes(area=cut.lots[0].area) == {"E06000019", "E06000051"}


def test_lots_cut_by_place_join_again_to_the_need(grounds: Grounds) -> None:
    need = lot(id="need", title="Home care for older people", area=BLACK_COUNTRY, postcode="",
               value=400_000.0, cpv=("85312100",), description="Visits, morning and evening.",
               buyer="Walsall Council")  # fmt: skip
    ground = grounds.of(area=BLACK_COUNTRY)
    for groups in (whole_councils(ground), clusters(ground, 2)):
        again = grounds.joined(*by_place(need, ground, groups).lots)
        same = ("id", "title", "description", "cpv", "value", "buyer", "postcode")
        assert [getattr(again, name) for name in same] == [getattr(need, name) for name in same]
        assert grounds.codes(area=again.area) == grounds.codes(area=need.area)


@given(st.randoms(use_true_random=False))
def test_the_order_of_lots_decides_nothing_when_they_join(grounds: Grounds, chance: Any) -> None:
    lots = [lot(id=f"n#{n}", title=f"Lot of {place}", area=place, postcode="", value=100.0 * n)
            for n, place in enumerate(BLACK_COUNTRY.split(", "), 1)]  # fmt: skip
    mixed = list(lots)
    chance.shuffle(mixed)
    assert grounds.joined(*mixed) == grounds.joined(*lots)


def test_a_value_that_one_lot_lacks_leaves_the_sum_unknown(grounds: Grounds) -> None:
    assert grounds.joined(lot(id="n#1", value=5.0), lot(id="n#2")).value is None


def test_values_with_and_without_vat_are_added_up_with_it(grounds: Grounds) -> None:
    both = grounds.joined(
        lot(id="n#1", value=100.0), lot(id="n#2", value=60.0, value_is_gross=True)
    )
    assert (both.value, both.value_is_gross) == (180.0, True)
    net = grounds.joined(lot(id="n#1", value=100.0), lot(id="n#2", value=60.0))
    assert (net.value, net.value_is_gross) == (160.0, False)


def test_a_lot_at_a_postcode_is_joined_as_its_council(grounds: Grounds) -> None:
    both = grounds.joined(lot(id="n#1", postcode="WS1 1TP"), lot(id="n#2", postcode="B70 8DB"))
    assert grounds.codes(area=both.area) == {WALSALL, SANDWELL}


def test_no_lots_join_to_nothing(grounds: Grounds) -> None:
    with pytest.raises(BadLot, match="at least one"):
        grounds.joined()


def test_parts_that_state_amounts_share_the_value_so() -> None:
    said = "Lot 1: Hot meals at home, worth £30,000\nLot 2: Rides to clubs, worth £10,000"
    (cut,) = by_service(lot(description=said, value=80_000.0))
    assert [each.value for each in cut.lots] == [60_000.0, 20_000.0]
    (even,) = by_service(lot(description="- Hot meals at home\n- Rides to clubs", value=80_000.0))
    assert [each.value for each in even.lots] == [40_000.0, 40_000.0]
    assert any("evenly" in each for each in even.assumed)


def test_a_need_of_one_service_is_not_cut_by_service() -> None:
    assert list(by_service(lot(cpv=("85312100",)))) == []


@given(st.floats(1, 1e8), st.floats(0.05, 2))
def test_equal_lots_are_as_few_as_the_largest_value_allows(value: float, share: float) -> None:
    most = value * share
    cut = by_value(lot(value=value), most)
    if cut is None:
        assert most >= value or most * MOST_EQUAL < value * (1 + 1e-9)
        return
    number = len(cut.lots)
    assert 1 < number <= MOST_EQUAL
    assert most * (number - 1) < value * (1 + 1e-9) <= most * number * (1 + 1e-8)
    assert abs(sum(each.value or 0.0 for each in cut.lots) - value) < 0.011
    assert all((each.value or 0.0) <= most + 0.011 for each in cut.lots)


def test_no_lot_is_worth_more_than_the_name_of_its_cut_says() -> None:
    """Ten lots of £5,400,000 are not lots of at most £200,000."""
    assert by_value(lot(value=54_000_000.0), 200_000.0) is None
    assert equal_lots(lot(value=54_000_000.0), 200_000.0) == 270
    cut = by_value(lot(value=100.0), 34.0)
    assert cut is not None
    assert "3 equal lots, of at most £33.34 each" in cut.words
    assert max(each.value or 0.0 for each in cut.lots) == 33.34


@pytest.mark.parametrize("text", ["- Hot meals at home\n- Rides to clubs", ""])
def test_a_value_too_large_to_share_is_refused_by_its_number(text: str) -> None:
    with pytest.raises(BadLot, match=r"value 1e\+300 is too large to be shared"):
        list(by_service(lot(description=text, value=1e300))) or by_value(lot(value=1e300), 2.0)


def test_a_need_without_a_value_is_not_cut_by_value() -> None:
    assert by_value(lot(), 1000.0) is None


def test_equal_lots_of_several_kinds_of_work_are_said_to_hold_some_of_each() -> None:
    mixed = by_value(lot(value=100.0, description="- Hot meals at home\n- Rides to clubs"), 50.0)
    plain = by_value(lot(value=100.0), 50.0)
    assert mixed is not None
    assert plain is not None
    assert len(mixed.assumed) == len(plain.assumed) + 1
