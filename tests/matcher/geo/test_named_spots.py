from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.geo.councils import Councils
from matcher.geo.postcodes import PostcodeTable
from matcher.register.gazetteer import Sites, cluster_of, spot_named, spot_of_area_named

COUNCILS = Councils.open()


def _sites(**metres: list[tuple[int, int]]) -> Sites:
    """Who uses each stem, as points; nobody uses another."""

    def sites(stem: str) -> tuple[np.ndarray, np.ndarray]:
        points = np.array(metres.get(stem, []), np.int32).reshape(-1, 2)
        return points[:, 0], points[:, 1]

    return sites


_SALTASH = [(243_000, 59_000), (243_500, 59_500), (242_500, 58_500), (530_000, 180_000)]
_CORNWALL = [(243_000, 59_000), (228_000, 60_000), (250_000, 70_000), (235_000, 50_000)]
_ANYWHERE = [(530_000, 180_000), (243_000, 59_000), (380_000, 400_000), (450_000, 210_000)]


def test_a_word_names_a_place_where_those_who_use_it_are_together() -> None:
    spot = spot_named("Youth work in Saltash", _sites(youth=_ANYWHERE, saltash=_SALTASH), COUNCILS)
    assert spot is not None
    assert abs(spot.east - 243_000) <= 1000
    assert abs(spot.north - 59_000) <= 1000
    assert (spot.council, spot.how) == ("", "area")
    assert spot.source == "place named in the text: Saltash"


def test_of_several_places_the_narrowest_counts() -> None:
    sites = _sites(saltash=_SALTASH, cornwal=_CORNWALL)
    for said in ("in Saltash, Cornwall", "in Cornwall, at Saltash"):
        spot = spot_named(said, sites, COUNCILS)
        assert spot is not None
        assert spot.source == "place named in the text: Saltash"


def test_a_word_used_all_over_or_without_a_capital_names_no_place() -> None:
    assert spot_named("Grants for Youth", _sites(youth=_ANYWHERE), COUNCILS) is None
    assert spot_named("we sell ales in saltash", _sites(saltash=_SALTASH), COUNCILS) is None
    assert spot_named("", _sites(), COUNCILS) is None


def test_two_neighbours_do_not_make_a_place() -> None:
    few = np.array([100, 200], np.int32)
    assert cluster_of(few, few) is None
    more = np.array([100, 200, 300], np.int32)
    assert cluster_of(more, more) is not None


@given(st.lists(st.integers(0, 19_000), min_size=3, max_size=30), st.integers(0, 600_000))
def test_points_within_a_town_gather_inside_it(along: list[int], start: int) -> None:
    east = np.array(along, np.int32) + np.int32(start)
    place = cluster_of(east, np.zeros(len(east), np.int32))
    assert place is not None
    assert east.min() <= place.east <= east.max()
    assert place.spread <= 19_000


@pytest.mark.parametrize(
    "said",
    [
        "A choir in Ipswich.",
        "Play for disabled children across Ipswich Borough",
        "Trips for the over sixties of rural Ipswich and beyond",
        "The Friday Club, serving Ipswich",
    ],
)
def test_a_council_named_as_a_location_is_found_in_a_text(said: str, table: PostcodeTable) -> None:
    spot = spot_of_area_named(said, COUNCILS, table)
    assert spot is not None
    assert (spot.east, spot.north) == (616000, 245000)
    assert (spot.council, spot.how) == ("", "area")
    assert spot.source == "area named in the text: Ipswich"


@pytest.mark.parametrize(
    "said",
    [
        "Reading for pleasure",
        "Ipswich Ltd",
        "in a town like no other",
        "work in England and in the East Midlands",
        "lessons in Zanzibar",
        "",
    ],
)
def test_a_name_that_is_not_a_location_is_ignored(said: str, table: PostcodeTable) -> None:
    assert spot_of_area_named(said, COUNCILS, table) is None


def test_a_word_for_work_is_not_a_place_whatever_providers_are_called() -> None:
    sites = _sites(home=_SALTASH, meal=_SALTASH, saltash=_SALTASH)
    assert spot_named("Meals at Home", sites, COUNCILS) is None
    spot = spot_named("Meals at Home in Saltash", sites, COUNCILS)
    assert spot is not None
    assert spot.source.endswith(": Saltash")


def test_a_word_that_the_text_also_writes_small_is_not_a_name() -> None:
    sites = _sites(quiltery=_SALTASH, quilteri=_SALTASH)
    assert spot_named("Classes at Quiltery", sites, COUNCILS) is not None
    assert spot_named("Classes at Quiltery. The quiltery opens at nine.", sites, COUNCILS) is None


def test_a_word_without_in_before_it_is_a_place_only_if_a_town_has_that_name() -> None:
    sites = _sites(befriend=_SALTASH, saltash=_SALTASH)
    assert spot_named("Befriending for older people", sites, COUNCILS) is None
    assert spot_named("Saltash befriending", sites, COUNCILS) is not None


def test_providers_do_not_decide_which_of_several_towns_is_meant() -> None:
    sites = _sites(newport=_SALTASH, read=_SALTASH)
    assert spot_named("Events in Newport", sites, COUNCILS) is None
    assert spot_named("Help in Reading and maths", sites, COUNCILS) is None


def test_a_name_after_in_comes_before_a_tighter_cluster_elsewhere() -> None:
    sites = _sites(brunel=[(500_000, 200_000)] * 4, saltash=_SALTASH)
    spot = spot_named("Brunel centre visits, in Saltash", sites, COUNCILS)
    assert spot is not None
    assert spot.source.endswith(": Saltash")
