from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.core.errors import BadInput
from matcher.core.types import Lot
from matcher.geo.councils import Councils
from matcher.geo.gazetteer import choose, town_key
from matcher.geo.geocoding import place_of
from matcher.geo.named_areas import (
    area_named,
    places_named,
    require_area,
    town_label,
    unclear_names,
    unknown_areas,
)
from matcher.geo.postcodes import PostcodeTable

COUNCILS = Councils.open()
TOWNS = COUNCILS.towns.towns
WALSALL, WIGHT, NEWPORT, TELFORD = "E08000030", "E06000046", "W06000022", "E06000020"


@pytest.mark.parametrize(
    ("written", "council"),
    [
        ("Bloxwich", WALSALL),
        ("bloxwich", WALSALL),
        ("Bloxwich, Walsall", WALSALL),
        ("Bloxwich, West Midlands", WALSALL),
        ("Saint Austell", "E06000052"),
        ("St. Austell", "E06000052"),
        ("Newport, Isle of Wight", WIGHT),
        ("Newport (Isle of Wight)", WIGHT),
        ("Newport, Telford and Wrekin", TELFORD),
        ("Newport, Shropshire", TELFORD),
        ("Bloxwich and Aldridge", WALSALL),
        ("Newport (Wales)", NEWPORT),
        ("Newport (IoW)", WIGHT),
        ("Newport, Gwent", NEWPORT),
        ("Newport, S Wales", NEWPORT),
        ("Newport, Salop", TELFORD),
        ("Newcastle, Staffs", "E07000195"),
        ("Richmond, N Yorks", "E06000065"),
        ("Bangor, Co. Down", "N09000011"),
        ("Luton, Beds", "E06000032"),
        ("Newport City Council", NEWPORT),
        ("Ashford, Kent", "E07000105"),
        ("Ashford, Surrey, England", "E07000213"),
        ("Preston", "E07000123"),
        ("Walsall, West Midlands", WALSALL),
        ("Halton", "E06000006"),
    ],
)
def test_a_name_means_one_council(written: str, council: str) -> None:
    area = area_named(written, COUNCILS)
    assert area is not None
    assert area.councils == {council}


def test_neighbouring_councils_in_a_list_stay_two() -> None:
    area = area_named("Newport, Cardiff", COUNCILS, [frozenset({NEWPORT})])
    assert area is not None
    assert area.councils == {NEWPORT, "W06000015"}


@pytest.mark.parametrize("name", ["Newport", "Ashford", "Whitchurch", "Richmond"])
def test_a_name_of_several_places_means_none_and_says_which_they_are(name: str) -> None:
    assert area_named(name, COUNCILS) is None
    assert unknown_areas(name, COUNCILS) == ()
    [(unclear, towns)] = unclear_names(name, COUNCILS)
    assert unclear == name
    assert len({town.council for town in towns}) > 1


@pytest.mark.parametrize(
    ("name", "near", "council"),
    [
        ("Newport", WIGHT, WIGHT),
        ("Newport", NEWPORT, NEWPORT),
        ("Newport", TELFORD, TELFORD),
        ("Ashford", "E07000213", "E07000213"),
    ],
)
def test_the_buyers_council_says_which_town_is_meant(name: str, near: str, council: str) -> None:
    area = area_named(name, COUNCILS, [frozenset({near})])
    assert area is not None
    assert area.councils == {council}


@pytest.mark.parametrize(
    ("buyer", "postcode", "council"),
    [
        ("Isle of Wight Council", "", WIGHT),
        ("Wrekin Housing", "", ""),
        ("Essex County Council", "", "E07000077"),
        ("", "CF10 4UW", NEWPORT),
    ],
)
def test_a_town_is_looked_for_at_its_buyer_and_around(
    buyer: str, postcode: str, council: str, table: PostcodeTable
) -> None:
    lot = Lot("1", "Events", area="Newport", buyer=buyer, buyer_postcode=postcode)
    place = place_of(lot, table, COUNCILS)
    assert (set(place.area.councils) if place.area else set()) == ({council} - {""})
    assert bool(place.unclear) == (not council)


def test_a_lot_is_at_the_town_and_not_at_the_middle_of_its_council(table: PostcodeTable) -> None:
    place = place_of(Lot("1", "Events", area="Bloxwich"), table, COUNCILS)
    assert place.spot is not None
    assert place.source == "place named in the notice: Bloxwich"
    assert place.spot.council == WALSALL
    assert (round(place.spot.east, -3), round(place.spot.north, -3)) == (400_000, 302_000)


def test_towns_near_each_other_are_one_place_between_them(table: PostcodeTable) -> None:
    place = place_of(Lot("1", "Events", area="Aldridge, Brownhills"), table, COUNCILS)
    assert place.source == "places named in the notice: Aldridge and Brownhills"
    far = place_of(Lot("1", "Events", area="Aldridge, Saltash"), table, COUNCILS)
    assert far.source == "place named in the notice: Aldridge"


@pytest.mark.parametrize(
    ("listed", "councils"),
    [
        ("Walsall, Bloxwich", {WALSALL}),
        ("Walsall; Dudley", {WALSALL, "E08000027"}),
        ("Gwent", {f"W060000{n}" for n in range(18, 23)}),
    ],
)
def test_a_list_of_places_is_one_area(listed: str, councils: set[str]) -> None:
    assert require_area(listed, COUNCILS).councils == councils


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("Atlantis", "area 'Atlantis' is not a council, county, region, nation, town or village"),
        ("Brownhils", "did you mean 'Brownhills'"),
        ("Newport2", "did you mean 'Newport'"),
        ("Whitchurch", "may be Whitchurch"),
        ("Bloxwich, Atlantis", "area 'Atlantis' is not a council"),
        ("Walsall, Whitchurch", "may be Whitchurch"),
        (" ; ", "is not a council"),
    ],
)
def test_what_is_no_one_area_is_refused_with_what_was_meant(name: str, message: str) -> None:
    with pytest.raises(BadInput, match=message):
        require_area(name, COUNCILS)


@given(st.sampled_from(TOWNS))
def test_a_towns_label_means_that_town_or_one_next_to_it(town: object) -> None:
    """Namesakes in one council cannot be told apart by it."""
    label = town_label(town, COUNCILS)  # type: ignore[arg-type]
    places = places_named(label, COUNCILS)
    assert len(places) == 1
    found = {places[0].town} if places[0].town else set(places[0].candidates)
    council = town.council  # type: ignore[attr-defined]
    assert council in {each.council for each in found if each} or (
        places[0].area is not None and council in places[0].area.councils
    )


@given(st.sampled_from(TOWNS), st.sampled_from(sorted(COUNCILS.rows)))
def test_context_elsewhere_never_changes_what_a_name_means(town: object, council: str) -> None:
    namesakes = COUNCILS.towns.find(town.name)  # type: ignore[attr-defined]
    if council not in {each.council for each in namesakes}:
        assert choose(namesakes, [frozenset({council})]) == choose(namesakes)


@given(st.sampled_from(TOWNS), st.permutations(range(6)))
def test_the_order_of_namesakes_does_not_matter(town: object, order: list[int]) -> None:
    namesakes = COUNCILS.towns.find(town.name)  # type: ignore[attr-defined]
    mixed = [namesakes[at] for at in order if at < len(namesakes)]
    assert choose(mixed) == choose(namesakes)


@given(st.text(max_size=30))
def test_every_text_is_an_area_a_town_unclear_or_unknown(text: str) -> None:
    for place in places_named(text, COUNCILS):
        assert not (place.area and place.candidates)
        if place.town is not None:
            assert place.area is not None
            assert town_key(place.town.name) == town_key(place.name)
