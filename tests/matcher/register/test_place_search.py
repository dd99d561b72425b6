"""Finding places by name or postcode."""

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


@pytest.mark.parametrize("name", ["WS1 1TP", "ws11tp", " WS1  1TP "])
def test_a_postcode_is_a_point_in_its_council(register: Register, name: str) -> None:
    (place,) = find_places(register, name)
    assert (place.name, place.kind, place.council) == ("WS1 1TP", "postcode", "Walsall")
    assert place.latitude is not None
    assert place.longitude is not None
    assert 52.5 < place.latitude < 52.7
    assert -2.1 < place.longitude < -1.9


def test_a_postcode_district_is_found(register: Register) -> None:
    (place,) = find_places(register, "WS1")
    assert (place.name, place.kind) == ("WS1", "postcode district")


@pytest.mark.parametrize("name", ["Walsall", "walsall mbc", "walsal", WALSALL, "Walsa"])
def test_a_council_is_found_by_name_code_misspelling_or_prefix(
    register: Register, name: str
) -> None:
    place = find_places(register, name)[0]
    assert (place.code, place.kind, place.nation) == (WALSALL, "council", "England")
    assert {"Sandwell", "Birmingham"} <= set(place.borders)


def test_a_name_of_a_county_and_a_region_finds_both(register: Register) -> None:
    kinds = {place.kind for place in find_places(register, "West Midlands")}
    assert {"county", "region"} <= kinds


def test_only_councils_and_counties_have_borders(register: Register) -> None:
    by_kind = {p.kind: p for p in find_places(register, "West Midlands")}
    assert by_kind["county"].borders
    assert not by_kind["region"].borders


def test_an_area_without_known_postcodes_has_no_point(register: Register) -> None:
    place = find_places(register, "Cornwall")[0]
    assert (place.name, place.east, place.latitude) == ("Cornwall", None, None)


@pytest.mark.parametrize("name", ["", "  ", "Atlantis upon Nowhere", "ZZ99 9ZZ"])
def test_a_text_that_is_no_place_finds_nothing(register: Register, name: str) -> None:
    assert find_places(register, name) == []


@given(name=st.text(max_size=30))
def test_any_text_can_be_searched_for(register: Register, name: str) -> None:
    assert len(find_places(register, name, 3)) <= 3
