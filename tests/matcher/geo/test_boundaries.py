"""Land, homes and borders as postcodes tell them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from matcher.geo.boundaries import GAP, MapWindow, outline
from matcher.geo.postcodes import PostcodeColumns, PostcodeTable
from tests.registers import SANDWELL, WALSALL

WINDOW = MapWindow(300_000, 300_000, 20_000, 10_000)
ACROSS = 40
SIDE = WINDOW.width / ACROSS


def table(folder: Path, *places: tuple[int, int, str]) -> PostcodeTable:
    """A postcode at each (metres east and north of the window's corner, council)."""
    east, north, council = zip(*places, strict=True)
    names = [f"WS1 {n // 676 % 10}{chr(65 + n // 26 % 26)}{chr(65 + n % 26)}" for n in
             range(len(places))]  # fmt: skip
    rows = PostcodeColumns(
        np.array(names, "S8"),
        np.array(east, np.int32) + 300_000,
        np.array(north, np.int32) + 300_000,
        np.array(council, "S9"),
    )
    return PostcodeTable.build(folder / "table", rows, "1.0")


def cells(runs: tuple[tuple[int, int, int], ...]) -> set[tuple[int, int]]:
    return {(x + n, y) for x, y, length in runs for n in range(length)}


def test_homes_are_where_postcodes_are(tmp_path: Path) -> None:
    drawn = outline(table(tmp_path, (100, 100, WALSALL), (10_100, 5_100, WALSALL)), WINDOW, ACROSS)
    assert cells(drawn.homes) == {(0, 0), (20, 10)}


def test_moor_with_homes_around_it_is_land_and_the_open_side_of_them_is_not(
    tmp_path: Path,
) -> None:
    low, high = 4_000, 4_000 + int(1.2 * GAP)
    edge = range(low, high + 1, 250)
    ring = [(x, y, WALSALL) for x in edge for y in edge if {x, y} & {low, high}]
    land = cells(outline(table(tmp_path, *ring), WINDOW, ACROSS).land)
    middle = int((low + high) / 2 / SIDE)
    assert (middle, middle) in land
    assert (0, middle) not in land
    assert (int(high / SIDE) + 2, middle) not in land


def test_a_wide_gap_is_water(tmp_path: Path) -> None:
    places = table(tmp_path, (1_000, 5_000, WALSALL), (19_000, 5_000, WALSALL))
    land = cells(outline(places, WINDOW, ACROSS).land)
    assert (20, 10) not in land


def side_by_side(folder: Path) -> PostcodeTable:
    """Homes at each 250 m, in Walsall to the west of 10 km and in Sandwell to the east of it."""
    west = [(x, y, WALSALL) for x in range(0, 10_000, 250) for y in range(0, 10_000, 500)]
    return table(folder, *west, *((x + 10_000, y, SANDWELL) for x, y, _ in west))


def test_a_border_runs_where_the_council_changes_and_nowhere_else(tmp_path: Path) -> None:
    drawn = outline(side_by_side(tmp_path), WINDOW, ACROSS)
    middle = 10_000 / SIDE
    assert drawn.borders
    assert all(x1 == x2 == middle for x1, _, x2, _ in drawn.borders)
    length = sum(abs(y2 - y1) for _, y1, _, y2 in drawn.borders)
    assert length >= 0.9 * 10_000 / SIDE


def test_councils_are_named_in_their_own_land(tmp_path: Path) -> None:
    named = {code: x for code, x, _ in outline(side_by_side(tmp_path), WINDOW, ACROSS).names}
    assert named[WALSALL] < 10_000 / SIDE < named[SANDWELL]


def test_one_council_has_no_border(tmp_path: Path) -> None:
    places = [(x, y, WALSALL) for x in range(0, 20_000, 500) for y in range(0, 10_000, 500)]
    assert outline(table(tmp_path, *places), WINDOW, ACROSS).borders == ()


def test_an_area_without_postcodes_is_empty(tmp_path: Path) -> None:
    drawn = outline(table(tmp_path, (900_000, 900_000, WALSALL)), WINDOW, ACROSS)
    assert (drawn.land, drawn.homes, drawn.borders, drawn.names) == ((), (), (), ())


@pytest.fixture(scope="module")
def real(places_table: Path) -> PostcodeTable:
    return PostcodeTable.open(places_table)


@given(st.integers(380_000, 420_000), st.integers(270_000, 310_000), st.integers(2, 100))
def test_everything_drawn_is_in_the_window_and_homes_are_on_land(
    real: PostcodeTable, east: int, north: int, km: int
) -> None:
    drawn = outline(real, MapWindow(east, north, km * 1000, km * 600), 50)
    land, homes = cells(drawn.land), cells(drawn.homes)
    assert homes <= land
    assert all(0 <= x < 50 and 0 <= y < 30 for x, y in land)
    assert all(0 <= x <= 50 and 0 <= y <= 30 for a, b, c, d in drawn.borders
               for x, y in ((a, b), (c, d)))  # fmt: skip
