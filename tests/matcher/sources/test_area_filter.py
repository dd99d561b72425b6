"""A register limited to some areas."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.core.errors import BadInput
from matcher.core.types import Award, Provider
from matcher.geo.councils import Councils
from matcher.geo.postcodes import PostcodeTable
from matcher.sources.area_filter import OUTSIDE_AREAS, AreaFilter
from tests.factory import award, provider
from tests.registers import feed


@pytest.fixture
def walsall(places_table: Path) -> AreaFilter:
    return AreaFilter.of(["Walsall"], Councils.open(), PostcodeTable.open(places_table))


def ids(locality: AreaFilter, *items: Provider | Award) -> list[str]:
    ((_, found),) = locality.filtered([feed(*items)])
    return [one.id for one in found]


def test_providers_with_an_address_in_the_area_are_kept(walsall: AreaFilter) -> None:
    here, there = provider("here", "WS1 1TP"), provider("there", "B1 1BB")
    both = provider("both", "B1 1BB", "WS1 1TP")
    assert ids(walsall, here, there, both) == ["here", "both"]


def test_providers_without_a_known_address_are_kept(walsall: AreaFilter) -> None:
    assert ids(walsall, provider("none"), provider("lost", "QQ1 1QQ")) == ["none", "lost"]


def test_awards_are_kept_wherever_their_winners_are(walsall: AreaFilter) -> None:
    assert ids(walsall, award("a", provider("there", "B1 1BB"))) == ["a"]


def test_providers_outside_the_area_are_counted(walsall: AreaFilter) -> None:
    ((tally, found),) = walsall.filtered(
        [feed(provider("here", "WS1 1TP"), provider("there", "B1 1BB"))]
    )
    assert len(list(found)) == 1
    assert (tally.read, tally.kept) == (2, 1)
    assert tally.set_aside == {OUTSIDE_AREAS: 1}
    assert tally.examples == {OUTSIDE_AREAS: "there"}


def test_an_unknown_area_is_refused(places_table: Path) -> None:
    with pytest.raises(BadInput, match="area 'Nowhere'"):
        AreaFilter.of(["Nowhere"], Councils.open(), PostcodeTable.open(places_table))


@pytest.mark.parametrize(
    "postcode",
    [
        "",
        "WS1 1TP",
        "WS1 3AA",
        "WS1 9ZZ",
        "WS10 1AA",
        "WS10 9ZZ",
        "WS1",
        "IP1 2BX",
        "IP9 9ZZ",
        "N7",
    ],
)
def test_a_postcode_alone_is_included_as_a_provider_with_it_is(
    walsall: AreaFilter, postcode: str
) -> None:
    whole = provider("one", postcode) if postcode else provider("one")
    assert walsall.includes_postcode(postcode) == walsall.includes(whole)
