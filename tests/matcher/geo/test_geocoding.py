from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from matcher.core.types import Lot
from matcher.geo.councils import Councils
from matcher.geo.geocoding import LotPlace, place_of, placing
from matcher.geo.named_areas import area_named, unknown_areas
from matcher.geo.postcodes import PostcodeTable
from tests import factory
from tests.gazetteer import IPSWICH, WALSALL

COUNCILS = Councils.open()


def _place(table: PostcodeTable, **fields: str) -> LotPlace:
    return place_of(factory.lot(**({"postcode": ""} | fields)), table, COUNCILS)


def test_the_delivery_postcode_comes_first(table: PostcodeTable) -> None:
    place = _place(
        table, postcode="ws11tp", area="Ipswich", buyer="Sandwell Council", buyer_postcode="N7 7JW"
    )
    assert place.spot is not None
    assert (place.spot.east, place.spot.north) == (401000, 299000)
    assert (place.spot.council, place.spot.how) == (WALSALL, "exact")
    assert place.source == place.spot.source == "delivery postcode WS1 1TP"


@pytest.mark.parametrize("field", ["postcode", "area", "buyer", "buyer_postcode"])
def test_many_lots_are_where_each_is_alone(table: PostcodeTable, field: str) -> None:
    said = {"postcode": "", "area": "", "buyer": "", "buyer_postcode": ""}
    values = {
        "postcode": ("WS1 1TP", "N7 7JW"),
        "area": ("Ipswich", "Walsall"),
        "buyer": ("Sandwell Council", "Ipswich Borough Council"),
        "buyer_postcode": ("WS1 1TP", "N7 7JW"),
    }[field]
    lots = [factory.lot(**(said | {field: value})) for value in (*values, *values, "")]
    place = placing(table, COUNCILS)
    assert [place(lot) for lot in lots] == [place_of(lot, table, COUNCILS) for lot in lots]
    assert len({place(lot).source for lot in lots}) == len({*values, ""})


def test_the_source_says_when_only_the_district_is_known(table: PostcodeTable) -> None:
    place = _place(table, postcode="WS1 9ZZ")
    assert place.spot is not None
    assert place.spot.how == "outcode"
    assert place.source == "delivery postcode WS1 9ZZ (only its district is known)"


def test_then_the_area_that_the_notice_names(table: PostcodeTable) -> None:
    place = _place(table, area="Ipswich", buyer_postcode="N7 7JW")
    assert place.spot is not None
    assert (place.spot.east, place.spot.north) == (616000, 245000)
    assert (place.spot.council, place.spot.how) == (IPSWICH, "area")
    assert place.source == "area named in the notice: Ipswich"
    assert place.area is not None
    assert place.area.councils == {IPSWICH}


def test_a_county_is_placed_among_its_districts(table: PostcodeTable) -> None:
    place = _place(table, area="Suffolk")
    assert place.spot is not None
    assert (place.spot.east, place.spot.north) == (610500, 247000)
    assert place.spot.how == "area"
    assert place.area is not None
    assert len(place.area.councils) == 5


@pytest.mark.parametrize(
    ("area", "name"),
    [
        ("West Midlands", "West Midlands"),
        ("UKG38", "West Midlands"),
        ("England", "England"),
        ("United Kingdom,Isle of Man,Channel Islands", "United Kingdom"),
        ("East Midlands,West Midlands", "East Midlands, West Midlands"),
        ("London,Any region", "London"),
    ],
)
def test_a_region_is_too_wide_for_a_point_but_is_remembered(
    table: PostcodeTable, area: str, name: str
) -> None:
    place = _place(table, area=area, buyer_postcode="N7 7JW")
    assert place.source == "buyer's postcode N7 7JW"
    assert place.area is not None
    assert place.area.name == name
    assert place.area.kind.wide


@pytest.mark.parametrize("area", ["Any region", "Rest of the World", "Ukraine", ""])
def test_any_region_is_no_area(table: PostcodeTable, area: str) -> None:
    place = _place(table, area=area, buyer_postcode="N7 7JW")
    assert place.area is None
    assert place.source == "buyer's postcode N7 7JW"


def test_a_comma_inside_a_councils_name_does_not_part_it() -> None:
    bristol = area_named("Bristol, City of", COUNCILS)
    assert bristol is not None
    assert bristol.code == "E06000023"


@pytest.mark.parametrize(
    "name",
    ["Newry, Mourne and Down", "Armagh City, Banbridge and Craigavon", "Bristol, City of"],
)
def test_a_name_with_a_comma_is_read_in_a_list(name: str) -> None:
    (one, walsall) = (COUNCILS.require(each) for each in (name, "Walsall"))
    for said in (f"{name}, Walsall", f"Walsall; {name}"):
        both = area_named(said, COUNCILS)
        assert both is not None
        assert both.councils == one.councils | walsall.councils
        assert unknown_areas(said, COUNCILS) == ()


@given(st.lists(st.sampled_from(["Walsall", "Sandwell", "Atlantis", "Sandwel"]), max_size=6))
def test_each_part_of_a_list_is_an_area_or_an_unknown_area(parts: list[str]) -> None:
    unknown = dict.fromkeys(part for part in parts if COUNCILS.find(part) is None)
    assert unknown_areas(", ".join(parts), COUNCILS) == (*unknown,)
    area = area_named("; ".join(parts), COUNCILS)
    known = {COUNCILS.require(part).code for part in parts if part not in unknown}
    assert (area.councils if area else set()) == known


def test_a_list_of_councils_is_all_of_them(table: PostcodeTable) -> None:
    place = _place(table, area="Walsall; Sandwell")
    assert place.area is not None
    assert place.area.councils == {WALSALL, "E08000028"}
    assert place.source == "area named in the notice: Walsall, Sandwell"


def test_then_the_buyers_postcode_even_where_the_delivery_postcode_is_no_postcode(
    table: PostcodeTable,
) -> None:
    assert _place(table, postcode="POOLE", buyer_postcode="N7  7JW").source == (
        "buyer's postcode N7 7JW"
    )


def test_then_the_buyers_name(table: PostcodeTable) -> None:
    place = _place(table, buyer="Walsall Council", buyer_postcode="ZZ99 3VZ")
    assert place.source == "buyer's name: Walsall"
    assert place.spot is not None
    assert (place.spot.council, place.spot.how) == (WALSALL, "area")


def test_without_any_location_the_place_is_unknown(table: PostcodeTable) -> None:
    place = _place(table, buyer="Ministry of Magic")
    assert (place.spot, place.source, place.area, place.nation) == (None, "unknown", None, "")
    assert place.buyer is None


@pytest.mark.parametrize(
    ("fields", "nation"),
    [
        ({"buyer_postcode": "N7 7JW"}, "England"),
        ({"buyer_postcode": "CF10 4UW"}, "Wales"),
        ({"buyer_postcode": "EH8 8BG", "buyer": "Walsall Council"}, "Scotland"),
        ({"buyer": "Belfast City Council"}, "Northern Ireland"),
        ({"buyer": "Suffolk County Council"}, "England"),
        ({"postcode": "WS1 1TP", "buyer": "Cardiff Council"}, "Wales"),
    ],
)
def test_the_nation_is_the_buyers_not_the_deliverys(
    table: PostcodeTable, fields: dict[str, str], nation: str
) -> None:
    assert _place(table, **fields).nation == nation


@pytest.mark.parametrize(
    ("buyer", "code"),
    [
        ("Walsall Metropolitan Borough Council", WALSALL),
        ("Suffolk County Council", "E10000029"),
        ("Walsall Healthcare NHS Trust", ""),
    ],
)
def test_the_buyers_council_is_read_from_its_name_not_its_address(
    table: PostcodeTable, buyer: str, code: str
) -> None:
    found = _place(table, buyer=buyer, buyer_postcode="WS1 1TP").buyer
    assert (found.code if found else "") == code


_ANY = st.text(max_size=12) | st.sampled_from(["WS1", "Walsall", "UKG", ",", "Suffolk,London"])


@given(st.builds(Lot, st.just("x"), st.just(""), postcode=_ANY, area=_ANY, buyer=_ANY))
@example(Lot("x", "", area="THORNE"))
def test_no_notice_is_so_odd_that_it_has_no_answer(table: PostcodeTable, lot: Lot) -> None:
    place = place_of(lot, table, COUNCILS)
    assert (place.spot is None) == (place.source == "unknown")
    if place.spot is not None:
        assert place.spot.how in {"exact", "outcode", "area"}
        assert place.spot.council in COUNCILS.rows


def test_a_lot_whose_buyer_is_not_known_is_in_the_nation_it_is_in(table: PostcodeTable) -> None:
    assert _place(table, postcode="EH8 8BG").nation == "Scotland"


@pytest.mark.parametrize(
    ("buyer", "nation"),
    [
        ("Llandudno Town Council", "Wales"),
        ("Galashiels Community Council", "Scotland"),
        ("Glossop Town Council", "England"),
        ("Wrexham Housing Association Limited", "Wales"),
        ("Newport Town Council", ""),  # Wales, Shropshire, the Isle of Wight, Fife
        ("Nowhere at All Town Council", ""),
    ],
)
def test_a_body_that_is_named_after_a_town_is_in_its_nation(
    table: PostcodeTable, buyer: str, nation: str
) -> None:
    assert _place(table, buyer=buyer).nation == nation
    assert _place(table, buyer=buyer, postcode="WS1 1TP").nation == (nation or "England")


def test_a_place_named_in_the_text_is_not_yet_the_place_of_the_lot(table: PostcodeTable) -> None:
    assert _place(table, title="A choir in Ipswich").spot is None
