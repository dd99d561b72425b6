"""A register of one's own area."""

from __future__ import annotations

from pathlib import Path

import pytest

from matcher.core.errors import BadInput
from matcher.core.types import Award, Provider
from matcher.geo.councils import Councils
from matcher.geo.postcodes import PostcodeTable
from matcher.sources.area_filter import OUTSIDE, Locality
from tests.factory import award, provider
from tests.registers import feed


@pytest.fixture
def walsall(places_table: Path) -> Locality:
    return Locality.of(["Walsall"], Councils.open(), PostcodeTable.open(places_table))


def ids(locality: Locality, *items: Provider | Award) -> list[str]:
    ((_, found),) = locality.narrowed([feed(*items)])
    return [one.id for one in found]


def test_who_has_an_address_there_stays(walsall: Locality) -> None:
    here, there = provider("here", "WS1 1TP"), provider("there", "B1 1BB")
    both = provider("both", "B1 1BB", "WS1 1TP")
    assert ids(walsall, here, there, both) == ["here", "both"]


def test_who_has_no_known_address_stays(walsall: Locality) -> None:
    assert ids(walsall, provider("none"), provider("lost", "QQ1 1QQ")) == ["none", "lost"]


def test_awards_stay_with_winners_from_anywhere(walsall: Locality) -> None:
    assert ids(walsall, award("a", provider("there", "B1 1BB"))) == ["a"]


def test_who_is_left_out_is_counted(walsall: Locality) -> None:
    ((tally, found),) = walsall.narrowed(
        [feed(provider("here", "WS1 1TP"), provider("there", "B1 1BB"))]
    )
    assert len(list(found)) == 1
    assert (tally.read, tally.kept) == (2, 1)
    assert tally.set_aside == {OUTSIDE: 1}
    assert tally.examples == {OUTSIDE: "there"}


def test_an_area_that_is_none_is_refused(places_table: Path) -> None:
    with pytest.raises(BadInput, match="area 'Nowhere'"):
        Locality.of(["Nowhere"], Councils.open(), PostcodeTable.open(places_table))
