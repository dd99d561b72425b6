from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.geo.councils import Councils
from matcher.geo.estuaries import estuaries, water_between
from matcher.geo.gazetteer import choose

TOWNS = Councils.open().towns


def _at(name: str) -> tuple[float, float]:
    town = choose(TOWNS.find(name))
    assert town is not None
    return town.east, town.north


@pytest.mark.parametrize(
    ("one", "other", "water"),
    [
        ("Cardiff", "Weston-super-Mare", "the Bristol Channel"),
        ("Barry", "Minehead", "the Bristol Channel"),
        ("Swansea", "Ilfracombe", "the Bristol Channel"),
        ("Lydney", "Thornbury", "the River Severn"),
        ("Grimsby", "Withernsea", "the Humber"),
        ("Immingham", "Hedon", "the Humber"),
        ("Southend-on-Sea", "Sheerness", "the Thames"),
        ("Tilbury", "Gravesend", "the Thames"),
        ("Liverpool", "Birkenhead", "the Mersey"),
        ("Bootle", "Wallasey", "the Mersey"),
        ("Portsmouth", "Ryde", "the Solent"),
        ("Lymington", "Yarmouth", "the Solent"),
        ("Hythe", "Netley", "Southampton Water"),
        ("Flint", "Neston", "the Dee estuary"),
        ("Barrow in Furness", "Heysham", "Morecambe Bay"),
        ("Hunstanton", "Skegness", "the Wash"),
        ("Musselburgh", "Kirkcaldy", "the Firth of Forth"),
        ("Dundee", "Newport-on-Tay", "the Firth of Tay"),
        ("Gourock", "Dunoon", "the Firth of Clyde"),
        ("Annan", "Silloth", "the Solway Firth"),
        ("Exmouth", "Dawlish", "the Exe estuary"),
    ],
)
def test_towns_on_two_shores_have_the_water_between_them(one: str, other: str, water: str) -> None:
    assert water_between(_at_near(one, other), _at_near(other, one)) == water
    assert water_between(_at_near(other, one), _at_near(one, other)) == water


def _at_near(name: str, other: str) -> tuple[float, float]:
    """Of several towns with a name, the one nearest to the other name's."""
    east, north = _at(other) if choose(TOWNS.find(other)) else (0.0, 0.0)
    town = min(TOWNS.find(name), key=lambda t: (t.east - east) ** 2 + (t.north - north) ** 2)
    return town.east, town.north


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Cardiff", "Barry"),
        ("Bristol", "Weston-super-Mare"),
        ("Kingston upon Hull", "Beverley"),
        ("Grimsby", "Scunthorpe"),
        ("Southend-on-Sea", "Basildon"),
        ("Gravesend", "Dartford"),
        ("Liverpool", "Bootle"),
        ("Birkenhead", "Wallasey"),
        ("Southampton", "Winchester"),
        ("Walsall", "Birmingham"),
        ("Edinburgh", "Musselburgh"),
        ("Croydon", "Watford"),
    ],
)
def test_towns_on_one_shore_or_with_bridges_between_have_none(one: str, other: str) -> None:
    assert water_between(_at_near(one, other), _at_near(other, one)) == ""


_METRES = st.tuples(st.floats(0, 650_000), st.floats(0, 1_200_000))


@given(_METRES, _METRES)
def test_the_way_there_and_the_way_back_cross_the_same_waters(
    one: tuple[float, float], other: tuple[float, float]
) -> None:
    for water in estuaries():
        assert water.crosses(one, other) == water.crosses(other, one)


@given(_METRES)
def test_no_water_is_between_a_place_and_itself(place: tuple[float, float]) -> None:
    assert water_between(place, place) == ""


@given(st.sampled_from(TOWNS.towns), st.floats(-50, 50), st.floats(-50, 50))
def test_no_water_is_within_a_town(town: object, east: float, north: float) -> None:
    at = town.east, town.north  # type: ignore[attr-defined]
    assert water_between(at, (at[0] + east, at[1] + north)) == ""
