from __future__ import annotations

from pathlib import Path

import pytest

from matcher.councils import Councils
from matcher.nearby import local_scope, placed
from matcher.places import LotPlace, Spot, place_of
from matcher.postcodes import PostcodeTable
from matcher.reach import Wish
from matcher.types import Lot
from tests.factory import lot
from tests.registers import SANDWELL, WALSALL

COUNCILS = Councils.open()


@pytest.fixture(scope="module")
def table(places_table: Path) -> PostcodeTable:
    return PostcodeTable.open(places_table)


def codes(asked: Lot, table: PostcodeTable, wish: Wish | None = None) -> tuple[set[str], str]:
    scope, rule = local_scope(COUNCILS, wish or Wish(), place_of(asked, table, COUNCILS))
    assert scope is not None
    return set(scope.councils), rule


def test_the_area_that_the_lot_names_comes_before_its_postcode(table: PostcodeTable) -> None:
    found, rule = codes(lot(area="Sandwell", postcode="WS1 1TP"), table)
    assert found == {SANDWELL}
    assert rule.startswith("in the area that the lot names: Sandwell")


def test_a_region_is_too_wide_to_be_local_to(table: PostcodeTable) -> None:
    found, rule = codes(lot(area="West Midlands"), table)
    assert found == {WALSALL}
    assert rule.startswith("in the council of the lot's postcode: Walsall")


def test_the_buyers_own_area_counts_where_the_lot_has_no_place(table: PostcodeTable) -> None:
    asked = lot(postcode="", buyer="Sandwell Council", buyer_postcode="WS1 1TP")
    assert codes(asked, table) == (
        {SANDWELL},
        "in the buyer's own area: Sandwell (whole council area)",
    )


def test_a_buyer_that_is_no_council_lends_the_council_of_its_postcode(
    table: PostcodeTable,
) -> None:
    asked = lot(postcode="", buyer="Willow Housing Trust (fictional)", buyer_postcode="WS1 1TP")
    found, rule = codes(asked, table)
    assert found == {WALSALL}
    assert rule.startswith("in the council of the buyer's postcode")


def test_the_wish_comes_before_all(table: PostcodeTable) -> None:
    found, rule = codes(lot(area="Walsall"), table, Wish(area="Sandwell"))
    assert found == {SANDWELL}
    assert rule.startswith("as asked: Sandwell")


def test_a_place_that_only_words_name_is_a_circle() -> None:
    spot = Spot(400_000, 300_000, "", "area", "place named in the text: Bloxwich")
    scope, rule = local_scope(COUNCILS, Wish(), LotPlace(spot, spot.source, None, "", None))
    assert scope is not None
    assert (scope.within_km, scope.councils) == (30.0, frozenset())
    assert rule == "around the place named in the text: Bloxwich: within 30 km"


def test_without_a_place_it_is_said_that_local_is_not_known() -> None:
    scope, rule = local_scope(COUNCILS, Wish(), LotPlace(None, "unknown", None, "", None))
    assert scope is None
    assert "not known" in rule


@pytest.mark.parametrize(
    ("title", "area"),
    [
        ("Walsall", "Walsall"),
        ("Lot 3 - Walsall Council", "Walsall"),
        ("Lot 2: Walsall, Sandwell", "Walsall, Sandwell"),
        ("Home care – Sandwell", "Sandwell"),
        ("Sandwell: home care", "Sandwell"),
        ("Home care (Sandwell)", "Sandwell"),
        ("Home care in Walsall", ""),
        ("Reading and writing for adults", ""),
        ("Walsall, and wherever else", ""),
        ("West Midlands", ""),
        ("Lot 3", ""),
        ("", ""),
    ],
)
def test_a_title_that_is_an_area_says_where_the_lot_is(title: str, area: str) -> None:
    nowhere = LotPlace(None, "unknown", None, "", None)
    assert placed(lot(title=title, postcode="", area=""), COUNCILS, nowhere).area == area


def test_a_lot_that_says_where_it_is_is_left_as_it_is(table: PostcodeTable) -> None:
    for fields in ({"postcode": "WS1 1TP"}, {"area": "Walsall", "postcode": ""}):
        asked = lot(title="Lot 1 - Sandwell", **fields)
        assert placed(asked, COUNCILS, place_of(asked, table, COUNCILS)) == asked
    wide = lot(title="Lot 1 - Sandwell", area="West Midlands", postcode="")
    assert placed(wide, COUNCILS, place_of(wide, table, COUNCILS)).area == "Sandwell"
