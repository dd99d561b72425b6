"""Places by what people call them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.register.place_search import find_places
from matcher.register.register import Register
from tests.factory import provider
from tests.registers import WALSALL, registered


@pytest.fixture(scope="module")
def register(tmp_path_factory: pytest.TempPathFactory, places_table: Path) -> Register:
    return registered(tmp_path_factory.mktemp("reg"), places_table, provider("P", "WS1 1TP"))


@pytest.mark.parametrize("said", ["WS1 1TP", "ws11tp", " WS1  1TP "])
def test_a_postcode_is_a_point_in_its_council(register: Register, said: str) -> None:
    (place,) = find_places(register, said)
    assert (place.name, place.kind, place.council) == ("WS1 1TP", "postcode", "Walsall")
    assert place.latitude is not None
    assert place.longitude is not None
    assert 52.5 < place.latitude < 52.7
    assert -2.1 < place.longitude < -1.9


def test_a_district_of_postcodes_says_that_it_is_one(register: Register) -> None:
    (place,) = find_places(register, "WS1")
    assert (place.name, place.kind) == ("WS1", "postcode district")


@pytest.mark.parametrize("said", ["Walsall", "walsall mbc", "walsal", WALSALL, "Walsa"])
def test_a_council_goes_by_name_code_misspelling_or_beginning(
    register: Register, said: str
) -> None:
    place = find_places(register, said)[0]
    assert (place.code, place.kind, place.nation) == (WALSALL, "council", "England")
    assert {"Sandwell", "Birmingham"} <= set(place.borders)


def test_a_name_of_a_county_and_of_a_region_gives_both(register: Register) -> None:
    kinds = {place.kind for place in find_places(register, "West Midlands")}
    assert {"county", "region"} <= kinds


def test_only_what_may_be_declared_with_neighbours_has_borders(register: Register) -> None:
    by_kind = {p.kind: p for p in find_places(register, "West Midlands")}
    assert by_kind["county"].borders
    assert not by_kind["region"].borders


def test_an_area_none_of_whose_postcodes_are_known_has_no_point(register: Register) -> None:
    place = find_places(register, "Cornwall")[0]
    assert (place.name, place.east, place.latitude) == ("Cornwall", None, None)


@pytest.mark.parametrize("said", ["", "  ", "Atlantis upon Nowhere", "ZZ99 9ZZ"])
def test_what_is_no_place_finds_none(register: Register, said: str) -> None:
    assert find_places(register, said) == []


@given(said=st.text(max_size=30))
def test_no_text_breaks_it(register: Register, said: str) -> None:
    assert len(find_places(register, said, 3)) <= 3
