"""Notices selected by the name or postcode of their buyer."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.core.errors import BadInput
from matcher.fetch.ocds_api import BuyersIn
from matcher.geo.councils import Councils
from matcher.geo.postcodes import PostcodeTable
from tests.published import release

OUTSIDE = "buyer is outside the chosen areas"


@pytest.fixture(scope="module")
def walsall(places_table: Path) -> BuyersIn:
    return BuyersIn.of(["Walsall"], Councils.open(), PostcodeTable.open(places_table))


@pytest.mark.parametrize(
    ("buyer", "postcode", "why"),
    [
        ("Walsall Metropolitan Borough Council", "", ""),
        ("WALSALL COUNCIL", "B1 1BB", ""),
        ("Dudley Council", "WS1 1TP", OUTSIDE),
        ("Somebody's Housing Group", "WS1 1TP", ""),
        ("Somebody's Housing Group", "B1 1BB", OUTSIDE),
        ("Somebody's Housing Group", "", "buyer whose place is not known"),
    ],
)
def test_a_buyer_is_placed_by_name_or_else_by_postcode(
    walsall: BuyersIn, buyer: str, postcode: str, why: str
) -> None:
    assert walsall(release(1, buyer=buyer, postcode=postcode)) == why


def test_a_county_council_is_in_each_of_its_districts(places_table: Path) -> None:
    kent = BuyersIn.of(["Canterbury"], Councils.open(), PostcodeTable.open(places_table))
    assert kent(release(1, buyer="Kent County Council", postcode="")) == ""


def test_several_areas_count_together(places_table: Path) -> None:
    both = BuyersIn.of(["E08000030", "Dudley"], Councils.open(), PostcodeTable.open(places_table))
    assert both(release(1, buyer="Dudley Council")) == ""
    assert both(release(1, buyer="Walsall Council")) == ""


def test_an_unknown_area_is_refused(places_table: Path) -> None:
    with pytest.raises(BadInput, match=r"area 'Walsal' .*did you mean 'Walsall'"):
        BuyersIn.of(["Walsal"], Councils.open(), PostcodeTable.open(places_table))
