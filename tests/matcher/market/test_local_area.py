from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from matcher.core.types import Lot
from matcher.geo.councils import Councils
from matcher.geo.geocoding import LotPlace, Spot, place_of
from matcher.geo.postcodes import PostcodeTable
from matcher.law.scope import Scope
from matcher.market.local_area import (
    based_in,
    is_placed,
    local_scope,
    named_in_title,
    unknown_area_notes,
)
from matcher.ranking.filters import Filters
from tests.factory import lot, provider
from tests.registers import SANDWELL, WALSALL, registered

COUNCILS = Councils.open()


@pytest.fixture(scope="module")
def table(places_table: Path) -> PostcodeTable:
    return PostcodeTable.open(places_table)


def codes(asked: Lot, table: PostcodeTable, wish: Filters | None = None) -> tuple[set[str], str]:
    scope, rule = local_scope(COUNCILS, wish or Filters(), place_of(asked, table, COUNCILS))
    assert scope is not None
    return set(scope.councils), rule


def test_area_of_the_lot_comes_before_its_postcode(table: PostcodeTable) -> None:
    found, rule = codes(lot(area="Sandwell", postcode="WS1 1TP"), table)
    assert found == {SANDWELL}
    assert rule.startswith("in the area that the lot names: Sandwell")


def test_region_is_too_wide_to_be_local(table: PostcodeTable) -> None:
    found, rule = codes(lot(area="West Midlands"), table)
    assert found == {WALSALL}
    assert rule.startswith("in the council of the lot's postcode: Walsall")


def test_buyers_own_area_is_used_where_the_lot_has_no_place(table: PostcodeTable) -> None:
    asked = lot(postcode="", buyer="Sandwell Council", buyer_postcode="WS1 1TP")
    assert codes(asked, table) == (
        {SANDWELL},
        "in the buyer's own area: Sandwell (whole council area)",
    )


def test_council_of_the_buyers_postcode_is_used_where_the_buyer_is_no_council(
    table: PostcodeTable,
) -> None:
    asked = lot(postcode="", buyer="Willow Housing Trust (fictional)", buyer_postcode="WS1 1TP")
    found, rule = codes(asked, table)
    assert found == {WALSALL}
    assert rule.startswith("in the council of the buyer's postcode")


def test_filters_come_before_everything_else(table: PostcodeTable) -> None:
    found, rule = codes(lot(area="Walsall"), table, Filters(area="Sandwell"))
    assert found == {SANDWELL}
    assert rule.startswith("as asked: Sandwell")


def test_place_named_only_in_words_gives_a_radius() -> None:
    spot = Spot(400_000, 300_000, "", "area", "place named in the text: Bloxwich")
    scope, rule = local_scope(COUNCILS, Filters(), LotPlace(spot, spot.source, None, "", None))
    assert scope is not None
    assert (scope.within_km, scope.councils) == (30.0, frozenset())
    assert rule == "around the place named in the text: Bloxwich: within 30 km in a straight line"


def test_local_is_not_known_where_the_lot_has_no_place() -> None:
    scope, rule = local_scope(COUNCILS, Filters(), LotPlace(None, "unknown", None, "", None))
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
        (f"Lot{' ' * 200_000}3  -  Walsall", "Walsall"),
        (f"Home care{' ' * 200_000}in Walsall", ""),
    ],
    ids=lambda said: said[:20],
)
def test_areas_are_read_from_titles(title: str, area: str) -> None:
    assert named_in_title(title, COUNCILS) == area


@pytest.mark.parametrize(
    ("fields", "known"),
    [
        ({"postcode": "WS1 1TP"}, True),
        ({"area": "Walsall"}, True),
        ({"area": "West Midlands"}, False),
        ({"buyer": "Walsall Council", "buyer_postcode": "WS1 1TP"}, False),
        ({}, False),
    ],
)
def test_only_a_postcode_council_or_county_places_a_lot(
    table: PostcodeTable, fields: dict[str, str], known: bool
) -> None:
    asked = lot(**{"postcode": "", **fields})
    assert is_placed(place_of(asked, table, COUNCILS)) is known


def test_provider_is_based_at_each_of_its_sites(tmp_path: Path, places_table: Path) -> None:
    people = (
        provider("GB-CHC-1", "WS1 1TP"),
        provider("GB-CHC-2", "B1 1AA", "WS1 1TP"),
        provider("GB-CHC-3", "B1 1AA"),
        provider("GB-CHC-4"),
    )
    register = registered(tmp_path, places_table, *people)
    rows = np.array([register.row(one.id) for one in people])
    spot = place_of(lot(), register.postcodes, COUNCILS).spot
    walsall, _ = local_scope(COUNCILS, Filters(area="Walsall"), LotPlace(None, "", None, "", None))
    assert walsall is not None
    scopes = {
        walsall: [True, True, False, False],
        Scope(within_km=1): [True, True, False, False],
        Scope(within_km=30): [True, True, True, False],
        Scope(uk=True): [True, True, True, False],
    }
    for scope, there in scopes.items():
        assert based_in(register, rows, scope, spot).tolist() == there


def test_note_on_an_unknown_area_names_field_and_value() -> None:
    near, far = unknown_area_notes("Walsall, Sandwel, Wolverhampton, Atlantis", COUNCILS)
    assert near.startswith(
        "area 'Sandwel' is not a council, county, region, nation, town or village"
    )
    assert near.endswith("did you mean 'Sandwell'?")
    assert far.startswith("area 'Atlantis' is not")
    assert far.endswith("give its name or its official code")
    assert (
        unknown_area_notes("Walsall, Sandwell", COUNCILS) == unknown_area_notes("", COUNCILS) == ()
    )


def test_only_the_first_unknown_areas_are_named() -> None:
    told = unknown_area_notes(", ".join(f"Atlantis {n}" * 50 for n in range(9)), COUNCILS)
    assert len(told) == 6
    assert told[-1] == "area names 4 more unknown areas."
    assert all(len(each) < 200 for each in told)
