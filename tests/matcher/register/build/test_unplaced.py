"""What a build says of records whose postcode has no known place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from string import ascii_uppercase

import numpy as np
import pytest

from matcher.core.types import Kind, Provider, Status, Tally
from matcher.geo.postcodes import PostcodeColumns, PostcodeTable
from matcher.register.build.build import build
from matcher.register.build.erase import suppress
from matcher.register.build.unplaced import NOT_KNOWN, NOT_LISTED, OFF_THE_GRID
from matcher.register.manifest import Manifest
from matcher.register.register import Register
from matcher.sources.area_filter import OUTSIDE_AREAS, AreaFilter
from tests.factory import award, provider
from tests.registers import feed


@pytest.fixture(scope="module")
def country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A table with as many districts as the country; of W and WS those from 1 to 9."""
    letters = ["W", "WS", *(f"{a}{b}" for a, b in product("ABC", ascii_uppercase))]
    districts = [f"{area}{number}" for area in letters for number in range(1, 10)]
    districts += [f"{area}{number}" for area in letters[2:] for number in range(10, 35)]
    names = [f"{district:<4}1TP" for district in districts]
    rows = PostcodeColumns(
        np.array(names, "S8"),
        np.full(len(names), 401_000, np.int32),
        np.full(len(names), 299_000, np.int32),
        np.full(len(names), "E08000030", "S9"),
    )
    folder = tmp_path_factory.mktemp("country")
    PostcodeTable.build(folder, rows, "1.0")
    return folder


def noted(manifest: Manifest) -> Mapping[str, tuple[int, str]]:
    """How many records of the only source are counted for each reason, and the example."""
    (tally,) = manifest.tallies
    return {reason: (n, tally.examples[reason]) for reason, n in tally.set_aside.items()}


def with_postcode(number: int, *postcodes: str, status: Status = Status.ACTIVE) -> Provider:
    return provider(f"GB-CHC-{number}", *postcodes, name=f"Club {number}", status=status)


def test_the_postcode_of_a_sole_trader_is_counted_and_not_shown(
    tmp_path: Path, country: Path
) -> None:
    trader = replace(with_postcode(1, "XX99 9XX"), kind=Kind.SOLE_TRADER)
    said = noted(build(tmp_path, [feed(trader)], places_table=country))
    assert said == {NOT_KNOWN: (1, "")}
    both = [feed(trader, with_postcode(2, "W51 1TP"))]
    assert noted(build(tmp_path, both, places_table=country)) == {NOT_KNOWN: (2, "W51 1TP")}


def test_records_whose_postcodes_have_no_place_are_counted_for_their_source(
    tmp_path: Path, country: Path
) -> None:
    items = [
        with_postcode(1, "WS1 1TP"),
        with_postcode(2, "W51 1TP"),
        with_postcode(3, "XX99 9XX"),
        with_postcode(4, "JE2 3AB"),
        with_postcode(5, "W51 1TP", "WS1 1TP"),
        with_postcode(6),
        with_postcode(7, "WS2"),
        with_postcode(8, "W51 9AA", status=Status.DISSOLVED),
    ]
    manifest = build(tmp_path / "reg", [feed(*items)], places_table=country)
    assert noted(manifest) == {
        NOT_KNOWN: (2, "W51 1TP, XX99 9XX"),
        OFF_THE_GRID: (1, "JE2 3AB"),
    }
    assert len(Register.open(tmp_path / "reg")) == len(items)


def test_a_build_over_the_register_before_counts_them_again(tmp_path: Path, country: Path) -> None:
    lost = [with_postcode(n, f"W5{n} 1TP") for n in range(1, 9)]
    before = build(tmp_path / "reg", [feed(*lost)], places_table=country)
    again = build(tmp_path / "reg", [feed(*lost)], places_table=country)
    assert noted(before) == noted(again)
    assert noted(again)[NOT_KNOWN][1].endswith("W55 1TP and 3 more")


def test_each_source_has_the_count_of_its_own_records(tmp_path: Path, country: Path) -> None:
    feeds = [
        feed(with_postcode(1, "WS1 1TP"), source="a"),
        feed(with_postcode(2, "W51 1TP"), source="b"),
        feed(award("a-1", with_postcode(3, "W52 1TP")), source="c"),
    ]
    manifest = build(tmp_path / "reg", feeds, places_table=country)
    assert [tally.set_aside for tally in manifest.tallies] == [{}, {NOT_KNOWN: 1}, {NOT_KNOWN: 1}]


def test_a_table_of_a_part_of_the_country_says_nothing_of_the_rest(
    tmp_path: Path, places_table: Path
) -> None:
    manifest = build(
        tmp_path / "reg", [feed(with_postcode(1, "ZE1 0AA"))], places_table=places_table
    )
    assert noted(manifest) == {}


def test_a_removed_organisation_is_not_told_by_its_postcode(tmp_path: Path, country: Path) -> None:
    lost = with_postcode(1, "W51 1TP")
    build(tmp_path / "reg", [feed(lost, with_postcode(2, "WS1 1TP"))], places_table=country)
    suppress(tmp_path / "reg", lost.id)
    assert noted(Register.open(tmp_path / "reg").manifest) == {NOT_KNOWN: (1, "not named")}


def test_an_area_keeps_what_a_build_counts_of_its_records(tmp_path: Path, country: Path) -> None:
    table = PostcodeTable.open(country)
    items = [with_postcode(1, "W51 1TP"), with_postcode(2, "WS1 1TP"), with_postcode(3, "WS2 1TP")]
    build(tmp_path / "reg", [feed(with_postcode(3, "WS2 1TP"))], places_table=country)
    suppress(tmp_path / "reg", "GB-CHC-3")
    feeds = AreaFilter(frozenset({"E08000001"}), table).filtered([feed(*items)])
    manifest = build(tmp_path / "reg", feeds, places_table=country)
    (tally,) = manifest.tallies
    assert isinstance(tally, Tally)
    assert tally.set_aside == {OUTSIDE_AREAS: 2, NOT_KNOWN: 1}
    assert (tally.read, tally.kept) == (3, 1)


def test_a_postcode_that_does_not_exist_in_a_known_district_is_counted_and_shown(
    tmp_path: Path, country: Path
) -> None:
    items = [
        with_postcode(1, "WS1 9ZZ"),
        with_postcode(2, "WS1"),
        with_postcode(3, "WS1 9ZZ", "WS2 1TP"),
        with_postcode(4, "WS3", "WS4 9ZZ"),
        with_postcode(5, "W51 1TP", "WS5 9ZZ"),
        with_postcode(6, "WS6 9ZZ", status=Status.REMOVED),
        replace(with_postcode(7, "WS7 9ZZ"), kind=Kind.SOLE_TRADER),
        with_postcode(8, "W51 1TP"),
    ]
    manifest = build(tmp_path / "reg", [feed(*items)], places_table=country)
    assert noted(manifest) == {
        NOT_KNOWN: (1, "W51 1TP"),
        NOT_LISTED: (4, "WS1 9ZZ, WS4 9ZZ, W51 1TP"),
    }
    assert noted(build(tmp_path / "reg", [feed(*items)], places_table=country)) == noted(manifest)


def test_a_register_of_an_earlier_version_is_counted_again(tmp_path: Path, country: Path) -> None:
    items = [with_postcode(1, "WS1 9ZZ"), with_postcode(2, "WS1 1TP")]
    first = build(tmp_path / "reg", [feed(*items)], places_table=country)
    (kept,) = (tmp_path / "reg").rglob("known/keys/not_listed.npy")
    kept.unlink()
    more = [*items, with_postcode(3, "WS2 9ZZ")]
    again = build(tmp_path / "reg", [feed(*more)], places_table=country)
    assert noted(first) == {NOT_LISTED: (1, "WS1 9ZZ")}
    assert noted(again) == {NOT_LISTED: (2, "WS1 9ZZ, WS2 9ZZ")}
